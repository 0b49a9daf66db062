"""Snapshots of what is posted in channels and of Home, kept in `__snapshots__`, as those of the windows.

When a card should look different, `python -m pytest tests/slack/views/test_cards_and_home.py --snapshot-update` writes
the snapshots again. Look at what changed before you commit it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from bot.core.applications.items import ChecklistItem
from bot.core.applications.model import StatusClass
from bot.core.applications.triggers import TRIGGERS, Snapshot
from bot.core.language import speaking
from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.messages import (
    ActionReply,
    Card,
    ChannelMessage,
    ChannelReport,
    Delay,
    Digest,
    DigestEntry,
    Flood,
    Reminder,
    ThreadReply,
)
from bot.core.notifications.states import Hold
from bot.core.permissions import Role
from bot.core.reports.figures import Figures, Overdue, Week
from bot.sandbox.slack.block_kit.validation import validate_message, validate_view
from bot.slack.views.admin.status_troubles import StatusReport, Trouble
from bot.slack.views.building.blocks import Block
from bot.slack.views.channels.messages import posting_message
from bot.slack.views.channels.subscriptions import SubscriptionView
from bot.slack.views.home import HomeView, home
from bot.wiring.translation_catalogues import read_languages
from tests.slack.views.examples import ACME, NOW

MISSING = ACME.model_copy(
    update={"items": (ChecklistItem("Passport", "Missing"), ChecklistItem("Register extract", "Approved"))}
)


def card(trigger: str = "late", **values: Any) -> Card:
    """Return a card of an open application that misses its passport, unless `values` say otherwise."""
    return Card(
        trigger,
        **{
            "application": MISSING,
            "status_class": StatusClass.OPEN,
            "style": MessageStyle(),
            "item_names": True,
            **values,
        },
    )


FIGURES = Figures(
    classes={"open": 12, "approved": 3},
    late=1,
    weeks=(
        Week(start=date(2026, 2, 23), counts={"created": 5, "approved": 2}),
        Week(start=date(2026, 3, 2), counts={"created": 3}),
    ),
    overdue=(Overdue(id="123", since=NOW),),
    since=NOW - timedelta(days=30),
)

POSTINGS: Mapping[str, ChannelMessage] = {
    **{f"card-{name}": card(name) for name in TRIGGERS},
    "card-in-full": card(style=MessageStyle(full=True, personal_data=True)),
    "card-of-an-assignee": card(assignee="U1", mention="U1", delay=Delay(NOW, "Slack was unreachable")),
    "card-of-what-is-gone": card(gone=True, follows="17.5"),
    "reply": ThreadReply(card("submitted", status_class=StatusClass.SUBMITTED), broadcast=False),
    "reply-to-the-channel": ThreadReply(card("submitted", status_class=StatusClass.SUBMITTED), broadcast=True),
    "reminder": Reminder(card(assignee="U1", mention="U1"), 3),
    "digest": Digest(
        Hold.SCHEDULE,
        (DigestEntry(ACME, StatusClass.OPEN, "late", NOW), DigestEntry(ACME, StatusClass.OPEN, "created", NOW)),
        {"late": 1, "created": 1},
    ),
    "flood": Flood(7, {"late": 30, "created": 14}, 44),
    "flood-answered": Flood(7, {"late": 30, "created": 14}, 44, "digest", "U1"),
    "action-reply": ActionReply("U1", "Close"),
    "report": ChannelReport(FIGURES, NOW, 2, "Europe/Lisbon", overdue=((ACME, NOW),)),
}  # fmt: skip
"""Each message of `ChannelMessage`, and a card for each event."""

REPORT = StatusReport(
    NOW,
    clust_reachable=True,
    poll_interval=timedelta(seconds=30),
    last_read_at=NOW - timedelta(minutes=1),
    classes={StatusClass.OPEN: 12, StatusClass.APPROVED: 3},
    late=1,
    subscriptions=1,
    trouble=[Trouble("Clust refused the API token.", "Set one that works.")],
)
ASSIGNED = Snapshot(ACME, StatusClass.OPEN, assignee="U1")
FOLLOWED = [SubscriptionView(1, "C1", ["late"], "title contains “acme”")]


def home_of(role: Role, *, is_new: bool = False) -> Block:
    """Return the Home tab of someone with an application and a subscription, among problems."""
    return home(
        HomeView(
            REPORT,
            role,
            [(ASSIGNED, NOW)],
            [ASSIGNED],
            FOLLOWED,
            {"7_signed": 4},
            is_new,
            assigned_count=1,
            pending=[Snapshot(ACME, StatusClass.PENDING)],
            pending_count=1,
        )
    )


HOMES: Mapping[str, Callable[[], Block]] = {
    **{f"home-{role.name.lower()}": partial(home_of, role) for role in Role},
    "home-of-who-is-new": lambda: home_of(Role.VIEWER, is_new=True),
    "home-without-anything": lambda: home(
        HomeView(StatusReport(NOW, clust_reachable=None, poll_interval=timedelta(seconds=30)), Role.EDITOR)
    ),
}
"""One for each role, for who opens it first, and before Clust was read."""


def payload(name: str) -> dict[str, Any]:
    """Return what is posted."""
    return posting_message(POSTINGS[name], lambda ts: f"https://team.slack.example/{ts}").payload()


@pytest.mark.parametrize("name", POSTINGS)
def test_a_message_is_as_its_snapshot(name: str, snapshot: SnapshotAssertion) -> None:
    """Slack takes it in every language, and nothing in it changed unseen."""
    for language in read_languages().by_code.values():
        with speaking(language):
            assert validate_message(payload(name)) == []
    message = payload(name)
    assert validate_message(message) == []
    assert message == snapshot(extension_class=JSONSnapshotExtension)


@pytest.mark.parametrize("name", HOMES)
def test_home_is_as_its_snapshot(name: str, snapshot: SnapshotAssertion) -> None:
    """Slack takes it in every language, and nothing in it changed unseen."""
    for language in read_languages().by_code.values():
        with speaking(language):
            assert validate_view(HOMES[name]()) == []
    view = HOMES[name]()
    assert validate_view(view) == []
    assert view == snapshot(extension_class=JSONSnapshotExtension)


def test_no_snapshot_is_left_without_its_message() -> None:
    """A file without its message would mislead, and syrupy doesn't see it."""
    folder = Path(__file__).parent / "__snapshots__" / "test_cards_and_home"
    names = {f"test_a_message_is_as_its_snapshot[{name}]" for name in POSTINGS}
    assert {path.stem for path in folder.iterdir()} == names | {
        f"test_home_is_as_its_snapshot[{name}]" for name in HOMES
    }


def test_each_kind_of_message_has_a_snapshot() -> None:
    """Of what can be posted in a channel, none is left out."""
    assert {type(posting) for posting in POSTINGS.values()} == set(ChannelMessage.__args__)
