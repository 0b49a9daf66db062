"""A sorted list is read from its front (rule R5), and what absence means is judged on full sweeps alone (B4, B5)."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core.applications.list_order import MAX_FULL_SWEEP_AGE, MIN_PROOFS
from bot.core.errors import ClustError
from tests.poller.conftest import Polling

FULL = 4
"""Requests for 300 applications: each page, and the first again."""

MINUTES = int(MAX_FULL_SWEEP_AGE.total_seconds()) // 60


@pytest.fixture
async def large(polling: Polling) -> Polling:
    """An account of 303 whose order was proven, by full sweeps."""
    polling.account.populate(300)
    for _ in range(MIN_PROOFS):
        assert await requests(polling) == FULL + 1
    return polling


async def requests(polling: Polling) -> int:
    """Poll once and return how many requests for pages it took."""
    polling.account.requests.clear()
    await polling.poll()
    return sum(one.path == "/dossiers" for one in polling.account.requests)


async def test_an_unchanged_list_takes_one_request(large: Polling) -> None:
    """R5: page 1 shows that nothing is new, until a full sweep is due."""
    counts = [await requests(large) for _ in range(MINUTES + 1)]
    assert counts == [1] * (MINUTES - 1) + [FULL + 1, 1]


@pytest.mark.long
async def test_ten_thousand_unchanged_take_at_most_three_requests(polling: Polling) -> None:
    """R5: instead of a hundred."""
    polling.account.populate(10_000)
    assert [await requests(polling) for _ in range(MIN_PROOFS)] == [102] * MIN_PROOFS
    assert await requests(polling) <= 3


@pytest.mark.parametrize("change", ["make_late", "submit", "rename", "remove", "add"])
async def test_a_change_anywhere_is_seen_at_the_front(large: Polling, change: str) -> None:
    """R5: what happens to an application that stands last brings it to the front. A deletion changes nothing there."""
    oldest = next(iter(large.account.dossiers))
    arguments: dict[str, tuple[Any, ...]] = {"add": (), "rename": (oldest, "New")}
    getattr(large.account, change)(*arguments.get(change, (oldest,)))
    assert await requests(large) <= 2
    expected = {"make_late": [(str(oldest), "late")], "submit": [(str(oldest), "submitted")]}
    assert await large.events() == expected.get(change, [("304", "created")] if change == "add" else [])


async def test_many_changes_are_followed_to_their_end(large: Polling) -> None:
    """R5: the cycle goes on while pages bring news, and each of 250 is announced once."""
    for _ in range(250):
        large.clock.forward(0.1)
        large.account.add()
    assert await requests(large) == 4
    assert len(set(await large.events())) == 250
    assert await requests(large) == 1
    assert len(await large.events()) == 250


async def test_what_changed_in_one_moment_is_not_cut_in_two(large: Polling) -> None:
    """R5: a page that is all of the newest known moment settles nothing: more of it may follow."""
    moment = large.clock.forward(30)
    for _ in range(150):
        large.account.add()
    late_comer = next(iter(large.account.dossiers))
    large.clock.now = moment
    assert await requests(large) == 3
    # Of the same moment, but after the reading, so ties stand in another order than that of the changes.
    large.clock.now = moment
    large.account.make_late(late_comer)
    dossier = large.account.dossiers.pop(late_comer)
    kept = list(large.account.dossiers.items())
    large.account.dossiers = dict([*kept[:-140], (late_comer, dossier), *kept[-140:]])
    await requests(large)
    assert (str(late_comer), "late") in await large.events()


async def test_more_changes_than_a_front_holds_cause_a_full_sweep(
    polling: Polling, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R5: where all is new to the end of the front, several pages at once are faster, and B4 can judge."""
    pages = 4
    monkeypatch.setattr("bot.clust.sweep.MAX_FRONT_PAGES", pages)
    polling.account.populate(100 * pages + 300)
    for _ in range(MIN_PROOFS):
        await polling.poll()
    full = await requests(polling)
    assert full == 1
    polling.clock.forward(1)
    for number in list(polling.account.dossiers)[: 100 * pages + 1]:
        polling.account.rename(number, "New")
    assert await requests(polling) == pages + pages + 3 + 2
    assert await polling.events() == []


async def test_a_list_sorted_by_creation_is_never_trusted(polling: Polling) -> None:
    """R5: it is read whole each time."""
    polling.account.populate(500)
    polling.account.faults.order = "created"
    assert [await requests(polling) for _ in range(5)] == [7] * 5


