"""The Home tab: what it shows to each kind of reader, and that it fits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import Snapshot
from bot.core.permissions import Role
from bot.slack.views.admin.status_troubles import StatusReport, Trouble
from bot.slack.views.channels.subscriptions import SubscriptionView
from bot.slack.views.home import HomeView, home

Read = Callable[[Any], list[str]]
AT = "<!date^1772721000^{date_short_pretty} at {time}|Mar 5, 2:30 PM UTC>"
LINK = "<https://clust.example/dossiers/123?a=1&amp;b=2|Acme &amp; Sons> · Ana Silva"


@pytest.fixture
def report(now: datetime) -> StatusReport:
    """All is well."""
    classes: dict[StatusClass | None, int] = {StatusClass.OPEN: 12, StatusClass.APPROVED: 3}
    return StatusReport(
        now,
        clust_reachable=True,
        poll_interval=timedelta(seconds=30),
        last_read_at=now - timedelta(minutes=1),
        classes=classes,
        late=1,
        subscriptions=1,
    )


def test_an_editor_sees_how_things_stand(read: Read, report: StatusReport, acme: Application, now: datetime) -> None:
    """Counts, what is late longest, what they took, who follows what, and what can be done."""
    snapshot = Snapshot(acme, StatusClass.OPEN, assignee="U1")
    followed = [SubscriptionView(1, "C1", ["late"], "title contains “acme”")]
    view = HomeView(report, Role.EDITOR, [(snapshot, now), (snapshot, None)], [snapshot], followed, assigned_count=1)
    buttons = [
        "[Assign to… card.more:assign assign 123]",
        "[Details application.details 123]",
        "[Update application.update 123]",
        "[… card.more]",
    ]
    assert read(home(view)) == [
        "# Assigned to you (1)",
        LINK,
        "⏰ late · Ongoing · 4 of 7 items done · 👤 <@U1>",
        *buttons,
        "[See all command.run:mine:yes list mine:yes]",
        "# Late (1)",
        LINK,
        f"Late since {AT} · Ongoing · 4 of 7 items done · 👤 <@U1>",
        *buttons,
        LINK,
        "Late since before I was connected · Ongoing · 4 of 7 items done · 👤 <@U1>",
        *buttons,
        "[See all command.run:late:yes list late:yes]",
        "# Subscribed channels",
        "• <#C1> · *late* for applications that match: title contains “acme”",
        "[Manage home.manage C1]",
        "# Status",
        "🟢 *All is well.* Updated 1 minute ago.",
        "15 applications: 12 open, 3 approved · 1 late",
        "1 subscription · nothing waiting",
        "[New application application.create None]",
        "[Refresh home.refresh None]",
        "----",
        f"  As of {AT}. Updates live for 10 minutes after you open it.",
    ]


def test_what_needs_someone_is_listed_by_kind(read: Read, report: StatusReport, acme: Application) -> None:
    """Five of each at most, with how many there are. A part without any is left out."""
    rows = [Snapshot(acme, StatusClass.PENDING)] * 7
    lines = read(home(HomeView(report, Role.VIEWER, pending=rows, pending_count=1200)))
    assert "# Pending submission (1,200)" in lines
    assert lines.count(LINK) == 5
    assert "[See all command.run:status:pending list status:pending]" in lines
    assert not [line for line in lines if "Submitted" in line]
    assert "Nothing is assigned to you." in lines


def test_who_opens_it_first_is_shown_a_short_way_in(read: Read, report: StatusReport) -> None:
    """Three commands. A viewer isn't offered what they can't do."""
    lines = read(home(HomeView(report, Role.VIEWER, is_new=True)))
    assert lines[0].startswith(
        "👋 *Welcome!* In any channel, type `/clust subscribe late` to get a notification there whenever"
    )
    assert "[New application application.create None]" not in lines
    assert "Nothing is late. 🎉" in lines
    assert "No channel is subscribed yet. To start, type `/clust subscribe late` in a channel." in lines
    assert "# For admins" not in lines


def test_admins_see_what_is_wrong_and_say_what_unknown_statuses_mean(read: Read, now: datetime) -> None:
    """Each trouble with its remedy, and a select for each code. The value is class and code."""
    trouble = [Trouble("Clust refused the API token.", "Set one that works.")]
    report = StatusReport(
        now, clust_reachable=False, poll_interval=timedelta(seconds=30), trouble=trouble, unknown_codes={"7_signed": 4}
    )
    view = home(HomeView(report, Role.ADMIN, unknown_codes={"7_signed": 4, "x" * 101: 1}))
    lines = read(view)
    start = lines.index("# For admins")
    assert lines[start + 1 : start + 3] == ["⚠️ Clust refused the API token.", "*What to do:* Set one that works."]
    assert "`7_signed` · 4 applications" in lines
    (select,) = [one["accessory"] for one in view["blocks"] if one.get("accessory", {}).get("type") == "static_select"]
    assert [option["value"] for option in select["options"]] == [
        "open 7_signed",
        "pending 7_signed",
        "submitted 7_signed",
        "approved 7_signed",
        "closed 7_signed",
    ]


def test_nobody_is_shown_nothing(read: Read, report: StatusReport, acme: Application) -> None:
    """Guests and people from other organizations (rule W1)."""
    view = HomeView(report, Role.NOBODY, [(Snapshot(acme), None)])
    assert read(home(view)) == [
        "Clust is for members of this workspace. An admin can give you access with `/clust roles`."
    ]


def test_much_of_everything_fits(read: Read, now: datetime, acme: Application) -> None:
    """Slack takes it, and the rest is counted."""
    many = {f"{number}_{'x' * 90}": number for number in range(50)}
    report = StatusReport(
        now,
        clust_reachable=True,
        poll_interval=timedelta(seconds=30),
        late=500,
        unknown_codes=many,
        held_channels={f"C{n}": "x" for n in many},
    )
    late = [(Snapshot(acme), None)] * 10
    followed = [SubscriptionView(1, "C1", ["late"], "x" * 500)] * 30
    lines = read(home(HomeView(report, Role.ADMIN, late, [Snapshot(acme)] * 10, followed, many, assigned_count=30)))
    assert {"# Late (500)", "# Assigned to you (30)"} < set(lines)
    assert {"  … and 20 more: `/clust subscriptions all`", "  … and 40 more"} < set(lines)
