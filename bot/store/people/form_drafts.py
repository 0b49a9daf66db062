"""Form drafts: what people type, kept for a day, and the protection against creating twice (rules M1, M2).

States: open → sending → done or unknown, each step by compare-and-set. Of several submissions of one view, only one
sends. What is sent in steps is stopping once the person has stopped it, until its present step is over.

From then on the person is owed the result (`owed_since`) until they have it, in the modal with the form (`view_id`) or
by direct message. `view_id` is cleared when the modal is closed. Both change by compare-and-set, so the result is
delivered once, even if two processes notice that the modal was closed.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from bot.core.quotas import MAX_DRAFTS
from bot.store.engine.database import Database, LockedTransaction
from bot.store.engine.encryption import Encryption
from bot.store.engine.tables import drafts
from bot.store.people import draft_contents
from bot.store.people.draft_contents import DraftContents

KEPT_FOR = timedelta(hours=24)

SILENT = timedelta(seconds=60)
"""Longer than any call takes: what is still being sent, or owed, after this was left by a process that died."""


class DraftState(StrEnum):
    """How far a form has come."""

    OPEN = "open"
    SENDING = "sending"
    STOPPING = "stopping"
    """The person stopped what is sent in steps. Its present step is not over yet."""
    DONE = "done"
    UNKNOWN = "unknown"
    """It is unknown whether Clust took it."""


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """A form that someone is filling in or has sent. `target` is the application it is about, `result` what it made."""

    id: str
    team_id: str
    user_id: str
    form: str
    state: DraftState
    contents: DraftContents
    connection_id: int | None
    target: str | None
    result: str | None
    template: str | None
    view_id: str | None
    created_at: datetime
    expires_at: datetime


_COLUMNS = [drafts.c[name] for name in StoredDraft.__slots__ if name != "contents"]


class FormDrafts:
    """Questions and answers about drafts."""

    def __init__(self, database: Database, secrets: Encryption) -> None:
        self._db, self._secrets = database, secrets

    @property
    def outlives_the_process(self) -> bool:
        """Whether a draft can still be read after a restart. The form warns where it can't."""
        return self._secrets.outlive_the_process

    async def open(
        self,
        team_id: str,
        user_id: str,
        form: str,
        connection_id: int | None,
        now: datetime,
        *,
        target: str | None = None,
        contents: DraftContents | None = None,
        draft_id: str | None = None,
        most: int = MAX_DRAFTS,
    ) -> StoredDraft:
        """Make the draft of a form that is about to open, with the contents that it opens with, if any.

        `draft_id` is for what may be asked for twice: a draft that has it already stays as it is. Of more than `most`
        drafts of a person the oldest are removed.
        """
        contents = contents or DraftContents()
        draft = StoredDraft(
            id=draft_id or uuid.uuid4().hex,
            team_id=team_id,
            user_id=user_id,
            form=form,
            state=DraftState.OPEN,
            contents=contents,
            connection_id=connection_id,
            target=target,
            result=None,
            template=None,
            view_id=None,
            created_at=now,
            expires_at=now + KEPT_FOR,
        )
        row = {column.name: getattr(draft, column.name) for column in _COLUMNS}
        theirs = sa.and_(drafts.c.team_id == team_id, drafts.c.user_id == user_id)
        # What is being sent, may have been, or is owed to the person goes after a day.
        is_settled = sa.and_(drafts.c.state.in_([DraftState.OPEN, DraftState.DONE]), drafts.c.owed_since.is_(None))
        others = sa.select(drafts.c.id).where(theirs, is_settled)
        oldest = others.order_by(drafts.c.created_at.desc(), drafts.c.id).offset(most - 1)
        async with self._db.write(lock=f"{team_id} {user_id} drafts") as tx:
            too_many = (await tx.execute(oldest)).scalars().all()
            await tx.execute(drafts.delete().where(drafts.c.id.in_(too_many)))
            await tx.execute(self._db.upsert(drafts, update=()), [{**row, "sealed": self._seal(contents)}])
        return draft

    async def get(self, draft_id: str, team_id: str, user_id: str, now: datetime) -> StoredDraft | None:
        """Return a person's draft, or None for someone else's, an expired one, and one that no key opens."""
        owned = sa.and_(drafts.c.team_id == team_id, drafts.c.user_id == user_id)
        rows = await self._all(now, drafts.c.id == draft_id, owned)
        return rows[0] if rows else None

    async def of_pane(
        self, team_id: str, user_id: str, connection_id: int, target: str, now: datetime
    ) -> StoredDraft | None:
        """Return the draft of a person's pane of an application: an open one, otherwise the newest, or None.

        A person may have several panes of it. Their draft is as the first of them opened, so that no change of
        others is missed.
        """
        owned = sa.and_(drafts.c.team_id == team_id, drafts.c.user_id == user_id, drafts.c.target == target)
        rows = await self._all(now, owned, drafts.c.connection_id == connection_id)
        panes = [draft for draft in rows if draft.contents.in_pane]
        return next((draft for draft in panes if draft.state == DraftState.OPEN), panes[0] if panes else None)

    async def resumable(self, team_id: str, user_id: str, now: datetime) -> list[StoredDraft]:
        """Return the drafts in which a person's words wait, newest first: submitted once, and not done."""
        owned = sa.and_(drafts.c.team_id == team_id, drafts.c.user_id == user_id)
        rows = await self._all(now, owned, drafts.c.kept_at.is_not(None))
        return [draft for draft in rows if draft.state in {DraftState.OPEN, DraftState.UNKNOWN}]

    async def keep(self, draft_id: str, contents: DraftContents, now: datetime, view_id: str | None = None) -> bool:
        """Keep what was submitted, in the window `view_id` where one is given.

        Returns False where the draft is not open any more, so that what is sent stays as it is.
        """
        window = {"view_id": view_id} if view_id else {}
        return await self._change(draft_id, _is(DraftState.OPEN), sealed=self._seal(contents), kept_at=now, **window)

    async def move(self, draft_id: str, connection_id: int) -> bool:
        """Let an open draft be about another account. Returns False if it isn't open any more."""
        return await self._change(draft_id, _is(DraftState.OPEN), connection_id=connection_id)

    async def remember_template(self, draft_id: str, template_id: str) -> None:
        """Remember the template that was made for a draft, so that a retry makes no second."""
        await self._change(draft_id, template=template_id)

    async def begin_sending(self, draft_id: str, now: datetime, view_id: str | None = None) -> bool:
        """Take the right to send an open draft. The result is owed from now on, in the window `view_id`, if any.

        Returns False where another submission has that right or had it.
        """
        alive = drafts.c.expires_at > now
        sent = {"state": DraftState.SENDING, "sending_at": now, "owed_since": now, "view_id": view_id}
        return await self._change(draft_id, _is(DraftState.OPEN), alive, **sent)

    async def retry_unknown(self, draft_id: str, now: datetime, view_id: str | None = None) -> bool:
        """Take the right to send again a draft whose outcome is unknown. A person must have asked for it."""
        alive = drafts.c.expires_at > now
        sent = {"state": DraftState.SENDING, "sending_at": now, "owed_since": now, "view_id": view_id}
        return await self._change(draft_id, _is_unknown(now), alive, **sent)

    async def advance(self, draft_id: str, contents: DraftContents, now: datetime) -> bool:
        """Keep how far a draft has come that is sent in steps: no one else brings its result.

        Returns False if the person has stopped it. No further step may be sent then.
        """
        is_going_on = await self._change(draft_id, _is(DraftState.SENDING), sending_at=now)
        await self._change(draft_id, _is(DraftState.SENDING, DraftState.STOPPING), sealed=self._seal(contents))
        await self._change(
            draft_id, _is(DraftState.SENDING, DraftState.STOPPING), drafts.c.owed_since.is_not(None), owed_since=now
        )
        return is_going_on

    async def stop(self, draft_id: str) -> bool:
        """Stop a draft that is sent in steps. Returns False if it isn't being sent any more."""
        return await self._change(draft_id, _is(DraftState.SENDING), state=DraftState.STOPPING)

    async def answered_in(self, draft_id: str, view_id: str) -> bool:
        """Record that the result stands in a window. Returns False if the window was closed by then."""
        return await self._change(draft_id, drafts.c.view_id == view_id, owed_since=None)

    async def take_answer(self, draft_id: str) -> bool:
        """Take the right to send the result by direct message. Returns False if it isn't owed any more."""
        return await self._change(draft_id, drafts.c.owed_since.is_not(None), owed_since=None, view_id=None)

    async def owe_again(self, draft_id: str, now: datetime) -> None:
        """Record that a direct message with the result could not be sent: it is tried again."""
        await self._change(draft_id, owed_since=now)

    async def closed(self, team_id: str, user_id: str, view_id: str, now: datetime) -> StoredDraft | None:
        """Record that a person has closed a window.

        Returns the draft that stood there where something is left to do and the person knew it, once. Returns None
        where its result is still owed: the process that brings it finds the window closed.
        """
        stood = sa.and_(drafts.c.team_id == team_id, drafts.c.user_id == user_id, drafts.c.view_id == view_id)
        columns = (drafts.c.id, drafts.c.owed_since)
        async with self._db.write() as tx:
            row = (await tx.execute(drafts.update().where(stood).values(view_id=None).returning(*columns))).first()
        draft = await self.get(row.id, team_id, user_id, now) if row and row.owed_since is None else None
        return draft if draft and draft.state in {DraftState.OPEN, DraftState.UNKNOWN} else None

    async def owed(self, team_id: str, now: datetime) -> list[StoredDraft]:
        """Return the drafts of a workspace whose result no one brought in time: its process died, or Slack failed."""
        return await self._all(now, drafts.c.team_id == team_id, drafts.c.owed_since <= now - SILENT)

    async def owed_in(self, now: datetime) -> list[str]:
        """Return the workspaces in which a result was not brought in time (see `owed`)."""
        late = sa.select(drafts.c.team_id).where(drafts.c.owed_since <= now - SILENT, drafts.c.expires_at > now)
        async with self._db.read() as tx:
            return sorted((await tx.execute(late.distinct())).scalars())

    async def discard(self, draft_id: str, team_id: str, user_id: str) -> bool:
        """Remove a person's draft that is not being sent. Returns False if there is none, or if it is sent already."""
        own = sa.and_(drafts.c.id == draft_id, drafts.c.team_id == team_id, drafts.c.user_id == user_id)
        async with self._db.write() as tx:
            return (
                await tx.execute(drafts.delete().where(own, _is(DraftState.OPEN, DraftState.UNKNOWN)))
            ).rowcount == 1

    async def reopen(self, draft_id: str) -> None:
        """Open a draft again that was surely not taken: Clust refused it."""
        await self._change(draft_id, _is(DraftState.SENDING), state=DraftState.OPEN)

    async def withdraw(self, draft_id: str) -> None:
        """Open a draft again that the person took up but didn't send: nothing is owed."""
        await self._change(draft_id, _is(DraftState.SENDING), state=DraftState.OPEN, owed_since=None)

    async def done(self, draft_id: str, result: str | None) -> None:
        """End a draft: `result` is the application that it made or changed, seen at once or found later."""
        await self._change(
            draft_id,
            _is(DraftState.SENDING, DraftState.STOPPING, DraftState.UNKNOWN),
            state=DraftState.DONE,
            result=result,
        )

    async def unknown(self, draft_id: str) -> None:
        """Record that it is unknown whether Clust took a draft. It is never sent again by itself."""
        await self._change(draft_id, _is(DraftState.SENDING, DraftState.STOPPING), state=DraftState.UNKNOWN)

    async def remove_expired(self, now: datetime) -> int:
        """Remove what is older than a day and return how many there were."""
        async with self._db.write() as tx:
            return (await tx.execute(drafts.delete().where(drafts.c.expires_at <= now))).rowcount

    async def _all(self, now: datetime, *conditions: sa.ColumnElement[bool]) -> list[StoredDraft]:
        state = sa.case((_is_unknown(now), DraftState.UNKNOWN.value), else_=drafts.c.state).label("state")
        columns = [state if column is drafts.c.state else column for column in _COLUMNS]
        statement = sa.select(*columns, drafts.c.sealed).where(drafts.c.expires_at > now, *conditions)
        async with self._db.read() as tx:
            rows = (await tx.execute(statement.order_by(drafts.c.created_at.desc(), drafts.c.id))).mappings()
            return [draft for row in rows if (draft := self._draft(dict(row)))]

    async def _change(self, draft_id: str, *conditions: sa.ColumnElement[bool], **values: Any) -> bool:
        async with self._db.write() as tx:
            changed = await tx.execute(drafts.update().where(drafts.c.id == draft_id, *conditions).values(**values))
            return changed.rowcount == 1

    def _seal(self, contents: DraftContents) -> str:
        return self._secrets.seal(draft_contents.written(contents))

    def _draft(self, row: dict[str, Any]) -> StoredDraft | None:
        opened = self._secrets.open(row.pop("sealed"))
        if opened is None:
            return None
        return StoredDraft(contents=draft_contents.read(opened), state=DraftState(row.pop("state")), **row)


