"""A person's requests wait for each other, and for no one else's (issue 14, B3, B10)."""

from __future__ import annotations

import asyncio

from bot.slack.request.person_queues import MAX_AT_ONCE, PersonQueues


async def test_a_person_has_a_few_at_once_in_the_order_of_asking() -> None:
    """B10: one more begins when one of theirs has ended, and someone else's at once. Nothing is remembered of them."""
    queues = PersonQueues(MAX_AT_ONCE)
    names = ("a0", "a1", "a2", "a3", "a4", "b0")
    begun, ends = {name: asyncio.Event() for name in names}, {name: asyncio.Event() for name in names}

    async def work(name: str) -> None:
        async with queues.of(name[0]):
            begun[name].set()
            await ends[name].wait()

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for name in names:
            group.create_task(work(name))
        await begun["b0"].wait()
        assert [name for name in names if begun[name].is_set()] == ["a0", "a1", "a2", "b0"]
        ends["a1"].set()
        await begun["a3"].wait()
        assert not begun["a4"].is_set()
        for end in ends.values():
            end.set()
    assert begun["a4"].is_set()
    assert not queues._semaphores  # noqa: SLF001  nothing else tells what is remembered
