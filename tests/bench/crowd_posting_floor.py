"""The floor of posting to a thousand workspaces: a plain program that posts to each and keeps that in one row.

Run as `python -m tests.bench.crowd_posting_floor SLACK_URL DATABASE_URL WORKSPACES`: 16 at a time, and ends.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime

import aiohttp
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from bot.store.engine.database_url import database_url
from tests.bench.crowd import channel_of, team_of

AT_ONCE = 16

metadata = sa.MetaData()
messages = sa.Table(
    "floor_messages",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("sent_at", sa.DateTime(timezone=True)),
)


async def main(slack_url: str, url: str, number: int) -> None:
    """Post one message to each."""
    engine = create_async_engine(database_url(url), pool_size=AT_ONCE)
    async with engine.begin() as tx:
        await tx.run_sync(metadata.drop_all)
        await tx.run_sync(metadata.create_all)
        await tx.execute(messages.insert(), [{"id": one} for one in range(number)])
    numbers = iter(range(number))
    async with aiohttp.ClientSession() as session:

        async def some() -> None:
            for one in numbers:
                headers = {"Authorization": f"Bearer xoxb-{team_of(one)}"}
                message = {"channel": channel_of(one), "text": "New application"}
                async with session.post(f"{slack_url}/chat.postMessage", json=message, headers=headers) as response:
                    await response.json()
                async with engine.begin() as tx:
                    await tx.execute(messages.update().where(messages.c.id == one).values(sent_at=datetime.now(UTC)))

        print("ready", flush=True)
        await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
