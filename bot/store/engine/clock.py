"""The database's time, by which several machines compare leases.

It is queried now and then, and the process counts on in between. A process that was stopped, or a machine that slept,
reads a later time than it expects, never an earlier one. So it gives up a lease too soon rather than too late (rule
T3).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
import structlog

from bot.store.engine.database import DATABASE_TROUBLE, Database
from bot.store.engine.periodic import run_periodically

log = structlog.get_logger(__name__)

ASK_EVERY_SECONDS = 10.0
"""Seconds between two queries of the database's clock."""

WORTH_A_WORD = timedelta(seconds=5)
"""A larger difference between the machine's clock and the database's is logged."""


class DatabaseClock:
    """Returns the time by the database's clock or, until it has been queried, by the machine's.

    SQLite needs no query: all processes run on one machine. `wall` and `steady` are the machine's clocks.
    """

    def __init__(
        self,
        database: Database,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database, self._wall, self._steady = database, wall, steady
        self._heard: tuple[datetime, datetime, float] | None = None
        self._warned = False

    def __call__(self) -> datetime:
        """Return the present moment."""
        if self._heard is None:
            return self._wall()
        theirs, wall, steady = self._heard
        # The steady clock stands still while the machine sleeps, and the wall clock can be set back.
        return theirs + max(self._wall() - wall, timedelta(seconds=self._steady() - steady))

    async def ask(self) -> None:
        """Query the database's time. If that fails, the last answer stays in use."""
        if self._database.is_sqlite:
            return
        wall, began = self._wall(), self._steady()
        try:
            async with self._database.read() as tx:
                theirs: datetime = (await tx.execute(sa.text("SELECT clock_timestamp()"))).scalar_one()
                # The moment in the middle of asking is the likeliest one.
                half = (self._steady() - began) / 2
        except DATABASE_TROUBLE as error:
            log.debug("the database's time is not known now", error=type(error).__name__)
            return
        self._heard = theirs, wall + timedelta(seconds=half), began + half
        if abs(theirs - wall) > WORTH_A_WORD and not self._warned:
            self._warned = True
            seconds = round((wall - theirs).total_seconds(), 1)
            log.warning("this machine's clock is not the database's; the bot goes by the database's", ahead=seconds)

    async def keep(self, stop: asyncio.Event) -> None:
        """Query the time regularly until `stop` is set."""
        await run_periodically(self.ask, ASK_EVERY_SECONDS, stop, "the database's time is not known")
