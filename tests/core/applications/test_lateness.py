"""What is late for people (fault C4)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.core.applications.lateness import lateness
from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import Snapshot, detect
from bot.core.filters.language import Facts, parse

NOW = datetime(2026, 2, 10, 12, 0, tzinfo=UTC)
LATE = {
    (None, True): True,
    (StatusClass.OPEN, True): True,
    (StatusClass.PENDING, True): True,
    (StatusClass.SUBMITTED, True): True,
    (StatusClass.APPROVED, True): False,
    (StatusClass.CLOSED, True): False,
    (StatusClass.APPROVED, None): False,
    (StatusClass.CLOSED, False): False,
    (StatusClass.OPEN, False): False,
    (StatusClass.OPEN, None): None,
    (None, None): None,
}


@pytest.mark.parametrize(("status_class", "flag"), list(LATE))
def test_finished_work_is_not_late(status_class: StatusClass | None, flag: bool | None) -> None:
    """C4: approved and closed applications are not late, whatever Clust flags, and lists and filters agree."""
    application, late = Application(id="1", is_late=flag), LATE[status_class, flag]
    assert lateness(application, status_class) is late
    assert Snapshot(application, status_class).is_late is (late is True)
    facts = Facts(application, status_class)
    assert parse("late:yes").matches(facts, NOW, UTC) is (late is True)
    assert parse("late:no").matches(facts, NOW, UTC) is (late is False)
    assert parse("-late:yes").matches(facts, NOW, UTC) is (late is not True)


def test_the_event_follows_the_flag() -> None:
    """Rule C4: reopening announces nothing a second time, since the flag has not changed."""
    application = Application(id="1", is_late=True)
    closed, opened = Snapshot(application, StatusClass.CLOSED), Snapshot(application, StatusClass.OPEN)
    assert detect(closed, opened)[1] == ()
    assert [event.trigger for event in detect(None, closed)[1]] == ["created", "late"]
