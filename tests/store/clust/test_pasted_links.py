"""Applications are found by their links, and what was decided about a link is remembered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.core.applications.links import link_keys
from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import Snapshot
from bot.store import Store
from bot.store.clust.polls import PolledApplication, PollResult, PollRow
from bot.store.engine.scanning import MAX_CHUNK
from tests.conftest import Clock

LIST, CLIENT = "https://clust.invalid/app/1", "https://clust.invalid/c/1"


async def stored(
    store: Store,
    clock: Clock,
    team_id: str,
    *new: Application,
    seen: Sequence[PolledApplication] = (),
    gone: tuple[str, ...] = (),
) -> int:
    """Keep applications as a poll saw them, and return their connection."""
    seen = [*(PolledApplication(Snapshot(each, StatusClass.OPEN), 7) for each in new), *seen]
    connection = await store.connections.ensure(team_id, "default", "http://clust", "token")
    await store.account_shares.take("me", [connection.id], clock.now, clock.now + timedelta(days=1))
    fence = (await store.connections.get(connection.id)).fence
    await store.polls.keep(
        connection.id,
        fence,
        PollResult(
            poll=PollRow(clock.now, clock.now, 1, len(seen), len(seen)),
            seen=seen,
            absent=(),
            returned=(),
            gone=gone,
            events=[],
            name="default",
            connection={},
        ),
    )
    return connection.id


async def test_an_application_is_found_by_its_links_and_its_id(store: Store, clock: Clock) -> None:
    """In its own workspace, until it is gone from Clust or its account was disconnected."""
    acme, birch = Application(id="1", secured_list_url=LIST, public_url=CLIENT), Application(id="2")
    connection_id = await stored(store, clock, "T1", acme, birch)
    await stored(store, clock, "T2", acme)
    for keys, ids in ((link_keys(f"{LIST}?x"), ()), (link_keys(CLIENT), ()), ((), ("1",))):
        (linked,) = await store.pasted_links.matching("T1", keys, ids)
        assert (linked.connection_id, linked.application) == (connection_id, acme)
    assert len(await store.pasted_links.matching("T1", link_keys(LIST), ("2", "3"))) == 2
    assert await store.pasted_links.matching("T1", (), ()) == []
    await stored(store, clock, "T1", gone=("1",))
    assert await store.pasted_links.matching("T1", link_keys(LIST), ("1",)) == []
    await store.connections.end("T2", "default", "U1", clock.now)
    assert await store.pasted_links.matching("T2", link_keys(LIST), ()) == []


async def test_links_that_are_stored_already_stay(store: Store, clock: Clock) -> None:
    """A poll writes those that are new alone, whatever else it saves."""
    acme = Application(id="1", secured_list_url=LIST)
    await stored(store, clock, "T1", acme)
    renamed = acme.model_copy(update={"title": "Renamed"})
    seen = PolledApplication(Snapshot(renamed, StatusClass.OPEN), 8, has_new_links=False)
    new = [Application(id=str(number)) for number in range(2, MAX_CHUNK + 3)]
    await stored(store, clock, "T1", *new, seen=[seen])
    (linked,) = await store.pasted_links.matching("T1", link_keys(LIST), ())
    assert linked.application == renamed
    assert len(await store.applications.fingerprints(linked.connection_id)) == 1 + len(new)


async def test_what_is_hidden_stays_so_for_a_time(store: Store, clock: Clock) -> None:
    """In a message as long as events are kept, and in the workspace until it is changed."""
    links = store.pasted_links
    for user_id in ("U1", "U2"):
        await links.hide("T1", "C1", "1.2", "1:7", user_id, clock.now)
    assert await links.hidden("T1", "C1", "1.2") == {"1:7"}
    assert await links.hidden("T1", "C1", "1.3") == frozenset()
    await links.switch("T1", "U1", clock.now, on=False)
    await store.retention.remove(clock.now + timedelta(days=1), clock.now + timedelta(days=2))
    assert await links.hidden("T1", "C1", "1.2") == frozenset()
    assert (await links.are_off("T1"), await links.are_off("T2")) == (True, False)
    await links.switch("T1", "U1", clock.now, on=True)
    assert not await links.are_off("T1")
