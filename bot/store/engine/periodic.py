"""Work that is repeated until the process stops, whatever becomes of the database meanwhile.

It stands with the database because only trouble with that is survived: `DATABASE_TROUBLE` is logged once when it begins
and once when it ends. Any other error ends the work, and is for whoever runs it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.store.engine.database import DATABASE_TROUBLE

log = structlog.get_logger(__name__)


async def run_periodically(
    work: Callable[[], Awaitable[object]], every: float, stop: asyncio.Event, trouble: str
) -> None:
    """Do `work`, and again `every` seconds after its end, until `stop` is set.

    `trouble` is the line of the log for when the database fails; when the work succeeds again, a second one says so.
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
        await pause(stop, every)


async def pause(event: asyncio.Event, seconds: float) -> None:
    """Wait until `event` is set, for at most so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
