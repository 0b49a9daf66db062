"""Checks the channels and subscription owners of one workspace, and notifies people of problems.

A notification is stored until it was sent, so a crash loses none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from bot.core.check_schedule import CheckOutcome
from bot.core.notifications.admin_notifications import ChannelHeld, DetectionSuspended
from bot.delivery import channel_check, owner_check
from bot.delivery.admin_notifications import AdminNotificationSender
from bot.delivery.channel_check import ChannelCheck
from bot.delivery.check_schedule import CheckResult, ScheduledChecks
from bot.delivery.independent_work import IndependentWork, run_independently
from bot.delivery.notifier import Notifier
from bot.delivery.owner_check import OwnerCheck
from bot.delivery.regular_reports import RegularReports
from bot.store import Store
from bot.store.clust.connections import Connection
from bot.store.engine.due_work import WorkKind
from bot.store.notifications.admin_notifications import hold_of
from bot.store.notifications.check_schedule import CHANNEL, PERSON, REMINDER
from bot.store.notifications.subscriptions import SubscriptionRow

MAX_CHECKS = 5
"""Channels and people checked in one round: 20 a minute leave half of Slack's limit for what can't wait."""

MAX_REMINDED_CHANNELS = 50
"""Channels whose reminders are checked in one round."""

REMIND_EVERY = timedelta(minutes=10)
"""Between two checks of a channel's reminders."""

RESTS: Mapping[str, timedelta] = {CHANNEL: channel_check.REST, PERSON: owner_check.REST, REMINDER: REMIND_EVERY}
"""The time between two checks of each kind."""


class WorkspaceChecks:
    """The periodic checks of one workspace. Events are kept for `retention`."""

    def __init__(
        self,
        team_id: str,
        store: Store,
        notifier: Notifier,
        admin_sender: AdminNotificationSender,
        clock: Callable[[], datetime],
        retention: timedelta,
    ) -> None:
        self._team_id, self._store = team_id, store
        self._regular_reports = RegularReports(team_id, store, notifier, clock, retention)
        self._admin_sender, self._clock = admin_sender, clock
        self._channels = ChannelCheck(team_id, store, notifier, clock)
        self._owners = OwnerCheck(team_id, store, notifier, clock)
        self._reminders = ScheduledChecks(team_id, REMINDER, store.check_schedule, self._remind, REMIND_EVERY, clock)

    async def begin(self, kind: WorkKind) -> None:
        """Do what is due of one kind: part of a round, or all notifications."""
        kinds: Mapping[WorkKind, IndependentWork] = {
            WorkKind.CHANNELS: partial(self._channels.check_due, MAX_CHECKS),
            WorkKind.PEOPLE: partial(self._owners.check_due, MAX_CHECKS),
            WorkKind.REMINDERS: partial(self._reminders.go, MAX_REMINDED_CHANNELS),
            WorkKind.REPORT: self._regular_reports.make_due,
            WorkKind.PROBLEM: self._report,
            WorkKind.NOTIFY: self._admin_sender.carry_on,
        }
        await kinds[kind]()

    async def check(self, channel_id: str) -> None:
        """Hold or resume a channel according to what Slack says now. Raises a DeliveryError."""
        await self._channels.check(channel_id)

    async def _remind(self, channel_id: str) -> CheckResult:
        """Queue a channel's due reminders, if it wants them."""
        await self._store.reminders.remind(self._team_id, channel_id, self._clock())
        return CheckOutcome.WELL, None

    async def _report(self) -> None:
        """Store missing notifications: about held channels, and about suspended detection."""
        untold = _by_trouble(await self._store.subscriptions.untold(self._team_id))
        connections = await self._store.connections.of_team(self._team_id)
        asking = [one for one in connections if one.suspended and not one.asked_at and one.answer is None]
        works: list[IndependentWork] = [
            *(partial(self._report_held, rows) for rows in untold.values()),
            *(partial(self._ask, one) for one in asking),
        ]
        await run_independently(works, "notifying people")

    async def _report_held(self, rows: Sequence[SubscriptionRow]) -> None:
        """Store the notification that a channel is held, for its owners and admins."""
        channel_id, reason = rows[0].channel_id, rows[0].reason or ""
        owners = tuple(dict.fromkeys(row.created_by for row in rows))
        notification, ids = ChannelHeld(channel_id, reason, owners), [row.id for row in rows]
        subject = hold_of(channel_id, reason)
        await self._store.admin_notifications.about_subscriptions(
            self._team_id, ids, subject, notification, self._clock(), own=owners
        )

    async def _ask(self, connection: Connection) -> None:
        """Store the question to admins about an account whose detection is suspended."""
        question, now = DetectionSuspended(connection.id, connection.name, connection.suspended or ""), self._clock()
        await self._store.admin_notifications.about_connection(connection.id, "asked_at", now, question, now)


def _by_trouble(rows: Iterable[SubscriptionRow]) -> dict[tuple[str, str], list[SubscriptionRow]]:
    """Group subscriptions by channel and problem."""
    by_trouble: dict[tuple[str, str], list[SubscriptionRow]] = {}
    for row in rows:
        by_trouble.setdefault((row.channel_id, row.reason or ""), []).append(row)
    return by_trouble