async def follow_channel(tx: LockedTransaction, secrets: Encryption, team_id: str, old: str, new: str) -> None:
    """Let the forms that people are filling in be about a channel's new id. What no key opens here stays as it is."""
    of_team = drafts.c.team_id == team_id
    for draft_id, sealed in (await tx.execute(sa.select(drafts.c.id, drafts.c.sealed).where(of_team))).all():
        opened = secrets.open(sealed)
        if opened is None or old not in opened:
            continue
        before = draft_contents.read(opened)
        contents = draft_contents.followed(before, old, new)
        # What was typed since then names the new id already, or is asked about when it is sent.
        same = sa.and_(drafts.c.id == draft_id, drafts.c.sealed == sealed)
        if contents != before:
            await tx.execute(drafts.update().where(same).values(sealed=secrets.seal(draft_contents.written(contents))))


def _is(*states: DraftState) -> sa.ColumnElement[bool]:
    return drafts.c.state.in_(states)


def _is_unknown(now: datetime) -> sa.ColumnElement[bool]:
    """Unknown, or left in the middle of sending by a process that died."""
    left = sa.and_(_is(DraftState.SENDING, DraftState.STOPPING), drafts.c.sending_at <= now - SILENT)
    return sa.or_(drafts.c.state == DraftState.UNKNOWN, left)
