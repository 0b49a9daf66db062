"""Work that is repeated until the process stops, and survives failures of the database.

It belongs to the database because it survives only those: `DATABASE_TROUBLE` is logged once when it begins and once
when it ends. Any other error is raised.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.store.engine.database import DATABASE_TROUBLE

log = structlog.get_logger(__name__)


async def run_periodically(
    work: Callable[[], Awaitable[object]], interval_seconds: float, stop: asyncio.Event, trouble: str
) -> None:
    """Do `work` repeatedly, each time `interval_seconds` after its end, until `stop` is set.

    `trouble` is logged when the database fails. Another line is logged when the work succeeds again.
    """
    failures = 0
    while not stop.is_set():
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
        await pause(stop, interval_seconds)


async def pause(event: asyncio.Event, seconds: float) -> None:
    """Wait until `event` is set, for at most that many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
