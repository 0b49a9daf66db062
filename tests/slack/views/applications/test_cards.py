"""The card of an event, and what one person sees of an application."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.core.applications.model import Application, Recipient, StatusClass
from bot.core.applications.triggers import TRIGGERS, SeenEvent, Trigger
from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.messages import Card, Delay
from bot.slack.views.applications import cards
from bot.slack.views.applications.cards import ApplicationView
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import Message

Read = Callable[[Any], list[str]]

LINK = "<https://clust.example/dossiers/123?a=1&amp;b=2|Acme &amp; Sons>"
OPEN = "[Open in Clust application.open https://clust.example/dossiers/123?a=1&b=2]"


MENU = [
    "Take it -> take 123",
    "Mute this application -> mute 123",
    "Why this? -> why 123",
    "Delete… -> delete 123",
]
NOW = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)


def card_of(application: Application, trigger: str = "late", **values: Any) -> Message:
    """Return the card of an application, open and in the default style unless `values` say otherwise."""
    arguments = {"status_class": StatusClass.OPEN, "style": MessageStyle(), **values}
    return cards.event_card(Card(trigger, application, **arguments), lambda ts: f"https://team.slack.example/{ts}")


def menu_of(card: Message) -> list[str]:
    """Return the choices in the menu of a card, with what each carries."""
    elements = card.blocks[-1]["elements"]
    return [f"{one['text']['text']} -> {one['value']}" for one in elements[-1]["options"]]


def test_a_card_is_two_lines_and_what_can_be_done(read: Read, acme: Application) -> None:
    """Event, title and recipient; then template, status, progress and missing items."""
    card = card_of(acme)
    assert read(card) == [
        f"⏰ *Late* · {LINK} · Ana Silva",
        "  KYC company · Ongoing · 45% done · 3 of 7 items missing",
        "[Details application.details 123]",
        "[Update application.update 123]",
        OPEN,
        "[… card.more]",
    ]
    assert menu_of(card) == MENU


def test_a_card_goes_on_saying_that_it_is_late(read: Read, acme: Application) -> None:
    """Where another event came since, the second line says what the first one does no more."""
    late = acme.model_copy(update={"is_late": True})
    assert read(card_of(late, "submitted"))[1].startswith("  ⏰ late · ")


def test_a_card_says_who_took_it_what_it_follows_and_that_it_is_gone(read: Read, acme: Application) -> None:
    """One line of notes, only where there is one; a gone application can't be taken, updated or deleted."""
    card = card_of(acme, assignee="U1", gone=True, follows="17.5")
    assert read(card)[2:] == [
        "  Gone in Clust: it does not know this application any more.",
        "  Taken by <@U1>",
        "  <https://team.slack.example/17.5|Goes on from an earlier card>",
        "[Details application.details 123]",
        OPEN,
        "[… card.more]",
    ]
    assert menu_of(card) == MENU[1:3]
    assert menu_of(card_of(acme, assignee="U1"))[0] == "Release -> release 123"


def test_a_card_tells_first_who_took_it_and_why_it_comes_late(read: Read, acme: Application) -> None:
    """The mention stands before everything: that is what a phone shows."""
    card = card_of(acme, assignee="U1", mention="U1", delay=Delay(NOW, "Slack was unreachable"))
    assert read(card)[:2] == ["<@U1>, this is yours.", f"⏰ *Late* · {LINK} · Ana Silva"]
    assert "  Seen <!date^1772721000^{date_short_pretty} at {time}|5 Mar, 14:30 UTC>: Slack was unreachable" in read(
        card
    )


def test_a_full_card_shows_more_and_personal_data_where_a_channel_asks_for_it(read: Read, acme: Application) -> None:
    """Two switches of the channel; neither shows the client's page."""
    assert read(card_of(acme, style=MessageStyle(full=True, personal_data=True)))[2:-4] == [
        "*External id:* CRM-77",
        "*Application:* 123",
        "*Created:* <!date^1769936400^{date_short_pretty} at {time}|1 Feb, 09:00 UTC>",
        "*Updated:* <!date^1772720760^{date_short_pretty} at {time}|5 Mar, 14:26 UTC>",
        "*E-mail:* ana@acme.example",
        "*Phone:* +351 555 0100",
    ]


