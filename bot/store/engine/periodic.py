"""Work that is repeated until the process stops.

`run_periodically` survives failures of the database, which it logs once when they begin and once when they end. Any
other error is raised. That is why it is part of the engine. `run_when_due` is the loop below it, for work that knows
itself when it is due, and how it fails.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.store.engine.database import DATABASE_TROUBLE

log = structlog.get_logger(__name__)


async def run_periodically(
    work: Callable[[], Awaitable[object]],
    interval_seconds: float,
    stop: asyncio.Event,
    trouble: str,
    wake: asyncio.Event | None = None,
) -> None:
    """Do `work` repeatedly, each time `interval_seconds` after its end or once `wake` is set, until `stop` is set.

    `trouble` is logged when the database fails. Another line is logged when the work succeeds again.
    """
    failures = 0

    async def guarded() -> float:
        nonlocal failures
        try:
            await work()
        except DATABASE_TROUBLE as error:
            failures += 1
            if failures == 1:
                log.warning(trouble, error=str(error))
        else:
            if failures:
                log.info("works again", trouble=trouble, after_failures=failures)
            failures = 0
        return interval_seconds

    await run_when_due(guarded, stop, wake or asyncio.Event())


async def run_when_due(work: Callable[[], Awaitable[float]], stop: asyncio.Event, wake: asyncio.Event) -> None:
    """Do `work` repeatedly, until `stop` is set. It returns the seconds until the next time, which `wake` cuts short.

    If `wake` is set while the work is in progress, the work is done again at once.
    """

    async def wake_at_stop() -> None:
        await stop.wait()
        wake.set()

    stopping = asyncio.create_task(wake_at_stop())
    try:
        while not stop.is_set():
            wake.clear()
            await pause(wake, await work())
    finally:
        stopping.cancel()
        await asyncio.gather(stopping, return_exceptions=True)


async def pause(event: asyncio.Event, seconds: float) -> None:
    """Wait until `event` is set, for at most that many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
