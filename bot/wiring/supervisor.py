"""Run the workers of a process: one loop of each kind for all workspaces and accounts.

Accounts can be added and removed while the process runs. Each is polled independently, so a slow, refused or broken one
delays no other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Protocol

import structlog

from bot.clust import ClustClient
from bot.core.applications.status_rules import StatusRules
from bot.delivery import Dispatcher, PeriodicChecks, WorkspaceChecks, WorkspaceDispatcher
from bot.delivery.admin_notifications import AdminNotificationSender
from bot.delivery.housekeeping import Housekeeping
from bot.delivery.watchdog import Watchdog
from bot.poller import PollSchedule
from bot.poller.loop import Poller, PollTiming
from bot.slack.listeners.draft_results import DraftResults
from bot.slack.request.services import Services
from bot.store.clust.connections import Connection
from bot.store.engine.periodic import run_periodically
from bot.wiring.open_workspace import OpenWorkspace, SharedServices

log = structlog.get_logger(__name__)

LOOK_EVERY_SECONDS = 2.0
"""Time between checks of which workspaces and accounts exist."""


TEND_EVERY_SECONDS = 60.0
"""Time between checks for tokens that expire soon (Slack: Token rotation)."""


class PeriodicWorker(Protocol):
    """A worker that runs until it is stopped."""

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set."""


class WorkspaceList(Protocol):
    """The workspaces that are served."""

    async def team_ids(self) -> Collection[str]:
        """Return the served workspaces."""

    async def tend(self) -> None:
        """Refresh tokens that expire soon, and close what was not used for a while."""

    async def open(self, team_id: str) -> OpenWorkspace | None:
        """Return one workspace, None if it can't be served now."""


class TokenRefresher:
    """Refreshes tokens that expire soon, also of unused workspaces, and closes what is no longer used."""

    def __init__(self, workspaces: WorkspaceList) -> None:
        self._workspaces = workspaces

    async def run(self, stop: asyncio.Event) -> None:
        """Run every minute, until `stop` is set."""
        await run_periodically(self._workspaces.tend, TEND_EVERY_SECONDS, stop, "tokens can't be renewed")


@dataclass(slots=True)
class _RunningWorker:
    worker: PeriodicWorker
    stop: asyncio.Event
    task: asyncio.Task[None]


class Supervisor:
    """Runs the workers of all workspaces and accounts. A web process has a watchdog, which notices a dead worker."""

    def __init__(self, shared: SharedServices, workspaces: WorkspaceList, *, worker: bool) -> None:
        self._shared, self._workspaces, self._worker = shared, workspaces, worker
        self._running: dict[Hashable, _RunningWorker] = {}
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Check now which accounts exist and which are due."""
        self._wake.set()
        for running in self._running.values():
            if isinstance(running.worker, PollSchedule):
                running.worker.wake()

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the workers running until `stop` is set, then let each finish."""
        trouble = "the database does not say whom to work for"
        try:
            await run_periodically(self._look, LOOK_EVERY_SECONDS, stop, trouble, self._wake)
        finally:
            await self._dismiss(list(self._running))

    async def _look(self) -> None:
        """Start missing workers, and stop those that are no longer wanted."""
        factories = await self._factories()
        for key in [key for key, running in self._running.items() if running.task.done()]:
            self._report(key, self._running.pop(key).task)
        await self._dismiss([key for key in self._running if key not in factories])
        for key, make in factories.items():
            if key not in self._running:
                worker, stop = make(), asyncio.Event()
                self._running[key] = _RunningWorker(worker, stop, asyncio.create_task(worker.run(stop)))

    async def _factories(self) -> Mapping[Hashable, Callable[[], PeriodicWorker]]:
        """Return a factory for each worker that should run, by key. A new token or version is a new key."""
        factories: dict[Hashable, Callable[[], PeriodicWorker]] = {
            "watchdog": self._watchdog,
            "form results": self._draft_results,
            "workspaces": partial(TokenRefresher, self._workspaces),
        }
        if self._worker:
            factories["dispatcher"] = self._dispatcher
            factories["periodic checks"] = self._periodic_checks
            factories["housekeeping"] = self._housekeeping
            if self._shared.settings.slack_client_id is not None:
                factories["polls"] = partial(self._polls, None)
            else:
                for team_id in await self._workspaces.team_ids():
                    factories["polls"] = partial(self._polls, team_id)
        return factories

    def _polls(self, workspace: str | None) -> PollSchedule:
        """Return the worker that polls this process's share of accounts, of one workspace or of all."""
        settings, shared = self._shared.settings, self._shared
        rules = StatusRules.parse(settings.clust_status_rules)
        timing = PollTiming(settings.poll_interval, settings.lease, settings.poll_limit)

        async def client(connection: Connection) -> ClustClient:
            return (await shared.accounts.of(connection)).clust

        def poller(connection_id: int) -> Poller:
            polled, deliveries_waiting = shared.instruments.polled, self._wake_dispatcher
            return Poller(
                connection_id,
                shared.store,
                rules,
                settings.clust_status_rules,
                timing,
                shared.clock,
                deliveries_waiting,
                polled,
            )

        return PollSchedule(shared.owner, workspace, shared.store, client, poller, timing, shared.clock)

    def _dispatcher(self) -> Dispatcher:
        async def opened(team_id: str) -> WorkspaceDispatcher | None:
            team = await self._workspaces.open(team_id)
            return team.dispatcher if team else None

        return Dispatcher(self._shared.store, opened, self._shared.clock)

    def _periodic_checks(self) -> PeriodicChecks:
        async def opened(team_id: str) -> WorkspaceChecks | None:
            team = await self._workspaces.open(team_id)
            return team.checks if team else None

        return PeriodicChecks(self._shared.owner, self._shared.store, opened, self._shared.clock)

    def _watchdog(self) -> Watchdog:
        async def opened(team_id: str) -> AdminNotificationSender | None:
            team = await self._workspaces.open(team_id)
            return team.admin_sender if team else None

        interval = timedelta(seconds=self._shared.settings.poll_interval)
        return Watchdog(self._shared.store, opened, interval, self._shared.clock)

    def _draft_results(self) -> DraftResults:
        async def opened(team_id: str) -> Services | None:
            team = await self._workspaces.open(team_id)
            return team.services if team else None

        return DraftResults(self._shared.people.form_drafts, opened, self._shared.clock)

    def _housekeeping(self) -> Housekeeping:
        kept = timedelta(days=self._shared.settings.retention_days)
        return Housekeeping(self._shared.store, self._shared.clock, kept)

    def _wake_dispatcher(self, team_id: str) -> None:
        """Wake the dispatcher for a workspace, since a poll added deliveries."""
        running = self._running.get("dispatcher")
        if running and isinstance(running.worker, Dispatcher):
            running.worker.wake(team_id)

    async def _dismiss(self, keys: list[Hashable]) -> None:
        """Stop workers, and wait until they have ended."""
        leaving = {key: self._running.pop(key) for key in keys}
        for running in leaving.values():
            running.stop.set()
        await asyncio.gather(*(running.task for running in leaving.values()), return_exceptions=True)
        for key, running in leaving.items():
            self._report(key, running.task)

    def _report(self, key: Hashable, task: asyncio.Task[None]) -> None:
        """Log the unexpected error that ended a worker. The next check starts it again."""
        if not task.cancelled() and (error := task.exception()):
            log.error("a part of the bot failed in an unforeseen way", part=str(key), exc_info=error)
