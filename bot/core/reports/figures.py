"""The figures of a report, from events and states of applications. Pure.

What is unknown is counted as unknown: a status that no rule knows, or a step whose beginning the bot didn't see.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from bot.core.applications.model import StatusClass

USUAL_WEEKS, MAX_WEEKS = 8, 20
"""Weeks of a report, the present one among them. A chart has at most 20 points (Slack: data visualization block)."""

MAX_OVERDUE = 5
"""Applications that are named because they have been late for longest."""

COUNTED = ("created", "submitted", "approved")
"""The triggers that are counted by week."""

STEPS: Mapping[str, str] = {"submitted": "created", "approved": "submitted"}
"""The trigger that ends each step, and the one that begins it."""

UNKNOWN = "unknown"
"""Stands for the class of a status that no rule knows."""

_WEEK = timedelta(weeks=1)
_HOURS_A_DAY = 24


class EventFact(NamedTuple):
    """What figures need of an event."""

    application_id: str
    trigger: str
    occurrence: int
    seen_at: datetime


class DayTotal(NamedTuple):
    """How often a trigger happened on one day in UTC, and how many hours the step took that it ended, without ids.

    `hours` maps whole hours to how many steps took so long. `unknown` steps have no known beginning.
    """

    day: date
    trigger: str
    number: int
    hours: Mapping[int, int]
    unknown: int


class _Figure(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Week(_Figure):
    """One week, which begins on a Monday: how often each trigger of COUNTED happened."""

    start: date
    counts: Mapping[str, int]


class StepDuration(_Figure):
    """How long a step took that ended within the weeks: half of those that are `measured` took no longer.

    `trigger` ends it. None: no duration is known. `unknown` is the number of steps without a known beginning.
    """

    trigger: str
    median_days: float | None = None
    measured: int = 0
    unknown: int = 0


class Overdue(_Figure):
    """An application that is late, and since when. None: since before the bot's baseline."""

    id: str
    since: datetime | None = None


class Figures(_Figure):
    """All figures of one report.

    `classes` counts applications by the word of their class, or UNKNOWN. `since` is when the data begins, None if there
    is none yet. `left_out` applications could not be judged by the filter.
    """

    classes: Mapping[str, int]
    late: int = 0
    weeks: tuple[Week, ...] = ()
    steps: tuple[StepDuration, ...] = ()
    overdue: tuple[Overdue, ...] = ()
    since: datetime | None = None
    left_out: int = 0

    @property
    def total(self) -> int:
        """The number of applications."""
        return sum(self.classes.values())


def class_word(status_class: StatusClass | None) -> str:
    """Return the key of a class in `Figures.classes`."""
    return status_class.word if status_class else UNKNOWN


def last_weeks(now: datetime, zone: tzinfo, count: int) -> list[date]:
    """Return the Mondays of the last `count` weeks in a zone, oldest first. The present week is the last one."""
    monday = monday_of(now.astimezone(zone).date())
    return [monday - number * _WEEK for number in range(count - 1, -1, -1)]


def monday_of(day: date) -> date:
    """Return the first day of a day's week."""
    return day - timedelta(days=day.weekday())


