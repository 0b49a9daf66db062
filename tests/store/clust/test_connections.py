"""Connections: the accounts of a workspace, their tokens, and which one is meant where none is named."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet

from bot.core.errors import UsageError
from bot.store import Store, open_store
from bot.store.clust.connections import ANSWER_BASELINE
from tests.conftest import NOON, Clock

URL = "https://clust.invalid/api"


@pytest.fixture
async def sealed(url: str) -> AsyncIterator[Store]:
    """A store that can encrypt tokens."""
    opened = open_store(url, posts_per_minute=300, secret_keys=[Fernet.generate_key().decode()])
    yield opened
    await opened.database.close()


async def test_the_account_of_the_settings_keeps_no_token(sealed: Store) -> None:
    """Only a hash: asked for twice it is one. Another token ends the pause after a 401 (rule R3)."""
    first = await sealed.connections.ensure("T1", "default", URL, "token-1234")
    await sealed.connections.note(first.id, paused_until=NOON)
    assert (await sealed.connections.ensure("T1", "default", URL, "token-1234")).paused_until == NOON
    again = await sealed.connections.ensure("T1", "default", URL, "token-5678")
    assert (again.id, again.paused_until, again.hint) == (first.id, None, "5678")
    assert sealed.connections.token(again) is None


async def test_a_token_is_kept_encrypted_and_for_its_address(sealed: Store, clock: Clock) -> None:
    """It comes back as it was, but where the stored address was changed behind its back, it goes nowhere."""
    made = await sealed.connections.connect("T1", "emea", URL, "secret-token", "U1", clock())
    assert made.sealed
    assert "secret-token" not in made.sealed
    assert sealed.connections.token(made) == "secret-token"
    await sealed.connections.note(made.id, base_url="https://evil.invalid/api")
    assert sealed.connections.token(await sealed.connections.get(made.id)) is None


async def test_without_a_key_no_token_is_kept(store: Store, clock: Clock) -> None:
    """The person reads what to do about it."""
    with pytest.raises(UsageError, match="SECRET_KEY"):
        await store.connections.connect("T1", "emea", URL, "secret-token", "U1", clock())


async def test_which_account_is_meant(store: Store) -> None:
    """The channel's, otherwise the workspace's, otherwise the oldest, or none if there is none."""
    connections = store.connections
    assert await connections.meant("T1", "C1") is None
    oldest, second, third = [(await connections.ensure("T1", name, URL, name)).id for name in ("a", "b", "c")]

    async def meant(channel_id: str) -> int | None:
        one = await connections.meant("T1", channel_id)
        return one.id if one else None

    assert await meant("C1") == oldest
    await connections.mean("T1", "", second)
    await connections.mean("T1", "C1", third)
    assert (await meant("C1"), await meant("C2")) == (third, second)
    await connections.end("T1", "c", "U1", NOON)
    assert await meant("C1") == second


async def test_an_account_that_was_disconnected_keeps_no_token(sealed: Store, clock: Clock) -> None:
    """It is listed no more. If it is ended again, it is unknown, and if it is connected again, it is the same row."""
    made = await sealed.connections.connect("T1", "emea", URL, "secret-token", "U1", clock())
    assert await sealed.connections.end("T1", "emea", "U1", clock()) == []
    assert await sealed.connections.end("T1", "emea", "U1", clock()) is None
    assert await sealed.connections.of_team("T1") == await sealed.connections.all() == []
    ended = await sealed.connections.get(made.id)
    assert (ended.sealed, ended.credential) == (None, "")
    again = await sealed.connections.connect("T1", "emea", URL, "new-token", "U2", clock())
    assert (again.id, sealed.connections.token(again)) == (made.id, "new-token")


async def test_an_account_that_is_connected_again_is_asked_about_again(sealed: Store, clock: Clock) -> None:
    """B4: nothing is left of a suspension from before it was disconnected, neither the question nor the answer."""
    made = await sealed.connections.connect("T1", "emea", URL, "secret-token", "U1", clock())
    await sealed.connections.note(made.id, suspended="why", asked_at=clock(), answer=ANSWER_BASELINE)
    await sealed.connections.end("T1", "emea", "U1", clock())
    again = await sealed.connections.connect("T1", "emea", URL, "new-token", "U2", clock())
    assert (again.suspended, again.asked_at, again.answer) == (None, None, None)


async def test_an_answer_needs_an_open_question(store: Store) -> None:
    """B4: no one can answer what is not asked."""
    one = await store.connections.ensure("T1", "default", URL, "token")
    assert not await store.connections.answer(one.id, "continue")
    await store.connections.note(one.id, suspended="Of 3 known applications the last list held 0.")
    assert await store.connections.answer(one.id, "continue")
    assert (await store.connections.get(one.id)).answer == "continue"


async def test_a_call_that_succeeds_ends_a_pause(store: Store) -> None:
    """R3: for every process. Where nothing was wrong, nothing is reported as mended."""
    one = await store.connections.ensure("T1", "default", URL, "token")
    assert not await store.connections.worked(one.id)
    await store.connections.note(one.id, paused_until=NOON + timedelta(hours=1), error="401", failing_since=NOON)
    assert await store.connections.worked(one.id)
    after = await store.connections.get(one.id)
    assert (after.paused_until, after.failing_since) == (None, None)
