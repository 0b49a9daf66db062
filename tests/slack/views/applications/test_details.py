"""What one person sees of an application: the Details window, and the answer of `show`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.core.applications.items import ChecklistItem
from bot.core.applications.model import Application, Recipient, StatusClass, Template
from bot.core.applications.triggers import SeenEvent
from bot.core.language import speaking
from bot.sandbox.slack.block_kit.validation import validate_message, validate_view
from bot.slack.views.applications import details
from bot.slack.views.applications.details import ApplicationView
from bot.slack.views.building import ids
from bot.wiring.translation_catalogues import read_languages

Read = Callable[[Any], list[str]]

LINK = "<https://clust.example/dossiers/123?a=1&amp;b=2|Acme &amp; Sons>"
OPEN = "[Open in Clust application.open https://clust.example/dossiers/123?a=1&b=2]"
NOW = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)
AT = "<!date^1772721000^{date_short_pretty} at {time}|Mar 5, 2:30 PM UTC>"


def details_of(application: Application) -> Any:
    """Return the window of an open application."""
    return details.application_details(ApplicationView(application, StatusClass.OPEN, NOW))


def test_details_show_everything_to_one_person(read: Read, acme: Application, now: datetime) -> None:
    """E-mail, phone and the client's page too, with what the bot saw happen."""
    history = [SeenEvent("created", now - timedelta(days=2)), SeenEvent("late", now)]
    view = details.application_details(ApplicationView(acme, StatusClass.OPEN, now, history))
    assert view["callback_id"] == ids.DETAILS_VIEW
    assert read(view) == [
        f"*{LINK}*",
        "*Status*\nOngoing (open)",
        "*Progress*\n█████░░░░░\n4 of 7 items done",
        f"*Late since*\n{AT}",
        "*Recipient*\nAna Silva",
        "*Template*\nKYC company",
        "*Email*\nana@acme.example",
        "*Phone*\n+351 555 0100",
        "*External ID*\nCRM-77",
        "*Application*\n#123",
        "*Created*\n<!date^1769936400^{date_short_pretty} at {time}|Feb 1, 9:00 AM UTC>",
        "*Updated*\n<!date^1772720760^{date_short_pretty} at {time}|Mar 5, 2:26 PM UTC>",
        "<https://client.example/p/secret|Client page (anyone with the link can open it)>",
        "*History*",
        "🆕 Created · <!date^1772548200^{date_short_pretty} at {time}|Mar 3, 2:30 PM UTC>",
        f"⏰ Late · {AT}",
        f"  Read from Clust {AT}.",
        OPEN,
        "[Why this? card.more:why why 123]",
        "[More actions… card.more:actions actions 123]",
    ]


def test_facts_stand_in_two_columns(acme: Application) -> None:
    """Slack shows up to ten fields of a section side by side. The eleventh begins another section."""
    columns = [len(block["fields"]) for block in details_of(acme)["blocks"] if "fields" in block]
    assert columns == [10, 1]


def test_items_are_listed_by_state(read: Read, acme: Application) -> None:
    """What is missing first.

    An item without a name goes by its type, and one whose status no one knows by the status.
    """
    items = (
        ChecklistItem("Passport", "Approved"),
        ChecklistItem(status="Missing", kind="file_upload"),
        ChecklistItem("Photo", "Missing", is_mandatory=False),
        ChecklistItem(status="1_pending_review"),
        ChecklistItem("Contract", "8_quarantined", "In quarantine"),
        ChecklistItem("Form"),
    )
    lines = read(details_of(acme.model_copy(update={"items": items})))
    assert "*Progress*\n████░░░░░░\n2 of 5 items done" in "\n".join(lines)
    start = lines.index("*Missing* (2)")
    assert lines[start : start + 10] == [
        *("*Missing* (2)", "• File upload", "• Photo (optional)"),
        *("*Pending Review* (1)", "• Unnamed item"),
        *("*Approved* (1)", "• Passport"),
        *("*Other status* (2)", "• Contract · In quarantine", "• Form"),
    ]


def test_states_are_named_in_the_readers_language(read: Read, acme: Application) -> None:
    """Those of the items, and that of the application."""
    item = ChecklistItem("Passport", "Missing")
    with speaking(read_languages().of("fr")):
        lines = read(details_of(acme.model_copy(update={"items": (item,)})))
    assert "*Manquant* (1)" in lines
    assert "Ongoing (ouvert)" in "\n".join(lines)


