"""Drafts: one submission sends, no one else reads, and nothing lasts longer than a day (rules M1, M2)."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from bot.core.errors import UsageError
from bot.store import Store, open_store
from bot.store.engine.encryption import Encryption, check_keys
from bot.store.engine.tables import drafts
from bot.store.people.draft_contents import DraftContents
from bot.store.people.form_drafts import KEPT_FOR, SILENT, DraftState, StoredDraft
from tests.conftest import Clock

FORM = "application.create"
TYPED = DraftContents(
    "C1", typed={"first_name": "Ana", "email": "ana@acme.example", "webhook_events": ["late"], "folder_id": None}
)


async def opened(store: Store, clock: Clock, user: str = "U1", target: str | None = None) -> StoredDraft:
    """Open a form for someone."""
    connection = await store.connections.ensure("T1", "default", "http://clust", "token")
    return await store.form_drafts.open("T1", user, FORM, connection.id, clock.now, target=target)


async def state(store: Store, draft: StoredDraft, clock: Clock) -> str:
    """Return the state in which its owner finds a draft."""
    stored = await store.form_drafts.get(draft.id, "T1", draft.user_id, clock.now)
    assert stored is not None
    return stored.state


async def test_what_was_typed_comes_back_as_it_was(store: Store, clock: Clock) -> None:
    """M2: a draft is opaque, belongs to a person, and keeps values, view and template."""
    draft = await opened(store, clock, target="123")
    assert re.fullmatch(r"[0-9a-f]{32}", draft.id)
    assert await store.form_drafts.keep(draft.id, TYPED, clock.now, "V1")
    await store.form_drafts.remember_template(draft.id, "9")
    stored = await store.form_drafts.get(draft.id, "T1", "U1", clock.now)
    assert stored is not None
    assert (stored.contents, stored.form, stored.state, stored.target) == (TYPED, FORM, DraftState.OPEN, "123")
    assert (stored.view_id, stored.template, stored.expires_at) == ("V1", "9", clock.now + KEPT_FOR)


async def test_of_two_submissions_at_once_one_sends(store: Store, url: str, clock: Clock) -> None:
    """M2: compare-and-set lets one of many submissions send, also over two processes."""
    other = open_store(url, posts_per_minute=300)
    draft = await opened(store, clock)
    tries = (each.form_drafts.begin_sending(draft.id, clock.now) for each in (store, other, store, other))
    assert sorted(await asyncio.gather(*tries)) == [False, False, False, True]
    await other.database.close()


async def test_a_refusal_opens_the_draft_again(store: Store, clock: Clock) -> None:
    """M1: what Clust refused can be mended and sent, once more once."""
    draft = await opened(store, clock)
    await store.form_drafts.begin_sending(draft.id, clock.now)
    assert not await store.form_drafts.keep(draft.id, DraftContents(typed={"first_name": "Eve"}), clock.now)
    await store.form_drafts.reopen(draft.id)
    assert await store.form_drafts.keep(draft.id, TYPED, clock.now)
    assert await store.form_drafts.begin_sending(draft.id, clock.now)


async def test_what_is_done_is_sent_no_more(store: Store, clock: Clock) -> None:
    """M2: done is the end, and holds what was made."""
    draft = await opened(store, clock)
    await store.form_drafts.begin_sending(draft.id, clock.now)
    await store.form_drafts.done(draft.id, "77")
    await store.form_drafts.unknown(draft.id)
    await store.form_drafts.reopen(draft.id)
    assert not await store.form_drafts.begin_sending(draft.id, clock.now)
    assert not await store.form_drafts.retry_unknown(draft.id, clock.now)
    stored = await store.form_drafts.get(draft.id, "T1", "U1", clock.now)
    assert stored is not None
    assert (stored.state, stored.result) == (DraftState.DONE, "77")


async def test_an_unknown_outcome_is_retried_once_by_a_person(store: Store, clock: Clock) -> None:
    """M2: a submission can't send it, and of two clicks on Try again one does."""
    draft = await opened(store, clock)
    await store.form_drafts.begin_sending(draft.id, clock.now)
    assert not await store.form_drafts.retry_unknown(draft.id, clock.now)
    await store.form_drafts.unknown(draft.id)
    assert not await store.form_drafts.begin_sending(draft.id, clock.now)
    tries = (store.form_drafts.retry_unknown(draft.id, clock.now) for _ in range(2))
    assert sorted(await asyncio.gather(*tries)) == [False, True]
    assert await state(store, draft, clock) == DraftState.SENDING


