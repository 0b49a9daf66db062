"""Work waits while requests are being acknowledged, but not for long (rule K1)."""

from __future__ import annotations

import asyncio

import pytest

from bot.slack.entry import ack_priority
from bot.slack.entry.ack_priority import AckPriority


async def test_work_waits_until_the_last_request_is_acknowledged(monkeypatch: pytest.MonkeyPatch) -> None:
    """With two requests at once, acknowledging one is not enough."""
    monkeypatch.setattr(ack_priority, "MAX_WAIT_SECONDS", 60)
    requests, begun = AckPriority(), asyncio.Event()

    async def work() -> None:
        await requests.wait()
        begun.set()

    with requests:
        with requests:
            working = asyncio.create_task(work())
            await asyncio.sleep(2 * ack_priority.MIN_WAIT_SECONDS)
        await asyncio.sleep(2 * ack_priority.MIN_WAIT_SECONDS)
        assert not begun.is_set()
    await asyncio.wait_for(working, 60)


async def test_a_request_that_is_never_acknowledged_delays_work_only_briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that is never acknowledged does not hold up work forever."""
    monkeypatch.setattr(ack_priority, "MAX_WAIT_SECONDS", 0.01)
    requests = AckPriority()
    with requests:
        await asyncio.wait_for(requests.wait(), 60)
