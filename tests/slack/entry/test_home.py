"""The Home tab in the real app: published on opening, by its button and on changes, without asking Clust."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bot.sandbox.slack.views import View
from bot.slack.entry import home
from bot.slack.listeners.admin.status import report
from bot.slack.request.services import Request
from bot.slack.views.admin.status import StatusReport
from bot.store.engine.tables import applications
from tests.slack.conftest import Start, World


async def opened(world: World, user: str = "mei", *words: str) -> View:
    """Open a person's Home tab and wait until it shows all of `words`."""
    await world.slack.open_home(user=user)
    return await shown(world, user, *words)


async def shown(world: World, user: str, *words: str) -> View:
    """Wait until a person's Home tab shows all of `words`."""
    who = world.slack.workspace.user(user).id

    def there() -> View | None:
        view = world.slack.views.homes.get(who)
        return view if view and all(word in json.dumps(view.sent, ensure_ascii=False) for word in words) else None

    view = await world.slack.wait_for(there, timeout=15)
    assert view
    return view


async def test_opening_it_shows_how_things_stand_without_asking_clust(calm: World) -> None:
    """A new user is welcomed once; guests are shown nothing."""
    before = len(calm.account.requests)
    first = await opened(calm, "bruno", "Welcome!", "3 applications", "Nothing is late")
    assert "For admins" not in json.dumps(first.sent)
    await calm.say("status", user="bruno")
    again = await opened(calm, "bruno", "3 applications")
    await calm.slack.wait_for(lambda: "Welcome" not in json.dumps(calm.slack.views.homes[again.user].sent))
    await opened(calm, "adrien", "For admins", "No issues")
    guest = await opened(calm, "gustav", "Clust is for members")
    assert "Acme" not in json.dumps(guest.sent)
    assert len(calm.account.requests) == before


async def test_lateness_that_nobody_tells_is_not_none(start: Start) -> None:
    """C2: if Clust's list has no lateness, Home and `status` don't claim that nothing is late."""
    world = await start(poll_interval=3600)
    world.account.faults.list_without = frozenset({"is_late"})
    await world.baseline()
    gap = "I can't tell for 3 applications, because Clust's list doesn't include whether they're late."
    await opened(world, "mei", f"I don't know of any late applications. {gap}")
    assert gap in (await world.say("status")).text


async def test_admins_check_from_it(calm: World) -> None:
    """C1: *Check now* is for admins; its answer comes in a window, and the tab is redrawn."""
    assert "Check now" not in json.dumps((await opened(calm, "mei", "New application")).sent)
    view = await opened(calm, "adrien", "Check now")
    published = len(calm.slack.called("views.publish"))
    await calm.press(view, "Check now", user="adrien")
    assert "3 applications" in await calm.window("adrien", "✅ Clust responded")
    await calm.slack.wait_for(lambda: len(calm.slack.called("views.publish")) > published)


async def test_its_buttons_open_windows(calm: World) -> None:
    """Details and New application open windows; Refresh redraws the tab."""
    await calm.say("subscribe late")
    calm.account.make_late(1)
    view = await opened(calm, "mei", "Manage", "New application")
    await calm.slack.click(view, "New application", user="mei")
    await calm.window("mei", "first_name")
    form = calm.slack.views.of(calm.slack.workspace.member.id)
    assert form
    await calm.slack.close_view(form, everything=True)
    await calm.slack.click(view, "Manage", user="mei")
    await calm.window("mei", "Subscribe a channel", "#onboarding")
    published = len(calm.slack.called("views.publish"))
    await calm.slack.click(view, "Refresh", user="mei")
    await calm.slack.wait_for(lambda: len(calm.slack.called("views.publish")) > published)


async def test_it_follows_changes_at_most_once_a_minute_for_ten_minutes(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new late application appears by itself."""
    monkeypatch.setattr(home, "LOOK_EVERY_SECONDS", 0.05)
    monkeypatch.setattr(home, "AT_MOST_EVERY", timedelta(seconds=0.2))
    world = await start()
    await world.baseline()
    await opened(world, "mei", "Nothing is late")
    world.account.make_late(1)
    view = await shown(world, "mei", "Acme", "late since")
    await world.slack.click(view, "Details", user="mei")
    await world.window("mei", "Read from Clust")


async def test_an_admin_says_what_a_status_means(world: World) -> None:
    """B3: stored applications are reclassified, nothing is announced, and a member is refused."""
    await world.say("subscribe all")
    world.account.change(1, status="7_signed", status_string="Signed by all")
    view = await opened(world, "adrien", "For admins")
    await world.status("7_signed")
    view = await opened(world, "adrien", "`7_signed`")
    await world.slack.click(view, "status.classify", value="submitted 7_signed", user="adrien")
    await shown(world, "adrien", "No issues")
    await world.status("1 submitted", "All is well")
    (row,) = await world.rows(applications.select().where(applications.c.id == "1"))
    assert row["unknown_status"] is None
    assert world.slack.messages("onboarding") == []
    assert "7_signed means submitted" in (await world.say("audit", user="adrien")).text
    world.account.submit(2)
    await world.posted("onboarding", "Birch")


async def test_one_home_that_fails_stops_no_other(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """A8: an unforeseen error in one Home tab stops no other, and is tried again at its next turn."""
    monkeypatch.setattr(home, "LOOK_EVERY_SECONDS", 0.05)
    monkeypatch.setattr(home, "AT_MOST_EVERY", timedelta(seconds=0.1))
    world = await start()
    await world.baseline()
    for user in ("mei", "adrien"):
        await opened(world, user, "Nothing is late")
    broken = [world.slack.workspace.member.id]

    async def failing(request: Request, *, anew: bool = True) -> StatusReport:
        if request.user_id in broken:
            raise KeyError("a surprise")
        return await report(request, anew=anew)

    monkeypatch.setattr(home, "report", failing)
    world.account.make_late(1)
    await shown(world, "adrien", "late since")
    broken.clear()
    await shown(world, "mei", "late since")
