"""Every view with the longest values is within Slack's limits, in each language. Windows are in test_windows.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import cycle, islice

import pytest

from bot.core.applications.actions import PinnedAction
from bot.core.applications.items import ChecklistItem
from bot.core.applications.model import Application, Recipient, StatusClass, Template
from bot.core.applications.status_rules import StatusRules
from bot.core.applications.triggers import TRIGGERS, SeenEvent, Snapshot
from bot.core.applications.understanding import understanding_of
from bot.core.filters.unknown_values import Gap
from bot.core.language import ENGLISH, speaking
from bot.core.notifications import admin_notifications as notifications
from bot.core.notifications import messages
from bot.core.notifications.channel_settings import MessageStyle
from bot.core.permissions import Role
from bot.core.reports.figures import MAX_OVERDUE, MAX_WEEKS, Figures, StepDuration, Week
from bot.sandbox.slack.block_kit.validation import validate_message, validate_view
from bot.sandbox.slack.work_objects.entities import entities_of
from bot.slack.listeners.admin.first_contact import MAX_ON_HOME
from bot.slack.views.admin.admin_notifications import notification_message
from bot.slack.views.admin.first_contact import FirstContactView, HeldExamples, first_contact_window
from bot.slack.views.admin.status import status_report
from bot.slack.views.admin.status_troubles import StatusReport, Trouble
from bot.slack.views.applications import assignment, details, entities, form_outcomes
from bot.slack.views.applications.details import ApplicationView
from bot.slack.views.applications.lists import ListPage, application_list
from bot.slack.views.building.blocks import Block, Message
from bot.slack.views.channels import subscriptions
from bot.slack.views.channels.messages import posting_message
from bot.slack.views.channels.subscriptions import SubscriptionView
from bot.slack.views.home import HomeView, home
from bot.slack.views.report import Report, report_message
from bot.slack.web_api.features import OPTIONAL_FEATURES
from bot.wiring.translation_catalogues import read_languages

NOW = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
WORDS = "Établissement & <fils> " * 30
"""Longer than any field of Clust's, and longer still once it is escaped."""

ADDRESS = "https://clust.example/" + "x" * 2900
LONG = Application(
    id="9" * 100,
    title=WORDS,
    status="s" * 255,
    status_string=WORDS,
    is_late=True,
    progress=99.9,
    missing=999_999,
    eligible=1_000_000,
    recipient=Recipient(firstname=WORDS, lastname=WORDS, full_name=WORDS, email=WORDS, phone=WORDS),
    template=Template(id="8" * 100, title=WORDS),
    external_id="7" * 100,
    public_url=ADDRESS,
    secured_list_url=ADDRESS,
    created_at=NOW,
    updated_at=NOW,
    items=tuple(ChecklistItem(WORDS, WORDS, WORDS, WORDS, is_mandatory=True) for _number in range(10)),
)
SNAPSHOT = Snapshot(LONG, StatusClass.SUBMITTED, assignee="U123456789A", changed_at=NOW)
STYLE = MessageStyle(full=True, personal_data=True)
PEOPLE = tuple(f"U{number:010}" for number in range(100))
COUNTS = dict.fromkeys(TRIGGERS, 1_000_000)
HELD = SubscriptionView(999_999, "C123456789A", list(TRIGGERS), WORDS, 1000, "is_archived", "U123456789A", "a" * 40)
GAP = Gap(999_999, ("the progress", "the number of missing items"))
REPORT = StatusReport(
    NOW,
    clust_reachable=False,
    poll_interval=timedelta(seconds=3600),
    last_read_at=NOW - timedelta(days=400),
    next_poll_at=NOW,
    classes=dict.fromkeys(StatusClass, 1_000_000),
    late=1_000_000,
    late_unjudged=GAP,
    unknown_codes={f"{number}_{'c' * 250}": 1_000_000 for number in range(300)},
    waiting=1_000_000,
    held={f"C{number:010}": 1_000_000 for number in range(300)},
    subscriptions=1_000_000,
    held_channels={f"C{number:010}": "is_archived" for number in range(300)},
    unsettled={f"C{number:010}": NOW for number in range(300)},
    trouble=[Trouble(WORDS[:200], WORDS[:200])] * 10,
    pace_note=WORDS,
    suspended=WORDS,
    paused_until=NOW,
    account="a" * 40,
    off=[feature.off for feature in OPTIONAL_FEATURES],
    has_webhook=True,
    webhook_at=NOW,
)
STEPS = ("submitted", "approved")
FIGURES = Figures(
    classes={**{status_class.word: 1_000_000 for status_class in StatusClass}, "unknown": 1_000_000},
    late=1_000_000,
    weeks=tuple(Week(start=date(2026, 1, 5) + timedelta(weeks=number), counts=COUNTS) for number in range(MAX_WEEKS)),
    steps=tuple(StepDuration(trigger=name, median_days=1000.5, measured=10_000, unknown=10_000) for name in STEPS),
    since=NOW,
    left_out=1_000_000,
)
OVERDUE = ((LONG, NOW),) * MAX_OVERDUE
UNDERSTOOD = understanding_of(
    (LONG.model_copy(update={"id": str(number), "status": f"{number}_{'c' * 250}"}) for number in range(40)),
    StatusRules(),
)
CONTACT = FirstContactView(
    999_999, "a" * 40, 1_000_000, UNDERSTOOD, is_held=True, held=HeldExamples(1000, 1000, [("late", LONG)] * 5)
)


