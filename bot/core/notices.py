"""What the bot tells single people about its own work, as values; a view gives each its words (rule W4)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChannelHeld:
    """A channel takes no posts; what it wants is held. `reason` is Slack's code, or a word of ours."""

    channel_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ChannelWorks:
    """A channel takes posts again. `was` is why it did not."""

    channel_id: str
    was: str


@dataclass(frozen=True, slots=True)
class DetectionSuspended:
    """The account looks like another one: an admin must say whether to go on (rule B4)."""

    connection_id: int
    connection: str
    reason: str


Notice = ChannelHeld | ChannelWorks | DetectionSuspended
