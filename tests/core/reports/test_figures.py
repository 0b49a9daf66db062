"""Figures of a report: medians, weeks in a zone, and what is unknown counted as unknown."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.applications.model import StatusClass
from bot.core.reports.figures import (
    COUNTED,
    MAX_WEEKS,
    DayTally,
    DayTotal,
    EventFact,
    Figures,
    StepTimer,
    Tally,
    class_word,
    last_weeks,
    median_days,
)

LISBON = ZoneInfo("Europe/Lisbon")
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
"""A Wednesday. Its Monday is November 23."""
LONG_AGO = NOW - timedelta(days=1000)


def fact(trigger: str, days: float, application_id: str = "1", occurrence: int = 1) -> EventFact:
    """Return an event so many days before now."""
    return EventFact(application_id, trigger, occurrence, NOW - timedelta(days=days))


def tally_of(*facts: EventFact, weeks: int = 4, zone: str = "UTC") -> Tally:
    """Return a tally that was fed these events."""
    tally = Tally(last_weeks(NOW, ZoneInfo(zone), weeks), ZoneInfo(zone))
    for each in facts:
        tally.add(each)
    return tally


def totals_of(facts: Sequence[EventFact], after: date | None) -> list[DayTotal]:
    """Return the totals of the days after a day, up to yesterday."""
    tally = DayTally(after, NOW.date() - timedelta(days=1))
    for each in facts:
        tally.add(each)
    return tally.totals()


def test_weeks_without_events_are_rows_of_zeros() -> None:
    """There is a row for each week, and no median is invented."""
    tally = tally_of()
    assert [week.counts for week in tally.weeks(LONG_AGO)] == [dict.fromkeys(COUNTED, 0)] * 4
    assert [(step.median_days, step.measured, step.unknown) for step in tally.steps()] == [(None, 0, 0)] * 2
    assert Figures(classes={}).total == 0


def test_one_application_on_its_way() -> None:
    """Created, submitted after 6 days, approved 3 days later."""
    tally = tally_of(fact("created", 10), fact("late", 9), fact("submitted", 4), fact("approved", 1))
    assert [(step.trigger, step.median_days, step.measured) for step in tally.steps()] == [
        ("submitted", 6.0, 1),
        ("approved", 3.0, 1),
    ]
    assert [week.start for week in tally.weeks(LONG_AGO)] == [date(2026, 11, 2 + 7 * number) for number in range(4)]
    assert [week.counts["created"] for week in tally.weeks(LONG_AGO)] == [0, 1, 0, 0]
    assert sum(week.counts["approved"] for week in tally.weeks(LONG_AGO)) == 1


def test_a_step_without_its_beginning_is_unknown() -> None:
    """Created before the bot was there, or straight from open to approved."""
    tally = tally_of(fact("submitted", 4), fact("approved", 1, "2"))
    assert [(step.median_days, step.measured, step.unknown) for step in tally.steps()] == [(None, 0, 1)] * 2


def test_coming_up_again_is_measured_from_the_last_submission() -> None:
    """A second submission is no second way from *created*, and the approval counts from it."""
    tally = tally_of(
        fact("created", 12),
        fact("submitted", 10),
        fact("submitted", 3, occurrence=2),
        fact("approved", 1),
        fact("approved", 0.5, occurrence=2),
    )
    submitted, approved = tally.steps()
    assert (submitted.median_days, submitted.measured, submitted.unknown) == (2.0, 1, 0)
    assert (approved.median_days, approved.measured, approved.unknown) == (2.0, 1, 1)


def test_a_clock_that_was_set_back_makes_no_negative_duration() -> None:
    """An end before its beginning is unknown, and an event of the future belongs to the present week."""
    tally = tally_of(fact("created", 1), fact("submitted", 2), fact("created", -30, "2"))
    assert tally.steps()[0].unknown == 1
    assert tally.weeks(LONG_AGO)[-1].counts["created"] == 2


def test_weeks_are_those_of_the_zone() -> None:
    """Sunday evening in UTC is Monday in Auckland."""
    sunday = EventFact("1", "created", 1, datetime(2026, 11, 22, 22, tzinfo=UTC))
    assert [week.counts["created"] for week in tally_of(sunday).weeks(LONG_AGO)] == [0, 0, 1, 0]
    assert [week.counts["created"] for week in tally_of(sunday, zone="Pacific/Auckland").weeks(LONG_AGO)] == [
        0,
        0,
        0,
        1,
    ]


def test_weeks_follow_a_change_of_the_clocks() -> None:
    """The week in which the clocks go back in Lisbon has an hour more, and still begins on a Monday at midnight."""
    mondays = last_weeks(datetime(2026, 10, 26, 0, 30, tzinfo=UTC), LISBON, 2)
    assert mondays == [date(2026, 10, 19), date(2026, 10, 26)]
    tally = Tally(mondays, LISBON)
    tally.add(EventFact("1", "created", 1, datetime(2026, 10, 18, 23, 30, tzinfo=UTC)))
    tally.add(EventFact("2", "created", 1, datetime(2026, 10, 25, 23, 30, tzinfo=UTC)))
    assert [week.counts["created"] for week in tally.weeks(LONG_AGO)] == [2, 0]


def test_what_is_older_than_the_weeks_still_begins_steps() -> None:
    """Created ten weeks ago, submitted yesterday: the step is known, the week of its beginning isn't listed."""
    tally = tally_of(fact("created", 70), fact("submitted", 1))
    assert tally.steps()[0].measured == 1
    assert sum(week.counts["created"] for week in tally.weeks(LONG_AGO)) == 0


