"""What a person may see comes from what is stored, for everything that shows channels (D1)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.check_schedule import NextCheck
from bot.core.notifications.channel_facts import ChannelFacts
from bot.core.permissions import Workspace
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.sandbox.slack.workspace import Channel
from bot.slack.entry import home
from bot.slack.listeners.admin.status import report
from bot.slack.request.services import Request
from bot.slack.request.visibility_cache import CACHED_FOR, MAX_ASKED, Visibility, VisibilityCache
from bot.slack.views.admin.status_troubles import StatusReport
from bot.slack.web_api.notifier import SlackNotifier
from bot.slack.web_api.rate_limits import MethodLimiter
from bot.store import Store
from bot.store.notifications.check_schedule import CHANNEL, VIEWER
from tests.conftest import Clock
from tests.slack.conftest import RunningBot, Start
from tests.slack.entry.test_home import home_with, opened

LOOKS = 12
"""Of a Home that is open for a minute."""

ASKING = ("conversations.info", "conversations.members", "users.conversations")


def lookups(slack: SandboxSlack) -> int:
    """Return how often Slack was asked about channels and their members."""
    return sum(len(slack.called(method)) for method in ASKING)


async def reopened(bot: RunningBot, user: str) -> None:
    """Open a person's Home tab, and wait until it was published again."""
    published = len(bot.slack.called("views.publish"))
    await bot.slack.open_home(user=user)
    await bot.slack.wait_for(lambda: len(bot.slack.called("views.publish")) > published)


async def no() -> bool:
    """No one is an admin here."""
    return False


async def yes() -> bool:
    """Everyone is one."""
    return True


@pytest.fixture
async def visibility_cache(store: Store, clock: Clock) -> AsyncIterator[tuple[VisibilityCache, SandboxSlack]]:
    """What Mei may know of, and a sandbox Slack on the test's clock."""
    async with SandboxSlack(clock=lambda: clock().timestamp()) as slack, aiohttp.ClientSession() as session:
        people = slack.workspace
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])
        workspace = Workspace(people.bot.team_id, None, people.bot.id, "B1", "https://example.slack.com/")
        notifier = SlackNotifier(client, workspace, MethodLimiter(workspace.team_id, store.rate_limits, clock))
        yield VisibilityCache(workspace.team_id, store.check_schedule, notifier, clock), slack


def private(slack: SandboxSlack, name: str, *who: str) -> Channel:
    """Make a private channel that the bot is in, and these."""
    members = {slack.workspace.bot.id, *(slack.workspace.user(one).id for one in who)}
    return slack.workspace.add_channel(name, kind="private", members=members)


async def look(
    visibility_cache: tuple[VisibilityCache, SandboxSlack],
    channels: Sequence[Channel | str],
    user: str = "mei",
    *,
    refresh: bool = False,
) -> list[Visibility]:
    """Return what a person may see, in order."""
    ids = [one if isinstance(one, str) else one.id for one in channels]
    seen = await visibility_cache[0].of(visibility_cache[1].workspace.user(user).id, ids, no, refresh=refresh)
    return [seen[one] for one in ids]


async def test_what_everybody_and_some_may_know_of(visibility_cache: tuple[VisibilityCache, SandboxSlack]) -> None:
    """B5, D1: public channels for everyone. Private ones and direct messages for their members."""
    slack = visibility_cache[1]
    bot, mei, bruno = slack.workspace.bot.id, slack.workspace.member.id, slack.workspace.second_member.id
    group = slack.workspace.add_channel("mpdm-1", kind="mpim", members={bot, mei})
    places = [slack.workspace.general, private(slack, "deal", "mei"), slack.workspace.direct(bot, mei), group]
    assert await look(visibility_cache, places) == [Visibility.YES] * 4
    assert await look(visibility_cache, places, "bruno") == [Visibility.YES, *[Visibility.NO] * 3]
    seen = await visibility_cache[0].of(bruno, [one.id for one in places], yes, refresh=True)
    assert [seen[one.id] for one in places] == [Visibility.YES, Visibility.YES, Visibility.NO, Visibility.NO]


