"""Notifies people about the bot's own operation (rule W4)."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.core.backoff import backoff
from bot.core.check_schedule import wait_after
from bot.core.errors import DeliveryError, NotAllowed, Throttled
from bot.core.notifications.admin_notifications import AdminNotification, DetectionSuspended
from bot.core.notifications.escalation import MAX_FAILURES, Progress, next_people
from bot.delivery.notifier import Notifier
from bot.store import Store
from bot.store.notifications.admin_notifications import AdminNotificationRow

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=1)
"""How long a process has a notification to itself. Renewed with each person."""

IsAdmin = Callable[[str], Awaitable[bool]]
"""Returns whether a person has the admin role now. Raises NotAllowed if Slack can't say."""


class AdminNotificationSender:
    """Sends the stored notifications of one workspace. `admins` are those of ADMIN_USERS.

    Whether a person is still there, and still an admin, is checked right before they are notified.
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
        """Send what is due. A notification that reaches no one waits, and then starts again with the first step."""
        for row in await self._store.admin_notifications.claim(self._team_id, self._clock(), LEASE):
            await self._notify(row)

    async def _notify(self, row: AdminNotificationRow) -> None:
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
                log.info("someone could not be notified", user=user_id, error=str(error))
                progress = progress.with_failure(user_id, for_good=not error.retry)
            if not await self._store.admin_notifications.keep(row, progress, self._clock() + LEASE):
                return
        if progress.reached:
            await self._store.admin_notifications.remove(row)
        else:
            log.warning("nobody could be notified", notification=type(row.notification).__name__)
            await self._store.admin_notifications.postpone(row, Progress(), self._clock() + wait_after(row.tries + 1))

    async def _reach(self, row: AdminNotificationRow, user_id: str, progress: Progress) -> Progress:
        """Notify one person if they are active. Slack accepts messages to deactivated users that no one will read."""
        if not await self._notifier.is_active(user_id):
            return progress.with_failure(user_id, for_good=True)
        await self._notifier.notify(user_id, await self._addressed(user_id, row.notification))
        return progress.with_reached(user_id)

    async def _addressed(self, user_id: str, notification: AdminNotification) -> AdminNotification:
        """Return a notification as one person gets it: only admins are asked what only they can answer."""
        if not isinstance(notification, DetectionSuspended) or user_id in self._admins:
            return notification
        try:
            return replace(notification, may_answer=await self._is_admin(user_id))
        except NotAllowed:
            return notification  # Slack can't say: the person who answers is looked up then.

    async def _next_people(self, row: AdminNotificationRow, progress: Progress) -> list[str]:
        """Return the people to notify now. Each step is computed only when it is needed."""
        own, steps = ((), [row.own]) if row.is_personal else (row.own, [])
        for step in (self._named, self._known_admins, self._owners):
            if any(steps) and ((left := next_people(own, steps, progress)) or progress.reached):
                return left
            steps.append(tuple(await step(row)))
        return next_people(own, steps, progress)

    async def _named(self, _row: AdminNotificationRow) -> list[str]:
        return list(self._admins)

    async def _known_admins(self, row: AdminNotificationRow) -> list[str]:
        """Return the users of the bot who still are admins. If Slack can't say, a person doesn't count.

        If that leaves no one for the moment, the first tries wait for Slack.
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
