"""Calls of Clust's API: retries, time limits and priorities (rules R3, R6)."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import httpx
import pytest

from bot.clust.client import ClustClient
from bot.clust.protocol import read_application
from bot.clust.rate_limiter import RateLimiter
from bot.clust.session import MAX_ATTEMPTS, MAX_IN_FLIGHT, MAX_POLL_IN_FLIGHT, TIMEOUT_SECONDS
from bot.core.account_notes import asked_to_wait, share_of_limit
from bot.core.errors import (
    ClustBroken,
    ClustBusy,
    ClustError,
    ClustUnreachable,
)
from bot.sandbox.clust.serving import SandboxClustTransport
from bot.sandbox.clust.stand_in import SandboxClust
from tests.clust.conftest import TOKEN, URL, Script, Waits, answered, scripted

T = TypeVar("T")

TRANSIENT = [
    lambda: answered(429),
    lambda: answered(502),
    lambda: httpx.Response(503, text="<html>"),
    lambda: answered(504),
    lambda: httpx.ConnectError("refused"),
    lambda: httpx.ReadError("reset"),
    lambda: httpx.RemoteProtocolError("cut"),
    lambda: httpx.ReadTimeout("slow"),
]


@pytest.mark.parametrize("trouble", TRANSIENT)
async def test_temporary_errors_of_reads_are_retried(
    trouble: Callable[[], httpx.Response | Exception], waits: Waits
) -> None:
    """After 429, 502, 503, 504 and a broken connection a GET is sent again, and the trouble is not even noticed."""
    script = Script(trouble(), trouble(), answered(200, {"data": {"id": 1}}))
    async with scripted(script, waits) as client:
        assert (await client.application("1")).id == "1"
    assert len(script.requests) == 3
    assert len(waits.seconds) == 2


@pytest.mark.parametrize("trouble", TRANSIENT)
async def test_retries_end_with_the_error(trouble: Callable[[], httpx.Response | Exception], waits: Waits) -> None:
    """After the last attempt the error is raised. Each wait can be longer than the one before, and none is long."""
    script = Script(*(trouble() for _ in range(MAX_ATTEMPTS)))
    async with scripted(script, waits) as client:
        with pytest.raises(ClustError) as error:
            await client.page(1)
    assert error.value.retry
    assert script.answers == []
    assert len(waits.seconds) == MAX_ATTEMPTS - 1
    assert all(0 <= wait <= 2**place for place, wait in enumerate(waits.seconds))


async def test_attempts_can_be_fewer(waits: Waits) -> None:
    """A caller with little time makes one attempt, and gets the first failure (L1)."""
    script = Script(answered(503))
    async with scripted(script, waits) as client:
        with pytest.raises(ClustBroken):
            await client.application("1", attempts=1)
    assert waits.seconds == []


async def test_clust_says_how_long_to_wait(waits: Waits) -> None:
    """The wait after a 429 is what `Retry-After` asks for, and a little more."""
    script = Script(answered(429, **{"Retry-After": "3"}), answered(200, {"data": []}))
    async with scripted(script, waits) as client:
        await client.page(1)
    (wait,) = waits.seconds
    assert 3 <= wait < 3.2


async def test_a_long_retry_after_is_an_error_at_once(waits: Waits) -> None:
    """Where Clust asks for more than half a minute there is no use in waiting: the error knows how long (R6)."""
    script = Script(answered(429, {"message": "Too Many Attempts."}, **{"Retry-After": "31"}))
    async with scripted(script, waits) as client:
        with pytest.raises(ClustBusy, match="Too Many Attempts") as error:
            await client.page(1)
    assert (error.value.retry_after, waits.seconds) == (31, [])


async def test_a_rate_limit_slows_the_poll_and_is_noted(client: ClustClient, account: SandboxClust) -> None:
    """The rate limiter learns from every response's headers (R3)."""
    await client.page(1)
    assert client.rate_limiter.note() is None
    account.faults.rate_limit = 60
    await client.page(1)
    assert client.rate_limiter.note() == share_of_limit(60, 42)
    account.faults.rate_limit = 1
    with pytest.raises(ClustBusy):
        await client.page(1)
    assert client.rate_limiter.note() == asked_to_wait()


