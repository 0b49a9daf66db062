"""The select of channels finds each that the bot is in, however many there are."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack.stand_in import SandboxSlack
from bot.slack.request.bot_channels import CACHED_FOR, MAX_CHANNELS, MAX_PAGES, BotChannels
from tests.conftest import Clock

METHOD = "users.conversations"


@pytest.fixture
async def client(slack: SandboxSlack) -> AsyncIterator[AsyncWebClient]:
    """A client that repeats nothing, and the bot is in more channels than one search reads."""
    for number in range(MAX_PAGES * MAX_CHANNELS):
        slack.workspace.add_channel(f"deal-{number}", members={slack.workspace.bot.id})
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])


async def test_a_search_reads_on_where_the_one_before_stopped(
    slack: SandboxSlack, client: AsyncWebClient, clock: Clock
) -> None:
    """T0: each page is read once, a search reads a few, and what was found is found again without asking."""
    channels = BotChannels()
    last = slack.workspace.add_channel("the-last", members={slack.workspace.bot.id})
    first = await channels.all(client, "T1", clock())
    assert len(first) == MAX_PAGES * MAX_CHANNELS
    assert last.id in {one.id for one in await channels.all(client, "T1", clock())}
    await channels.all(client, "T1", clock())
    assert len(slack.called(METHOD)) == MAX_PAGES + 1
    new = slack.workspace.add_channel("brand-new", members={slack.workspace.bot.id})
    clock.forward(CACHED_FOR.total_seconds())
    await channels.all(client, "T1", clock())
    complete = await channels.all(client, "T1", clock())
    assert new.id in {one.id for one in complete}


@pytest.mark.parametrize("code", ["ratelimited", "internal_error", "invalid_cursor"])
async def test_a_page_that_fails_takes_away_nothing(
    slack: SandboxSlack, client: AsyncWebClient, clock: Clock, code: str
) -> None:
    """T0: what was found before stays, and the next search reads on, or starts again where Slack forgot the place."""
    channels = BotChannels()
    count = len(await channels.all(client, "T1", clock()))
    slack.fail_next(METHOD, code)
    assert len(await channels.all(client, "T1", clock())) == count
    await channels.all(client, "T1", clock())
    complete = await channels.all(client, "T1", clock())
    bot = slack.workspace.bot.id
    assert len(complete) == sum(bot in one.members for one in slack.workspace.channels.values()) > count
