"""The card of an event in a channel: what one reads of an application without a click."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.core.applications.items import ChecklistItem
from bot.core.applications.model import Application, Recipient, StatusClass, Template
from bot.core.applications.triggers import TRIGGERS, Trigger
from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.messages import Card, Delay
from bot.sandbox.slack.block_kit.validation import validate_message
from bot.slack.views.applications import cards
from bot.slack.views.building.blocks import Message

Read = Callable[[Any], list[str]]

LINK = "<https://clust.example/dossiers/123?a=1&amp;b=2|Acme &amp; Sons>"
OPEN = "[Open in Clust application.open https://clust.example/dossiers/123?a=1&b=2]"
BUTTONS = [
    "[Assign to me card.more:take take 123]",
    "[Details application.details 123]",
    "[Update application.update 123]",
    OPEN,
    "[… card.more]",
]
MENU = [
    "Assign to… -> assign 123",
    "Mute this application -> mute 123",
    "Why this? -> why 123",
    "Delete… -> delete 123",
    "More actions… -> actions 123",
]
NOW = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)
SINCE = "<!date^1772461800^{date_short_pretty} at {time}|Mar 2, 2:30 PM UTC>"
ITEMS = (
    ChecklistItem("Register extract", "Approved"),
    ChecklistItem("Tax notice", "Missing"),
    ChecklistItem("Passport", "0_missing"),
    ChecklistItem("Photo", "Missing", is_mandatory=False),
    ChecklistItem("Contract", "8_quarantined"),
)


def card_of(application: Application, trigger: str = "late", **values: Any) -> Message:
    """Return the card of an application, open and in the default style unless `values` say otherwise."""
    arguments = {"status_class": StatusClass.OPEN, "style": MessageStyle(), **values}
    return cards.event_card(Card(trigger, application, **arguments), lambda ts: f"https://team.slack.example/{ts}")


def menu_of(card: Message) -> list[str]:
    """Return the choices in the menu of a card, with what each carries."""
    elements = card.blocks[-1]["elements"]
    return [f"{one['text']['text']} -> {one['value']}" for one in elements[-1]["options"]]


def with_items(application: Application, *items: ChecklistItem) -> Application:
    """Return the application as a single read lists its items."""
    return application.model_copy(update={"items": items})


def test_a_late_card_says_what_is_missing_and_what_can_be_done(read: Read, acme: Application) -> None:
    """Without a click: which application, whose, how late, what is missing by name, who it is assigned to."""
    late = with_items(acme, *ITEMS)
    card = card_of(late, late_since=NOW - timedelta(days=3), item_names=True)
    assert read(card) == [
        f"⏰ *Late* · {LINK} · Ana Silva",
        f"1 of 4 items done · *Missing:* Tax notice, Passport · Late since {SINCE} · Unassigned",
        "  KYC company · Ongoing",
        *BUTTONS,
    ]
    assert menu_of(card) == MENU


def test_an_assigned_card_says_to_whom_and_lets_it_be_reassigned(read: Read, acme: Application) -> None:
    """No one takes it over by one click, but the window says who has it."""
    card = card_of(acme, assignee="U1")
    assert read(card)[1:4] == [
        "4 of 7 items done · Assigned to <@U1>",
        "  KYC company · Ongoing",
        "[Assign to… card.more:assign assign 123]",
    ]
    assert menu_of(card) == ["Unassign -> release 123", *MENU[1:]]


def test_a_card_keeps_saying_that_the_application_is_late(read: Read, acme: Application) -> None:
    """Where another event came since, the small print says what the first line does no more."""
    assert read(card_of(acme, "submitted"))[2].startswith("  ⏰ late · ")


def test_a_card_says_what_it_follows_and_that_it_is_gone(read: Read, acme: Application) -> None:
    """One line of notes, only where there is one. A gone application can't be assigned, updated or deleted."""
    card = card_of(acme, gone=True, follows="17.5")
    assert read(card)[3:] == [
        "  This application is no longer in Clust.",
        "  <https://team.slack.example/17.5|Continued from an earlier card>",
        "[Details application.details 123]",
        OPEN,
        "[… card.more]",
    ]
    assert menu_of(card) == MENU[1:3]