async def test_an_unknown_outcome_that_is_found_is_done(store: Store, clock: Clock) -> None:
    """M2: Check may find the application that a lost answer was about."""
    draft = await opened(store, clock)
    await store.form_drafts.begin_sending(draft.id, clock.now)
    await store.form_drafts.unknown(draft.id)
    await store.form_drafts.done(draft.id, "77")
    assert await state(store, draft, clock) == DraftState.DONE


async def test_a_draft_of_a_dead_process_is_unknown(store: Store, clock: Clock) -> None:
    """M2: no one knows whether what was being sent for so long was taken."""
    draft = await opened(store, clock)
    await store.form_drafts.begin_sending(draft.id, clock.now)
    assert await state(store, draft, clock) == DraftState.SENDING
    clock.forward(SILENT.total_seconds())
    assert await state(store, draft, clock) == DraftState.UNKNOWN
    assert await store.form_drafts.retry_unknown(draft.id, clock.now)


async def test_the_result_is_brought_once(store: Store, clock: Clock) -> None:
    """C3: of all that see that the window is closed one sends the direct message."""
    draft = await opened(store, clock)
    await store.form_drafts.begin_sending(draft.id, clock.now, "V1")
    await store.form_drafts.reopen(draft.id)
    tries = (store.form_drafts.take_answer(draft.id) for _ in range(3))
    assert sorted(await asyncio.gather(*tries)) == [False, False, True]
    assert await store.form_drafts.closed("T1", "U1", "V1", clock.now) is None


async def test_a_result_for_a_closed_window_becomes_a_message(store: Store, clock: Clock) -> None:
    """C3: the process that brings the result into a window that is closed by then learns it, and sends a message."""
    draft = await opened(store, clock)
    await store.form_drafts.begin_sending(draft.id, clock.now, "V1")
    assert await store.form_drafts.closed("T1", "U1", "V1", clock.now) is None
    await store.form_drafts.reopen(draft.id)
    assert not await store.form_drafts.answered_in(draft.id, "V1")
    assert await store.form_drafts.take_answer(draft.id)


async def test_a_window_that_closes_with_work_left_names_its_draft_once(store: Store, clock: Clock) -> None:
    """C3: what was refused, and closed afterwards, is offered once, but what is done is not."""
    draft = await opened(store, clock)
    await store.form_drafts.begin_sending(draft.id, clock.now, "V1")
    await store.form_drafts.reopen(draft.id)
    assert await store.form_drafts.answered_in(draft.id, "V1")
    assert await store.form_drafts.closed("T1", "U2", "V1", clock.now) is None
    left = await store.form_drafts.closed("T1", "U1", "V1", clock.now)
    assert left
    assert left.id == draft.id
    assert await store.form_drafts.closed("T1", "U1", "V1", clock.now) is None
    await store.form_drafts.begin_sending(draft.id, clock.now, "V2")
    await store.form_drafts.done(draft.id, "77")
    assert await store.form_drafts.answered_in(draft.id, "V2")
    assert await store.form_drafts.closed("T1", "U1", "V2", clock.now) is None


async def test_a_result_that_nobody_brings_stays_owed(store: Store, clock: Clock) -> None:
    """C3: whatever a process did before it died, the draft is found until its result was brought."""
    draft = await opened(store, clock)
    await store.form_drafts.begin_sending(draft.id, clock.now, "V1")
    assert await store.form_drafts.owed("T1", clock.now) == []
    clock.forward(SILENT.total_seconds())
    assert [(each.id, each.state) for each in await store.form_drafts.owed("T1", clock.now)] == [
        (draft.id, DraftState.UNKNOWN)
    ]
    await store.form_drafts.take_answer(draft.id)
    assert await store.form_drafts.owed("T1", clock.now) == []
    await store.form_drafts.owe_again(draft.id, clock.now)
    clock.forward(SILENT.total_seconds())
    assert len(await store.form_drafts.owed("T1", clock.now)) == 1


