"""What a subscription would have posted lately."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import Event
from bot.core.filters.language import parse
from bot.core.filters.unknown_values import Gap
from bot.core.notifications.subscription_preview import Preview
from bot.slack.views.channels.subscription_form import explained

NOW = datetime(2026, 3, 5, 23, 30, tzinfo=UTC)


def event(number: int, trigger: str = "late", title: str = "Acme") -> Event:
    """Return an event of an open application."""
    return Event(trigger, 1, Application(id=str(number), title=title), StatusClass.OPEN)


def test_what_matches_is_counted_by_the_days_of_the_place() -> None:
    """Half past eleven in London is the next day in Paris, and the samples are the newest three."""
    preview = Preview(("late",), parse("title:acme"), "default", ZoneInfo("Europe/Paris"))
    for number in range(5):
        preview.count(event(number), NOW - timedelta(days=number // 3))
    preview.count(event(9, "created"), NOW)
    preview.count(event(10, title="Birch"), NOW)
    assert preview.total == 5
    assert preview.busiest == (date(2026, 3, 6), 3)
    assert [one.application.id for one in preview.samples] == ["2", "3", "4"]


def test_nothing_matches() -> None:
    """Then there is no busiest day."""
    preview = Preview(("late",), parse(""), "default", UTC)
    assert (preview.total, preview.busiest, preview.samples) == (0, None, [])


def test_events_that_can_not_be_judged_are_counted() -> None:
    """C2: the preview says of how many events it is not known whether they would have been posted, and why."""
    preview = Preview(("late",), parse("missing:>0"), "default", UTC)
    preview.count(event(1), NOW)
    preview.count(event(2, "created"), NOW)
    assert preview.unjudged.gap() == Gap(1, ("the number of missing items",))
    unjudged = "I can't check 1 application, because Clust's list doesn't include the number of missing items."
    assert unjudged in explained(preview)
