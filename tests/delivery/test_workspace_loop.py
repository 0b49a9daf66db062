"""One loop of a process, for one subject in all of its workspaces."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.delivery.workspace_loop import ASK_EVERY_SECONDS, WorkspaceLoop
from bot.store.engine.due_work import DueWork, WorkKind
from tests.conftest import NOON, Clock
from tests.delivery.conftest import AWAY, logged

TROUBLE, OVER = "it can't be read", "it works again"


class Workspaces:
    """What is due in workspaces, and what was done there."""

    def __init__(self, **due_seconds: float) -> None:
        self.due = {team: NOON + timedelta(seconds=seconds) for team, seconds in due_seconds.items()}
        self.begun: list[str] = []
        self.questions = 0
        self.changed = asyncio.Condition()

    async def ask(self) -> list[DueWork]:
        """Return what is due, as the database would: in no order."""
        self.questions += 1
        await self._note()
        return [DueWork(team, WorkKind.POST, due_at) for team, due_at in sorted(self.due.items())]

    async def work(self, work: DueWork) -> float | None:
        """Do all that is due in a workspace."""
        self.begun.append(work.team_id)
        del self.due[work.team_id]
        await self._note()
        return None

    async def _note(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that the loop does."""
        async with asyncio.timeout(60), self.changed:
            await self.changed.wait_for(condition)


def loop_over(
    workspaces: Workspaces, work: Callable[[DueWork], Awaitable[float | None]], at_once: int = 1
) -> WorkspaceLoop:
    """Return a loop over workspaces."""
    return WorkspaceLoop(
        workspaces.ask,
        work,
        Clock(),
        at_once=at_once,
        look_every_seconds=lambda: 30,
        trouble=TROUBLE,
        over=OVER,
    )


@asynccontextmanager
async def looping(
    workspaces: Workspaces, work: Callable[[DueWork], Awaitable[float | None]] | None = None, at_once: int = 1
) -> AsyncIterator[WorkspaceLoop]:
    """Run a loop over workspaces."""
    loop, stop = loop_over(workspaces, work or workspaces.work, at_once), asyncio.Event()
    running = asyncio.create_task(loop.run(stop))
    yield loop
    stop.set()
    await asyncio.wait_for(running, 10)


async def test_who_waits_longest_comes_first() -> None:
    """And what is not due yet does not come at all."""
    workspaces = Workspaces(a=-1, b=-3, c=60, d=-2)
    async with looping(workspaces):
        await workspaces.until(lambda: len(workspaces.begun) == 3)
    assert workspaces.begun == ["b", "d", "a"]


async def test_one_that_hangs_delays_no_other() -> None:
    """Its work is not begun a second time, however often the loop looks, and the others go on."""
    workspaces, let_go = Workspaces(slow=-9, b=-3), asyncio.Event()
    slow = 0

    async def work(due: DueWork) -> float | None:
        nonlocal slow
        if due.team_id == "slow":
            slow += 1
            await let_go.wait()
        return await workspaces.work(due)

    async with looping(workspaces, work, at_once=2) as loop:
        await workspaces.until(lambda: workspaces.begun == ["b"])
        workspaces.due["c"] = NOON
        loop.wake()
        await workspaces.until(lambda: workspaces.begun == ["b", "c"])
        let_go.set()
    assert slow == 1
    assert workspaces.begun == ["b", "c", "slow"]


async def test_only_so_many_at_once() -> None:
    """The others begin when one has ended."""
    workspaces, let_go = Workspaces(a=-1, b=-2, c=-3), asyncio.Event()
    most = running = 0

    async def work(due: DueWork) -> float | None:
        nonlocal most, running
        running += 1
        most = max(most, running)
        if running == 2:
            let_go.set()
        await let_go.wait()
        running -= 1
        return await workspaces.work(due)

    async with looping(workspaces, work, at_once=2):
        await workspaces.until(lambda: not workspaces.due)
    assert most == 2


async def test_what_can_not_be_begun_yet_rests() -> None:
    """It isn't retried at every look. The workspace is woken when it can begin."""
    workspaces, tries, tried = Workspaces(a=-1), 0, asyncio.Event()

    async def work(due: DueWork) -> float | None:
        nonlocal tries
        tries += 1
        if tries > 1:
            return await workspaces.work(due)
        tried.set()
        return 30

    async with looping(workspaces, work) as loop:
        await asyncio.wait_for(tried.wait(), 10)
        questions = workspaces.questions
        loop.wake()
        await workspaces.until(lambda: workspaces.questions > questions)
        assert tries == 1
        loop.wake("a")
        await workspaces.until(lambda: workspaces.begun == ["a"])


async def test_a_failure_is_one_workspaces_own() -> None:
    """A8: an unforeseen error is logged, and the others have their turn."""
    workspaces = Workspaces(a=-2, b=-1)

    async def work(due: DueWork) -> float | None:
        if due.team_id == "a":
            raise TypeError("odd")
        return await workspaces.work(due)

    with capture_logs() as logs:
        async with looping(workspaces, work):
            await workspaces.until(lambda: workspaces.begun == ["b"])
    assert [line["team"] for line in logs if line["log_level"] == "error"] == ["a"]


async def test_trouble_with_the_database_is_said_once() -> None:
    """One log line when it begins, for all loops, and one when it is over."""
    workspaces, away = Workspaces(a=-2, b=-1), {"a", "b"}

    async def work(due: DueWork) -> float | None:
        if due.team_id in away:
            raise AWAY
        return await workspaces.work(due)

    with capture_logs() as logs:
        async with looping(workspaces, work) as loop:
            await workspaces.until(lambda: workspaces.questions > 1)
            away.clear()
            for team_id in ("a", "b"):
                loop.wake(team_id)
            await workspaces.until(lambda: len(workspaces.begun) == 2)
    assert logged(logs, TROUBLE, OVER) == [TROUBLE, OVER]


async def test_nothing_begins_after_it_is_asked_to_stop() -> None:
    """What waits for a place when it is asked stays for another process."""
    workspaces, stop = Workspaces(a=-3, b=-2, c=-1), asyncio.Event()

    async def work(due: DueWork) -> float | None:
        stop.set()
        return await workspaces.work(due)

    await asyncio.wait_for(loop_over(workspaces, work).run(stop), 10)
    assert workspaces.begun == ["a"]


async def test_a_slow_database_starves_no_workspace(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long it took to say what is due: what it says counts from its answer on."""
    monkeypatch.setattr("bot.delivery.workspace_loop.QUESTION_LASTS_SECONDS", 0.0)
    workspaces = Workspaces(a=-2, b=-1)
    ask = workspaces.ask

    async def slowly() -> list[DueWork]:
        await asyncio.sleep(ASK_EVERY_SECONDS * 2)
        return await ask()

    monkeypatch.setattr(workspaces, "ask", slowly)
    async with looping(workspaces):
        await workspaces.until(lambda: workspaces.begun == ["a", "b"])


async def test_trouble_is_over_where_another_process_did_the_work() -> None:
    """What failed is not due any more: the log says that the database works, though nothing was begun again."""
    workspaces = Workspaces(a=-1)

    async def work(_due: DueWork) -> float | None:
        workspaces.due.clear()
        raise AWAY

    with capture_logs() as logs:
        async with looping(workspaces, work) as loop:
            await workspaces.until(lambda: bool(logged(logs, TROUBLE)))
            questions = workspaces.questions
            loop.wake()
            await workspaces.until(lambda: workspaces.questions > questions)
    assert logged(logs, TROUBLE, OVER) == [TROUBLE, OVER]