async def test_only_its_owner_discards_a_draft(store: Store, clock: Clock) -> None:
    """C3: what a person doesn't want any more is removed, but what is being sent is not."""
    draft = await opened(store, clock)
    assert not await store.form_drafts.discard(draft.id, "T1", "U2")
    assert await store.form_drafts.discard(draft.id, "T1", "U1")
    sent = await opened(store, clock)
    await store.form_drafts.begin_sending(sent.id, clock.now)
    assert not await store.form_drafts.discard(sent.id, "T1", "U1")


async def test_nobody_else_has_a_draft(store: Store, clock: Clock) -> None:
    """M2: the id in a view proves nothing: it is checked against the person."""
    draft = await opened(store, clock)
    assert await store.form_drafts.get(draft.id, "T1", "U2", clock.now) is None
    assert await store.form_drafts.get("0" * 32, "T1", "U1", clock.now) is None


async def test_a_draft_ends_after_a_day(store: Store, clock: Clock) -> None:
    """M2: what is expired is not found, not sent, and removed, but younger ones stay."""
    old = await opened(store, clock)
    clock.now += KEPT_FOR - timedelta(seconds=1)
    young = await opened(store, clock)
    clock.forward(1)
    assert await store.form_drafts.get(old.id, "T1", "U1", clock.now) is None
    assert not await store.form_drafts.begin_sending(old.id, clock.now)
    assert await store.form_drafts.remove_expired(clock.now) == 1
    assert await store.form_drafts.get(young.id, "T1", "U1", clock.now) == young


async def test_what_was_submitted_and_is_not_done_can_be_resumed(store: Store, clock: Clock) -> None:
    """M1: newest first, the person's own, and none that was only opened."""
    await opened(store, clock)
    kept = []
    for user in ("U1", "U1", "U1", "U2"):
        clock.forward(1)
        draft = await opened(store, clock, user)
        await store.form_drafts.keep(draft.id, TYPED, clock.now)
        kept.append(draft.id)
    await store.form_drafts.begin_sending(kept[1], clock.now)
    await store.form_drafts.done(kept[1], "77")
    assert [each.id for each in await store.form_drafts.resumable("T1", "U1", clock.now)] == [kept[2], kept[0]]


async def test_values_cannot_be_read_without_the_key(store: Store, url: str, clock: Clock) -> None:
    """M2: the database shows nothing that was typed, and another process's key opens nothing."""
    draft = await opened(store, clock)
    await store.form_drafts.keep(draft.id, TYPED, clock.now)
    async with store.database.read() as tx:
        row = str((await tx.execute(sa.select(drafts))).mappings().one())
    for typed in ("first_name", "ana@acme.example"):  # longer than what a ciphertext holds by chance
        assert typed not in row
    stranger = open_store(url, posts_per_minute=300)
    assert await stranger.form_drafts.get(draft.id, "T1", "U1", clock.now) is None
    assert not stranger.form_drafts.outlives_the_process
    await stranger.database.close()


async def test_with_a_key_drafts_outlive_the_process(url: str, clock: Clock) -> None:
    """SECRET_KEY: a new process reads them, also after the key was rotated, as long as the old one is listed."""
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    before, after = (open_store(url, posts_per_minute=300, secret_keys=keys) for keys in ([old], [new, old]))
    draft = await opened(before, clock)
    await before.form_drafts.keep(draft.id, TYPED, clock.now)
    await before.database.close()
    stored = await after.form_drafts.get(draft.id, "T1", "U1", clock.now)
    await after.database.close()
    assert stored is not None
    assert stored.contents == TYPED
    assert after.form_drafts.outlives_the_process


def test_what_was_altered_is_not_opened() -> None:
    """A sealed value that someone changed is none."""
    secrets = Encryption()
    sealed = secrets.seal("Ana")
    assert secrets.open(sealed) == "Ana"
    assert secrets.open(sealed[:-4] + "AAA=") is None
    assert secrets.open("") is None


@pytest.mark.parametrize("key", ["short", "é" * 44, "A" * 44 + "="])
def test_a_wrong_key_is_refused_and_not_quoted(key: str) -> None:
    """SECRET_KEY: the sentence says how to make one."""
    with pytest.raises(UsageError, match="openssl rand") as refused:
        check_keys([Fernet.generate_key().decode(), key])
    assert key not in refused.value.sentence
