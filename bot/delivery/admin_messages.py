"""The one way in which people are told about the bot's own work (rule W4)."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.core.errors import DeliveryError, NotAllowed, Throttled
from bot.core.notifications.admin_notifications import AdminNotification, DetectionSuspended
from bot.core.notifications.audience import MAX_FAILURES, Progress, next_people
from bot.core.rates import backoff
from bot.core.rounds import wait_after
from bot.delivery.notifier import Notifier
from bot.store import Store
from bot.store.notifications.admin_notifications import AdminNotificationRow

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=1)
"""That a process has a notice without another one telling it; renewed with each person."""

IsAdmin = Callable[[str], Awaitable[bool]]
"""Tells whether someone has the admin role now. Raises NotAllowed where Slack can't say."""


class AdminMessages:
    """Tells people of one workspace what stands in `store.notices`; `admins` are those of ADMIN_USERS.

    Whether someone is still there, and still an admin, is asked just before they are told.
    """

    def __init__(
        self,
        team_id: str,
        store: Store,
        notifier: Notifier,
        admins: Iterable[str],
        is_admin: IsAdmin,
        clock: Callable[[], datetime],
    ) -> None:
        self._team_id, self._store, self._notifier, self._admins = team_id, store, notifier, tuple(admins)
        self._is_admin, self._clock = is_admin, clock

    async def carry_on(self) -> None:
        """Tell what is to be told now. What reaches nobody waits, and begins again with the first step."""
        for row in await self._store.admin_notifications.claim(self._team_id, self._clock(), LEASE):
            await self._tell(row)

    async def _tell(self, row: AdminNotificationRow) -> None:
        progress, tried = row.progress, set[str]()
        wait = timedelta(seconds=backoff(row.tries + 1, random.random()))
        while left := await self._next_people(row, progress):
            user_id = next((one for one in left if one not in tried), None)
            if user_id is None:
                await self._store.admin_notifications.postpone(row, progress, self._clock() + wait)
                return
            tried.add(user_id)
            try:
                progress = await self._reach(row, user_id, progress)
            except Throttled as error:
                wait = max(wait, timedelta(seconds=error.retry_after))
            except DeliveryError as error:
                log.info("someone could not be told", user=user_id, error=str(error))
                progress = progress.with_failure(user_id, for_good=not error.retry)
            if not await self._store.admin_notifications.keep(row, progress, self._clock() + LEASE):
                return
        if progress.reached:
            await self._store.admin_notifications.remove(row)
        else:
            log.warning("nobody could be told", notification=type(row.notification).__name__)
            await self._store.admin_notifications.postpone(row, Progress(), self._clock() + wait_after(row.tries + 1))

    async def _reach(self, row: AdminNotificationRow, user_id: str, progress: Progress) -> Progress:
        """Tell one person, if they are there: Slack takes messages to deactivated accounts, and nobody reads them."""
        if not await self._notifier.is_active(user_id):
            return progress.with_failure(user_id, for_good=True)
        await self._notifier.tell(user_id, await self._addressed(user_id, row.notification))
        return progress.with_reached(user_id)

    async def _addressed(self, user_id: str, notification: AdminNotification) -> AdminNotification:
        """Return a notice for one person: only admins are asked what only they can answer."""
        if not isinstance(notification, DetectionSuspended) or user_id in self._admins:
            return notification
        try:
            return replace(notification, may_answer=await self._is_admin(user_id))
        except NotAllowed:
            return notification  # Slack can't say: whoever answers is looked up then.

    async def _next_people(self, row: AdminNotificationRow, progress: Progress) -> list[str]:
        """Return who is to be told now; each step is only looked for when it is its turn."""
        own, steps = ((), [row.own]) if row.is_personal else (row.own, [])
        for step in (self._named, self._known_admins, self._owners):
            if any(steps) and ((left := next_people(own, steps, progress)) or progress.reached):
                return left
            steps.append(tuple(await step(row)))
        return next_people(own, steps, progress)

    async def _named(self, _row: AdminNotificationRow) -> list[str]:
        return list(self._admins)

    async def _known_admins(self, row: AdminNotificationRow) -> list[str]:
        """Return those who have used the bot as admins and still are; whom Slack can't tell of is no admin.

        Where that leaves nobody for the moment, the first tries wait for Slack.
        """
        admins, unknown = [], []
        for user_id in await self._store.people.admins(self._team_id):
            try:
                if await self._is_admin(user_id):
                    admins.append(user_id)
            except NotAllowed:
                unknown.append(user_id)
        return admins or (unknown if row.tries < MAX_FAILURES else [])

    async def _owners(self, _row: AdminNotificationRow) -> list[str]:
        return await self._store.subscriptions.owners(self._team_id)
