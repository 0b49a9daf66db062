"""The form of `/clust subscribe`, as Mei opens and submits it."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.interaction import Interaction
from bot.sandbox.slack.views import View
from bot.slack.views.building import ids
from tests.slack.conftest import RunningBot


async def opened(bot: RunningBot, channel: str = "onboarding", *words: str) -> View:
    """Type `/clust subscribe` and wait until the form is filled."""
    await bot.ask("subscribe", channel=channel)
    await bot.window("mei", "the last 14 days", *words)
    view = bot.slack.views.of(bot.slack.workspace.member.id)
    assert view
    return view


async def opened_whole(bot: RunningBot, channel: str = "onboarding") -> View:
    """Open the form and its *More options*."""
    await bot.slack.click(await opened(bot, channel), ids.MORE_OPTIONS, value="", user="mei")
    await bot.window("mei", "Time zone")
    view = bot.slack.views.of(bot.slack.workspace.member.id)
    assert view
    return view


async def sent(bot: RunningBot, view: View, **values: Any) -> Interaction:
    """Submit the form."""
    exchange = await bot.slack.submit(view, values)
    bot.exchanges.append(exchange)
    assert exchange.status == 200
    return exchange
