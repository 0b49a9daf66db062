"""The answer of `status`."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.core.applications.model import StatusClass
from bot.slack.views.admin.accounts import AccountLine
from bot.slack.views.admin.status import status_report
from bot.slack.views.admin.status_troubles import StatusReport, Trouble

Read = Callable[[Any], list[str]]


def test_all_is_well_in_four_lines(read: Read, now: datetime) -> None:
    """How old the data is, what there is, what waits, when Clust is read next."""
    report = StatusReport(
        now=now,
        clust_reachable=True,
        poll_interval=timedelta(seconds=60),
        last_read_at=now - timedelta(seconds=40),
        next_poll_at=now + timedelta(seconds=20),
        classes={StatusClass.APPROVED: 1200, StatusClass.OPEN: 80, StatusClass.CLOSED: 0},
        late=7,
        subscriptions=3,
    )
    assert read(status_report(report)) == [
        "🟢 *All is well.* Updated 40 seconds ago.",
        "1,280 applications: 80 open, 1,200 approved · 7 late",
        "3 subscriptions · nothing waiting",
        "  Checks Clust every minute · next check in 20 seconds",
    ]


def test_before_anything_was_read(read: Read, now: datetime) -> None:
    """Not asked yet, and answering but not read to the end."""
    first = read(status_report(StatusReport(now, None, timedelta(seconds=60))))
    assert first[0] == "⏳ *Reading Clust for the first time.*"
    assert first[1:3] == ["0 applications", "0 subscriptions · nothing waiting"]
    reading = read(status_report(StatusReport(now, clust_reachable=True, poll_interval=timedelta(seconds=60))))
    silent = read(status_report(StatusReport(now, clust_reachable=False, poll_interval=timedelta(seconds=60))))
    assert silent[0] == "🔴 *I can't read Clust right now.* Nothing is lost. I'll keep trying and catch up."
    assert reading[0] == "🟢 *Clust is responding.* Reading it for the first time."


HELD = [{}, {"limit": 44}, {"schedule": 3}, {"mute": 2, "replay": 1}, {"flood": 44}, {"channel": 7}, {"new": 1}]
BOOLEANS = [False, True]


@pytest.mark.parametrize("held", HELD, ids=lambda held: ",".join(held) or "none")
@pytest.mark.parametrize("reachable", [None, False, True])
@pytest.mark.parametrize("stalled", BOOLEANS)
def test_the_lines_never_contradict_each_other(
    read: Read, now: datetime, held: dict[str, int], reachable: bool | None, stalled: bool
) -> None:
    """C7: every combination of what status shows. Home says the same, since it has the same lines."""
    others = itertools.product([0, 12], [{}, {"C1": "is_archived"}], BOOLEANS, BOOLEANS, BOOLEANS, BOOLEANS)
    for waiting, channels, unclear, suspended, trouble, elsewhere in others:
        accounts = [AccountLine(1, "default", None, "", now), AccountLine(2, "emea", None, "", now, "refused")]
        report = StatusReport(
            now,
            clust_reachable=reachable,
            poll_interval=timedelta(seconds=60),
            last_read_at=now,
            waiting=waiting,
            held=held,
            held_channels=channels,
            unsettled={"C2": now} if unclear else {},
            trouble=[Trouble("Something.", "Do it.")] if trouble else (),
            suspended="half is gone" if suspended else None,
            accounts=accounts if elsewhere else (),
            account="default",
            stalled=stalled,
        )
        lines = read(status_report(report))
        text, listed = "\n".join(lines), any(line.startswith("⚠️") for line in lines)
        assert ("🔴" in lines[0]) is (stalled or reachable is False)
        assert (
            ("All is well" in text) is (lines[0].startswith("🟢")) is (reachable is True and not stalled and not listed)
        )
        assert ("nothing waiting" in text) is (not waiting and not held)
        needs = {"flood", "channel", "new"} & set(held) or channels or unclear or suspended or trouble or elsewhere
        assert listed is bool(needs)
        assert text.count("What to do") == sum(line.startswith("⚠️") for line in lines)
        assert "Checks Clust" not in text or lines[0][0] != "🔴"


def test_without_an_account_it_does_not_say_that_clust_is_being_read(read: Read, now: datetime) -> None:
    """C7: no one reads anything then."""
    report = StatusReport(
        now, None, timedelta(seconds=60), has_account=False, trouble=[Trouble("None is connected.", "Connect one.")]
    )
    lines = read(status_report(report))
    assert lines[0] == "🔴 *No Clust account is connected.*"
    assert lines[-1] == "  Nothing is reading Clust right now"
