"""Cards name what is missing, read when they are posted, and delivery never waits for it for long."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from bot.accounts import Accounts
from bot.clust import ClustClient
from bot.core.applications.model import Application, StatusClass, read_tolerantly
from bot.core.applications.triggers import Event, Snapshot
from bot.delivery import WorkspaceDispatcher, item_reads
from bot.delivery.item_reads import QUIET_AFTER_FAILURE, ItemReads
from bot.delivery.sender import Timing
from bot.sandbox.clust.serving import SandboxClustTransport
from bot.sandbox.clust.stand_in import SandboxClust
from bot.store.clust.polls import PolledApplication, PollResult, PollRow
from bot.store.notifications.check_schedule import CHANNEL
from tests.delivery.conftest import LEASE, UNCLEAR_WAIT, Outbox
from tests.patience import LONG, NONE

INTERVAL = timedelta(seconds=60)
MISSING = "*Missing:* Company register extract, Articles of association, Beneficial owners, Identity of the director"
HANGS = 3600.0
SLOW = 30.0
PATIENCE_SECONDS = item_reads.PATIENCE_SECONDS


@dataclass
class ReadingOutbox:
    """An outbox whose cards read their items from an account."""

    outbox: Outbox
    account: SandboxClust
    item_reads: ItemReads

    async def see(self, number: int, *triggers: str) -> None:
        """Let a poll see an application as the list has it, with these events."""
        outbox, now = self.outbox, self.outbox.clock()
        application = read_tolerantly(Application, self.account.dossiers[number].in_list())
        happened = []
        for trigger in triggers:
            key = (str(number), trigger)
            outbox.occurrences[key] = outbox.occurrences.get(key, 0) + 1
            happened.append(Event(trigger, outbox.occurrences[key], application, StatusClass.OPEN))
        seen = [PolledApplication(Snapshot(application, StatusClass.OPEN), 1)]
        poll = PollRow(now, now, 1, 1, 1)
        cycle = PollResult(poll, seen, [], [], [], happened, "default", {"read_at": now})
        await outbox.store.polls.keep(outbox.connection_id, outbox.fence, cycle)
        await outbox.tick()

    def reads(self) -> int:
        """Return how many applications were read singly."""
        return sum(request.path.startswith("/dossiers/") for request in self.account.requests)

    def texts(self) -> list[str]:
        """Return what stands in the channel."""
        return [message.text for message in self.outbox.slack.messages("onboarding")]


@pytest.fixture
async def reading(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ReadingOutbox]:
    """Subscribe a channel to everything, with an account of one application that misses all its items."""
    monkeypatch.setattr(item_reads, "PATIENCE_SECONDS", LONG)
    account = SandboxClust(clock=outbox.clock, token="token")
    account.add(title="Acme", template_id=1)

    def client(base_url: str, token: str, **given: Any) -> ClustClient:
        return ClustClient(base_url, token, transport=SandboxClustTransport(account), **given)

    async with Accounts(outbox.store, "token", client) as accounts:
        timing = Timing(LEASE, UNCLEAR_WAIT)
        reads = ItemReads(outbox.store, accounts, INTERVAL, outbox.clock)
        parts = (outbox.team_id, "me", outbox.store, outbox.notifier, timing, outbox.clock, reads)
        await outbox.subscribe("onboarding")
        yield ReadingOutbox(replace(outbox, dispatcher=WorkspaceDispatcher(*parts)), account, reads)


async def test_a_late_card_names_what_is_missing(reading: ReadingOutbox) -> None:
    """One read for it, whose items stay on the card when it is compared with the present state right after."""
    await reading.see(1, "late")
    await reading.outbox.send(10)
    assert MISSING in reading.texts()[0]
    assert (reading.reads(), reading.outbox.slack.called("chat.update")) == (1, [])


async def test_a_later_event_reads_once_for_card_and_reply(reading: ReadingOutbox) -> None:
    """The reply that is sent to the channel too names the same as the card that is updated."""
    await reading.see(1, "created")
    await reading.outbox.send(10)
    assert reading.reads() == 0, "the card of another event names no items"
    reading.account.make_late(1)
    await reading.see(1, "late")
    await reading.outbox.send(10)
    card, reply = reading.texts()
    assert MISSING in card
    assert MISSING in reply
    assert reading.reads() == 1


async def test_full_cards_name_items_for_every_event(reading: ReadingOutbox) -> None:
    """A switch of the channel."""
    await reading.outbox.style("onboarding", full=True)
    await reading.see(1, "created")
    await reading.outbox.send(1)
    assert MISSING in reading.texts()[0]


@pytest.mark.parametrize("fault", [{"unreadable": frozenset({1})}, {"unreachable": True}, {"delay_seconds": HANGS}])
async def test_a_card_goes_without_and_is_completed_later(
    reading: ReadingOutbox, fault: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the read fails, or takes too long, it is tried again after a minute, and the card is updated."""
    for name, value in fault.items():
        setattr(reading.account.faults, name, value)
    await reading.see(1, "late")
    with monkeypatch.context() as hurried:
        hurried.setattr(item_reads, "PATIENCE_SECONDS", NONE)
        await reading.outbox.send(50)
    assert "Missing:" not in reading.texts()[0]
    assert reading.outbox.posted("onboarding")[0].startswith("⏰ *Late* · ")
    for name in fault:
        setattr(reading.account.faults, name, type(reading.account.faults).__dataclass_fields__[name].default)
    await reading.outbox.send(120)
    assert MISSING in reading.texts()[0]


