"""The stand-in for Clust calls webhooks as Clust does, by what is known: once for each event that one wants."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from bot.sandbox.clust.stand_in import SandboxClust
from bot.sandbox.clust.webhooks import WebhookCall, Webhooks

URL = "https://bot.example/clust/hook/secret"
EVENTS = ["created", "late", "submitted", "pending submission", "approved"]


@dataclass
class Called:
    """An account, where its webhooks lead, and what came there."""

    account: SandboxClust
    received: list[Any] = field(default_factory=list)
    calls: list[WebhookCall] = field(default_factory=list)
    is_there: bool = True
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait_for(self, number: int) -> list[str]:
        """Wait until so many calls have ended, and return their events."""
        async with asyncio.timeout(60):
            while len(self.calls) < number:
                self.came.clear()
                await self.came.wait()
        return [call.event for call in self.calls]


@pytest.fixture
async def called() -> AsyncIterator[Called]:
    """An account with one application from before."""
    account = SandboxClust(clock=lambda: datetime.now(UTC))
    account.add(webhook={"url": URL, "events": EVENTS})
    called = Called(account)

    async def receive(request: web.Request) -> web.Response:
        called.received.append((request.path, json.loads(await request.text())))
        return web.Response()

    app = web.Application()
    app.router.add_post("/clust/hook/{secret}", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]

    def address(url: str) -> str | None:
        return url.replace("https://bot.example", f"http://127.0.0.1:{port if called.is_there else 1}") or None

    def ended(call: WebhookCall) -> None:
        called.calls.append(call)
        called.came.set()

    async with Webhooks(account, address, ended):
        yield called
    await runner.cleanup()


async def test_each_event_is_called_once(called: Called) -> None:
    """With the application as a single read returns it. What changed besides isn't an event."""
    called.account.change(1, title="Other")
    called.account.submit(1)
    called.account.change(1, title="Again")
    called.account.approve(1)
    called.account.change(1, is_late=True)
    assert sorted(await called.wait_for(3)) == ["approved", "late", "submitted"]
    assert {path for path, _body in called.received} == {"/clust/hook/secret"}
    assert all(body["data"]["id"] == 1 for _path, body in called.received)
    assert [call.status for call in called.calls] == [200, 200, 200]


async def test_only_what_a_webhook_wants_is_called(called: Called) -> None:
    """Neither other events nor applications without one, and a removed application calls nothing."""
    called.account.add()
    called.account.add(webhook={"url": URL, "events": ["late"]})
    called.account.complete(1)
    called.account.submit(3)
    called.account.remove(2)
    called.account.change(3, is_late=True)
    assert sorted(await called.wait_for(2)) == ["late", "pending submission"]


async def test_where_nobody_answers_it_is_not_tried_again(called: Called) -> None:
    """The call ends without a status."""
    called.is_there = False
    called.account.submit(1)
    await called.wait_for(1)
    assert [(call.event, call.status) for call in called.calls] == [("submitted", None)]