def test_the_text_of_a_card_says_the_same(acme: Application) -> None:
    """A notification and a screen reader tell what the blocks show."""
    assert card_of(acme).text == (
        f"⏰ *Late* · {LINK} · Ana Silva\nKYC company · Ongoing · 45% done · 3 of 7 items missing"
    )


@pytest.mark.parametrize("trigger", TRIGGERS.values(), ids=lambda trigger: trigger.name)
def test_a_card_begins_with_its_event(read: Read, acme: Application, trigger: Trigger) -> None:
    """The emoji and the title of the event stand first (V1)."""
    assert read(card_of(acme, trigger.name))[0].startswith(f"{trigger.emoji} *{trigger.title}* · ")


def test_a_card_of_a_bare_application_leaves_out_what_is_not_known(read: Read) -> None:
    """Without an address there is no link and no Open in Clust (rule V2)."""
    assert read(card_of(Application(id="5"), "created", status_class=None)) == [
        "🆕 *Created* · Application 5",
        "  Nothing more is known of it yet.",
        "[Details application.details 5]",
        "[Update application.update 5]",
        "[… card.more]",
    ]


def test_a_card_names_a_recipient_once(read: Read) -> None:
    """Where the title is the recipient's name, or there is none, the name is not repeated."""
    application = Application(id="5", recipient=Recipient(full_name="Ana Silva"))
    assert read(card_of(application, "created", status_class=None))[0] == "🆕 *Created* · Ana Silva"


@pytest.mark.parametrize(
    ("missing", "eligible", "words"),
    [
        (0, 7, "nothing missing"),
        (1, 1, "1 of 1 item missing"),
        (1, None, "1 item missing"),
        (3, None, "3 items missing"),
    ],
)
def test_missing_items_are_said_in_words(read: Read, missing: int, eligible: int | None, words: str) -> None:
    """Of how many, where that is known."""
    application = Application(id="5", missing=missing, eligible=eligible)
    assert read(card_of(application, "created", status_class=None))[1] == f"  {words}"


@pytest.mark.parametrize(
    ("progress", "words"),
    [(99.9, ["  99% done"]), (100, ["  100% done"]), (None, ["  Nothing more is known of it yet."])],
)
def test_only_what_is_complete_is_100_percent(read: Read, progress: float | None, words: list[str]) -> None:
    """Progress is rounded down; what is unknown is not shown."""
    assert read(card_of(Application(id="5", progress=progress), "created", status_class=None))[1:-3] == words


def test_details_show_everything_to_one_person(read: Read, acme: Application, now: datetime) -> None:
    """E-mail, phone and the client's page too, with what the bot saw happen."""
    history = [SeenEvent("created", now - timedelta(days=2)), SeenEvent("late", now)]
    view = cards.application_details(ApplicationView(acme, StatusClass.OPEN, now, history))
    assert view["callback_id"] == ids.DETAILS_VIEW
    assert read(view) == [
        f"*{LINK}*",
        "*Status:* Ongoing (open)",
        "*Late:* yes",
        "*Progress:* 45% done",
        "*Items:* 3 of 7 items missing",
        "*Template:* KYC company",
        "*Recipient:* Ana Silva",
        "*E-mail:* ana@acme.example",
        "*Phone:* +351 555 0100",
        "*External id:* CRM-77",
        "*Application:* 123",
        "*Created:* <!date^1769936400^{date_short_pretty} at {time}|1 Feb, 09:00 UTC>",
        "*Updated:* <!date^1772720760^{date_short_pretty} at {time}|5 Mar, 14:26 UTC>",
        "<https://client.example/p/secret|Client's page: whoever has this link can open it>",
        "*What the bot saw*",
        "🆕 Created · <!date^1772548200^{date_short_pretty} at {time}|3 Mar, 14:30 UTC>",
        "⏰ Late · <!date^1772721000^{date_short_pretty} at {time}|5 Mar, 14:30 UTC>",
        "  Read from Clust just now.",
        OPEN,
        "[Why this? card.more:why why 123]",
    ]


