"""Moments in the filter language: ages and days, in the zone of the user (rule F2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from bot.core.applications.model import Application
from bot.core.dates import day_in_words, read_day
from bot.core.filters import french_values
from bot.core.filters.regions import compared
from bot.core.filters.values import COMPARE, Facts, Reader, Value, is_unknown, signed
from bot.core.language import N_, _, ngettext

_DAY_WORDS = {
    "": N_("on {day}"),
    "<": N_("before {day}"),
    "<=": N_("on or before {day}"),
    ">": N_("after {day}"),
    ">=": N_("since {day}"),
}
_AGE_WORDS = {
    "<=": N_("at most {age} ago"),
    ">": N_("more than {age} ago"),
    ">=": N_("at least {age} ago"),
}
_MINUTES = {"m": 1, "h": 60, "d": 24 * 60, "w": 7 * 24 * 60}
_AGE_UNITS: Mapping[str, Callable[[int], str]] = {  # a week is said as 7 days
    "d": lambda count: ngettext("{count} day", "{count} days", count),
    "h": lambda count: ngettext("{count} hour", "{count} hours", count),
    "m": lambda count: ngettext("{count} minute", "{count} minutes", count),
}
_LAST: Mapping[str, Callable[[int], str]] = {  # what `<` says
    "d": lambda count: ngettext("in the last day", "in the last {count} days", count),
    "h": lambda count: ngettext("in the last hour", "in the last {count} hours", count),
    "m": lambda count: ngettext("in the last minute", "in the last {count} minutes", count),
}
_DAYS_AGO = {N_("today"): 0, N_("yesterday"): 1}


def moment_reader(subject: str, seen: Callable[[Application], datetime | None]) -> Reader:
    """Read an age or a day, in the user's zone (rule F2).

    `<7d` is the last seven days. A day is `>2026-01-31`, `>"Jan 31, 2026"` or `today`.
    """

    def read(text: str) -> Value | None:
        sign, rest = signed(text)
        if match := re.fullmatch(r"([0-9]{1,6})([mhdwj]|sem)", rest):
            unit = french_values.AGES.get(match[2], match[2])
            return _age(subject, seen, sign, int(match[1]) * _MINUTES[unit]) if sign else None
        return _day(subject, seen, sign, french_values.DAYS.get(rest, rest))

    return read


def _age(subject: str, seen: Callable[[Application], datetime | None], sign: str, minutes: int) -> Value:
    """Compare an age. Its canonical text uses the largest unit that gives a whole number."""
    age = timedelta(minutes=minutes)
    unit = next(each for each in _AGE_UNITS if minutes % _MINUTES[each] == 0)
    count = minutes // _MINUTES[unit]

    def passes(facts: Facts, now: datetime) -> bool:
        moment = seen(facts.application)
        return moment is not None and COMPARE[sign](now - moment, age)

    words = _LAST[unit](count) if sign == "<" else _(_AGE_WORDS[sign], age=_AGE_UNITS[unit](count))
    regions = (compared(f"{subject}/age", sign, minutes),)
    return Value(f"{sign}{count}{unit}", words, passes, is_unknown(seen), regions)


def _day(subject: str, seen: Callable[[Application], datetime | None], sign: str, text: str) -> Value | None:
    """Compare a day. `today` and `yesterday` move with the time."""
    fixed = None if text in _DAYS_AGO else read_day(text)
    if fixed is None and text not in _DAYS_AGO:
        return None

    def passes(facts: Facts, now: datetime) -> bool:
        moment = seen(facts.application)
        compared_day = fixed or now.date() - timedelta(days=_DAYS_AGO[text])
        return moment is not None and COMPARE[sign](_local_day(moment, now), compared_day)

    day = _(text) if fixed is None else _("{day}", day=day_in_words(fixed))
    words = day if fixed is None and not sign else _(_DAY_WORDS[sign], day=day)
    regions = (
        compared(f"{subject}/days-from-today", sign, -_DAYS_AGO[text])
        if fixed is None
        else compared(f"{subject}/day", sign, fixed.toordinal()),
    )
    return Value(sign + (text if fixed is None else fixed.isoformat()), words, passes, is_unknown(seen), regions)


def _local_day(moment: datetime, now: datetime) -> date:
    """Return the day of `moment` in the zone of `now`."""
    try:
        return moment.astimezone(now.tzinfo).date()
    except OverflowError:  # in the first or last year there is, which some systems write for "never"
        return moment.date()
