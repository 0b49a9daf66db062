"""The answer of `status`."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.core.applications.model import StatusClass
from bot.slack.views.admin.accounts import AccountLine
from bot.slack.views.admin.status import StatusReport, Trouble, status_report

Read = Callable[[Any], list[str]]


def test_all_is_well_in_four_lines(read: Read, now: datetime) -> None:
    """How old the data is, what there is, what waits, when Clust is read next."""
    report = StatusReport(
        now=now,
        clust_reachable=True,
        poll_interval=60,
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


def test_everything_wrong_has_its_remedy(read: Read, now: datetime) -> None:
    """The gravest first, each with what to do."""
    report = StatusReport(
        now=now,
        clust_reachable=False,
        poll_interval=90,
        last_read_at=now - timedelta(minutes=12),
        classes={StatusClass.OPEN: 80, None: 3},
        unknown_codes={"7_signed": 3},
        waiting=12,
        held={"limit": 4, "channel": 2, "mute": 1},
        subscriptions=1,
        held_channels={"C1": "not_in_channel"},
        trouble=[Trouble("Clust refused the API token.", "Set `CLUST_API_TOKEN`.")],
        pace_note="Slowed: Clust allows 60 requests a minute.",
        suspended="5 of 120 applications are left.",
    )
    assert read(status_report(report)) == [
        "🔴 *Clust is unreachable.* Updated 12 minutes ago.",
        "83 applications: 80 open, 3 with an unknown status",
        (
            "1 subscription · 12 notifications waiting · on hold: 4 over their subscription's limit, "
            "2 for channels that don't accept messages, 1 muted"
        ),
        "⚠️ Posting is suspended. 5 of 120 applications are left.",
        (
            "*What to do:* An admin needs to answer the question I sent by direct message: "
            "continue, or take a new baseline."
        ),
        "⚠️ Clust refused the API token.",
        "*What to do:* Set `CLUST_API_TOKEN`.",
        "⚠️ <#C1> is on hold. I'm not in the channel.",
        "*What to do:* Type `/invite @Clust` there.",
        "⚠️ Unknown statuses: `7_signed` (3). I can't detect their events.",
        (
            "*What to do:* An admin can set what they mean on Clust's Home tab, or the person who runs the bot in "
            "`CLUST_STATUS_RULES`."
        ),
        "  Trying again at least once a minute · Slowed: Clust allows 60 requests a minute.",
    ]


def test_before_anything_was_read(read: Read, now: datetime) -> None:
    """Not asked yet, and answering but not read to the end."""
    first = read(status_report(StatusReport(now, None, 60)))
    assert first[0] == "⏳ *Reading Clust for the first time.*"
    assert first[1:3] == ["0 applications", "0 subscriptions · nothing waiting"]
    reading = read(status_report(StatusReport(now, clust_reachable=True, poll_interval=60)))
    silent = read(status_report(StatusReport(now, clust_reachable=False, poll_interval=60)))
    assert silent[0] == "🔴 *Clust is unreachable.* Nothing is lost. I'll keep trying and catch up."
    assert reading[0] == "🟢 *Clust is responding.* Reading it for the first time."


def test_a_check_that_does_not_come_is_not_well(read: Read, now: datetime) -> None:
    """C7: a process that died is noticed by whoever asks, long before admins are told that nobody polls."""
    report = StatusReport(now, clust_reachable=True, poll_interval=60, last_read_at=now - timedelta(minutes=3))
    lines = read(status_report(report))
    assert lines[0] == "🟡 *The next check of Clust is overdue.* Updated 3 minutes ago."
    assert "⚠️ Clust should have been checked again by now. The process that does so may have stopped." in lines
    assert any(line.startswith("*What to do:* Wait a few minutes. Nothing is lost.") for line in lines)


def test_an_unsettled_post_names_its_channel(read: Read, now: datetime) -> None:
    """A2: where it is unclear whether something was posted, since when, and that nothing is to be done."""
    report = StatusReport(now, clust_reachable=True, poll_interval=60, last_read_at=now, unsettled={"C1": now})
    lines = read(status_report(report))
    assert lines[0] == "🟡 *Clust is responding.* Updated just now."
    assert lines[-3] == "⚠️ I can't confirm yet whether a notification reached <#C1>. I sent it just now."
    many = replace(report, unsettled={f"C{number}": now - timedelta(hours=2) for number in range(7)})
    lines = read(status_report(many))
    assert any("<#C0>. I sent it 2 hours ago." in line for line in lines)
    assert "⚠️ The same goes for 2 more channels." in lines


def test_trouble_without_end_fits(read: Read, now: datetime) -> None:
    """A hundred of each kind is cut to what Slack takes, and counted."""
    report = StatusReport(
        now=now,
        clust_reachable=True,
        poll_interval=60,
        last_read_at=now,
        unknown_codes={f"{'<' * 90}{number}": 1 for number in range(100)},
        held={f"{'&' * 90}{number}": 1 for number in range(100)},
        held_channels={f"C{number}": "weird" * 50 for number in range(100)},
        trouble=[Trouble("<" * 1000, "&" * 1000)] * 100,
        suspended="*" * 1000,
        pace_note="_" * 1000,
    )
    lines = read(status_report(report))
    assert lines[0] == "🟡 *Clust is responding.* Updated just now."
    assert "⚠️ 95 more channels are on hold." in lines
    assert any("90 more. I can't detect" in line for line in lines)


HELD = [{}, {"limit": 44}, {"schedule": 3}, {"mute": 2, "replay": 1}, {"flood": 44}, {"channel": 7}, {"new": 1}]
BOOLEANS = [False, True]


@pytest.mark.parametrize("held", HELD, ids=lambda held: ",".join(held) or "none")
@pytest.mark.parametrize("reachable", [None, False, True])
@pytest.mark.parametrize("stalled", BOOLEANS)
def test_the_lines_never_contradict_each_other(
    read: Read, now: datetime, held: dict[str, int], reachable: bool | None, stalled: bool
) -> None:
    """C7: every combination of what status shows; Home says the same, since it has the same lines."""
    others = itertools.product([0, 12], [{}, {"C1": "is_archived"}], BOOLEANS, BOOLEANS, BOOLEANS, BOOLEANS)
    for waiting, channels, unclear, suspended, trouble, elsewhere in others:
        accounts = [AccountLine(1, "default", None, "", now), AccountLine(2, "emea", None, "", now, "refused")]
        report = StatusReport(
            now,
            clust_reachable=reachable,
            poll_interval=60,
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
    """C7: nobody reads anything then."""
    report = StatusReport(now, None, 60, has_account=False, trouble=[Trouble("None is connected.", "Connect one.")])
    lines = read(status_report(report))
    assert lines[0] == "🔴 *No Clust account is connected.*"
    assert lines[-1] == "  Nothing is reading Clust right now"