def card(trigger: str, *, gone: bool = False) -> messages.Card:
    """Return a card with everything on it."""
    return messages.Card(
        trigger,
        LONG,
        StatusClass.SUBMITTED,
        STYLE,
        assignee="U123456789A",
        had_by="U123456789B",
        gone=gone,
        follows="1700000000.000100",
        mention="U123456789A",
        delay=messages.Delay(NOW, "muted"),
        account=999_999,
        account_name="a" * 40,
        late_since=NOW,
        item_names=True,
        pinned=tuple(PinnedAction(number, "p" * 24) for number in range(3)),
    )


def posted(posting: messages.ChannelMessage) -> Message:
    """Return what is posted in a channel."""
    return posting_message(posting, lambda ts: f"https://workspace.slack.example/archives/C123456789A/p{ts}")


ENTRIES = tuple(
    messages.DigestEntry(LONG, StatusClass.SUBMITTED, trigger, NOW, "U123456789A", settled=True)
    for trigger in islice(cycle(TRIGGERS), 40)
)
LINKED = entities.LinkedCard(
    999_999,
    LONG,
    StatusClass.SUBMITTED,
    ADDRESS[:200],
    NOW,
    is_late=True,
    late_since=NOW,
    assignee="U123456789A",
    account_name="a" * 40,
    item_names=True,
    style=STYLE,
    note=WORDS,
)
VIEW = ApplicationView(
    LONG, StatusClass.SUBMITTED, NOW, [SeenEvent(name, NOW) for name in TRIGGERS] * 20, NOW, WORDS, gone=True,
    role=Role.ADMIN,
)  # fmt: skip
PAGE = ListPage(
    (SNAPSHOT,) * 20, 1_000_000, NOW, 3, None, "title:x " * 60, WORDS, NOW, live=True, hint=WORDS, left_out=GAP,
    kept=GAP, role=Role.ADMIN,
)  # fmt: skip
SENT: dict[str, notifications.AdminNotification] = {
    "held": notifications.ChannelHeld("C123456789A", "is_archived", PEOPLE),
    "works-again": notifications.ChannelWorks("C123456789A", "is_archived"),
    "suspended": notifications.DetectionSuspended(999_999, "a" * 40, WORDS),
    "clust-away": notifications.ClustAway(NOW, WORDS),
    "clust-back": notifications.ClustBack(NOW - timedelta(days=400), NOW, COUNTS),
    "stalled": notifications.PollerStalled(NOW),
    "moves": notifications.PollerMoves(NOW),
    "assignee-left": notifications.AssigneeLeft("C123456789A", "U123456789A", PEOPLE),
    "report-held": notifications.ReportHeld("C123456789A", "is_archived"),
    "first-contact": notifications.FirstContact(999_999, "a" * 40, UNDERSTOOD, is_held=True),
}

