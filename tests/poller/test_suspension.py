"""Detection is suspended where an account looks like another one, until its list is well or an admin answers: B4."""

from __future__ import annotations

import pytest

from tests.poller.conftest import Polling


@pytest.fixture
async def suspended(polling: Polling) -> Polling:
    """An account whose list was read once, and then came empty: detection is suspended."""
    await polling.poll()
    polling.account.faults.empty_list = True
    assert (await polling.poll()).suspended == "fewer_applications:0/3"
    return polling


async def answer(polling: Polling, words: str) -> bool:
    """Answer as an admin what is to be done. Returns False if no one is asked."""
    return await polling.store.connections.answer(polling.connection_id, words)


async def test_half_of_the_account_missing_suspends_detection(suspended: Polling) -> None:
    """B4: fewer than half of the known ids suspends detection, and a sweep that holds them again resumes by itself."""
    suspended.account.faults.empty_list = False
    suspended.account.make_late(1)
    suspended.account.add()
    assert (await suspended.poll()).suspended is None
    assert await suspended.events() == [("1", "late"), ("4", "created")]
    assert (await suspended.connection()).suspended is None


async def test_an_admin_can_make_a_new_baseline(polling: Polling) -> None:
    """B4: after "new baseline" the other account's applications are where the bot starts, without announcements."""
    await polling.poll()
    for number in (1, 2, 3):
        polling.account.remove(number)
    for _ in range(4):
        polling.account.add()
    assert (await polling.poll()).suspended
    assert await answer(polling, "baseline")
    await polling.poll()
    assert await polling.events() == []
    polling.account.make_late(5)
    assert (await polling.poll()).suspended is None
    assert await polling.events() == [("5", "late")]


async def test_an_admin_can_go_on(polling: Polling) -> None:
    """B4: after "go on" what is new is announced, and what is missing is looked for before it counts as gone."""
    await polling.poll()
    for number in (1, 2, 3):
        polling.account.remove(number)
    polling.account.add()
    assert (await polling.poll()).suspended
    await answer(polling, "go_on")
    await polling.poll()
    assert await polling.events() == [("4", "created")]
    await polling.poll()
    assert await polling.is_gone("1")


async def test_an_answer_while_a_poll_runs_is_for_the_next(suspended: Polling) -> None:
    """B4: a poll that began before the answer finds the question still open, and leaves the answer alone."""
    before = await suspended.connection()
    await answer(suspended, "baseline")
    assert (await suspended.poll(before)).suspended
    assert (await suspended.connection()).answer == "baseline"
    suspended.account.faults.empty_list = False
    suspended.account.make_late(1)
    assert (await suspended.poll()).suspended is None
    assert await suspended.events() == []
    suspended.account.make_late(2)
    await suspended.poll()
    assert await suspended.events() == [("2", "late")]


async def test_an_answer_while_a_poll_finds_all_well_is_for_the_next(suspended: Polling) -> None:
    """B4: the running poll posts what it read, and the next one is the new baseline that the admin was promised."""
    suspended.account.faults.empty_list = False
    suspended.account.make_late(1)
    before = await suspended.connection()
    await answer(suspended, "baseline")
    assert (await suspended.poll(before)).suspended is None
    suspended.account.make_late(2)
    await suspended.poll()
    suspended.account.make_late(3)
    await suspended.poll()
    assert await suspended.events() == [("1", "late"), ("3", "late")]
    connection = await suspended.connection()
    assert (connection.suspended, connection.asked_at, connection.answer) == (None, None, None)


async def test_another_answer_while_a_poll_obeys_one_replaces_it(suspended: Polling) -> None:
    """B4: of two admins the last one decides, even if a poll is running because of the first one's answer."""
    await answer(suspended, "go_on")
    before = await suspended.connection()
    await answer(suspended, "baseline")
    await suspended.store.connections.note(suspended.connection_id, poll_at=suspended.clock())
    await suspended.poll(before)
    connection = await suspended.connection()
    assert (connection.answer, connection.poll_at is None) == ("baseline", False)
    suspended.account.faults.empty_list = False
    await suspended.poll(before)
    connection = await suspended.connection()
    assert (connection.answer, connection.suspended, connection.poll_at) == ("baseline", None, None)


async def test_to_go_on_with_a_list_that_is_well_again_is_done(suspended: Polling) -> None:
    """B4: an answer of that kind, given while a poll found all well, is for no later doubt: that one is asked about."""
    before = await suspended.connection()
    await answer(suspended, "go_on")
    suspended.account.faults.empty_list = False
    await suspended.poll(before)
    assert (await suspended.connection()).answer is None
    suspended.account.faults.empty_list = True
    assert (await suspended.poll()).suspended
