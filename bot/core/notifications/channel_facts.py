"""What Slack says about a channel that matters for posting there and for showing it to people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """The facts.

    `problem` is Slack's code for why posting fails, or None. `is_shared`: other organizations can read it.

    `is_public` (everyone in the workspace may see its name), `is_direct` and `with_user` (the other person in a direct
    message) are None if Slack didn't say. The earlier values then stay valid. They don't affect posting and are ignored
    in comparisons.
    """

    problem: str | None
    is_shared: bool = False
    is_public: bool | None = field(default=None, compare=False)
    is_direct: bool | None = field(default=None, compare=False)
    with_user: str | None = field(default=None, compare=False)

    def kept(self) -> Mapping[str, Any]:
        """Return what to store, merged with the earlier facts."""
        lasting = {"is_public": self.is_public, "is_direct": self.is_direct, "with_user": self.with_user}
        stated = {name: value for name, value in lasting.items() if value is not None}
        return {"problem": self.problem, "is_shared": self.is_shared, **stated}
