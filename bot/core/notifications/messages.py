"""The messages posted in channels, as values. Views turn them into text.

A *card* shows one application in one channel and is updated. A *reply* in its thread shows a later event. A *digest*
lists many events in one message, a *flood card* asks what to do with too many at once, and a *reminder* is about an
application that is late and untouched.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b

from bot.core.applications.actions import PinnedAction
from bot.core.applications.items import ChecklistItem
from bot.core.applications.lateness import is_finished, lateness
from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import TRIGGERS
from bot.core.notifications.channel_settings import MessageStyle
from bot.core.reports.figures import Figures

NOTABLE_DELAY = timedelta(minutes=5)
"""A notification that is posted later than this after its event was seen says why."""

MAX_PART_LINES = 25
"""Lines of a digest in one message. The rest follow in its thread."""

SETTLED = "settled"
"""A key beside the triggers in the counts of a digest: late applications that were finished since."""

MAX_DIGEST_PARTS = 10
"""Messages of one digest. What exceeds them is counted in the last one."""


_SEEN = {"id", "title", "status", "status_string", "is_late", "progress", "missing", "eligible", "secured_list_url"}
_COUNTS = {"missing", "eligible"}
_SEEN_IN_FULL = {"external_id", "created_at", "updated_at"}
"""The fields of an application that a card shows: always, and on a full card."""


@dataclass(frozen=True, slots=True)
class Delay:
    """Why a notification is late: when its event was seen, and the cause as a sentence."""

    seen_at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Card:
    """One application in a channel. `trigger` is its latest posted event. `follows` is the `ts` of an older card.

    `account` is the id of its connection, for the buttons. `account_name` is shown if there are several. `had_by` was
    the assignee and has left the workspace. `mention` and `delay` belong to the first post only: the user to @-mention,
    and why it is late. `late_since` is when the application was seen to become late. `item_names`: the names of items
    can be posted in the channel. `pinned`: the saved actions that are buttons on it.
    """

    trigger: str
    application: Application
    status_class: StatusClass | None
    style: MessageStyle
    assignee: str | None = None
    had_by: str | None = None
    gone: bool = False
    follows: str | None = None
    mention: str | None = None
    delay: Delay | None = None
    account: int | None = None
    account_name: str = ""
    late_since: datetime | None = None
    item_names: bool = False
    pinned: tuple[PinnedAction, ...] = ()

    @property
    def wants_items(self) -> bool:
        """Whether it names what is missing, once that is known."""
        row = TRIGGERS.get(self.trigger)  # none of one that a newer version of the bot has
        names_them = (row is not None and row.names_missing) or self.style.full
        return names_them and self.item_names and not self.gone and not is_finished(self.status_class)

    @property
    def lacks_items(self) -> bool:
        """Whether a single read would let it name what is missing."""
        return self.wants_items and self.application.items is None

    @property
    def missing_items(self) -> tuple[ChecklistItem, ...]:
        """The items that it names as missing."""
        return tuple(item for item in self.application.items or () if item.is_missing) if self.wants_items else ()

    def with_items(self, single: Application) -> Card:
        """Return the card with the items of a single read, or unchanged if that saw another state."""
        application = self.application.with_items(single) if self.lacks_items else None
        return replace(self, application=application) if application else self

    def for_channel(self, *, is_shared: bool | None) -> Card:
        """Return the card as the channel can read it, or None if it isn't known whether others share the channel."""
        return replace(self, item_names=self.style.allows_item_names(is_shared=is_shared))

    @property
    def is_late(self) -> bool:
        """Whether the application is late, and not finished."""
        return lateness(self.application, self.status_class) is True

    def fingerprint(self) -> str:
        """Return a short hash of what a reader sees, the same in every process."""
        contact = self.application.recipient if self.style.personal_data else None
        visible = [
            self.trigger,
            self.application.model_dump(
                mode="json", include=_SEEN - _COUNTS | (_SEEN_IN_FULL if self.style.full else set())
            ),
            self.application.items_done,
            [item.name for item in self.missing_items],
            self.late_since.isoformat() if self.late_since and self.is_late else None,
            self.application.recipient and self.application.recipient.name,
            contact and [contact.email, contact.phone],
            self.application.template_name,
            self.status_class,
            self.style.full,
            self.assignee,
            self.gone,
            self.follows,
            *([[each.id, each.name] for each in self.pinned] if not self.gone else []),
            *filter(None, [self.account_name, self.had_by and f"had by {self.had_by}"]),
        ]
        return blake2b(json.dumps(visible).encode(), digest_size=8).hexdigest()

    def contradicts(self, other: Card) -> bool:
        """Return whether this card shows something wrong, if `other` is right. Leaving something out is not wrong."""
        values, other_values = (
            {**each.application.model_dump(include=_SEEN), "class": each.status_class, "gone": each.gone}
            for each in (self, other)
        )
        return any(value is not None and value != other_values[name] for name, value in values.items())


@dataclass(frozen=True, slots=True)
class ThreadReply:
    """A later event, posted in the thread of its card. `broadcast`: also in the channel, where it stands by itself.

    `card` is the application as the event saw it (rule E1).
    """

    card: Card
    broadcast: bool

    @property
    def mention(self) -> str | None:
        """The user who is mentioned first."""
        return self.card.mention


@dataclass(frozen=True, slots=True)
class DigestEntry:
    """One line of a digest. `trigger` and `seen_at` are None if it lists an application in its present state.

    `settled`: the application became late and has been finished since.
    """

    application: Application
    status_class: StatusClass | None
    trigger: str | None = None
    seen_at: datetime | None = None
    assignee: str | None = None
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Digest:
    """Many events in one message, or one part of it. `cause` is why they were held. `counts` are by trigger, of all.

    Settled ones count under `SETTLED`. Part 0 is posted in the channel, the other `parts` in its thread. `more` are
    counted but not listed.
    """

    cause: str
    entries: tuple[DigestEntry, ...]
    counts: Mapping[str, int]
    part: int = 0
    parts: int = 1
    more: int = 0
    account: int | None = None


@dataclass(frozen=True, slots=True)
class Flood:
    """A question about more notifications than a channel wants at once (rule S4), with its counts and answer.

    `answer` is post, digest or seen, None while it is open. `answered_by` is None if it was answered by the time limit.
    `sent_count` is how many of `total` were posted since.
    """

    delivery_id: int
    counts: Mapping[str, int]
    total: int
    answer: str | None = None
    answered_by: str | None = None
    sent_count: int = 0


@dataclass(frozen=True, slots=True)
class Reminder:
    """An application has been late and untouched for this many working days. For the assignee, else the channel."""

    card: Card
    days: int

    @property
    def mention(self) -> str | None:
        """The user who is mentioned first."""
        return self.card.mention

    @property
    def broadcast(self) -> bool:
        """Whether it is also posted in the channel."""
        return self.mention is None


@dataclass(frozen=True, slots=True)
class ActionReply:
    """Someone used a saved action on an application: who and which, never what they entered. For its card's thread."""

    user_id: str
    action: str


@dataclass(frozen=True, slots=True)
class ChannelReport:
    """A channel's regular report. `overdue` has the applications that `figures.overdue` names, as they are stored now.

    It covers `weeks` of the time zone `zone`. `missed_at` is when it was due if it is late, else None. `account` is the
    account's name if there are several.
    """

    figures: Figures
    made_at: datetime
    weeks: int
    zone: str
    overdue: tuple[tuple[Application, datetime | None], ...] = ()
    missed_at: datetime | None = None
    account: str = ""


ChannelMessage = Card | ThreadReply | Digest | Flood | Reminder | ActionReply | ChannelReport
