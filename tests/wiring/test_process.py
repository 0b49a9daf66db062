"""A process of the bot runs until its work ends or a signal comes."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys

import pytest

from bot.wiring.process import FULL_COLLECTION_AFTER, spare_the_collector, until_stopped

STUBBORN = """
import asyncio
from bot.wiring.process import until_stopped

async def stubborn(stop):
    print("begun", flush=True)
    await stop.wait()
    print("asked", flush=True)
    await asyncio.Event().wait()

asyncio.run(until_stopped(stubborn))
"""
"""A program whose work never ends."""


async def test_work_that_ends_by_itself() -> None:
    """A process whose work is done has succeeded."""

    async def nothing(_stop: asyncio.Event) -> None:
        return

    assert await until_stopped(nothing) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_asks_the_work_to_stop(number: signal.Signals) -> None:
    """What is in progress can be finished, and being stopped is no failure."""
    is_finished = False

    async def work(stop: asyncio.Event) -> None:
        nonlocal is_finished
        os.kill(os.getpid(), number)
        await stop.wait()
        is_finished = True

    assert await until_stopped(work) == 0
    assert is_finished


async def test_a_second_signal_ends_the_process_at_once() -> None:
    """A person who can't wait for what is in progress asks twice."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", STUBBORN, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    for line in (b"begun\n", b"asked\n"):
        assert await process.stdout.readline() == line
        process.send_signal(signal.SIGTERM)
    assert await process.wait() == 128 + signal.SIGTERM


def test_the_garbage_collector_is_spared() -> None:
    """It ignores what was loaded at the start, and looks through everything less often."""
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    try:
        spare_the_collector()
        assert gc.get_freeze_count() > frozen
        assert gc.get_threshold() == (*before[:2], FULL_COLLECTION_AFTER)
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