class Now:
    """Seconds that pass only while the rate limiter sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds


async def test_what_the_poll_repeats_is_of_its_share() -> None:
    """Attempts of the poll count as its calls, so that failures do not lead beyond its 70 % (R3)."""
    limit = {"X-RateLimit-Limit": "5", "X-RateLimit-Remaining": "5"}
    good: dict[str, Any] = {"data": []}
    script = Script(answered(200, good, **limit), answered(502), answered(200, good, **limit), answered(200, good))
    now = Now()
    client = ClustClient(URL, TOKEN, transport=script, sleep=Waits(), rate_limiter=RateLimiter(now, now.sleep))
    async with client:
        for _ in range(2):
            await client.polled_page(1, read_application)
        assert now.seconds == 0
        await client.polled_page(1, read_application)
    assert now.seconds == 60


async def test_a_poll_that_must_wait_for_hours_says_so_instead(waits: Waits) -> None:
    """R3: a long pause fails the poll, whose reason people read in `status`, and it does not hang in silence."""
    script = Script(answered(429, {}, **{"Retry-After": "7200"}))
    rate_limiter = RateLimiter(lambda: 0.0, waits)
    async with ClustClient(URL, TOKEN, transport=script, sleep=waits, rate_limiter=rate_limiter) as client:
        for _ in range(2):
            with pytest.raises(ClustBusy):
                await client.polled_page(1, read_application)
    assert (len(script.requests), waits.seconds) == (1, [])


class Held(SandboxClustTransport):
    """Holds every answer back until it is let go, and counts who waits."""

    def __init__(self, account: SandboxClust) -> None:
        super().__init__(account)
        self.waiting = 0
        self.most = 0
        self.go = asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer when it is time."""
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        try:
            await self.go.wait()
            return await super().handle_async_request(request)
        finally:
            self.waiting -= 1


async def settle() -> None:
    """Let everything happen that can happen by itself."""
    for _ in range(200):
        await asyncio.sleep(0)


async def test_concurrent_requests_are_limited(account: SandboxClust) -> None:
    """At most 8 requests are under way, at most 6 of them for the poll: a person always finds a place (R3)."""
    held = Held(account)
    async with scripted(held) as client, asyncio.TaskGroup() as group:
        for number in range(1, 31):
            group.create_task(client.polled_page(number, read_application))
        await settle()
        assert held.waiting == MAX_POLL_IN_FLIGHT == 6
        for _ in range(10):
            group.create_task(client.application("1"))
        await settle()
        assert held.waiting == MAX_IN_FLIGHT == 8
        held.go.set()
    assert held.most == 8
    assert len(account.requests) == 40


async def test_a_person_is_not_behind_the_poll(account: SandboxClust) -> None:
    """However many pages the poll has asked for, a person's request is sent at once (R3)."""
    held = Held(account)
    async with scripted(held) as client, asyncio.TaskGroup() as group:
        for number in range(1, 31):
            group.create_task(client.polled_page(number, read_application))
        await settle()
        person = group.create_task(client.application("1"))
        await settle()
        assert held.waiting == MAX_POLL_IN_FLIGHT + 1
        held.go.set()
        assert (await person).id == "1"


class _Selector(selectors.DefaultSelector):
    """Waits for nothing: time passes instead."""

    passed = 0.0

    def select(self, timeout: float | None = None) -> Any:
        """Return what is ready now, or, if nothing is, let the time until the next timer pass."""
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "everything waits forever"
            self.passed += timeout
        return ready


class _Loop(asyncio.SelectorEventLoop):
    """An event loop whose time passes as soon as everything waits for it."""

    def __init__(self) -> None:
        self.selector = _Selector()
        super().__init__(self.selector)

    def time(self) -> float:
        """Return the time that has passed."""
        return self.selector.passed


def in_no_time(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `work` with all its waiting, without waiting."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(work())


def test_one_read_has_a_time_limit_with_all_its_retries(account: SandboxClust) -> None:
    """A read that never comes to an end, or fails again and again after a while, is given up after 30 s (R6)."""

    async def work() -> list[float]:
        loop = asyncio.get_running_loop()
        took = []
        for delay, fail in ((100.0, 0), (20.0, 10)):
            account.faults.delay_seconds, account.faults.fail_next, account.faults.fail_status = delay, fail, 503
            began = loop.time()
            async with ClustClient(URL, TOKEN, transport=SandboxClustTransport(account)) as client:
                with pytest.raises(ClustUnreachable, match="didn't respond"):
                    await client.page(1)
            took.append(loop.time() - began)
        return took

    assert in_no_time(work) == pytest.approx([TIMEOUT_SECONDS, TIMEOUT_SECONDS], abs=0.1)
    assert TIMEOUT_SECONDS == 30


def test_waiting_for_the_rate_limiter_is_not_waiting_for_clust(account: SandboxClust) -> None:
    """The time limit begins when the poll's turn has come: a pause that Clust asked for fails no page (R3, R6)."""

    async def work() -> float:
        loop = asyncio.get_running_loop()
        rate_limiter = RateLimiter(loop.time)
        rate_limiter.record_429(45)
        async with ClustClient(
            URL, TOKEN, transport=SandboxClustTransport(account), rate_limiter=rate_limiter
        ) as client:
            await client.polled_page(1, read_application)
        return loop.time()

    assert in_no_time(work) == pytest.approx(45)


def test_waiting_for_a_place_is_not_waiting_for_clust(account: SandboxClust) -> None:
    """Pages that take 20 s each come however many wait in line: each one has the time limit for itself (R6)."""

    async def work() -> float:
        loop = asyncio.get_running_loop()
        account.faults.delay_seconds = 20
        async with ClustClient(URL, TOKEN, transport=SandboxClustTransport(account)) as client:
            pages = (client.polled_page(number, read_application) for number in range(1, 3 * MAX_POLL_IN_FLIGHT + 1))
            await asyncio.gather(*pages)
        return loop.time()

    assert in_no_time(work) == pytest.approx(60)
