"""Work that is repeated until the process stops."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.store.engine.periodic import pause, run_periodically, run_when_due


async def test_trouble_is_logged_when_it_begins_and_when_it_ends() -> None:
    """Three failures in a row are two lines, and the work goes on."""
    stop, attempts = asyncio.Event(), 0

    async def work() -> None:
        nonlocal attempts
        attempts += 1
        if attempts <= 3:
            raise OperationalError("SELECT 1", {}, OSError("away"))
        if attempts == 5:
            stop.set()

    with capture_logs() as logs:
        await asyncio.wait_for(run_periodically(work, 0, stop, "can't look"), 60)
    assert attempts == 5
    assert [(line["log_level"], line["event"]) for line in logs] == [("warning", "can't look"), ("info", "works again")]
    assert (logs[1]["trouble"], logs[1]["after_failures"]) == ("can't look", 3)


async def test_stop_ends_the_pause() -> None:
    """No one waits for the next time when the process is asked to stop, and nothing is done any more."""
    stop, times = asyncio.Event(), 0

    async def work() -> None:
        nonlocal times
        times += 1

    running = asyncio.create_task(run_periodically(work, 3600, stop, "can't look"))
    await asyncio.sleep(0.05)
    stop.set()
    await asyncio.wait_for(running, 60)
    assert times == 1


async def test_waking_ends_the_pause_once() -> None:
    """Also if it came while the work was in progress: that work did not see what is new."""
    stop, wake, times = asyncio.Event(), asyncio.Event(), 0

    async def work() -> float:
        nonlocal times
        times += 1
        if times == 1:
            wake.set()
        elif times == 2:
            asyncio.get_running_loop().call_soon(wake.set)
        else:
            stop.set()
        return 3600

    await asyncio.wait_for(run_when_due(work, stop, wake), 60)
    assert times == 3


async def test_another_error_ends_the_work() -> None:
    """Only the database's trouble is survived: the owner of the work gets anything else."""

    async def work() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await run_periodically(work, 0, asyncio.Event(), "can't look")


async def test_a_pause_ends_by_itself() -> None:
    """Its time is over, whether or not anything happens."""
    await asyncio.wait_for(pause(asyncio.Event(), 0.01), 60)
