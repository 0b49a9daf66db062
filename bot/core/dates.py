"""Days and times of day in words, and read from what people type: what is shown can be typed again.

A moment is shown by `bot.slack.views.building.mrkdwn.date`, which lets Slack write it in each reader's own zone.
"""

from __future__ import annotations

import re
from datetime import date, time
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time

from bot.core.language import current
from bot.core.typed_text import fold

_MONTH_AND_DAY = re.compile(r"(?P<month>[^\W\d_]+)\.? (?P<day>[0-9]{1,2})(?:st|nd|rd|th)?(?:,? (?P<year>[0-9]{4}))?")
_DAY_AND_MONTH = re.compile(r"(?P<day>[0-9]{1,2})\.? (?P<month>[^\W\d_]+)\.?(?:,? (?P<year>[0-9]{4}))?")


def day_in_words(day: date) -> str:
    """Return a day as in `Nov 24, 2026`."""
    return format_date(day, "medium", locale=current().formats)


def day_of_week_in_words(day: date) -> str:
    """Return a day of this year as in `Tue, Nov 24`."""
    return str(format_skeleton("MMMEd", day, locale=current().formats))


def time_in_words(at: time) -> str:
    """Return a time of day as in `9:00 AM`."""
    return format_time(at, "short", locale=current().formats).replace("\u202f", " ")


def read_day(text: str, today: date | None = None) -> date | None:
    """Parse a day such as `2026-11-24`, `Nov 24, 2026` or `24 November 2026`, or None if it isn't one.

    Months may be in English or in the current language. A day without a year is the next one from `today` on, and
    None without `today`.
    """
    typed = fold(text)
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", typed):
            return date.fromisoformat(typed)
        parts = _MONTH_AND_DAY.fullmatch(typed) or _DAY_AND_MONTH.fullmatch(typed)
        month = _months(current().formats).get(parts["month"]) if parts else None
        if parts is None or month is None:
            return None
        if parts["year"]:
            return date(int(parts["year"]), month, int(parts["day"]))
        return _next(month, int(parts["day"]), today) if today else None
    except ValueError:
        return None


def _next(month: int, day: int, today: date) -> date:
    """Return the next date with this month and day, from `today` on. Raises ValueError if there is none."""
    return date(today.year + ((month, day) < (today.month, today.day)), month, day)


@lru_cache(maxsize=32)
def _months(locale: str) -> dict[str, int]:
    """Return the numbers of months by their names and abbreviations, in English and in the language of `locale`."""
    names = (
        (fold(name).rstrip("."), number)
        for language in ("en", locale)
        for width in ("wide", "abbreviated")
        for number, name in Locale.parse(language).months["format"][width].items()
    )
    return {**dict(names), "sept": 9}
