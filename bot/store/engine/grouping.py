"""Calls that are made at the same moment share one transaction (group commit).

With many workspaces, a transaction for each call costs more than what the calls do. Calls that come while a group is in
progress wait for the next one. A call that is alone waits for no one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger(__name__)

MAX_GROUP = 64
"""Calls in one transaction."""

Value = TypeVar("Value")
Item = TypeVar("Item")
Result = TypeVar("Result")


def padded(values: Iterable[Value]) -> list[Value]:
    """Return values for a list in a statement, the last repeated until their number is a power of two.

    Each length is a statement of its own, which must be compiled, and prepared by each connection.
    """
    listed = list(values)
    return listed + listed[-1:] * ((1 << max(0, len(listed) - 1).bit_length()) - len(listed))


@dataclass(frozen=True, slots=True, eq=False)
class _GroupedCall(Generic[Item, Result]):
    """One call. `answer` becomes None if its group failed: then the call is made alone."""

    item: Item
    answer: asyncio.Future[tuple[Result] | None]


class Grouped(Generic[Item, Result]):
    """A function of one item. `work` does it for a group of items, and returns their results in order.

    Items for which `apart` returns the same value are never in one group. If a group fails, each of its calls is made
    alone, so what is wrong with one item fails no other. So `work` may be repeated: a commit can fail in appearance
    only.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]],
        apart: Callable[[Item], Hashable] = id,
    ) -> None:
        self._work, self._apart = work, apart
        self._waiting: list[_GroupedCall[Item, Result]] = []
        self._working: asyncio.Task[None] | None = None

    async def __call__(self, item: Item) -> Result:
        """Return the result for one item. Raises what `work` raises."""
        call: _GroupedCall[Item, Result] = _GroupedCall(item, asyncio.get_running_loop().create_future())
        self._waiting.append(call)
        if self._working is None:
            self._working = asyncio.create_task(self._work_off())
        (result,) = await call.answer or await self._work([item])
        return result

    async def _work_off(self) -> None:
        """Work for one group after the other, until no one waits."""
        try:
            while group := self._next_group():
                await self._work_for(group)
        except asyncio.CancelledError:
            for call in self._waiting:
                call.answer.cancel()
            raise
        except BaseException as error:  # no error of a database: the process ends, and so does everyone who waits
            for call in self._waiting:
                if not call.answer.done():
                    call.answer.set_exception(error)
            raise
        finally:
            self._waiting.clear()
            self._working = None

    def _next_group(self) -> list[_GroupedCall[Item, Result]]:
        """Return those who have waited longest, without those who no longer wait."""
        self._waiting = [call for call in self._waiting if not call.answer.done()]
        group: dict[Hashable, _GroupedCall[Item, Result]] = {}
        for call in self._waiting:
            group.setdefault(self._apart(call.item), call)
        return list(group.values())[:MAX_GROUP]

    async def _work_for(self, group: Sequence[_GroupedCall[Item, Result]]) -> None:
        answers: list[tuple[Result] | None] = [None] * len(group)
        try:
            answers = [(result,) for result in await self._work([call.item for call in group])]
        except Exception as error:  # noqa: BLE001  the caller gets it, alone or after another try
            if len(group) > 1:
                log.info("calls that shared a transaction are repeated alone", calls=len(group), error=str(error))
            elif not group[0].answer.done():
                group[0].answer.set_exception(error)
        for call, answer in zip(group, answers, strict=True):
            if not call.answer.done():
                call.answer.set_result(answer)
