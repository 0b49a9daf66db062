"""Ages and days in filters (rule F2)."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.applications.model import Application
from bot.core.filters.language import Facts, parse
from bot.core.filters.moments import moment_reader
from tests.core.filters.examples import NOW, wants

CREATED = moment_reader("created", lambda application: application.created_at)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("created:<7d", True),
        ("created:<1w", True),
        ("created:>5d", True),
        ("created:>7d", False),
        ("updated:<=60m", True),
        ("updated:<60m", False),
        ("updated:>=1h", True),
        ("updated:today", True),
        ("updated:yesterday", False),
        ("created:2026-02-05", True),
        ("created:2026-02-04", False),
        ("created:>2026-02-04", True),
        ("created:>2026-02-05", False),
        ("created:>=2026-02-05", True),
        ("created:<2026-02-05", False),
        ("created:<=2026-02-05", True),
        ("created:<yesterday", True),
        ("created:<9999-12-31", True),
    ],
)
def test_an_age_or_a_day(text: str, kept: bool) -> None:
    """An age counts back from now. A day begins and ends at midnight in the zone of the person who asks."""
    assert wants(text) is kept


@pytest.mark.parametrize(
    ("text", "canonical"),
    [("< 7D", "<7d"), ("<14d", "<14d"), ("<2w", "<14d"), (">90m", ">90m"), (">120m", ">2h"), ("=today", "today")],
)
def test_one_value_has_one_canonical_text(text: str, canonical: str) -> None:
    """The largest unit that gives a whole number, without spaces."""
    value = CREATED(text)
    assert value
    assert value.text == canonical


@pytest.mark.parametrize("text", ["7d", "=7d", "<7y", "<", "", "2026-02-30", "tomorrow", "<1234567d"])
def test_what_is_neither_an_age_nor_a_day(text: str) -> None:
    """An age needs `<` or `>`: nothing is exactly seven days old."""
    assert CREATED(text) is None


@pytest.mark.parametrize(("hours", "kept"), [(13, False), (14, True), (37, True), (38, False)])
def test_yesterday_is_the_day_before(hours: float, kept: bool) -> None:
    """From midnight to midnight, where the asker is. NOW is 13:00 there."""
    application = Application(id="1", updated_at=NOW - timedelta(hours=hours))
    assert wants("updated:yesterday", Facts(application, None, "")) is kept


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
def test_the_ends_of_time_are_days_too(moment: str, zone: str) -> None:
    """A date that some system writes for "never" is compared like any other (F2)."""
    facts = Facts(Application.model_validate({"id": 1, "created_at": moment}), None)
    assert parse("created:<2026-01-01").matches(facts, NOW, ZoneInfo(zone)) is moment.startswith("0")
    assert parse("created:>7d").matches(facts, NOW, ZoneInfo(zone)) is moment.startswith("0")