VIEWS: Mapping[str, Callable[[], Message | Block]] = {
    **{f"card-{name}": partial(posted, card(name)) for name in TRIGGERS},
    "card-of-what-is-gone": lambda: posted(card("late", gone=True)),
    "thread": lambda: posted(messages.ThreadReply(card("late"), broadcast=True)),
    "reminder": lambda: posted(messages.Reminder(card("late"), 100_000)),
    "digest": lambda: posted(messages.Digest("flood", ENTRIES, COUNTS, 98, 99, 1_000_000, 999_999)),
    "flood": lambda: posted(messages.Flood(999_999, COUNTS, 1_000_000)),
    "flood-answered": lambda: posted(messages.Flood(999_999, COUNTS, 1_000_000, "digest", "U123456789A", 1000)),
    "action-reply": lambda: posted(messages.ActionReply("U123456789A", WORDS)),
    "channel-report": lambda: posted(
        messages.ChannelReport(FIGURES, NOW, MAX_WEEKS, "America/Argentina/ComodRivadavia", OVERDUE, NOW, "a" * 40)
    ),
    "report": lambda: report_message(
        Report(
            FIGURES, NOW, MAX_WEEKS, "America/Argentina/ComodRivadavia", OVERDUE, "title:x " * 60, WORDS, "a" * 40, NOW,
            NOW, can_share=True,
        )
    ),
    "list": lambda: application_list(PAGE),
    "details": lambda: details.application_details(VIEW),
    "show": lambda: details.application_answer(VIEW),
    "linked-card-in-blocks": lambda: entities.plain_card(LINKED),
    "home": lambda: home(
        HomeView(
            REPORT,
            Role.ADMIN,
            late=[(SNAPSHOT, NOW)] * 20,
            assigned=[SNAPSHOT] * 20,
            followed=[HELD] * 50,
            unknown_codes=REPORT.unknown_codes,
            is_new=True,
            followed_total=1_000_000,
            is_partial=True,
            assigned_count=1_000_000,
            pending=[SNAPSHOT] * 20,
            pending_count=1_000_000,
            submitted=[SNAPSHOT] * 20,
            submitted_count=1_000_000,
            new_accounts=[CONTACT] * MAX_ON_HOME,
        )
    ),
    "home-of-a-viewer": lambda: home(
        HomeView(REPORT, Role.VIEWER, [(SNAPSHOT, NOW)] * 20, [SNAPSHOT] * 20, [HELD] * 50, is_new=True)
    ),
    "first-contact-window": lambda: first_contact_window(CONTACT),
    "status": lambda: status_report(REPORT, WORDS),
    "subscribed": lambda: subscriptions.subscribed(HELD, before_baseline=True, hint=WORDS),
    "subscriptions": lambda: subscriptions.subscription_list([HELD] * 50, everywhere=True, is_partial=True),
    "unsubscribe": lambda: subscriptions.ask_unsubscribe([HELD] * 50),
    "assigned-by": lambda: assignment.assigned_by("U123456789A", LONG, StatusClass.SUBMITTED),
    "created": lambda: form_outcomes.created(LONG, "d" * 32),
    "updated": lambda: form_outcomes.updated(
        LONG, {"title": (WORDS, WORDS), "email": (WORDS, None)}, {"phone": (WORDS, None), "last_name": (WORDS, None)}
    ),
    "resume": lambda: form_outcomes.resume("d" * 32, WORDS),
    **{f"to-an-admin-{name}": partial(notification_message, sent, "U123456789A") for name, sent in SENT.items()},
}  # fmt: skip
LANGUAGES = (ENGLISH, *read_languages().by_code.values())


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_is_within_slacks_limits_in_every_language(name: str) -> None:
    """With the longest values too, and without charts where a workspace has none."""
    for language in LANGUAGES:
        with speaking(language):
            made = VIEWS[name]()
            if isinstance(made, Message):
                assert validate_message(made.payload()) == []
                assert made.fallback is None or validate_message(made.fallback.payload()) == []
            else:
                assert validate_view(made) == []


def test_a_card_of_a_link_is_within_slacks_limits_in_every_language() -> None:
    """As Slack counts its bytes."""
    for language in LANGUAGES:
        with speaking(language):
            cards = entities.fitting([entities.entity(LINKED, LINKED.url)])
            assert entities_of({"entities": cards})[1] == []
            assert cards
