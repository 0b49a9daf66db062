"""The problems that `status` lists, each with what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.core.applications.model import StatusClass
from bot.slack.views.admin.status import status_report
from bot.slack.views.admin.status_troubles import StatusReport, Trouble

Read = Callable[[Any], list[str]]


def test_everything_wrong_has_its_remedy(read: Read, now: datetime) -> None:
    """The gravest first, each with what to do."""
    report = StatusReport(
        now=now,
        clust_reachable=False,
        poll_interval=timedelta(seconds=90),
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
        "🔴 *I can't read Clust right now.* Updated 12 minutes ago.",
        "83 applications: 80 open, 3 with an unknown status",
        (
            "1 subscription · 12 notifications waiting · on hold: 4 over a subscription's limit, "
            "2 because a channel doesn't accept messages, 1 muted"
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
        "⚠️ Unknown status: `7_signed` (3). I can't detect its events.",
        (
            "*What to do:* An admin can choose the meaning on Clust's Home tab. The person who runs the bot can also "
            "set it in `CLUST_STATUS_RULES`."
        ),
        "  Trying again at least once a minute · Slowed: Clust allows 60 requests a minute.",
    ]


def test_a_check_that_does_not_come_is_not_well(read: Read, now: datetime) -> None:
    """C7: the process that looks notices one that died, long before admins hear that no one polls."""
    report = StatusReport(
        now, clust_reachable=True, poll_interval=timedelta(seconds=60), last_read_at=now - timedelta(minutes=3)
    )
    lines = read(status_report(report))
    assert lines[0] == "🟡 *The next check of Clust is overdue.* Updated 3 minutes ago."
    assert "⚠️ I should have checked Clust again by now. The worker process may have stopped or be stuck." in lines
    assert any(line.startswith("*What to do:* Wait a few minutes. Nothing is lost.") for line in lines)


def test_an_unsettled_post_names_its_channel(read: Read, now: datetime) -> None:
    """A2: where it is unclear whether something was posted, since when, and that nothing is to be done."""
    report = StatusReport(
        now, clust_reachable=True, poll_interval=timedelta(seconds=60), last_read_at=now, unsettled={"C1": now}
    )
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
        poll_interval=timedelta(seconds=60),
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
