"""Limits on what people can create, far above normal use, each with a sentence that says what to do."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.errors import UsageError
from bot.core.language import N_, _


@dataclass(frozen=True, slots=True)
class Bound:
    """A maximum number. `sentence` has a placeholder for it."""

    most: int
    sentence: str

    def check(self, present: int, more: int = 1) -> None:
        """Raise UsageError if `more` items on top of the `present` ones exceed the limit."""
        if present + more > self.most:
            raise UsageError(_(self.sentence, limit=self.most))


SUBSCRIPTIONS = Bound(
    50,
    N_(
        "A channel can have at most {limit:,} subscriptions, and this one is full. End one you don't need with "
        "`/clust unsubscribe`, or use one filter for several things, such as `template:12,15`."
    ),
)
"""Per channel, ended ones not counted."""

MUTES = Bound(
    200,
    N_(
        "A channel can have at most {limit:,} mutes. End some with `/clust unmute`, or mute the whole channel with "
        "`/clust mute 2h`."
    ),
)
"""Per channel."""

ACCOUNTS = Bound(
    100,
    N_(
        "A workspace can have at most {limit:,} Clust accounts, including those disconnected in the last 30 days. "
        "To replace one you don't need, use its name for the new account."
    ),
)
"""Per workspace, including ended ones that are still stored."""

ROLES = Bound(
    500,
    N_(
        "At most {limit:,} people and groups can have a role. Give a role to a user group instead, and remove its "
        "members' own roles with `/clust roles remove`."
    ),
)
"""Per workspace."""

STATUSES = Bound(
    500,
    N_(
        "You've reached the limit of {limit:,} status codes for this account. The person who runs the bot can set the "
        "others in `CLUST_STATUS_RULES`."
    ),
)
"""Per account."""

SAVED_ACTIONS = Bound(
    80,
    N_("An account can have at most {limit:,} actions. Remove one you don't need with `/clust actions`."),
)
"""Per account. With the built-in ones they fit into one select (Slack: 100 options)."""

MAX_DRAFTS = 50
"""Form drafts of one person, which are kept for a day. Beyond it the oldest is deleted."""

MAX_STEP_DRAFTS = 1000
"""Runs of a step of Workflow Builder that are remembered for each person, so that none creates anything twice."""

MAX_ENDED = 100
"""Ended subscriptions of one channel that are still stored. Beyond it the oldest are deleted."""
