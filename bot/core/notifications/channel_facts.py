"""What Slack says of a channel, as far as posting there, and showing it to people, needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """`problem` is Slack's code for why nothing can be posted there, or None; `is_shared`: others read along.

    `is_public` (everybody in the workspace may know of it), `is_direct` and `with_user` (whom a direct message is with)
    are None where Slack did not say; then what it said before stays true. They say nothing of posting, and do not
    count where two are compared.
    """

    problem: str | None
    is_shared: bool = False
    is_public: bool | None = field(default=None, compare=False)
    is_direct: bool | None = field(default=None, compare=False)
    with_user: str | None = field(default=None, compare=False)

    def kept(self) -> Mapping[str, Any]:
        """Return what is kept of it, beside what is known from before."""
        lasting = {"is_public": self.is_public, "is_direct": self.is_direct, "with_user": self.with_user}
        stated = {name: value for name, value in lasting.items() if value is not None}
        return {"problem": self.problem, "is_shared": self.is_shared, **stated}