async def test_many_look_and_slack_is_asked_once(visibility_cache: tuple[VisibilityCache, SandboxSlack]) -> None:
    """D1: Slack is asked once about each channel, and once in ten minutes about each person."""
    places = [private(visibility_cache[1], f"deal-{number}", "mei") for number in range(MAX_ASKED)]
    for _ in range(LOOKS):
        for user in ("mei", "bruno"):
            await look(visibility_cache, places, user)
    assert lookups(visibility_cache[1]) == MAX_ASKED + 2


async def test_not_known_is_not_no(visibility_cache: tuple[VisibilityCache, SandboxSlack], clock: Clock) -> None:
    """D1: while Slack is rate limited, new channels are unknown, and stored ones stay as they are."""
    slack = visibility_cache[1]
    joined = private(slack, "deal", "mei")
    assert await look(visibility_cache, [joined]) == [Visibility.YES]
    other = private(slack, "other", "mei")
    for method in ASKING:
        slack.rate_limit_method(method, 30)
    assert await look(visibility_cache, [joined, other], refresh=True) == [Visibility.YES, Visibility.UNKNOWN]
    assert await look(visibility_cache, [joined, slack.workspace.general], "bruno") == [Visibility.UNKNOWN] * 2
    clock.forward(CACHED_FOR.total_seconds())
    assert await look(visibility_cache, [joined, other, slack.workspace.general]) == [Visibility.YES] * 3


async def test_not_knowing_what_a_conversation_is_shows_it_to_no_admin(
    visibility_cache: tuple[VisibilityCache, SandboxSlack], store: Store, clock: Clock
) -> None:
    """B5, W1: what Slack never called a channel may be a direct message of several, which is theirs alone."""
    slack = visibility_cache[1]
    bot, bruno = slack.workspace.bot.id, slack.workspace.second_member.id
    group = slack.workspace.add_channel("mpdm-1", kind="mpim", members={bot, slack.workspace.member.id})
    place = private(slack, "deal", "mei")
    team_id = slack.workspace.bot.team_id
    for one in (group, place):
        await store.check_schedule.keep(
            team_id, CHANNEL, NextCheck(one.id, clock()), clock(), {"problem": None, "is_shared": False}
        )
        assert not await visibility_cache[0].is_channel(one.id)
    seen = await visibility_cache[0].of(bruno, [group.id, place.id], yes, refresh=True)
    assert set(seen.values()) == {Visibility.NO}
    for one, is_channel in ((group, False), (place, True)):
        facts = ChannelFacts(None, is_public=False, is_direct=None if is_channel else True).kept()
        await store.check_schedule.keep(team_id, CHANNEL, NextCheck(one.id, clock()), clock(), facts)
        assert await visibility_cache[0].is_channel(one.id) is is_channel
    seen = await visibility_cache[0].of(bruno, [group.id, place.id], yes, refresh=True)
    assert [seen[group.id], seen[place.id]] == [Visibility.NO, Visibility.YES]


async def test_what_is_kept_runs_out(visibility_cache: tuple[VisibilityCache, SandboxSlack], clock: Clock) -> None:
    """D1: the cache expires, so permissions never come from long ago."""
    slack = visibility_cache[1]
    place = private(slack, "deal", "mei")
    assert await look(visibility_cache, [place]) == [Visibility.YES]
    place.members.discard(slack.workspace.member.id)
    assert await look(visibility_cache, [place], refresh=True) == [Visibility.NO]
    place.members.add(slack.workspace.member.id)
    clock.forward(CACHED_FOR.total_seconds())
    assert await look(visibility_cache, [place]) == [Visibility.YES]
    slack.fail_next("users.conversations", "internal_error")
    clock.forward(CACHED_FOR.total_seconds())
    assert await look(visibility_cache, [place]) == [Visibility.UNKNOWN]


