"""What is posted in a channel, as values; the views give each its words.

A *card* is the living message of one application in one channel; a *reply* tells a later event in its thread. A
*digest* tells many events in one message, a *flood card* asks what to do with more than a channel wants at once, and a
*reminder* says that something late was not touched.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import Event
from bot.core.notifications.channel_settings import MessageStyle

NOTABLE_DELAY = timedelta(minutes=5)
"""A notification that is posted later than this after its event was seen says why."""

A_PART = 25
"""Lines of a digest that stand in one message; the rest goes on in its thread."""

SETTLED = "settled"
"""Beside the names of triggers in the counts of a digest."""

MOST_PARTS = 10
"""Messages of one digest; what is over is counted in the last one."""


_SEEN = {"id", "title", "status", "status_string", "is_late", "progress", "missing", "eligible", "secured_list_url"}
_SEEN_IN_FULL = {"external_id", "created_at", "updated_at"}
"""What of an application a card shows, always and where it is a full one."""


@dataclass(frozen=True, slots=True)
class Delay:
    """Why a notice comes late: when its event was seen, and what kept it back, as a sentence."""

    seen_at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Card:
    """One application as a channel sees it. `trigger` names the last event told; `follows` is an older card's `ts`.

    `account` is the connection that it is of, for its buttons; `account_name` is told where there are several.
    `had_by` handled it, and has left the workspace. `mention` is who is told first, and `delay` why it comes late: both
    belong to the first posting alone.
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

    def fingerprint(self) -> str:
        """Return a short hash of what a reader sees of it, the same in every process."""
        contact = self.application.recipient if self.style.personal_data else None
        visible = [
            self.trigger,
            self.application.model_dump(mode="json", include=_SEEN | (_SEEN_IN_FULL if self.style.full else set())),
            self.application.recipient and self.application.recipient.name,
            contact and [contact.email, contact.phone],
            self.application.template_name,
            self.status_class,
            self.style.full,
            self.assignee,
            self.gone,
            self.follows,
            *filter(None, [self.account_name, self.had_by and f"had by {self.had_by}"]),
        ]
        return blake2b(json.dumps(visible).encode(), digest_size=8).hexdigest()

    def contradicts(self, other: Card) -> bool:
        """Tell whether a reader of this card is misled where `other` is right; what it leaves out misleads nobody."""
        values, other_values = (
            {**each.application.model_dump(include=_SEEN), "class": each.status_class, "gone": each.gone}
            for each in (self, other)
        )
        return any(value is not None and value != other_values[name] for name, value in values.items())


@dataclass(frozen=True, slots=True)
class ThreadReply:
    """A later event, told in the thread of its card; `broadcast`: also to the channel."""

    event: Event
    broadcast: bool
    mention: str | None = None
    delay: Delay | None = None


@dataclass(frozen=True, slots=True)
class DigestEntry:
    """One line of a digest; `trigger` and `seen_at` are None where it lists an application as it is.

    `settled`: it tells that an application became late which has been finished since.
    """

    application: Application
    status_class: StatusClass | None
    trigger: str | None = None
    seen_at: datetime | None = None
    assignee: str | None = None
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Digest:
    """Many events in one message, or one part of it. `cause` is what kept them back; `counts` are by trigger, of all.

    What is settled counts under `SETTLED`.

    Part 0 stands in the channel, the later ones of `parts` in its thread; `more` are counted, not listed.
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
    """More notices than a channel wants at once (rule S4): how many by trigger, and what was answered.

    `answer` is post, digest or seen, None while it is open; `answered_by` is None where the hour decided.
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
    """Of what is late and was not touched for so many working days: for who took it, else for the channel."""

    application: Application
    status_class: StatusClass | None
    days: int
    mention: str | None = None

    @property
    def broadcast(self) -> bool:
        """Whether the channel is to read it too."""
        return self.mention is None


ChannelMessage = Card | ThreadReply | Digest | Flood | Reminder