@pytest.mark.parametrize("name", ["x" * 300, "<!channel> & *bold*", "\u202eabc", ""])
def test_300_items_fit(acme: Application, name: str) -> None:
    """The first ones of each state are named, and the rest are counted, in the window and in the answer of `show`."""
    states = ("Missing", "Pending Review", "Completed", "Approved", "?")
    items = tuple(ChecklistItem(name, states[number % 5]) for number in range(300))
    view = ApplicationView(acme.model_copy(update={"items": items}), StatusClass.OPEN, NOW)
    assert validate_view(details.application_details(view)) == []
    answer = details.application_answer(view)
    assert validate_message(answer.payload()) == []
    assert str(answer.blocks).count("… and 45 more") == 5


def test_nothing_is_said_twice(read: Read) -> None:
    """Where template and recipient are the title, neither is repeated."""
    application = Application(
        id="5", title="Ana", recipient=Recipient(full_name="Ana"), template=Template(title="Ana"), items=()
    )
    assert sum("Ana" in line for line in read(details_of(application))) == 1


def test_show_answers_what_details_show(read: Read, acme: Application, now: datetime) -> None:
    """One composition, two surfaces."""
    view = ApplicationView(acme, StatusClass.OPEN, now)
    assert read(details.application_answer(view)) == read(details.application_details(view))


@pytest.mark.parametrize(
    ("values", "source"),
    [
        ({}, f"Read from Clust {AT}."),
        (
            {"note": "Clust didn't respond within 2 seconds."},
            "Last known data, 4 minutes ago. Clust didn't respond within 2 seconds.",
        ),
        (
            {"gone": True},
            "Last known data, 4 minutes ago. This application is no longer in Clust.",
        ),
    ],
)
def test_details_say_where_they_come_from(read: Read, now: datetime, values: dict[str, Any], source: str) -> None:
    """Fresh, stored with its age and the reason, or gone beside what was last seen (rule L1)."""
    view = ApplicationView(Application(id="5"), None, now, seen_at=now - timedelta(minutes=4), **values)
    assert read(details.application_answer(view)) == [
        "*Application 5*",
        "*Status*\nNot known yet",
        "*Application*\n#5",
        f"  {source}",
        "[Why this? card.more:why why 5]",
        *(["[More actions… card.more:actions actions 5]"] if not values.get("gone") else []),
    ]


@pytest.mark.parametrize(
    ("status", "status_class", "words"),
    [
        ("Pending", StatusClass.PENDING, "Pending"),
        ("7_signed", None, "7_signed (unknown status)"),
        (None, StatusClass.APPROVED, "approved"),
    ],
)
def test_a_status_is_said_with_its_class(
    read: Read, now: datetime, status: str | None, status_class: StatusClass | None, words: str
) -> None:
    """The class is added where Clust's words don't say it."""
    view = ApplicationView(Application(id="5", status=status), status_class, now)
    assert read(details.application_answer(view))[1] == f"*Status*\n{words}"


def test_a_long_history_shows_its_end(read: Read, now: datetime) -> None:
    """Twenty events, and how many came before."""
    view = ApplicationView(Application(id="5"), None, now, [SeenEvent("late", now)] * 23)
    lines = read(details.application_answer(view))
    assert "3 earlier events" in lines
    assert sum(line.startswith("⏰ Late") for line in lines) == 20


def test_a_modal_opens_before_anything_is_known(read: Read) -> None:
    """The loading view and a view of one sentence are modals that Slack takes."""
    assert read(details.loading_view("Application")) == ["Reading from Clust…"]
    assert read(details.message_view("Application", "There is no <application> `5_x`.")) == [
        "There is no &lt;application&gt; `5_x`."
    ]


@pytest.mark.parametrize(
    ("status_class", "history", "words"),
    [
        (StatusClass.OPEN, [SeenEvent("late", NOW)], f"*Late since*\n{AT}"),
        (StatusClass.OPEN, [], "*Late*\nSince before I was connected"),
        (StatusClass.CLOSED, [SeenEvent("late", NOW)], "*Late*\nMarked as late in Clust, but finished"),
    ],
)
def test_details_say_how_long_it_is_late(
    read: Read, acme: Application, status_class: StatusClass, history: list[SeenEvent], words: str
) -> None:
    """C4: Clust's flag stays when the work is done, and is shown with why it doesn't count."""
    assert words in read(details.application_answer(ApplicationView(acme, status_class, NOW, history)))
