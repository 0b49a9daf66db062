"""The Home tab in the real app: published on opening, by its button and on changes, without asking Clust."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bot.sandbox.slack.views import View
from bot.slack.entry import home
from bot.slack.listeners.admin.status import report
from bot.slack.request.services import Request
from bot.slack.views.admin.status_troubles import StatusReport
from bot.store.engine.tables import applications
from tests.slack.conftest import RunningBot, Start


async def opened(bot: RunningBot, user: str = "mei", *words: str) -> View:
    """Open a person's Home tab and wait until it shows all of `words`."""
    await bot.slack.open_home(user=user)
    return await home_with(bot, user, *words)


async def home_with(bot: RunningBot, user: str, *words: str) -> View:
    """Wait until a person's Home tab shows all of `words`."""
    who = bot.slack.workspace.user(user).id

    def there() -> View | None:
        view = bot.slack.views.homes.get(who)
        return view if view and all(word in json.dumps(view.sent, ensure_ascii=False) for word in words) else None

    view = await bot.slack.wait_for(there)
    assert view
    return view


async def test_opening_it_shows_how_things_stand_without_asking_clust(idle_bot: RunningBot) -> None:
    """A new user is welcomed once, and guests are shown nothing."""
    before = len(idle_bot.account.requests)
    first = await opened(idle_bot, "bruno", "Welcome!", "3 applications", "Nothing is late")
    assert "For admins" not in json.dumps(first.sent)
    await idle_bot.say("status", user="bruno")
    again = await opened(idle_bot, "bruno", "3 applications")
    await idle_bot.slack.wait_for(lambda: "Welcome" not in json.dumps(idle_bot.slack.views.homes[again.user].sent))
    await opened(idle_bot, "adrien", "For admins", "No issues")
    guest = await opened(idle_bot, "gustav", "Clust is for members")
    assert "Acme" not in json.dumps(guest.sent)
    assert len(idle_bot.account.requests) == before


async def test_unknown_lateness_is_not_shown_as_none_late(start: Start) -> None:
    """C2: if Clust's list has no lateness, Home and `status` don't claim that nothing is late."""
    bot = await start(poll_interval=3600)
    bot.account.faults.list_without = frozenset({"is_late"})
    await bot.baseline()
    gap = "I can't check 3 applications, because Clust's list doesn't include the late flag."
    await opened(bot, "mei", f"I don't know of any late applications. {gap}")
    assert gap in (await bot.say("status")).text


async def test_admins_check_from_it(idle_bot: RunningBot) -> None:
    """C1: *Check now* is for admins. Its answer comes in a window, and the tab is redrawn."""
    assert "Check now" not in json.dumps((await opened(idle_bot, "mei", "New application")).sent)
    view = await opened(idle_bot, "adrien", "Check now")
    published = len(idle_bot.slack.called("views.publish"))
    await idle_bot.press(view, "Check now", user="adrien")
    assert "3 applications" in await idle_bot.window("adrien", "✅ Clust responded")
    await idle_bot.slack.wait_for(lambda: len(idle_bot.slack.called("views.publish")) > published)


async def test_its_buttons_open_windows(idle_bot: RunningBot) -> None:
    """Details and New application open windows, and Refresh redraws the tab."""
    await idle_bot.say("subscribe late")
    idle_bot.account.make_late(1)
    view = await opened(idle_bot, "mei", "Manage", "New application")
    await idle_bot.slack.click(view, "New application", user="mei")
    await idle_bot.window("mei", "first_name")
    form = idle_bot.slack.views.of(idle_bot.slack.workspace.member.id)
    assert form
    await idle_bot.slack.close_view(form, everything=True)
    await idle_bot.slack.click(view, "Manage", user="mei")
    await idle_bot.window("mei", "Subscribe a channel", "#onboarding")
    published = len(idle_bot.slack.called("views.publish"))
    await idle_bot.slack.click(view, "Refresh", user="mei")
    await idle_bot.slack.wait_for(lambda: len(idle_bot.slack.called("views.publish")) > published)


async def test_it_follows_changes_at_most_once_a_minute_for_ten_minutes(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new late application appears by itself."""
    monkeypatch.setattr(home, "LOOK_EVERY_SECONDS", 0.05)
    monkeypatch.setattr(home, "MIN_UPDATE_INTERVAL", timedelta(seconds=0.2))
    bot = await start()
    await bot.baseline()
    await opened(bot, "mei", "Nothing is late")
    bot.account.make_late(1)
    view = await home_with(bot, "mei", "Acme", "Late since")
    await bot.slack.click(view, "Details", user="mei")
    await bot.window("mei", "Read from Clust")


async def test_an_admin_says_what_a_status_means(bot: RunningBot) -> None:
    """B3: stored applications are reclassified, nothing is announced, and a member is refused."""
    await bot.say("subscribe all")
    bot.account.change(1, status="7_signed", status_string="Signed by all")
    view = await opened(bot, "adrien", "For admins")
    await bot.status("7_signed")
    view = await opened(bot, "adrien", "`7_signed`")
    await bot.slack.click(view, "status.classify", value="submitted 7_signed", user="adrien")
    await home_with(bot, "adrien", "No issues")
    await bot.status("1 submitted", "All is well")
    (row,) = await bot.rows(applications.select().where(applications.c.id == "1"))
    assert row["unknown_status"] is None
    assert bot.slack.messages("onboarding") == []
    assert "7_signed means submitted" in (await bot.say("audit", user="adrien")).text
    bot.account.submit(2)
    await bot.posted("onboarding", "Birch")


async def test_one_home_that_fails_stops_no_other(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """A8: an unforeseen error in one Home tab stops no other, and is tried again at its next turn."""
    monkeypatch.setattr(home, "LOOK_EVERY_SECONDS", 0.05)
    monkeypatch.setattr(home, "MIN_UPDATE_INTERVAL", timedelta(seconds=0.1))
    bot = await start()
    await bot.baseline()
    for user in ("mei", "adrien"):
        await opened(bot, user, "Nothing is late")
    broken = [bot.slack.workspace.member.id]

    async def failing(request: Request, *, refresh: bool = True) -> StatusReport:
        if request.user_id in broken:
            raise KeyError("a surprise")
        return await report(request, refresh=refresh)

    monkeypatch.setattr(home, "report", failing)
    bot.account.make_late(1)
    await home_with(bot, "adrien", "Late since")
    broken.clear()
    await home_with(bot, "mei", "Late since")
