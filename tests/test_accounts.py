"""Accounts of Clust, open with their clients."""

from __future__ import annotations

import asyncio

import pytest

from bot.accounts import AccountCheck
from bot.clust import ClustClient
from bot.core.errors import ClustUnauthorized
from bot.sandbox.clust.serving import SandboxClustTransport
from bot.sandbox.clust.stand_in import SandboxClust
from tests.conftest import Clock


async def test_who_checks_at_the_same_time_asks_once(clock: Clock) -> None:
    """C1: two who click *Check now* in the same moment get one answer of Clust's, a refusal too; the next asks anew."""
    account = SandboxClust(clock=clock)
    transport = SandboxClustTransport(account)
    async with ClustClient("http://clust/api", account.token, transport=transport) as client:
        check = AccountCheck(client)
        await asyncio.gather(check(), check())
        assert len(account.requests) == 1
        account.faults.refuse_token = True
        for refusal in await asyncio.gather(check(), check(), return_exceptions=True):
            assert isinstance(refusal, ClustUnauthorized)
        assert len(account.requests) == 2
        account.faults.refuse_token = False
        await check()
        assert len(account.requests) == 3


async def test_who_gives_up_takes_the_answer_from_nobody(clock: Clock) -> None:
    """C1: one of them closes the window, and the other still gets the answer."""
    account = SandboxClust(clock=clock)
    account.faults.delay = 20
    async with ClustClient("http://clust/api", account.token, transport=SandboxClustTransport(account)) as client:
        check = AccountCheck(client)
        first, second = (asyncio.create_task(check()) for _ in range(2))
        while not account.requests:  # noqa: ASYNC110  the account tells nobody
            await asyncio.sleep(0)
        first.cancel()
        account.faults.delay = 0
        assert await second >= 0
        with pytest.raises(asyncio.CancelledError):
            await first
    assert len(account.requests) == 1
