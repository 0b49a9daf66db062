"""Limits on what people can create, far above normal use, each with a sentence that says what to do."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.errors import UsageError


@dataclass(frozen=True, slots=True)
class Bound:
    """A maximum number. `sentence` has a placeholder for it."""

    most: int
    sentence: str

    def check(self, present: int, more: int = 1) -> None:
        """Raise UsageError if `more` items on top of the `present` ones exceed the limit."""
        if present + more > self.most:
            raise UsageError(self.sentence.format(f"{self.most:,}"))


SUBSCRIPTIONS = Bound(
    50,
    "A channel can have {} subscriptions, and this one has that many. End one you don't need with "
    "`/clust unsubscribe`, or use one filter for several things, such as `template:12,15`.",
)
"""Per channel, ended ones not counted."""

MUTES = Bound(
    200,
    "A channel can have {} mutes, and this would be more. End some with `/clust unmute`, or mute the whole channel "
    "with `/clust mute 2h`.",
)
"""Per channel."""

ACCOUNTS = Bound(
    100,
    "A workspace can have {} Clust accounts, and yours has that many, with those disconnected in the last 30 days. "
    "Use the name of one you don't need: that changes it.",
)
"""Per workspace, including ended ones that are still stored."""

ROLES = Bound(
    500,
    "A workspace can have {} roles, and yours has that many. Give a role to a user group, and remove those of its "
    "members with `/clust roles remove`.",
)
"""Per workspace."""

STATUSES = Bound(
    500,
    "The meaning of {} status codes was chosen for this account, and that is the most. Set the others with "
    "`CLUST_STATUS_RULES`.",
)
"""Per account."""

MAX_DRAFTS = 50
"""Form drafts of one person, which are kept for a day. Beyond it the oldest is deleted."""

MAX_ENDED = 100
"""Ended subscriptions of one channel that are still stored. Beyond it the oldest are deleted."""