async def test_a_home_that_is_open_for_a_minute_asks_nothing(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """D1: an open Home tab makes no calls, however many channels it shows, and still follows changes."""
    monkeypatch.setattr(home, "LOOK_EVERY_SECONDS", 0.02)
    monkeypatch.setattr(home, "MIN_UPDATE_INTERVAL", timedelta())
    bot = await start()
    await bot.baseline()
    place = bot.slack.workspace.onboarding
    for number in range(4):
        place = private(bot.slack, f"deal-{number}", "mei", "adrien")
        await bot.say("subscribe late", channel=place)
    looks: list[str] = []

    async def counted(request: Request, *, refresh: bool = True) -> StatusReport:
        looks.append(request.user_id)
        bot.slack.state.changes.publish("workspace")
        return await report(request, refresh=refresh)

    monkeypatch.setattr(home, "report", counted)
    for user in ("mei", "adrien"):
        await opened(bot, user, place.id)
    before, count = lookups(bot.slack), len(looks)
    await bot.slack.wait_for(lambda: len(looks) >= count + 2 * LOOKS)
    bot.account.make_late(1)
    await home_with(bot, "mei", "Late since")
    assert lookups(bot.slack) == before


async def test_all_subscriptions_are_listed_without_a_call_for_each(start: Start) -> None:
    """D1: one call says what the person is in, and if Slack can't say, the list says so."""
    bot = await start()
    await bot.baseline()
    places = [private(bot.slack, f"deal-{number}", "mei") for number in range(4)]
    for place in places:
        await bot.say("subscribe late", channel=place)
    await bot.say("subscriptions all")
    before = lookups(bot.slack)
    answer = (await bot.say("subscriptions all")).text
    assert lookups(bot.slack) - before <= 1
    assert all(place.id in answer for place in places)
    bot.slack.fail_next("users.conversations", "internal_error", times=5)
    unknown = (await bot.say("subscriptions all", user="bruno")).text
    assert "Some channels may be missing " in unknown
    assert not any(place.id in unknown for place in places)


async def test_a_person_who_leaves_a_channel_no_longer_sees_it(start: Start) -> None:
    """D1: Slack's event clears the cache."""
    bot = await start()
    await bot.baseline()
    place = private(bot.slack, "deal", "mei", "bruno")
    await bot.say("subscribe late", channel=place)
    await opened(bot, "bruno", place.id)
    await bot.slack.leave(place, "bruno")
    bruno = bot.slack.workspace.second_member.id
    while place.id in json.dumps(bot.slack.views.homes[bruno].sent):
        await reopened(bot, "bruno")
    assert "No channel is subscribed yet" in json.dumps(bot.slack.views.homes[bruno].sent)


async def test_a_home_says_what_it_could_not_find_out(start: Start) -> None:
    """D1: what is unknown is said in words, and corrected by itself."""
    bot = await start()
    await bot.baseline()
    place = private(bot.slack, "deal", "mei")
    await bot.say("subscribe late", channel=place)
    bot.slack.fail_next("users.conversations", "internal_error")
    view = await opened(bot, "mei", "Some channels may be missing ")
    assert "No channel is subscribed yet" not in json.dumps(view.sent)
    await opened(bot, "mei", place.id)


async def test_what_nobody_looks_at_any_more_is_removed(
    visibility_cache: tuple[VisibilityCache, SandboxSlack], store: Store, clock: Clock
) -> None:
    """What is stored about a person is removed after a day without use."""
    await look(visibility_cache, [private(visibility_cache[1], "deal", "mei")])
    await store.check_schedule.forget_viewers(clock())
    team_id = visibility_cache[1].workspace.bot.team_id
    assert await store.check_schedule.observations(team_id, VIEWER)
    await store.check_schedule.forget_viewers(clock.forward(86_400))
    assert not await store.check_schedule.observations(team_id, VIEWER)
