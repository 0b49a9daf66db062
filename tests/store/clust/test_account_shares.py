"""Sharing out accounts: leases in bulk, what is due, and what of other processes' stays theirs."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.store import Store, open_store
from bot.store.clust.account_shares import due_accounts
from bot.store.clust.applications import CHANGED
from bot.store.clust.connections import LeaseLost
from bot.store.clust.polls import PollRow
from bot.store.engine.tables import applications, connections, processes
from bot.store.people.installations import Installation, Tokens
from tests.conftest import Clock

LEASE = timedelta(seconds=30)


async def accounts(store: Store, number: int) -> list[int]:
    """Connect accounts of one workspace, and return their ids."""
    names = [f"a{one}" for one in range(number)]
    return [(await store.connections.ensure("T1", name, "http://clust", "token")).id for name in names]


async def due(store: Store, clock: Clock, owner: str = "me") -> list[int]:
    """Return the accounts that a process has to look at now."""
    return [one.connection.id for one in await store.account_shares.due(owner, "T1", clock(), 16, ())]


async def test_a_lease_is_held_by_one_process_and_renewed(store: Store, clock: Clock) -> None:
    """D4: what another process leases can't be taken, and each taker raises the fencing token."""
    ids, now = await accounts(store, 3), clock()
    assert await store.account_shares.take("me", ids[:2], now, now + LEASE) == {ids[0]: 1, ids[1]: 1}
    assert await store.account_shares.take("other", ids, now, now + LEASE) == {ids[2]: 1}
    now = clock.forward(20)
    assert await store.account_shares.renew("me", now, now + LEASE) == set(ids[:2])
    now = clock.forward(20)
    assert await store.account_shares.take("other", ids, now, now + LEASE) == {ids[2]: 2}


async def test_a_lease_that_lapsed_is_not_renewed(store: Store, clock: Clock) -> None:
    """T3: another process may have taken it by then, and what the first one commits is refused."""
    (key,) = await accounts(store, 1)
    await store.account_shares.take("me", [key], clock(), clock() + LEASE)
    now = clock.forward(31)
    assert await store.account_shares.renew("me", now, now + LEASE) == set()
    assert await due(store, clock) == []
    await store.account_shares.take("other", [key], now, now + LEASE)
    with pytest.raises(LeaseLost):
        await store.polls.keep_poll(key, 1, PollRow(now, now, 1, 0, 0))


async def test_the_part_of_each_process_follows_those_that_live(store: Store, clock: Clock) -> None:
    """A process counts until its row lapses, and a row that lapsed is removed by the next that is renewed."""
    await accounts(store, 5)
    for owner in ("me", "other"):
        await store.account_shares.renew(owner, clock(), clock() + LEASE)
    assert (await store.account_shares.distribution("me", "T1", clock(), 9)).part == 3
    clock.forward(20)
    await store.account_shares.renew("me", clock(), clock() + LEASE)
    clock.forward(20)
    distribution = await store.account_shares.distribution("me", "T1", clock(), 9)
    assert (distribution.part, distribution.leased, len(distribution.free)) == (5, 0, 5)
    await store.account_shares.renew("me", clock(), clock() + LEASE)
    async with store.database.read() as tx:
        assert (await tx.execute(sa.select(processes.c.id))).scalars().all() == ["me"]


async def test_only_accounts_of_installed_workspaces_are_shared_out(store: Store, clock: Clock) -> None:
    """An installation that is over, or a disconnected account, is polled by no one."""
    names = (("T1", "a"), ("T1", "b"), ("T2", "a"), ("T3", "a"))
    ids = [(await store.connections.ensure(team, name, "http://clust", "token")).id for team, name in names]
    tokens = Tokens("xoxb-1")
    for team in ("T1", "T2"):
        installation = Installation(team, False, None, team, "https://a", "U", "B", "", "U1", tokens)  # noqa: FBT003
        await store.installations.save(installation, clock())
    await store.installations.end("T2", clock())
    await store.connections.end("T1", "b", "U1", clock())
    distribution = await store.account_shares.distribution("me", None, clock(), 9)
    assert (distribution.accounts, list(distribution.free)) == (1, ids[:1])
    assert list((await store.account_shares.distribution("me", "T3", clock(), 9)).free) == ids[3:]