async def test_an_order_of_creation_that_looks_like_one_of_changes_is_not_trusted(polling: Polling) -> None:
    """R5: where nothing changed since it was made both look the same, and the first change would be missed."""
    for _ in range(500):
        polling.clock.forward(1)
        polling.account.add()
    polling.account.faults.order = "created"
    assert [await requests(polling) for _ in range(MIN_PROOFS)] == [7] * MIN_PROOFS
    oldest = min(polling.account.dossiers)
    polling.account.make_late(oldest)
    await polling.poll()
    assert await polling.events() == [(str(oldest), "late")]


@pytest.mark.parametrize("order", ["created", "oldest"])
async def test_a_list_that_stops_being_sorted_is_read_whole_again(large: Polling, order: Any) -> None:
    """R5: the front shows it in the same cycle, nothing is missed, and the order must be confirmed again."""
    assert await requests(large) == 1
    large.account.faults.order = order
    oldest = next(iter(large.account.dossiers))
    large.account.make_late(oldest)
    assert await requests(large) == 1 + FULL + 1
    assert await large.events() == [(str(oldest), "late")]
    large.account.faults.order = "changed"
    assert [await requests(large) for _ in range(MIN_PROOFS + 1)] == [FULL + 1] * MIN_PROOFS + [1]


async def test_lateness_that_changes_no_date_is_seen_by_the_full_sweep(large: Polling) -> None:
    """R5: an application that grows late where it stands is announced within a quarter of an hour."""
    oldest = next(iter(large.account.dossiers.values()))
    oldest.is_late, oldest.row = not oldest.is_late, None
    oldest.is_late = True
    for _ in range(MINUTES - 1):
        await large.poll()
        assert await large.events() == []
    await large.poll()
    assert await large.events() == [(str(oldest.id), "late")]


async def test_absence_from_the_front_means_nothing(large: Polling) -> None:
    """B5: gone after two full sweeps without it and a 404, however many fronts were read between."""
    oldest = next(iter(large.account.dossiers))
    large.account.remove(oldest)
    for _ in range(2 * MINUTES - 1):
        await large.poll()
        assert not await large.is_gone(str(oldest))
    await large.poll()
    assert await large.is_gone(str(oldest))


async def test_one_that_is_absent_and_back_at_the_front_is_no_longer_missed(large: Polling) -> None:
    """B5: if it is absent from a full sweep and then in a front, the count restarts."""
    oldest = next(iter(large.account.dossiers))
    kept = large.account.dossiers[oldest]
    large.account.remove(oldest)
    for _ in range(MINUTES):
        await large.poll()
    assert await large.store.applications.absences(large.connection_id) == {str(oldest): 1}
    large.account.dossiers[oldest] = kept
    large.account.rename(oldest, "Back")
    await large.poll()
    assert await large.store.applications.absences(large.connection_id) == {}
    assert await large.events() == []


async def test_a_404_of_a_waiting_single_read_is_judged_on_a_full_sweep(large: Polling) -> None:
    """B5: in a cycle that read the front alone no application becomes gone."""
    for _ in range(30):
        large.account.add(progress_percentage=None, count_missing_items=1, count_eligible_items=3)
    await large.poll()
    waiting = await large.store.applications.waiting_for_read(large.connection_id, 50)
    assert waiting
    for number in waiting:
        large.account.remove(int(number))
    await large.poll()
    assert not any([await large.is_gone(number) for number in waiting])


async def test_another_account_behind_the_token_is_seen_at_once(large: Polling) -> None:
    """B4: a front that never settles is a full sweep, and fewer than half of the known ids suspend detection."""
    large.account.dossiers.clear()
    large.account.populate(300)
    assert (await large.poll()).suspended
    assert await large.events() == []
    assert await requests(large) == 4  # while it is suspended each cycle looks at all of it
    large.account.faults.empty_list = True
    assert (await large.poll()).suspended


async def test_a_page_of_the_front_that_fails_keeps_nothing(large: Polling) -> None:
    """R4: the next cycle starts where this one did."""
    large.clock.forward(1)
    for _ in range(150):
        large.account.add()
    large.account.faults.cut_page = 2
    with pytest.raises(ClustError):
        await large.poll()
    assert await large.events() == []
    large.account.faults.cut_page = None
    await large.poll()
    assert len(await large.events()) == 150


async def test_the_age_of_the_data_is_that_of_the_last_reading(large: Polling) -> None:
    """L1: a settled front counts as a reading of the whole list."""
    await large.poll()
    assert (await large.store.connections.get(large.connection_id)).read_at == large.clock()