async def test_after_a_failure_no_card_waits_for_a_minute(reading: ReadingOutbox) -> None:
    """Those that come during the wait go at once. Then one read is tried, not one for each card."""
    reading.account.faults.unreadable = frozenset(range(1, 99))
    for number in range(2, 6):
        reading.account.add(title=f"File {number}")
    for number in range(1, 6):
        await reading.see(number, "late")
    await reading.outbox.send(QUIET_AFTER_FAILURE.total_seconds() - 10)
    assert (len(reading.texts()), reading.reads()) == (5, 1)


async def test_an_account_that_is_paused_is_not_read_for_cards(reading: ReadingOutbox) -> None:
    """R3: after a 401 nothing is asked before the pause is over. The cards are completed then."""
    outbox = reading.outbox
    paused_until = outbox.clock() + timedelta(seconds=60)
    await outbox.store.connections.note(outbox.connection_id, paused_until=paused_until)
    await reading.see(1, "late")
    await outbox.send(50)
    assert (len(reading.texts()), reading.reads()) == (1, 0)
    await outbox.send(120)
    assert MISSING in reading.texts()[0]


async def test_an_application_that_is_gone_keeps_no_other_from_being_read(reading: ReadingOutbox) -> None:
    """B5: a 404 is an answer like any other, not a failure after which nothing is asked for a minute."""
    reading.account.add(title="Birch", template_id=1)
    for number in (1, 2):
        await reading.see(number, "late")
    del reading.account.dossiers[1]
    await reading.outbox.send(3)
    gone, other = reading.texts()
    assert "Missing:" not in gone
    assert MISSING in other


async def test_slow_reads_cost_delivery_one_wait_of_2_seconds(
    reading: ReadingOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reads of 30 s: the first card gives up after the patience, and those behind it don't wait at all."""
    assert PATIENCE_SECONDS == 2
    monkeypatch.setattr(item_reads, "PATIENCE_SECONDS", NONE)
    reading.account.faults.delay_seconds = SLOW
    for number in range(2, 6):
        reading.account.add(title=f"File {number}")
    for number in range(1, 6):
        await reading.see(number, "late")
    await reading.outbox.send(QUIET_AFTER_FAILURE.total_seconds() - 10)
    assert (len(reading.texts()), reading.reads()) == (5, 1)
    assert not any("Missing:" in text for text in reading.texts()), (
        "a card that waited for the whole read would name them"
    )


async def test_no_more_than_the_limit_are_read_in_a_cycle(
    reading: ReadingOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R2: the others are completed at that pace."""
    monkeypatch.setattr("bot.delivery.item_reads.MAX_READS", 5)
    for number in range(2, 9):
        reading.account.add(title=f"File {number}")
    for number in range(1, 9):
        await reading.see(number, "late")
    await reading.outbox.send(16)
    assert (len(reading.texts()), reading.reads()) == (8, 5)
    await reading.outbox.send(180)
    assert all("*Missing:*" in text for text in reading.texts())


async def test_twenty_are_read_in_a_cycle(reading: ReadingOutbox) -> None:
    """R2: for that many cards, not for one more, until the next poll."""
    for _number in range(20):
        assert await reading.item_reads(reading.outbox.connection_id, "1")
    assert await reading.item_reads(reading.outbox.connection_id, "1") is None
    assert reading.reads() == 20
    reading.outbox.clock.now += INTERVAL
    assert await reading.item_reads(reading.outbox.connection_id, "1")


async def test_clust_that_lists_no_items_is_asked_once(reading: ReadingOutbox) -> None:
    """Then nothing is missing by name, and nothing is gained by asking again."""
    reading.account.faults.single_without = frozenset({"dossier_items"})
    await reading.see(1, "late")
    await reading.outbox.send(200)
    assert "Missing:" not in reading.texts()[0]
    assert reading.reads() == 1


@pytest.mark.parametrize("is_allowed", [False, True])
async def test_a_shared_channel_reads_item_names_only_with_consent(reading: ReadingOutbox, *, is_allowed: bool) -> None:
    """W2: an admin's consent to notifications there doesn't cover the names of documents, which have a setting."""
    outbox = reading.outbox
    await outbox.subscribe("onboarding", shared_ok=outbox.slack.workspace.admin.id)
    outbox.slack.workspace.channels[outbox.channel("onboarding")].is_ext_shared = True
    await outbox.style("onboarding", shared_item_names=is_allowed, full=True)
    await reading.see(1, "late")
    await outbox.send(100)
    assert ("Missing:" in reading.texts()[0]) is is_allowed
    assert reading.reads() == is_allowed


async def test_a_channel_that_was_shared_a_moment_ago_reads_no_item_names(reading: ReadingOutbox) -> None:
    """P5: what Slack says right before the post counts, not what was known when it was planned."""
    outbox = reading.outbox
    await outbox.subscribe("onboarding", shared_ok=outbox.slack.workspace.admin.id)
    await outbox.checks.check(outbox.channel("onboarding"))
    outbox.clock.forward(600)
    observations = await outbox.store.check_schedule.observations(outbox.team_id, CHANNEL)
    assert [observation.facts["is_shared"] for observation in observations.values()] == [False]
    outbox.slack.workspace.channels[outbox.channel("onboarding")].is_ext_shared = True
    await reading.see(1, "late")
    await outbox.send(100)
    assert "Missing:" not in reading.texts()[0]


async def test_items_of_another_state_are_not_kept(reading: ReadingOutbox) -> None:
    """R1: what changed since the poll is the next poll's news, and until then the stored state stays as it was."""
    await reading.see(1)
    reading.outbox.clock.forward(60)
    single = read_tolerantly(Application, reading.account.complete_step(1))
    applications = reading.outbox.store.applications
    assert not await applications.keep_items(reading.outbox.connection_id, single)
    stored = await applications.get(reading.outbox.connection_id, "1")
    assert stored
    assert (stored.application.items, stored.application.progress) == (None, 0)
