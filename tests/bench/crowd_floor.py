"""The floor of polling a thousand accounts: a plain program that makes the same requests and keeps one row for each.

Run as `python -m tests.bench.crowd_floor CLUST_URL DATABASE_URL ACCOUNTS INTERVAL`, each account is polled at its own
moment of the interval, on and on. An interval of 0 polls each once, 16 at a time, and ends.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime

import httpx
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.store.engine.database_url import database_url
from tests.bench.crowd import token_of

AT_ONCE = 16

metadata = sa.MetaData()
accounts = sa.Table(
    "floor_accounts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("read_at", sa.DateTime(timezone=True)),
)


async def main(clust_url: str, url: str, number: int, interval: float) -> None:
    """Poll until the process is killed, or once."""
    engine = create_async_engine(database_url(url), pool_size=AT_ONCE)
    async with engine.begin() as tx:
        await tx.run_sync(metadata.drop_all)
        await tx.run_sync(metadata.create_all)
        await tx.execute(accounts.insert(), [{"id": one} for one in range(number)])
    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
    async with httpx.AsyncClient(limits=limits, trust_env=False) as client:
        print("ready", flush=True)
        if interval:
            await _on_and_on(client, engine, clust_url, number, interval)
        else:
            await _flat_out(client, engine, clust_url, number)
    await engine.dispose()


async def _on_and_on(
    client: httpx.AsyncClient, engine: AsyncEngine, clust_url: str, number: int, interval: float
) -> None:
    loop = asyncio.get_running_loop()
    began, at, polls = loop.time(), 0, set[asyncio.Task[None]]()
    while True:
        await asyncio.sleep(began + at * interval / number - loop.time())
        poll = asyncio.create_task(_poll(client, engine, clust_url, at % number))
        polls.add(poll)
        poll.add_done_callback(polls.discard)
        at += 1


async def _flat_out(client: httpx.AsyncClient, engine: AsyncEngine, clust_url: str, number: int) -> None:
    numbers = iter(range(number))

    async def some() -> None:
        for one in numbers:
            await _poll(client, engine, clust_url, one)

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))


async def _poll(client: httpx.AsyncClient, engine: AsyncEngine, clust_url: str, number: int) -> None:
    headers = {"Authorization": f"Bearer {token_of(number)}"}
    answer = await client.get(f"{clust_url}/dossiers", params={"page": 1, "per_page": 100}, headers=headers)
    json.loads(answer.content)
    async with engine.begin() as tx:
        await tx.execute(accounts.update().where(accounts.c.id == number).values(read_at=datetime.now(UTC)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
