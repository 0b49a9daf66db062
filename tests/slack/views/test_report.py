"""A report with charts, and the same as words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.core.applications.model import Application
from bot.core.language import speaking
from bot.core.reports.figures import Figures, Overdue, StepDuration, Week
from bot.sandbox.slack.block_kit.plain_text import lines
from bot.sandbox.slack.block_kit.validation import validate_message
from bot.slack.views.building.blocks import Message
from bot.slack.views.report import Report, report_message
from bot.wiring.translation_catalogues import read_languages

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
FIGURES = Figures(
    classes={"open": 1200, "approved": 1, "unknown": 2},
    late=1,
    weeks=(
        Week(start=date(2026, 11, 16), counts={"created": 3, "submitted": 2, "approved": 1}),
        Week(start=date(2026, 11, 23), counts={"created": 1}),
    ),
    steps=(
        StepDuration(trigger="submitted", median_days=3.5, measured=2, unknown=1),
        StepDuration(trigger="approved", unknown=2),
    ),
    overdue=(Overdue(id="7", since=NOW - timedelta(days=3)), Overdue(id="8")),
    since=NOW - timedelta(days=9),
)
ACME, BIRCH = Application(id="7", title="Acme"), Application(id="8", title="Birch")
REPORT = Report(
    FIGURES, NOW, 2, "Europe/Lisbon", ((ACME, NOW - timedelta(days=3)), (BIRCH, None)), read_at=NOW, can_share=True
)


def read(message: Message) -> list[str]:
    """Return the lines of a message that Slack takes."""
    assert validate_message(message.payload()) == []
    return lines(message.payload())


def test_charts_and_a_table() -> None:
    """Statuses as a pie, weeks as bars and a table, then the steps and what is overdue longest."""
    text = read(report_message(REPORT))
    assert text[:6] == [
        "📊 Report for the last 2 weeks",
        "1,203 applications · ⏰ 1 late",
        "[chart: Applications by status]",
        "  Open: 1200",
        "  Approved: 1",
        "  Unknown: 2",
    ]
    assert text[6:11] == [
        "[chart: Created and approved by week]",
        "  Created Nov 16: 3",
        "  Created Nov 23: 1",
        "  Approved Nov 16: 1",
        "  Approved Nov 23: 0",
    ]
    assert text[11:15] == [
        "[table: By week]",
        "  Week of | Created | Submitted | Approved",
        "  Nov 16 | 3 | 2 | 1",
        "  Nov 23 | 1 | 0 | 0",
    ]
    assert text[15:18] == [
        "How long each step takes",
        (
            "From created to submitted: 3.5 days (median of 2 applications). 1 application isn't counted, because I "
            "didn't see this step begin."
        ),
        (
            "From submitted to approved: not known yet. 2 applications aren't counted, because I didn't see this step "
            "begin."
        ),
    ]
    assert text[18] == "Longest overdue"
    assert text[19].startswith("• Acme · late since ")
    assert text[20] == "• Birch · late since before I was connected"
    assert "Events since" in text[21]
    assert "Time zone: Europe/Lisbon." in text[21]
    assert text[-1] == "[Share here]"


def test_the_fallback_says_the_same_as_words() -> None:
    """Where Slack has no charts. The same text is what notifications and screen readers get."""
    message = report_message(REPORT)
    assert message.fallback
    text = "\n".join(read(message.fallback))
    assert "• Open: 1,200\n• Approved: 1\n• Unknown: 2" in text
    assert "Week of  Created  Submitted  Approved\nNov 16         3          2         1" in text
    assert "3.5 days (median" in text
    assert text.endswith("[Share here]")
    assert message.text == message.fallback.text


def test_a_report_without_data_has_no_charts() -> None:
    """Without applications or events there are sentences, and no chart of nothing."""
    empty = replace(
        REPORT,
        figures=Figures(classes={}, weeks=(Week(start=date(2026, 11, 23), counts={}),)),
        overdue=(),
        weeks=1,
        read_at=None,
    )
    text = read(report_message(empty))
    assert text[:2] == ["📊 Report for this week", "No applications yet."]
    assert not any(line.startswith("[chart") for line in text)
    assert any("There's no data about events yet." in line for line in text)
    no_match = replace(empty, filter_text="title:x", explained="title x")
    assert "No applications match." in read(report_message(no_match))


def test_a_shared_report_says_by_whom_and_has_no_button() -> None:
    """Everyone reads it, also of which account it is, and what the filter couldn't judge."""
    shared = replace(
        REPORT,
        figures=FIGURES.model_copy(update={"left_out": 4}),
        filter_text="late:yes",
        explained="late",
        account="emea",
        shared_by="U1",
        can_share=False,
    )
    text = read(report_message(shared))
    assert text[:2] == ["📊 Report for the last 2 weeks · emea", "Filter: late"]
    assert "Shared by U1" in text[-1] or "Shared by @U1" in text[-1]
    assert "The filter can't be checked for 4 applications" in text[-1]


def test_a_filter_with_personal_data_asks_before_it_is_shared() -> None:
    """And one that is too long for a button can't be shared."""
    named = report_message(replace(REPORT, filter_text="ana@example.com"))
    assert "confirm" in named.blocks[-1]["elements"][0]
    assert report_message(replace(REPORT, filter_text="x" * 2000)).blocks[-1]["type"] == "context"


def test_a_report_of_the_most_weeks_fits_into_a_message() -> None:
    """Twenty weeks are twenty points, and text within Slack's limits."""
    weeks = tuple(
        Week(start=date(2026, 7, 6) + timedelta(weeks=number), counts={"created": 10**6, "approved": 10**6})
        for number in range(20)
    )
    message = report_message(replace(REPORT, figures=FIGURES.model_copy(update={"weeks": weeks}), weeks=20))
    read(message)
    assert message.fallback
    assert sum(line.startswith(("Jul", "Aug", "Sep", "Oct", "Nov")) for line in read(message.fallback)) == 20


def test_numbers_are_written_as_the_reader_writes_them() -> None:
    """In sentences and in the list of statuses."""
    with speaking(read_languages().of("fr")):
        text = report_message(REPORT).text
    assert "3,5\u00a0j (médiane sur 2 dossiers)" in text
    assert "• Ouvert\u00a0: 1\u202f200" in text
