"""Do several pieces of work, of which one that fails doesn't affect the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

import structlog

from bot.core.errors import DeliveryError
from bot.store.engine.database import DATABASE_TROUBLE

log = structlog.get_logger(__name__)

IndependentWork = Callable[[], Awaitable[object]]


async def run_independently(works: Iterable[IndependentWork], kind: str) -> None:
    """Do one piece of work after the other. One that fails doesn't affect the others.

    Raises the database's error after all had their check, since it may be about one of them only. Other failures are
    logged. `kind` names the kind of work.
    """
    trouble: Exception | None = None
    for work in works:
        try:
            await work()
        except DATABASE_TROUBLE as error:
            trouble = trouble or error
        except DeliveryError as error:
            log.info("slack did not do something", what=kind, why=error.sentence)
        except Exception:
            log.exception("something failed in an unforeseen way", what=kind)
    if trouble:
        raise trouble
