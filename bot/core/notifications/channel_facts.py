"""What Slack says of a channel, as far as posting there needs it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """`problem` is Slack's code for why nothing can be posted there, or None; `is_shared`: others read along."""

    problem: str | None
    is_shared: bool = False