async def test_what_people_ask_for_makes_an_account_due(store: Store, clock: Clock) -> None:
    """An answer, a class of a status code and a call that ends a pause are looked at before the next turn."""
    (key,) = await accounts(store, 1)
    await store.account_shares.take("me", [key], clock(), clock() + LEASE)
    later, connections = clock() + timedelta(seconds=10), store.connections

    async def rests() -> bool:
        await connections.note(key, poll_at=later, suspended="?", failing_way="down", paused_until=later)
        return await due(store, clock) == []

    assert await rests()
    assert await connections.answer(key, "go_on")
    assert await due(store, clock) == [key]
    assert await rests()
    await connections.choose_status(key, "7_signed", "submitted")
    assert await due(store, clock) == [key]
    assert await rests()
    assert await connections.worked(key)
    assert await due(store, clock) == [key]
    await connections.note(key, poll_at=later)
    clock.forward(10)
    assert await due(store, clock) == [key]


async def test_what_is_due_says_what_waits(store: Store, clock: Clock) -> None:
    """An account of which nothing waits needs no further question, but a single read that waits is noticed."""
    (key,) = await accounts(store, 1)
    await store.account_shares.take("me", [key], clock(), clock() + LEASE)
    (one,) = await store.account_shares.due("me", "T1", clock(), 16, ())
    assert (one.is_settled, one.is_waiting) == (True, False)
    row = {"connection_id": key, "id": "1", "fingerprint": 1, "snapshot": "{}", "late": False, "occurrences": {}}
    async with store.database.write() as tx:
        await tx.execute(applications.insert().values(**row, absent=0, gone=False, discovered=False, unread=CHANGED))
    (one,) = await store.account_shares.due("me", "T1", clock(), 16, ())
    assert not one.is_settled
    assert await store.account_shares.due("me", "T1", clock(), 16, [key]) == []


async def test_a_process_that_ends_gives_everything_back(store: Store, clock: Clock) -> None:
    """Others need not wait for its leases to lapse, nor count it."""
    ids = await accounts(store, 2)
    await store.account_shares.renew("me", clock(), clock() + LEASE)
    await store.account_shares.take("me", ids, clock(), clock() + LEASE)
    await store.account_shares.leave("me")
    distribution = await store.account_shares.distribution("other", "T1", clock(), 9)
    assert (distribution.processes, len(distribution.free)) == (0, 2)


ACCOUNTS, ROWS = 2_000, 200_000


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_what_is_due_is_found_without_reading_whole_tables(postgresql_url: str, clock: Clock) -> None:
    """PostgreSQL serves it by indexes, with half of 200,000 rows waiting. Asked with each number of due accounts."""
    store = open_store(postgresql_url, posts_per_minute=300)
    now, owners = clock(), [f"p{number}" for number in range(10)]
    account = {"name": "a", "base_url": "u", "credential": "", "lease_until": now + LEASE}
    accounts = [
        {
            **account,
            "id": one,
            "team_id": f"T{one}",
            "lease_owner": owners[one % 10],
            "poll_at": now + (one % 2) * LEASE,
        }
        for one in range(1, ACCOUNTS + 1)
    ]
    row = {"fingerprint": 1, "snapshot": "{}", "late": False, "occurrences": {}, "gone": False, "discovered": False}
    seen = [
        {
            **row,
            "connection_id": 1 + one % ACCOUNTS,
            "id": str(one),
            "absent": 0,
            "unread": CHANGED if one % 2 else None,
        }
        for one in range(ROWS)
    ]
    async with store.database.write() as tx:
        await tx.execute(connections.insert(), accounts)
        for start in range(0, ROWS, 10_000):
            await tx.execute(applications.insert(), seen[start : start + 10_000])
    async with store.database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(sa.text("ANALYZE"))
    for most in (1, 16):
        for workspace in ("T1", None):
            statement = due_accounts(workspace).params(owner="p1", now=now, most=most, busy=[3])
            compiled = statement.compile(dialect=store.database.engine.dialect, compile_kwargs={"literal_binds": True})
            async with store.database.read() as tx:
                lines = (await tx.exec_driver_sql(f"EXPLAIN {compiled}")).scalars().all()
            assert [line for line in lines if "Seq Scan on applications" in line or "Seq Scan on conn" in line] == []
    await store.database.close()
