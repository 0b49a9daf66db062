"""Bounds of what people can make, which nobody meets by honest use: how many of each, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.errors import UsageError


@dataclass(frozen=True, slots=True)
class Bound:
    """At most so many of something; `sentence` has the place of the number."""

    most: int
    sentence: str

    def check(self, present: int, more: int = 1) -> None:
        """Raise UsageError where `more` beside those that are `present` would be too many."""
        if present + more > self.most:
            raise UsageError(self.sentence.format(f"{self.most:,}"))


SUBSCRIPTIONS = Bound(
    50,
    "A channel can have {} subscriptions, and this one has that many. End one you don't need with "
    "`/clust unsubscribe`, or use one filter for several things, such as `template:12,15`.",
)
"""Of one channel, those that ended left out."""

MUTES = Bound(
    200,
    "A channel can have {} mutes, and this would be more. End some with `/clust unmute`, or mute the whole channel "
    "with `/clust mute 2h`.",
)
"""Of one channel."""

ACCOUNTS = Bound(
    100,
    "A workspace can have {} Clust accounts, and yours has that many, with those disconnected in the last 30 days. "
    "Use the name of one you don't need: that changes it.",
)
"""Of one workspace, those included that ended and are still stored."""

ROLES = Bound(
    500,
    "A workspace can have {} roles, and yours has that many. Give a role to a user group, and remove those of its "
    "members with `/clust roles remove`.",
)
"""Of one workspace."""

STATUSES = Bound(
    500,
    "The meaning of {} status codes was chosen for this account, and that is the most. Set the others with "
    "`CLUST_STATUS_RULES`.",
)
"""Of one account."""

MAX_DRAFTS = 50
"""Forms of one person that are kept for a day: beyond that the oldest goes."""

MAX_ENDED = 100
"""Subscriptions of one channel that ended and are still stored: beyond that the oldest go."""