def test_weeks_before_there_was_data_are_left_out() -> None:
    """A week of zeros would say that nothing happened. The present week is always there."""
    tally = tally_of(fact("created", 1))
    assert [week.start.day for week in tally.weeks(NOW - timedelta(days=9))] == [16, 23]
    assert [week.start.day for week in tally.weeks(NOW + timedelta(days=9))] == [23]


def test_totals_take_the_place_of_events_that_are_gone() -> None:
    """Up to a day they count, from then on the events do: nothing is counted twice."""
    facts = [fact("created", 20), fact("submitted", 18), fact("created", 2, "2"), fact("submitted", 1, "2")]
    totals = totals_of(facts, None)
    expected = tally_of(*facts, weeks=6)
    mixed = Tally(last_weeks(NOW, UTC, 6), UTC, date(2026, 11, 20))
    for total in totals:
        mixed.add_total(total)
    for each in facts:
        mixed.add(each)
    assert (mixed.weeks(LONG_AGO), mixed.steps()) == (expected.weeks(LONG_AGO), expected.steps())


def test_totals_of_other_times_and_triggers_are_left_out() -> None:
    """A tally without a border takes no totals, nor one outside its weeks, nor a trigger that isn't counted."""
    border = date(2026, 11, 20)
    for day, trigger, from_day in (
        (date(2026, 11, 10), "created", None),
        (border, "created", border),
        (date(2025, 1, 1), "created", border),
        (date(2026, 11, 10), "late", border),
    ):
        tally = Tally(last_weeks(NOW, UTC, 4), UTC, from_day)
        tally.add_total(DayTotal(day, trigger, 5, {}, 0))
        assert sum(sum(week.counts.values()) for week in tally.weeks(LONG_AGO)) == 0


def test_totals_have_no_ids() -> None:
    """What is kept for longer is numbers alone, by day and trigger, and unknown ones among them."""
    facts = [fact("created", 5), fact("submitted", 1), fact("approved", 1, "9"), fact("late", 1), fact("created", 0)]
    day = (NOW - timedelta(days=1)).date()
    assert totals_of(facts, day) == []
    totals = totals_of(facts, day - timedelta(days=3))
    assert totals == [DayTotal(day, "submitted", 1, {96: 1}, 0), DayTotal(day, "approved", 1, {}, 1)]


@given(st.lists(st.integers(0, 2000), min_size=1, max_size=50))
def test_the_median_is_the_median(hours: list[int]) -> None:
    """Of a distribution as of a list."""
    assert median_days(Counter(hours)) == round(statistics.median(hours) / 24, 1)


def test_there_is_no_median_of_nothing() -> None:
    """None, and not zero."""
    assert median_days({}) is None


@pytest.mark.parametrize("count", [1, MAX_WEEKS])
def test_there_are_as_many_weeks_as_asked_for(count: int) -> None:
    """The last one is the present one."""
    weeks = last_weeks(NOW, UTC, count)
    assert (len(weeks), weeks[-1]) == (count, date(2026, 11, 23))


def test_an_unknown_class_has_a_word() -> None:
    """It is counted, not left out."""
    assert (class_word(StatusClass.OPEN), class_word(None)) == ("open", "unknown")


def test_figures_are_kept_as_json() -> None:
    """As they wait in the outbox."""
    tally = tally_of(fact("created", 10), fact("submitted", 4))
    figures = Figures(classes={"open": 2}, weeks=tally.weeks(LONG_AGO), steps=tally.steps(), since=NOW)
    assert Figures.model_validate_json(figures.model_dump_json()) == figures


def test_a_timer_measures_whole_hours() -> None:
    """Rounded, so that totals and events give the same median."""
    timer = StepTimer()
    timer.ended(EventFact("1", "created", 1, NOW))
    assert timer.ended(EventFact("1", "submitted", 1, NOW + timedelta(hours=1, minutes=40))) == (True, 2)