def test_a_card_calls_the_assignee_first_and_says_why_it_comes_late(read: Read, acme: Application) -> None:
    """The mention stands before everything: that is what a phone shows. They are not named a second time."""
    card = card_of(acme, assignee="U1", mention="U1", delay=Delay(NOW, "Slack was unreachable"))
    lines = read(card)
    assert lines[:3] == [
        "<@U1>, this is assigned to you.",
        f"⏰ *Late* · {LINK} · Ana Silva",
        "4 of 7 items done",
    ]
    assert (
        "  Seen <!date^1772721000^{date_short_pretty} at {time}|Mar 5, 2:30 PM UTC>. Posted late: Slack was unreachable"
        in lines
    )


@pytest.mark.parametrize(
    ("trigger", "style", "item_names", "status_class", "names_them"),
    [
        ("late", {}, True, StatusClass.OPEN, True),
        ("pending", {}, True, StatusClass.PENDING, True),
        ("created", {}, True, StatusClass.OPEN, False),
        ("created", {"full": True}, True, StatusClass.OPEN, True),
        ("late", {"full": True}, False, StatusClass.OPEN, False),
        ("late", {}, True, StatusClass.APPROVED, False),
    ],
)
def test_which_cards_name_missing_items(
    read: Read,
    acme: Application,
    *,
    trigger: str,
    style: dict[str, bool],
    item_names: bool,
    status_class: StatusClass,
    names_them: bool,
) -> None:
    """Late and pending ones, full ones for every event.

    There are none for finished work, and none where the channel isn't allowed to read them.
    """
    late = with_items(acme, *ITEMS)
    card = card_of(late, trigger, style=MessageStyle(**style), item_names=item_names, status_class=status_class)
    assert ("Passport" in "".join(read(card))) is names_them


@pytest.mark.parametrize(
    ("items", "line"),
    [
        ((), "4 of 7 items done"),
        ((ChecklistItem(status="Missing"), ChecklistItem(status="Missing")), "0 of 2 items done"),
        ((ChecklistItem(status="Missing"), ChecklistItem("Passport", "Missing")), "*Missing:* Passport and 1 more"),
        (tuple(ChecklistItem(f"Item {n}", "Missing") for n in range(300)), "Item 3, Item 4 and 295 more"),
        ((ChecklistItem("x" * 300, "Missing"),), f"*Missing:* {'x' * 59}… ·"),
        ((ChecklistItem("<!channel> *a*", "Missing"),), "*Missing:* &lt;!channel&gt; \u2217a\u2217 ·"),
        ((ChecklistItem("Passport", "8_lost"),), "0 of 1 item done · Unassigned"),
    ],
)
def test_whatever_the_items_are_the_card_is_good(
    read: Read, acme: Application, items: tuple[ChecklistItem, ...], line: str
) -> None:
    """No items, none with a name, 300 of them, long names, markup, and a status that no one knows."""
    card = card_of(with_items(acme, *items), item_names=True)
    assert line in read(card)[1]
    assert validate_message(card.payload()) == []


def test_a_full_card_shows_more_and_personal_data_where_a_channel_asks_for_it(read: Read, acme: Application) -> None:
    """Two switches of the channel, and neither shows the client's page."""
    assert read(card_of(acme, style=MessageStyle(full=True, personal_data=True)))[3:-5] == [
        "*External ID:* CRM-77",
        "*Application:* 123",
        "*Created:* <!date^1769936400^{date_short_pretty} at {time}|Feb 1, 9:00 AM UTC>",
        "*Updated:* <!date^1772720760^{date_short_pretty} at {time}|Mar 5, 2:26 PM UTC>",
        "*Email:* ana@acme.example",
        "*Phone:* +351 555 0100",
    ]


def test_the_text_of_a_card_says_the_same(acme: Application) -> None:
    """A notification and a screen reader tell what the blocks show."""
    assert card_of(acme).text == (
        f"⏰ *Late* · {LINK} · Ana Silva\n4 of 7 items done · Unassigned\nKYC company · Ongoing"
    )


@pytest.mark.parametrize("trigger", TRIGGERS.values(), ids=lambda trigger: trigger.name)
def test_a_card_begins_with_its_event(read: Read, acme: Application, trigger: Trigger) -> None:
    """The emoji and the title of the event stand first (V1)."""
    assert read(card_of(acme, trigger.name))[0].startswith(f"{trigger.emoji} *{trigger.title}* · ")


