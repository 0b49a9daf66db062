"""The Clust accounts of a process: one client for each, with the token that was given for its address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from cryptography.fernet import Fernet

from bot.accounts import Accounts
from bot.core.errors import NoAccount
from bot.sandbox.clust.serving import serve_clust
from bot.store import Store, open_store
from tests.conftest import NOON
from tests.slack.conftest import Account

URL, TOKEN = "https://clust.invalid/api", "token-1234"


@pytest.fixture
async def sealed(sqlite_url: str) -> AsyncIterator[Store]:
    """A store that can encrypt tokens."""
    opened = open_store(sqlite_url, posts_per_minute=300, secret_keys=[Fernet.generate_key().decode()])
    yield opened
    await opened.database.close()


async def test_an_account_is_opened_once(sealed: Store) -> None:
    """It stays open until its connection gets another token. The previous client is closed with the rest."""
    connection = await sealed.connections.connect("T1", "emea", URL, TOKEN, "U1", NOON)
    async with Accounts(sealed, None) as accounts:
        assert not accounts.has_own
        first = await accounts.of(connection)
        assert await accounts.of(connection) is first
        renewed = await sealed.connections.connect("T1", "emea", URL, "token-5678", "U1", NOON)
        assert await accounts.of(renewed) is not first


async def test_the_token_of_the_settings_goes_to_its_address_alone(sealed: Store) -> None:
    """CLUST_API_TOKEN is sent nowhere else, whatever the database says."""
    own = await sealed.connections.ensure("T1", "default", URL, TOKEN)
    async with Accounts(sealed, TOKEN) as accounts:
        assert (await accounts.of(own)).name == "default"
        await sealed.connections.note(own.id, base_url="https://evil.invalid/api")
    async with Accounts(sealed, TOKEN) as accounts:
        with pytest.raises(NoAccount):
            await accounts.of(await sealed.connections.get(own.id))


async def test_without_a_token_there_is_no_account(sealed: Store) -> None:
    """Neither without CLUST_API_TOKEN, nor once it was disconnected."""
    own = await sealed.connections.ensure("T1", "default", URL, TOKEN)
    async with Accounts(sealed, None) as accounts:
        with pytest.raises(NoAccount):
            await accounts.of(own)
    await sealed.connections.end("T1", "default", "U1", NOON)
    async with Accounts(sealed, TOKEN) as accounts:
        with pytest.raises(NoAccount):
            await accounts.of(await sealed.connections.get(own.id))


async def test_many_who_check_at_once_ask_once(sealed: Store) -> None:
    """Simultaneous checks share one answer. A later check asks again."""
    account = Account()
    async with serve_clust(account) as url, Accounts(sealed, account.token) as accounts:
        own = await sealed.connections.ensure("T1", "default", url, account.token)
        check = (await accounts.of(own)).check
        assert len(set(await asyncio.gather(*(check() for _ in range(5))))) == 1
        before = len(account.requests)
        await check()
        assert before < len(account.requests) <= 2 * before