def test_what_is_closed_or_gone_is_not_updated(read: Read, acme: Application) -> None:
    """A card offers by the state of its application; what is closed may still be taken off the list by Delete."""
    for values in ({"status_class": StatusClass.CLOSED}, {"gone": True}):
        assert "[Update application.update 123]" not in read(card_of(acme, **values))
    assert menu_of(card_of(acme, status_class=StatusClass.CLOSED)) == MENU


def test_show_answers_what_details_show(read: Read, acme: Application, now: datetime) -> None:
    """One composition, two surfaces."""
    view = ApplicationView(acme, StatusClass.OPEN, now)
    assert read(cards.application_answer(view)) == read(cards.application_details(view))


@pytest.mark.parametrize(
    ("values", "source"),
    [
        ({}, "Read from Clust just now."),
        (
            {"note": "Clust didn't respond within 2 seconds."},
            "As the bot last saw it, 4 minutes ago. Clust didn't respond within 2 seconds.",
        ),
        (
            {"gone": True},
            "Gone in Clust: it does not know this application any more. As the bot last saw it, 4 minutes ago.",
        ),
    ],
)
def test_details_say_where_they_come_from(read: Read, now: datetime, values: dict[str, Any], source: str) -> None:
    """Fresh, stored with its age and the reason, or gone beside what was last seen (rule L1)."""
    view = ApplicationView(Application(id="5"), None, now, seen_at=now - timedelta(minutes=4), **values)
    assert read(cards.application_answer(view)) == [
        "*Application 5*",
        "*Status:* not known yet",
        "*Application:* 5",
        f"  {source}",
        "[Why this? card.more:why why 5]",
    ]


@pytest.mark.parametrize(
    ("status", "status_class", "words"),
    [
        ("Pending", StatusClass.PENDING, "Pending"),
        ("7_signed", None, "7_signed (a status the bot does not know)"),
        (None, StatusClass.APPROVED, "approved"),
    ],
)
def test_a_status_is_said_with_its_class(
    read: Read, now: datetime, status: str | None, status_class: StatusClass | None, words: str
) -> None:
    """The class is added where Clust's words don't say it."""
    view = ApplicationView(Application(id="5", status=status), status_class, now)
    assert read(cards.application_answer(view))[1] == f"*Status:* {words}"


def test_a_long_history_shows_its_end(read: Read, now: datetime) -> None:
    """Twenty events, and how many came before."""
    view = ApplicationView(Application(id="5"), None, now, [SeenEvent("late", now)] * 23)
    lines = read(cards.application_answer(view))
    assert "3 events earlier" in lines
    assert sum(line.startswith("⏰ Late") for line in lines) == 20


def test_a_modal_opens_before_anything_is_known(read: Read) -> None:
    """The loading view and a view of one sentence are modals that Slack takes."""
    assert read(cards.loading_view("Application")) == ["One moment: asking Clust…"]
    assert read(cards.message_view("Application", "There is no <application> `5_x`.")) == [
        "There is no &lt;application&gt; `5_x`."
    ]


@pytest.mark.parametrize("status_class", [StatusClass.APPROVED, StatusClass.CLOSED])
def test_the_card_of_finished_work_is_not_late(read: Read, acme: Application, status_class: StatusClass) -> None:
    """C4: a card that said so says that it was, and one of another event doesn't begin to say it."""
    assert read(card_of(acme, status_class=status_class))[0].startswith("⏰ *Was late* · ")
    assert "⏰ late" not in "".join(read(card_of(acme, "approved", status_class=status_class)))


def test_the_flag_stays_visible_in_details(read: Read, acme: Application) -> None:
    """C4: what Clust says is shown there, with why it doesn't count."""
    open_view, closed_view = (ApplicationView(acme, each, NOW) for each in (StatusClass.OPEN, StatusClass.CLOSED))
    assert "*Late:* yes" in "\n".join(read(cards.application_answer(open_view)))
    assert "*Late:* flagged by Clust, but finished" in "\n".join(read(cards.application_answer(closed_view)))
