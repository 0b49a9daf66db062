"""The database's time: leases of several machines are compared by one clock, and not by each machine's own.

It is asked now and then; between, this process counts on. A process that was stopped, or a machine that slept, finds
itself later than it was, and never earlier: whoever is late gives a lease up too soon rather than too late (rule T3).
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
"""Seconds between two looks at the database's clock."""

WORTH_A_WORD = timedelta(seconds=5)
"""A machine whose clock differs by more is told of."""


class DatabaseClock:
    """Tells the moment by the database's clock, as far as it was heard of; until then by the machine's.

    SQLite has no clock of its own: its processes are on one machine. `wall` and `steady` are the machine's clocks.
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
        # The steady clock stands still while the machine sleeps; the wall clock may be set back.
        return theirs + max(self._wall() - wall, timedelta(seconds=self._steady() - steady))

    async def ask(self) -> None:
        """Hear the database's time; while it is away, the last answer counts on."""
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
        """Ask again and again until `stop` is set."""
        await run_periodically(self.ask, ASK_EVERY_SECONDS, stop, "the database's time is not known")
