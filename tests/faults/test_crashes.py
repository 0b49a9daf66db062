"""A process that dies at step 1, 2, 3 … of one story, each time another: nothing is lost or repeated (rules T1, T3)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.crashing import memory, mortal, survived


@pytest.mark.timeout(300)
async def test_a_crash_at_any_step(sqlite_template: Path) -> None:
    """However a process ends, at any commit, post or mark, the next one goes on where it was.

    Every 25th step here. `make faults` takes them all.
    """
    died_at = [step async for step in survived(sqlite_template, first=1, every=25)]
    assert len(died_at) > 2


async def test_a_clock_that_jumps(sqlite_template: Path) -> None:
    """A machine's clock jumps by an hour, forward and back, while a post is unclear: it is posted once all the same."""
    with memory(sqlite_template) as url:
        async with mortal(url) as being:
            await being.core.subscribe("a")
            await being.core.poll()
            being.troubles.append("cut after")
            being.account.add(title="Acme")
            await being.live(60, step=20)
            for jump in (-3600, 3600, 3600, -3600):
                being.clock.forward(jump)
                await being.live(60, step=20)
            await being.live(7200, step=600)
            assert being.core.posted_events("a") == ["Created Acme"]