def median_days(hours: Mapping[int, int]) -> float | None:
    """Return the median in days, with one decimal. `hours` maps durations to how many there are."""
    number = sum(hours.values())
    if not number:
        return None
    middle = ((number - 1) // 2, number // 2)
    passed, sides = 0, list[int]()
    for duration in sorted(hours):
        passed += hours[duration]
        sides += [duration for place in middle[len(sides) :] if place < passed]
    return round(sum(sides) / len(sides) / _HOURS_A_DAY, 1)


class StepTimer:
    """Measures how long steps took. Feed it all events of the applications, oldest first."""

    def __init__(self) -> None:
        self._begun: defaultdict[str, dict[str, datetime]] = defaultdict(dict)

    def ended(self, fact: EventFact) -> tuple[bool, int | None]:
        """Return whether an event ends a step, and how many whole hours that took, or None if its beginning is unknown.

        The first submission ends the way from *created*. Each approval ends the way from the last submission before it.
        """
        begun, begins_with = self._begun[fact.application_id], STEPS.get(fact.trigger)
        began_at = begun.pop(begins_with, None) if begins_with else None
        if fact.trigger in STEPS.values():
            begun[fact.trigger] = fact.seen_at
        if begins_with is None or (fact.trigger == "submitted" and fact.occurrence > 1):
            return False, None
        if began_at is None or began_at > fact.seen_at:
            return True, None
        return True, round((fact.seen_at - began_at) / timedelta(hours=1))


class Tally:
    """Counts events by week and measures steps. Feed it all events, oldest first, and the totals of older days.

    `weeks` are those of `last_weeks`. Events before `events_from`, a day in UTC, are in the totals: they are measured
    as beginnings of steps, but not counted again.
    """

    def __init__(self, weeks: Sequence[date], zone: tzinfo, events_from: date | None = None) -> None:
        self._zone, self._events_from = zone, events_from
        self._counts = {week: Counter[str]() for week in weeks}
        self._first, self._last = weeks[0], weeks[-1]
        self._hours = {trigger: Counter[int]() for trigger in STEPS}
        self._unknown = Counter[str]()
        self._timer = StepTimer()

    def add(self, fact: EventFact) -> None:
        """Count an event."""
        is_end, hours = self._timer.ended(fact)
        if self._events_from and fact.seen_at.astimezone(UTC).date() < self._events_from:
            return
        # A clock that was set back makes events of the future: they belong to the present week.
        week = min(monday_of(fact.seen_at.astimezone(self._zone).date()), self._last)
        if fact.trigger not in COUNTED or week < self._first:
            return
        self._counts[week][fact.trigger] += 1
        if is_end and hours is None:
            self._unknown[fact.trigger] += 1
        elif hours is not None:
            self._hours[fact.trigger][hours] += 1

    def add_total(self, total: DayTotal) -> None:
        """Count what was kept of a day whose events may be gone. Days are those of UTC."""
        week = monday_of(total.day)
        if week not in self._counts or total.trigger not in COUNTED:
            return
        if self._events_from is None or total.day >= self._events_from:
            return
        self._counts[week][total.trigger] += total.number
        if total.trigger in STEPS:
            self._hours[total.trigger].update(total.hours)
            self._unknown[total.trigger] += total.unknown

    def weeks(self, since: datetime) -> tuple[Week, ...]:
        """Return the weeks, oldest first, without those that ended before there was data. The present one is in it."""
        first = min(monday_of(since.astimezone(self._zone).date()), self._last)
        return tuple(
            Week(start=start, counts={name: counts[name] for name in COUNTED})
            for start, counts in self._counts.items()
            if start >= first
        )

    def steps(self) -> tuple[StepDuration, ...]:
        """Return the steps in their order."""
        return tuple(
            StepDuration(
                trigger=trigger,
                median_days=median_days(hours),
                measured=hours.total(),
                unknown=self._unknown[trigger],
            )
            for trigger, hours in self._hours.items()
        )


class DayTally:
    """Counts events by day in UTC, for totals. Feed it all events, oldest first.

    Days up to `after` (None: none) have their totals already, and those after `until` aren't over.
    """

    def __init__(self, after: date | None, until: date) -> None:
        self._after, self._until = after or date.min, until
        self._counts = Counter[tuple[date, str]]()
        self._unknown = Counter[tuple[date, str]]()
        self._hours: defaultdict[tuple[date, str], Counter[int]] = defaultdict(Counter)
        self._timer = StepTimer()

    def add(self, fact: EventFact) -> None:
        """Count an event."""
        is_end, took = self._timer.ended(fact)
        day = fact.seen_at.astimezone(UTC).date()
        if fact.trigger not in COUNTED or not self._after < day <= self._until:
            return
        self._counts[day, fact.trigger] += 1
        if took is not None:
            self._hours[day, fact.trigger][took] += 1
        elif is_end:
            self._unknown[day, fact.trigger] += 1

    def totals(self) -> list[DayTotal]:
        """Return the totals of the days on which something happened."""
        return [
            DayTotal(day, trigger, number, dict(self._hours.get((day, trigger), {})), self._unknown[day, trigger])
            for (day, trigger), number in self._counts.items()
        ]
