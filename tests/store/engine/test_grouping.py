"""Calls of the same moment share a transaction, and no call suffers from another's."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from bot.store.engine.grouping import MAX_GROUP, Grouped, padded


class Work:
    """Doubles numbers by groups, and remembers them. A group with a `poison` fails, and none ends before `may_end`."""

    def __init__(self, poison: BaseException | None = None) -> None:
        self.groups: list[list[int]] = []
        self.may_end = asyncio.Event()
        self._poison = poison

    async def __call__(self, numbers: Sequence[int]) -> list[int]:
        """Double them, but 13 is poison."""
        self.groups.append(list(numbers))
        await self.may_end.wait()
        if self._poison and 13 in numbers:
            raise self._poison
        return [2 * number for number in numbers]


async def test_calls_of_one_moment_are_one_group_and_later_ones_the_next() -> None:
    """No one waits longer than for the group before."""
    work = Work()
    double = Grouped(work)
    first = [asyncio.create_task(double(number)) for number in range(3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    later = [asyncio.create_task(double(number)) for number in range(3, 3 + 2 * MAX_GROUP)]
    await asyncio.sleep(0)
    work.may_end.set()
    assert await asyncio.gather(*first, *later) == [2 * number for number in range(3 + 2 * MAX_GROUP)]
    assert [len(group) for group in work.groups] == [3, MAX_GROUP, MAX_GROUP]
    assert await double(7) == 14
    assert work.groups[-1] == [7]


async def test_items_that_must_stay_apart_are_in_groups_of_their_own() -> None:
    """Of each kind the first that came."""
    work = Work()
    work.may_end.set()
    double = Grouped(work, apart=lambda number: number % 2)
    assert await asyncio.gather(*(double(number) for number in range(5))) == [0, 2, 4, 6, 8]
    assert work.groups == [[0, 1], [2, 3], [4]]


async def test_an_error_is_about_one_call() -> None:
    """Each of its group is made alone."""
    work = Work(ValueError("13"))
    work.may_end.set()
    double = Grouped(work)
    results = await asyncio.gather(*(double(number) for number in (1, 13, 2)), return_exceptions=True)
    assert [results[0], results[2]] == [2, 4]
    assert isinstance(results[1], ValueError)
    assert work.groups == [[1, 13, 2], [1], [13], [2]]
    with pytest.raises(ValueError, match="13"):
        await double(13)
    assert work.groups[4:] == [[13]]


async def test_who_gives_up_stops_nobody() -> None:
    """Neither when their call waits nor when it is in progress."""
    work = Work()
    double = Grouped(work)
    tasks = [asyncio.create_task(double(number)) for number in range(2)]
    while not work.groups:  # noqa: ASYNC110  a few turns of the loop
        await asyncio.sleep(0)
    tasks += [asyncio.create_task(double(number)) for number in range(2, 4)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    tasks[2].cancel()
    work.may_end.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [results[1], results[3]] == [2, 6]
    assert [type(results[0]), type(results[2])] == [asyncio.CancelledError] * 2
    assert work.groups == [[0, 1], [3]]


def test_lists_have_few_lengths() -> None:
    """Nothing is added but what is in them."""
    for number in range(2 * MAX_GROUP):
        assert list(dict.fromkeys(padded(range(number)))) == list(range(number))
    assert {len(padded(range(number))) for number in range(MAX_GROUP + 1)} == {0, 1, 2, 4, 8, 16, 32, 64}


class Death(BaseException):
    """Ends the process."""


async def test_nobody_waits_for_a_process_that_ends() -> None:
    """Whatever ends it reaches all who wait, in the group and after it."""
    work = Work(Death())
    double = Grouped(work)
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    tasks = [asyncio.create_task(double(13))]
    while not work.groups:  # noqa: ASYNC110  a few turns of the loop
        await asyncio.sleep(0)
    tasks.append(asyncio.create_task(double(1)))
    await asyncio.sleep(0)
    work.may_end.set()
    assert [type(each) for each in await asyncio.gather(*tasks, return_exceptions=True)] == [Death, Death]
    assert await double(2) == 4
