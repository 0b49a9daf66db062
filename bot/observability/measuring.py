"""Collect what the parts of a process report, and answer `/readyz` and `/metrics`."""

from __future__ import annotations

import asyncio
import platform
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from http import HTTPStatus

import structlog

from bot import __version__
from bot.clust.endpoint_labels import ENDPOINTS, endpoint
from bot.core.errors import UsageError
from bot.core.notifications.states import UNSENT
from bot.core.readiness import Check, count_overdue, polls_check
from bot.http.probes import Operator, create_probes
from bot.http.server import listen, served
from bot.observability.metrics import ACCOUNT, HTTP_METHODS, NO_ANSWER, OTHER, Metrics
from bot.poller import Polled, PollOutcome
from bot.slack.entry.commands import WORDS
from bot.slack.web_api.scopes import CALLS
from bot.store import Store
from bot.store.engine.database import DATABASE_TROUBLE
from bot.store.notifications.outbox import ClaimResult

log = structlog.get_logger(__name__)

MAX_DATABASE_SECONDS = 5.0
"""Time limit of the database for a probe."""

SLACK, CLUST = "slack", "clust"


class Instruments:
    """Callbacks by which the parts of a process report what they do."""

    def __init__(self, max_workspaces: int = 50) -> None:
        """`max_workspaces` is how many workspaces have their own labels."""
        self._max_workspaces = max_workspaces
        self._workspaces: set[str] = set()
        self.metrics = Metrics(
            {
                "method": CALLS | set(HTTP_METHODS),
                "endpoint": ENDPOINTS,
                "word": WORDS,
                "result": {*ClaimResult, *PollOutcome},
                "state": UNSENT,
                "service": {SLACK, CLUST},
                "status": {NO_ANSWER, *(str(one.value) for one in HTTPStatus)},
            }
        )

    def slack_called(self, method: str, status: int | None, seconds: float) -> None:
        """Count a finished call of Slack."""
        self.metrics.observe("clustbot_slack_request_seconds", seconds, method=method, status=_status(status))
        self._throttled(SLACK, status)

    def clust_called(self, method: str, path: str, status: int | None, seconds: float) -> None:
        """Count a finished call of Clust."""
        labels = {"method": method, "endpoint": endpoint(path), "status": _status(status)}
        self.metrics.observe("clustbot_clust_request_seconds", seconds, **labels)
        self._throttled(CLUST, status)

    def polled(self, poll: Polled) -> None:
        """Count a finished poll."""
        self.note_workspace(poll.connection.team_id)
        account = self.account_labels(poll.connection.team_id, poll.connection.name)
        self.metrics.observe("clustbot_poll_duration_seconds", poll.seconds, **account, result=poll.result)
        self.metrics.count("clustbot_poll_pages", poll.pages, **account)
        self.metrics.count("clustbot_poll_changes", poll.changed, **account)

    def note_workspace(self, team_id: str) -> None:
        """Count a workspace as one with its own labels."""
        if len(self._workspaces) <= self._max_workspaces:
            self._workspaces.add(team_id)

    def account_labels(self, team_id: str, connection: str) -> Mapping[str, str]:
        """Return an account's labels: `other` once too many workspaces have their own."""
        if len(self._workspaces) > self._max_workspaces:
            return dict.fromkeys(ACCOUNT, OTHER)
        return {"workspace": team_id, "connection": connection}

    def delivered(self, result: str) -> None:
        """Count the result of an attempt to deliver."""
        self.metrics.count("clustbot_deliveries", result=result)

    def answered(self, word: str, seconds: float) -> None:
        """Count a command and the seconds from its request to its answer."""
        self.metrics.observe("clustbot_command_seconds", seconds, word=word or OTHER)

    def _throttled(self, service: str, status: int | None) -> None:
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            self.metrics.count("clustbot_throttled", service=service)


def _status(status: int | None) -> str:
    return NO_ANSWER if status is None else str(status)


class Observer:
    """Answers the probes of one process, which polls or not."""

    def __init__(
        self,
        instruments: Instruments,
        store: Store,
        slack: Callable[[], Awaitable[Check]],
        interval: timedelta,
        clock: Callable[[], datetime],
        *,
        polls: bool,
    ) -> None:
        self._instruments, self._metrics, self._store, self._slack = instruments, instruments.metrics, store, slack
        self._interval, self._clock, self._polls = interval, clock, polls
        build = {
            "version": __version__,
            "python": platform.python_version(),
            "database": store.database.url.get_backend_name(),
        }
        self._metrics.show("clustbot_build_info", [(build, 1)])

    async def checks(self) -> Sequence[Check]:
        """Return the readiness checks for `/readyz`."""
        slack = await self._slack()
        try:
            async with asyncio.timeout(MAX_DATABASE_SECONDS):
                reads = await self._store.statistics.last_reads()
        except DATABASE_TROUBLE as error:
            return [Check("database", ok=False, detail=f"it does not answer ({type(error).__name__})"), slack]
        ages = [(one.name, one.read_at) for one in reads]
        polls = polls_check(ages, self._clock(), self._interval, polls=self._polls)
        return [Check("database", ok=True, detail="it answers"), slack, polls]

    async def exposition(self) -> bytes:
        """Return the text for `/metrics`: what this process counted, and the present state of the database."""
        now, numbers, oldest = self._clock(), [], []
        ages: dict[tuple[str, ...], tuple[Mapping[str, str], float]] = {}
        overdue: list[tuple[Mapping[str, str], float]] = []
        try:
            async with asyncio.timeout(MAX_DATABASE_SECONDS):
                reads, outbox = await self._store.statistics.last_reads(), await self._store.statistics.outbox()
        except DATABASE_TROUBLE:
            self._metrics.show("clustbot_database_up", [({}, 0)])
        else:
            self._metrics.show("clustbot_database_up", [({}, 1)])
            for read in reads:
                self._instruments.note_workspace(read.team_id)
            for read in reads:
                account = self._instruments.account_labels(read.team_id, read.name)
                if read.read_at:
                    age, key = (now - read.read_at).total_seconds(), tuple(account.values())
                    ages[key] = (account, max(age, ages[key][1] if key in ages else age))
            overdue.append(({}, count_overdue((read.read_at for read in reads), now, self._interval)))
            for state in UNSENT:
                waiting = outbox.get(state)
                numbers.append(({"state": state}, waiting.number if waiting else 0))
                oldest.append(({"state": state}, (now - waiting.oldest_at).total_seconds() if waiting else 0.0))
        self._metrics.show("clustbot_poll_age_seconds", ages.values())
        self._metrics.show("clustbot_polls_overdue", overdue)
        self._metrics.show("clustbot_outbox_deliveries", numbers)
        self._metrics.show("clustbot_outbox_oldest_seconds", oldest)
        return self._metrics.exposition()


@asynccontextmanager
async def probing(observer: Observer, host: str, port: int) -> AsyncIterator[None]:
    """Serve the probes during the context. A port in use is logged once, and the bot works without probes."""
    async with AsyncExitStack() as stack:
        try:
            listening = listen("METRICS_PORT", host, port, "METRICS_HOST")
        except UsageError as error:
            log.warning("nobody can ask this process for metrics", why=error.sentence)
        else:
            log.info("metrics", host=host, port=listening.getsockname()[1])
            probes = create_probes(observer.checks, observer.exposition)
            await stack.enter_async_context(served(probes, listening, Operator))
        yield