def test_a_card_of_a_bare_application_leaves_out_what_is_not_known(read: Read) -> None:
    """Without an address there is no link and no Open in Clust (rule V2)."""
    assert read(card_of(Application(id="5"), "created", status_class=None)) == [
        "🆕 *Created* · Application 5",
        "[Assign to me card.more:take take 5]",
        "[Details application.details 5]",
        "[Update application.update 5]",
        "[… card.more]",
    ]


@pytest.mark.parametrize(
    ("title", "recipient", "template", "lines"),
    [
        (None, "Ana Silva", None, ["Ana Silva"]),
        ("Ana Silva", "Ana Silva", "Ana Silva", ["Ana Silva"]),
        ("KYC company · ANA  SILVA", "Ana Silva", "KYC company", ["KYC company · ANA SILVA"]),
        ("Onboarding", "Ana Silva", "Ana Silva", ["Onboarding · Ana Silva"]),
        ("Banana file", "Ana", "File", ["Banana file · Ana"]),
        ("Diana Silva", "Ana Silva", "Tenant", ["Diana Silva · Ana Silva", "  Tenant"]),
    ],
)
def test_a_name_that_is_in_the_title_is_not_repeated(
    read: Read, title: str | None, recipient: str, template: str | None, lines: list[str]
) -> None:
    """What the title says already, as whole words, is not said again."""
    application = Application(
        id="5", title=title, recipient=Recipient(full_name=recipient), template=Template(title=template)
    )
    text_lines = read(card_of(application, "created", status_class=None))
    assert [text_lines[0].removeprefix("🆕 *Created* · "), *text_lines[1:-4]] == lines


def test_a_status_that_is_the_event_is_not_said_again(read: Read) -> None:
    """The first line says it."""
    application = Application(id="5", status_string="approved", template=Template(title="Tenant"))
    assert read(card_of(application, "approved", status_class=StatusClass.APPROVED))[1] == "  Tenant"


@pytest.mark.parametrize(
    ("missing", "eligible", "words"),
    [
        (0, 7, "7 of 7 items done"),
        (9, 7, "0 of 7 items done"),
        (0, None, "Nothing missing"),
        (1, None, "1 item missing"),
        (3, None, "3 items missing"),
    ],
)
def test_items_are_counted_in_words(read: Read, missing: int, eligible: int | None, words: str) -> None:
    """Of how many, where that is known."""
    application = Application(id="5", missing=missing, eligible=eligible)
    assert read(card_of(application, "created", status_class=None))[1] == words


@pytest.mark.parametrize(("progress", "words"), [(99.9, ["99% done"]), (100, ["100% done"]), (None, [])])
def test_only_what_is_complete_is_100_percent(read: Read, progress: float | None, words: list[str]) -> None:
    """Progress is rounded down, and what is unknown is not shown."""
    assert read(card_of(Application(id="5", progress=progress), "created", status_class=None))[1:-4] == words


def test_what_posted_items_show_is_kept_as_it_was(acme: Application) -> None:
    """A card is redrawn if other items are missing, and not if something that it doesn't show changed."""
    card = Card("late", with_items(acme, *ITEMS), StatusClass.OPEN, MessageStyle(), item_names=True)
    other = with_items(acme, *ITEMS[:2], ChecklistItem("License", "Missing"), *ITEMS[3:])
    assert replace(card, application=other).fingerprint() != card.fingerprint()
    hidden = replace(card, item_names=False)
    assert replace(hidden, application=other).fingerprint() == hidden.fingerprint() != card.fingerprint()


def test_what_is_closed_or_gone_is_not_updated(read: Read, acme: Application) -> None:
    """A card offers by the state of its application. What is closed may still be taken off the list by Delete."""
    for values in ({"status_class": StatusClass.CLOSED}, {"gone": True}):
        assert "[Update application.update 123]" not in read(card_of(acme, **values))
    assert menu_of(card_of(acme, status_class=StatusClass.CLOSED)) == MENU


@pytest.mark.parametrize("status_class", [StatusClass.APPROVED, StatusClass.CLOSED])
def test_the_card_of_finished_work_is_not_late(read: Read, acme: Application, status_class: StatusClass) -> None:
    """C4: a card that said so says that it was, and one of another event doesn't begin to say it."""
    assert read(card_of(acme, status_class=status_class))[0].startswith("⏰ *Was late* · ")
    assert "⏰ late" not in "".join(read(card_of(acme, "approved", status_class=status_class)))
