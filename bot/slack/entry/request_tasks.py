"""The work of requests, as tasks: in turn for each person, every error an answer, and all of it ended at shutdown."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractContextManager
from typing import Any

import structlog

from bot.core.errors import CutShort
from bot.slack.request.error_boundary import answer_to
from bot.slack.request.person_queues import MAX_AT_ONCE, PersonQueues
from bot.slack.request.requester import Actor
from bot.slack.request.services import Result
from bot.slack.views.building.blocks import Message

LAST_ANSWER_SECONDS = 2.0
"""For answering people whose work was cut short at shutdown."""

Reply = Callable[[Message], Awaitable[object]]
"""Sends a person an answer."""


class RequestTasks:
    """Runs what was acknowledged, and waits for it at shutdown."""

    def __init__(self, before_work: Callable[[], Awaitable[None]]) -> None:
        """`before_work` is awaited before each request's work."""
        self._before_work, self._queues = before_work, PersonQueues(MAX_AT_ONCE)
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        """Start work, for which `drain` waits."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def queued(self, sender: Actor, work: Coroutine[Any, Any, None]) -> None:
        """Do the work of a request once fewer than MAX_AT_ONCE requests of this person are under way."""
        try:
            async with self._queues.of(f"{sender.team_id} {sender.user_id}"):
                await work
        finally:
            work.close()  # where it never began

    async def guarded(self, work: Coroutine[Any, Any, None], reply: Reply | None, **about: str) -> None:
        """Do work, and turn every error into an answer by `reply`, if there is one."""
        with bound(**about):
            try:
                await self._before_work()
                await work
            except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  the boundary: the person gets an answer
                # Only `drain` cancels it, which waits for this answer and ends with it.
                message = answer_to(error if isinstance(error, Exception) else CutShort())
                if reply:
                    await reply(message)
            finally:
                work.close()  # where it never began

    async def drain(self, seconds: float) -> None:
        """Wait up to `seconds` for the work under way. The rest is cancelled, and each person gets a message."""
        if self._running:
            _done, late = await asyncio.wait(self._running, timeout=seconds)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=LAST_ANSWER_SECONDS)


def bound(**about: str) -> AbstractContextManager[object]:
    """Bind what every log line about a request carries. Over HTTP the request id is bound already."""
    request = structlog.contextvars.get_contextvars().get("request") or secrets.token_hex(4)
    return structlog.contextvars.bound_contextvars(request=request, **about)
