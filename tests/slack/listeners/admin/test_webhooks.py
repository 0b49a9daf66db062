"""Clust calls the bot about applications created with *Send webhooks to this bot*, and no one sees the secret."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from bot.store.engine.tables import audit
from tests.slack.conftest import RunningBot, Start
from tests.slack.listeners.windows import needed, opened, text_of, window_with, written

BASE = "https://bot.example"


@pytest.fixture
async def called_bot(start: Start) -> RunningBot:
    """A bot that Clust can call, and that polls no more after its baseline."""
    bot = await start(public_url=BASE, secret_key=Fernet.generate_key().decode(), poll_interval=3600)
    await bot.baseline()
    return bot


async def created(bot: RunningBot, **typed: Any) -> Any:
    """Create an application by the form, and return the webhook that Clust was given."""
    exchange = await bot.slack.submit(await opened(bot), needed(bot, **typed))
    assert exchange.view
    assert "Created" in text_of(exchange.view)
    return written(bot)[-1][2].get("webhook")


async def called(bot: RunningBot, url: str, body: bytes) -> int:
    """Call the bot as Clust does, and return the status."""
    address = f"http://127.0.0.1:{bot.settings.port}{url.removeprefix(BASE)}"
    async with aiohttp.ClientSession() as session, session.post(address, data=body) as response:
        return response.status


async def test_a_webhook_makes_a_notification_appear(called_bot: RunningBot) -> None:
    """From the form to the channel, though the next poll is an hour away. `status` and `webhook` say that one came."""
    bot = called_bot
    await bot.say("subscribe submitted")
    assert "no webhook from Clust yet" in (await bot.say("status")).text
    assert "No webhook received yet" in (await bot.say("webhook", user="adrien")).text
    webhook = await created(bot, title="Acme", webhook_to_bot="1")
    assert webhook["events"] == ["created", "late", "submitted", "pending submission", "approved"]
    bot.account.submit(4)
    assert await called(bot, webhook["url"], b'{"event": "submitted", "data": {"id": 4}}') == 200
    await bot.posted("onboarding", "Submitted")
    assert "last webhook" in (await bot.say("status")).text
    answer = (await bot.say("webhook", user="adrien")).text
    assert "Last webhook received" in answer
    assert f"{BASE}/clust/hook/•••" in answer


async def test_nobody_sees_the_secret(called_bot: RunningBot) -> None:
    """Neither in what the console shows, nor in the form of an update, nor in what an update has changed."""
    bot = called_bot
    webhook = await created(bot, webhook_to_bot="1", webhook_events=["late"])
    assert webhook["events"] == ["late"]
    secret = webhook["url"].rpartition("/")[2]
    answer = await bot.say("api GET /dossiers/4", user="adrien")
    assert "/clust/hook/•••" in str(answer.blocks)
    await bot.ask("update 4")
    view = await window_with(bot, "first_name")
    assert "The current value isn't shown" in str(view.sent)
    exchange = await bot.slack.submit(view, {"webhook_url": "https://example.com/clust", "title": "New"})
    assert exchange.view
    assert "https://example.com/clust" in text_of(exchange.view)
    assert secret not in str([call.arguments for call in bot.slack.calls])
    assert secret not in str(await bot.rows(sa.select(audit)))


async def test_an_admin_replaces_the_secret(called_bot: RunningBot) -> None:
    """New applications get the new one, and the old one still works.

    Members can't do it. A word that isn't an argument is named.
    """
    bot = called_bot
    old = await created(bot, webhook_to_bot="1")
    assert "Sorry, only admins" in (await bot.say("webhook rotate")).text
    assert "`webhook rotate`" in (await bot.say("webhook again", user="adrien")).text
    assert "has a new secret" in (await bot.say("webhook rotate", user="adrien")).text
    new = await created(bot, webhook_to_bot="1")
    assert new["url"] != old["url"]
    for webhook in (old, new):
        assert await called(bot, webhook["url"], b"id=1") == 200
    assert await called(bot, f"{BASE}/clust/hook/{'x' * 43}", b"id=1") == 404
    rows = [row for row in await bot.rows(sa.select(audit)) if row["action"] == "webhook"]
    assert [(row["outcome"], row["detail"]) for row in rows] == [("ok", "default")]


async def test_without_public_url_no_webhook_is_offered(idle_bot: RunningBot) -> None:
    """Without PUBLIC_URL the form has no *Send webhooks to this bot*, and `webhook` says what is missing."""
    view = await opened(idle_bot)
    assert "webhook_to_bot" not in str(view.sent)
    assert "PUBLIC_URL" in (await idle_bot.say("webhook", user="adrien")).text
    assert "webhook" not in (await idle_bot.say("status")).text


async def test_webhooks_can_be_switched_off(start: Start) -> None:
    """CLUST_HOOKS=off: no address, nothing offered, nothing said."""
    bot = await start(public_url=BASE, secret_key=Fernet.generate_key().decode(), clust_hooks="OFF", poll_interval=3600)
    assert "webhook_to_bot" not in str((await opened(bot)).sent)
    assert await called(bot, f"{BASE}/clust/hook/{'x' * 43}", b"id=1") == 404
    assert "`CLUST_HOOKS=on`" in (await bot.say("webhook", user="adrien")).text
