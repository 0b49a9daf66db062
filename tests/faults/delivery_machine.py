"""The whole core under whatever may happen, in any order, as a hypothesis state machine on a clock of its own.

Applications are created, changed and deleted. Polls fail in the middle. Slack takes a message, refuses it, or takes it
and cuts the connection. Subscriptions come and go. The process dies at any step, and another goes on. What must come of
it is known from the account alone, by the rules in their shortest form.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.core.applications.model import StatusClass
from bot.core.notifications.states import UNSENT
from bot.sandbox.clust.account import APPROVED, SUBMITTED
from bot.store.engine.tables import applications, deliveries, events, polls
from tests.faults.crashing import Mortal, memory, mortal

CHANNELS = ("a", "b")
EVENT_WORDS = ("created", "late", "pending", "submitted", "approved")
TROUBLES = ("ok", "cut before", "cut after", "429", "500")
RISEN = {StatusClass.PENDING: "pending", StatusClass.SUBMITTED: "submitted", StatusClass.APPROVED: "approved"}

StatusAndLateness = tuple[StatusClass, bool]
"""What a poll sees of an application: its class, and whether it is late."""
T = TypeVar("T")


class DeliveryMachine(RuleBasedStateMachine):
    """One bot's life. `template` is a migrated SQLite database."""

    template: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.being: Mortal
        self.seen: dict[str, StatusAndLateness] = {}
        self.occurred: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.expected_events: set[tuple[str, str, str, int]] = set()
        self.wishes: dict[str, set[str]] = {channel: set() for channel in CHANNELS}
        self.withdrawn: set[str] = set()
        self.deleted = 0
        self.good_polls = 0

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something to its end."""
        return self.runner.run(work)

    @initialize()
    def born(self) -> None:
        """The account has three applications, and the baseline is read."""
        url = self.stack.enter_context(memory(self.template))
        self.being = self.do(self.stack.enter_async_context(mortal(url)))
        self.being.account.faults.cap_per_page = 2
        self.poll()

    # What happens in Clust

    @rule()
    def create(self) -> None:
        """An application is created."""
        self.being.account.add()

    @rule(data=st.data(), change=st.sampled_from(["late", "in time", "complete", "submit", "approve", "back"]))
    def change(self, data: st.DataObject, change: str) -> None:
        """One of the applications changes."""
        account = self.being.account
        key = data.draw(st.sampled_from(sorted(account.dossiers)))
        {
            "late": account.make_late,
            "in time": account.clear_late,
            "complete": account.complete,
            "submit": account.submit,
            "approve": account.approve,
            "back": account.resume,
        }[change](key)

    @precondition(lambda self: self.deleted < 1)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """An application is deleted. More of them at once would suspend detection (rule B4)."""
        self.being.account.remove(data.draw(st.sampled_from(sorted(self.being.account.dossiers))))
        self.deleted += 1

    # What people do

    @rule(channel=st.sampled_from(CHANNELS), triggers=st.sets(st.sampled_from(EVENT_WORDS), min_size=1))
    def subscribe(self, channel: str, triggers: set[str]) -> None:
        """A channel wants more events."""
        self.ask(
            channel, lambda: self.being.core.subscribe(channel, *sorted(triggers)), self.wishes[channel] | triggers
        )

    @rule(channel=st.sampled_from(CHANNELS), triggers=st.sets(st.sampled_from(EVENT_WORDS), min_size=1))
    def unsubscribe(self, channel: str, triggers: set[str]) -> None:
        """A channel wants fewer."""
        core = self.being.core

        async def end() -> None:
            team_id, where = core.connection.team_id, core.channel(channel)
            rows = await core.store.subscriptions.of_channel(team_id, where)
            await core.store.subscriptions.end(team_id, [row.id for row in rows], triggers, "U1")

        self.withdrawn.add(channel)
        self.ask(channel, end, self.wishes[channel] - triggers)

    def ask(self, channel: str, work: Callable[[], Awaitable[None]], wish: set[str]) -> None:
        """Let someone change what a channel wants. If the process died during the change, both outcomes are right."""
        lived = self.attempt(work)
        core = self.being.core
        rows = self.do(core.store.subscriptions.of_channel(core.connection.team_id, core.channel(channel)))
        now = {event for row in rows for event in row.events}
        assert now == wish if lived else now in (wish, self.wishes[channel])
        self.wishes[channel] = now

    # What goes wrong

    @rule(trouble=st.lists(st.sampled_from(TROUBLES), max_size=4))
    def slack(self, trouble: list[str]) -> None:
        """The next posts meet trouble."""
        self.being.troubles.extend(trouble)

    @rule(fault=st.sampled_from(["down", "half_json", "html", "page 2", "none", "none"]))
    def clust(self, fault: str) -> None:
        """Clust fails: all of it, or in the middle of its list, or it does not."""
        faults = self.being.account.faults
        faults.down, faults.half_json, faults.html = fault == "down", fault == "half_json", fault == "html"
        faults.cut_page = 2 if fault == "page 2" else None

    @rule(steps=st.integers(1, 25))
    def doom(self, steps: int) -> None:
        """The process dies at one of its next steps."""
        self.being.steps.dies_at = self.being.steps.done + steps

    @rule()
    def restart(self) -> None:
        """The process dies between two steps."""
        self.do(self.being.begin())

    # What the bot does

    @rule(seconds=st.sampled_from([1, 5, 20, 60]))
    def wait(self, seconds: int) -> None:
        """Time passes, and the process does what is due."""
        self.being.clock.forward(seconds)
        self.poll()
        self.attempt(self.being.core.send)

    @rule()
    def poll(self) -> None:
        """The process polls, if that is due. What must follow is known from the account."""
        now = {
            str(key): (_class_of(dossier.status, complete=dossier.is_complete), bool(dossier.is_late))
            for key, dossier in self.being.account.dossiers.items()
        }
        self.attempt(self.being.core.poll)
        good = self.do(self._rows(sa.select(sa.func.count()).select_from(polls).where(polls.c.error.is_(None))))[0][0]
        if good > self.good_polls:
            baseline, self.good_polls = self.good_polls == 0, good
            for key, status in now.items():
                for trigger in () if baseline else _events(self.seen.get(key), status):
                    self.occurred[key, trigger] += 1
                    number = self.occurred[key, trigger]
                    self.expected_events |= {
                        (channel, key, trigger, number) for channel in CHANNELS if trigger in self.wishes[channel]
                    }
            self.seen |= now

    def attempt(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Let the process do something. Returns False if it died of it."""
        return self.do(self.being.attempt(work))

    # What always holds

    @invariant()
    def no_snapshot_of_a_half_read_list(self) -> None:
        """What is stored is what the last good poll saw, and nothing else is gone."""
        if not hasattr(self, "being"):
            return
        columns = (applications.c.id, applications.c.status_class, applications.c.late)
        rows = self.do(self._rows(sa.select(*columns)))
        assert {row.id: (StatusClass(row.status_class), row.late) for row in rows} == self.seen

    @invariant()
    def nothing_is_sent_twice_or_unasked_or_before_its_time(self) -> None:
        """Each message is about an event that its channel wanted, posted once, after the application's earlier ones."""
        if not hasattr(self, "being"):
            return
        last: dict[tuple[str, str], int] = {}
        sent = self.do(self.sent_events())
        assert len(sent) == len({one[:4] for one in sent})
        assert {one[:4] for one in sent} <= self.expected_events
        for channel, key, _, _, order in sent:
            assert last.get((channel, key), 0) < order
            last[channel, key] = order

    def teardown(self) -> None:
        """When all trouble is over, everything that was wanted stands in its channel, or says why not."""
        try:
            if hasattr(self, "being"):
                self.recover()
        finally:
            self.do(self.stack.aclose())
            self.runner.close()

    def recover(self) -> None:
        """Let everything go well again for as long as the bot needs."""
        self.clust("none")
        self.being.troubles.clear()
        self.being.steps.dies_at = None
        for _ in range(14):
            self.wait(30)
        for _ in range(len(self.expected_events)):  # at each look at the outbox, a channel gets one message
            if not any(row.state in UNSENT for row in self.do(self._deliveries())):
                break
            self.wait(30)
        self.nothing_is_sent_twice_or_unasked_or_before_its_time()
        missing = self.expected_events - {one[:4] for one in self.do(self.sent_events())}
        reasons = {
            (row.channel_id, row.application_id, row.trigger, row.occurrence): (row.state, row.reason)
            for row in self.do(self._deliveries())
        }
        for channel, *rest in missing:
            state, reason = reasons[self.being.core.channel(channel), *rest]  # type: ignore[index]
            assert (state, channel in self.withdrawn) == ("skipped", True)
            assert reason

    async def sent_events(self) -> list[tuple[str, str, str, int, int]]:
        """Return what stands in the channels: channel, application, trigger, occurrence, and its place in order."""
        rows = {row.token: row for row in await self._deliveries()}
        sent = []
        for channel in CHANNELS:
            for message in self.being.slack.messages(self.being.core.channel(channel)):
                assert message.metadata
                row = rows[message.metadata["event_payload"]["delivery"]]
                sent.append((channel, row.application_id, row.trigger, row.occurrence, row.id))
        return sent

    async def _deliveries(self) -> list[Any]:
        columns = (deliveries, events.c.occurrence)
        return await self._rows(sa.select(*columns).join(events, events.c.id == deliveries.c.event_id))

    async def _rows(self, statement: sa.Select[Any]) -> list[Any]:
        async with self.being.core.store.database.read() as tx:
            return list((await tx.execute(statement)).all())


def _class_of(status: str | None, *, complete: bool) -> StatusClass:
    classes = {SUBMITTED: StatusClass.SUBMITTED, APPROVED: StatusClass.APPROVED}
    return classes.get(status or "", StatusClass.PENDING if complete else StatusClass.OPEN)


def _events(before: StatusAndLateness | None, after: StatusAndLateness) -> list[str]:
    """Return what two looks show to have happened: rules B2, C2, C4 in their shortest form."""
    triggers = ["created"] if before is None else []
    if after[1] and not (before and before[1]):
        triggers.append("late")
    if after[0] in RISEN and (before is None or before[0] < after[0]):
        triggers.append(RISEN[after[0]])
    return triggers
