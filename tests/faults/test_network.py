"""A bad network on either side, request by request: nothing is lost, and nothing comes twice (rules R4, T2)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import pytest
from structlog.testing import capture_logs

from bot.clust import ClustClient
from bot.core.errors import ClustBusy, ClustError, ClustOutcomeUnknown, ClustUnreachable
from bot.sandbox.clust.serving import serve_clust
from bot.sandbox.clust.stand_in import SandboxClust
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.store import Store, open_store
from tests.conftest import Clock
from tests.faults.core import Core, Unwaited, core
from tests.faults.proxy import FAULTS, Proxy, no_tls, proxy
from tests.processes import refusing

A_MINUTE_OR_TWO = 120
SOME = ("cut before", "half an answer", "a web page instead", "429 for a long time", "503")
"""One of each kind, for what may be done twice."""

NOWHERE = "https://clust.invalid"
"""A host that never resolves (RFC 6761)."""


class Between:
    """A core, and a proxy before each side. `applications` has one for each fault, by its name."""

    def __init__(self, parts: Core, clust: Proxy, slack: Proxy, applications: Mapping[str, int]) -> None:
        self.core, self.clust, self.slack, self.applications = parts, clust, slack, applications

    async def live(self, seconds: int, step: int = 20) -> None:
        """Let time pass, and what is slow arrive before more of it does.

        A clock that is moved by hand would overtake it: what arrives within `POST_TIMEOUT` must not come after the
        look-up that waits for longer than that.
        """
        for _ in range(0, seconds, step):
            await self.core.live(step, step)
            await self.clust.quiet()
            await self.slack.quiet()


@pytest.fixture
async def between(sqlite_url: str, clock: Clock) -> AsyncIterator[Between]:
    """A core that reaches both sides through a proxy, with a baseline of two applications and those of faults."""
    store = open_store(sqlite_url, posts_per_minute=300)
    account = SandboxClust(clock=clock)
    account.add(title="Acme")
    account.add(title="Birch")
    applications = {name: account.add(title=name)["id"] for name in FAULTS}
    async with (
        SandboxSlack(clock=lambda: clock().timestamp()) as slack,
        serve_clust(account) as clust_url,
        proxy(clust_url.removesuffix("/api")) as to_clust,
        proxy(slack.state.base_url) as to_slack,
        core(
            store,
            clock,
            account,
            slack,
            clust_url=f"{to_clust.url}/api",
            slack_url=f"{to_slack.url}/api/",
            patience=0.2,
        ) as parts,
    ):
        await parts.subscribe("c")
        await parts.poll()
        yield Between(parts, to_clust, to_slack, applications)
    await store.database.close()


async def test_a_fault_of_the_way_to_slack(between: Between) -> None:
    """T2: whatever happens to a post, the message stands in the channel once."""
    parts = between.core
    for number, (name, key) in enumerate(between.applications.items(), 1):
        between.slack.next(name, path="chat.postMessage")
        parts.account.make_late(key)
        await between.live(A_MINUTE_OR_TWO)
        assert between.slack.happened == [*FAULTS][:number]
        assert parts.posted_events("c") == [f"Late {one}" for one in between.slack.happened]


async def test_a_fault_of_looking_a_post_up(between: Between) -> None:
    """T2: a look-up that fails is repeated, and proves nothing."""
    parts = between.core
    for number, name in enumerate(SOME, 1):
        between.slack.next("cut after", path="chat.postMessage")
        between.slack.next(name, path="conversations.history")
        parts.account.make_late(between.applications[name])
        await between.live(A_MINUTE_OR_TWO)
        assert between.slack.happened[-2:] == ["cut after", name]
        assert parts.posted_events("c") == [f"Late {one}" for one in SOME[:number]]


async def test_a_fault_of_changing_a_card(between: Between) -> None:
    """Update first, reply second: a card whose update fails is changed again, and its reply comes once."""
    parts = between.core
    for key in map(between.applications.__getitem__, SOME):
        parts.account.make_late(key)
    await between.live(80)
    for number, name in enumerate(SOME, 1):
        between.slack.next(name, path="chat.update")
        parts.account.submit(between.applications[name])
        await between.live(A_MINUTE_OR_TWO)
        assert between.slack.happened == [*SOME[:number]]
        assert f"Late {name}" not in parts.posted_events("c")
    assert parts.posted_events("c") == [f"Submitted {name}" for name in SOME] * 2


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in SOME else pytest.mark.long) for name in FAULTS]
)
async def test_a_fault_of_reading_the_list(between: Between, name: str) -> None:
    """R4: a poll that fails keeps nothing half, and a later one sees each change once."""
    parts = between.core
    between.clust.next(name, path="/dossiers")
    parts.account.make_late(1)
    parts.account.remove(2)
    parts.account.add(title="Cedar")
    await between.live(A_MINUTE_OR_TWO)
    assert between.clust.happened == [name]
    assert sorted(parts.posted_events("c")) == ["Created Cedar", "Late Acme"]


WRITTEN = {
    "slow": None,
    "429": ClustBusy,
    "429 for a long time": ClustBusy,
    "429 without a time": ClustBusy,
}
"""The error of a create, by fault. After all others its result is unknown."""


async def test_a_fault_of_a_write(between: Between) -> None:
    """M2: a write is sent exactly once, and if it may have been carried out, the error says so."""
    parts = between.core
    values = {"template_id": 1, "first_name": "Ana", "last_name": "Silva", "email": "ana@acme.example"}
    for number, name in enumerate(FAULTS, 1):
        between.clust.next(name, path="/dossiers")
        before, expected = len(parts.account.requests), WRITTEN.get(name, ClustOutcomeUnknown)
        error: ClustError | None = None
        try:
            await parts.clust.create(values)
        except ClustError as raised:
            error = raised
        assert isinstance(error, expected or type(None)), name
        assert between.clust.happened == [*FAULTS][:number]
        assert len(parts.account.requests) - before == FAULTS[name].arrives, name


@pytest.mark.parametrize("kind", ["no TLS", "no such host"])
async def test_no_connection_to_slack(store: Store, clock: Clock, kind: str) -> None:
    """What never left is not in doubt: nothing is looked up, and it is posted as soon as Slack can be reached."""
    account = SandboxClust(clock=clock)
    account.add(title="Acme")
    async with SandboxSlack(clock=lambda: clock().timestamp()) as slack, serve_clust(account) as url, no_tls() as wrong:
        nowhere = {"no TLS": wrong, "no such host": NOWHERE}[kind]
        with capture_logs() as lines:
            async with core(store, clock, account, slack, clust_url=url, slack_url=f"{nowhere}/api/") as parts:
                await parts.subscribe("c")
                await parts.poll()
                account.make_late(1)
                await parts.live(80, step=20)
        assert not slack.calls
        async with core(store, clock, account, slack, clust_url=url) as parts:
            await parts.live(80, step=20)
            assert parts.posted_events("c") == ["Late Acme"]
        assert not slack.called("conversations.history")
        assert not any("unclear" in line["event"] for line in lines)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("no TLS", "The server doesn't use TLS at this address"),
        ("no such host", "The host name is unknown"),
        ("no server", "Nothing is listening at this address"),
    ],
)
async def test_no_connection_to_clust(kind: str, error: str) -> None:
    """A read and a write say that Clust can't be reached, and why. The write was surely not carried out."""
    with refusing() as closed:
        async with no_tls() as wrong:
            nowhere = {"no TLS": wrong, "no such host": NOWHERE, "no server": f"http://{closed}"}[kind]
            async with ClustClient(f"{nowhere}/api", "token", sleep=Unwaited().sleep) as client:
                with pytest.raises(ClustUnreachable, match=error):
                    await client.page(1)
                with pytest.raises(ClustUnreachable, match=error):
                    await client.delete("1")


@pytest.mark.long
async def test_a_storm_on_both_sides(between: Between) -> None:
    """Faults of every kind happen to every second request while events happen: in the end each was posted once."""
    parts = between.core
    between.slack.chance = between.clust.chance = 1 / 2
    for number in range(1, 5):
        added = parts.account.add(title=f"File {number}")["id"]
        await between.live(90, step=10)
        parts.account.make_late(added)
        await between.live(90, step=10)
    between.slack.chance = between.clust.chance = 0
    await between.live(900, step=15)
    # Each card shows the last event of its application by now, and each later event has a reply of its own.
    assert sorted(parts.posted_events("c")) == sorted(
        f"{word} File {number}" for number in range(1, 5) for word in ("Late",) * 2
    )
    assert between.slack.happened
    assert between.clust.happened
