"""Made-up messages of each kind that the bot posts in channels, with hostile titles among them, and what to look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.applications.items import ChecklistItem
from bot.core.applications.model import Application, Recipient, StatusClass, Template
from bot.core.applications.triggers import TRIGGERS, Snapshot
from bot.core.language import N_
from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.messages import Card, Digest, DigestEntry, Flood, Reminder, ThreadReply
from bot.core.reports.figures import Figures, Overdue, Week, monday_of
from bot.slack.views.applications.lists import ListPage, application_list
from bot.slack.views.building.blocks import Message
from bot.slack.views.channels.messages import posting_message
from bot.slack.views.report import Report, report_message

HOSTILE = (
    "<!channel> *Acme* & _Sons_",
    "<https://evil.example|Open in Clust>",
    "`code` ~gone~ :tada: @here #general",
    "\u202ereversed\u202c ﷽ 👩‍👩‍👧‍👦 שלום",
    "Very long " * 40,
)
"""Titles that must stay text: mentions, links, markup, directions and lengths."""


@dataclass(frozen=True, slots=True)
class LiveSample:
    """A message to post, what a person should look at, and whether it is a reply to the one before."""

    look_at: str
    message: Message
    is_reply: bool = False


def sample_messages(now: datetime) -> Iterator[LiveSample]:
    """Yield the messages in the order in which they are posted."""
    for place, trigger in enumerate(TRIGGERS.values()):
        card = _card(trigger.name, HOSTILE[place % len(HOSTILE)], now)
        yield LiveSample(
            N_("A card: the title is plain text, nobody is mentioned, and the buttons are in one row."), _posted(card)
        )
    card = _card("late", HOSTILE[0], now)
    yield LiveSample(
        N_("A reply in the previous card's thread."), _posted(ThreadReply(card, broadcast=False)), is_reply=True
    )
    yield LiveSample(
        N_("A reminder: it says how long the application has been untouched, and what is missing."),
        _posted(Reminder(card, 3)),
        is_reply=True,
    )
    entries = tuple(
        DigestEntry(_application(title, number), StatusClass.OPEN, trigger, now)
        for number, (title, trigger) in enumerate(zip(HOSTILE, TRIGGERS, strict=False), 1)
    )
    counts = dict.fromkeys(list(TRIGGERS)[: len(entries)], 1)
    yield LiveSample(
        N_("A digest: urgent events come first, and each line is one application."),
        _posted(Digest("schedule", entries, counts)),
    )
    yield LiveSample(
        N_("A question about many notifications: three buttons. Don't click them."), _posted(Flood(0, counts, 30))
    )
    snapshots = tuple(
        Snapshot(_application(title, number), StatusClass.OPEN) for number, title in enumerate(HOSTILE, 1)
    )
    page = ListPage(snapshots, len(snapshots), now, read_at=now)
    yield LiveSample(N_("A list: two lines for each application."), application_list(page))
    yield LiveSample(N_("A report: two charts and a table, or the same as text."), report_message(_report(now)))


def _posted(posting: Card | ThreadReply | Digest | Flood | Reminder) -> Message:
    return posting_message(posting, lambda _ts: "")


def _application(title: str, number: int = 1) -> Application:
    items = (ChecklistItem("<!here> Passport", "Missing", is_mandatory=True), ChecklistItem("Contract", "Approved"))
    return Application(
        id=str(number),
        title=title,
        status="1_ongoing",
        status_string="Ongoing",
        is_late=True,
        progress=50,
        missing=1,
        eligible=2,
        recipient=Recipient(full_name="Ana <@U0000> Silva"),
        template=Template(id="1", title="KYC & company"),
        secured_list_url="https://clust.invalid/app/dossiers/1",
        items=items,
    )


def _card(trigger: str, title: str, now: datetime) -> Card:
    status_class = TRIGGERS[trigger].status_class or StatusClass.OPEN
    late_since = now - timedelta(days=2)
    return Card(trigger, _application(title), status_class, MessageStyle(), late_since=late_since, item_names=True)


def _report(now: datetime) -> Report:
    monday = monday_of(now.date())
    weeks = tuple(
        Week(start=monday - timedelta(weeks=back), counts={"created": 3 + back, "approved": 2}) for back in (2, 1, 0)
    )
    classes = {each.word: 4 * number for number, each in enumerate(StatusClass, 1)}
    since = now - timedelta(days=30)
    figures = Figures(classes=classes, late=2, weeks=weeks, overdue=(Overdue(id="1", since=since),), since=since)
    return Report(figures, now, len(weeks), "UTC", overdue=[(_application(HOSTILE[0]), since)], read_at=now)
