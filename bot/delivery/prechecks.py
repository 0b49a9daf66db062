"""Makes sure that what a post depends on is fresh before it is sent (rule P5).

Slack's event may have been lost when a channel was archived or shared with another organization, or when an owner or a
mentioned person left. Slack is asked once for everything that waits for the answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from weakref import WeakValueDictionary

import structlog

from bot.core.errors import DeliveryError
from bot.delivery.channel_check import ChannelCheck, owners, problem_of
from bot.delivery.notifier import Notifier
from bot.delivery.owner_check import OwnerCheck
from bot.store import Store
from bot.store.notifications.check_schedule import CHANNEL, PERSON, Observation
from bot.store.notifications.posting.posting_facts import CheckSubject

log = structlog.get_logger(__name__)

FRESH = timedelta(minutes=2)
"""The maximum age of the facts for a post."""

PATIENCE_SECONDS = 3.0
"""Seconds that a post waits for Slack's answer. Then the stored facts are used."""

ASK_AGAIN = timedelta(seconds=15)
"""After an unanswered question, until the next try."""

MAX_REMEMBERED = 1000
"""Channels whose freshness is cached in memory."""

ObservationRequest = Callable[[], Awaitable[Observation]]
"""Asks Slack about one thing. Raises a DeliveryError."""


@dataclass
class _Asking:
    """A question in progress, with the answer for all who wait for it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    answer: Observation | None = None


@dataclass(frozen=True, slots=True)
class PrecheckResult:
    """Why nothing may be posted in a channel (None: it may), and which people that a post depends on have left.

    `is_shared`: people of other organizations read the channel. None if Slack hasn't said.
    """

    problem: str | None = None
    gone: frozenset[str] = frozenset()
    is_shared: bool | None = None

    @property
    def is_open(self) -> bool:
        """Whether everything is as a post needs it."""
        return not self.problem and not self.gone


class Prechecks:
    """Checks every post of one process into the channels of one workspace."""

    def __init__(self, team_id: str, store: Store, notifier: Notifier, clock: Callable[[], datetime]) -> None:
        self._team_id, self._store, self._clock = team_id, store, clock
        self._channels = ChannelCheck(team_id, store, notifier, clock)
        self._owners = OwnerCheck(team_id, store, notifier, clock)
        self._open: dict[str, tuple[datetime, PrecheckResult]] = {}
        self._asking: WeakValueDictionary[CheckSubject, _Asking] = WeakValueDictionary()

    async def before(self, channel_id: str, mentioned: str | None = None) -> PrecheckResult:
        """Check whether a post into a channel is allowed, by facts of the last 2 minutes if Slack answers.

        If not, the channel is held. A `mentioned` person is checked too.
        """
        precheck = await self._into(channel_id)
        if precheck.is_open and mentioned and await self._has_left(mentioned):
            return replace(precheck, gone=frozenset({mentioned}))
        return precheck

    async def _has_left(self, user_id: str) -> bool:
        stored = await self._store.check_schedule.observations(self._team_id, PERSON, [user_id])
        subject = (PERSON, user_id)
        observations = await self._refreshed(
            {subject: partial(self._owners.refresh, user_id)}, {subject: stored.get(user_id)}
        )
        return _has_left(observations[subject])

    async def _into(self, channel_id: str) -> PrecheckResult:
        now = self._clock()
        until, precheck = self._open.get(channel_id, (now, PrecheckResult()))
        if now < until:
            return precheck
        stored = await self._store.posting_facts.of_channel(self._team_id, channel_id)
        rows = stored.subscriptions
        if not rows:
            return PrecheckResult()
        questions: dict[CheckSubject, ObservationRequest] = {
            (CHANNEL, channel_id): partial(self._channels.refresh, channel_id, stored),
            **{(PERSON, user): partial(self._owners.refresh, user) for user in owners(rows)},
        }
        observations = await self._refreshed(questions, stored.observations)
        of_channel = observations[CHANNEL, channel_id]
        channel = of_channel.facts if of_channel else {}
        problem = problem_of(channel.get("problem"), rows, is_shared=bool(channel.get("is_shared")))
        gone = frozenset(
            subject for (kind, subject), seen in observations.items() if kind == PERSON and _has_left(seen)
        )
        precheck = PrecheckResult(problem, gone, channel.get("is_shared"))
        if problem:
            await self._channels.refused(channel_id, problem)
        elif precheck.is_open:
            until = min(seen.read_at if seen else now - FRESH for seen in observations.values()) + FRESH
            self._remember(channel_id, max(until, now + ASK_AGAIN), precheck)
        return precheck

    async def refused(self, channel_id: str, code: str) -> None:
        """Hold a channel because it refused a post."""
        self._open.pop(channel_id, None)
        await self._channels.refused(channel_id, code)

    async def let_go(self, gone: frozenset[str]) -> None:
        """Hold the subscriptions of people who left, and unassign their applications."""
        for user_id in sorted(gone):
            await self._owners.let_go(user_id)

    async def _refreshed(
        self, questions: Mapping[CheckSubject, ObservationRequest], stored: Mapping[CheckSubject, Observation | None]
    ) -> dict[CheckSubject, Observation | None]:
        """Ask Slack about everything that isn't fresh, at the same time. What it doesn't answer stays as `stored`."""
        observations = {subject: stored.get(subject) for subject in questions}
        tasks = {
            subject: asyncio.create_task(self._ask(subject, questions[subject]))
            for subject, observation in observations.items()
            if observation is None or self._clock() - observation.read_at >= FRESH
        }
        if not tasks:
            return observations
        try:
            _, late = await asyncio.wait(tasks.values(), timeout=PATIENCE_SECONDS)
        finally:
            for task in tasks.values():
                task.cancel()
            results = await asyncio.gather(*tasks.values(), return_exceptions=True)
        for subject, result in zip(tasks, results, strict=True):
            if isinstance(result, Exception):
                raise result
            if isinstance(result, Observation):
                observations[subject] = result
        if late:
            log.info("slack did not say in time what a post depends on", late=len(late))
        return observations

    async def _ask(self, subject: CheckSubject, question: ObservationRequest) -> Observation | None:
        """Ask Slack about one thing, unless another task of this process does. None if it doesn't answer."""
        asking = self._asking.setdefault(subject, _Asking())
        async with asking.lock:
            if asking.answer is None:
                try:
                    asking.answer = await question()
                except DeliveryError as error:
                    kind, subject_id = subject
                    log.info(
                        "what a post depends on could not be asked again", kind=kind, subject=subject_id, why=str(error)
                    )
            return asking.answer

    def _remember(self, channel_id: str, until: datetime, precheck: PrecheckResult) -> None:
        if len(self._open) >= MAX_REMEMBERED:
            now = self._clock()
            self._open = {key: entry for key, entry in self._open.items() if entry[0] > now}
        self._open[channel_id] = (until, precheck)


def _has_left(observation: Observation | None) -> bool:
    """Return whether Slack said that a person isn't in the workspace any more."""
    return observation is not None and observation.facts.get("is_active") is False
