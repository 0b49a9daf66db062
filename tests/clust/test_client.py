"""The Clust API on httpx: what is sent, repeated, waited for and kept secret (rules R3, R6)."""

import asyncio
import gzip
import selectors
import tracemalloc
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx
import pytest

from bot.clust.budget import Budget
from bot.clust.client import ATTEMPTS, IN_FLIGHT, LARGEST_ANSWER, OF_THE_POLL, PATIENCE, ClustClient
from bot.clust.protocol import read_application
from bot.core.errors import (
    ClustBroken,
    ClustBusy,
    ClustError,
    ClustForbidden,
    ClustNotFound,
    ClustRejected,
    ClustUnauthorized,
    ClustUnreachable,
)
from bot.sandbox.clust import SandboxClust
from bot.sandbox.clust_serving import SandboxClustTransport

T = TypeVar("T")

TOKEN = "very-secret-token"
URL = "https://clust.invalid/api"


class Waits:
    """A sleep that only keeps what it was asked for."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        """Go on at once."""
        self.seconds.append(seconds)


class Script(httpx.AsyncBaseTransport):
    """Gives these answers (or raises these errors) one after the other, and keeps the requests."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = [*answers]
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Give the next answer."""
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if not answer.is_stream_consumed:
            return answer
        # As from a network: what was given as a whole is read piece by piece.
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(answer.content))


def answered(status: int, told: Any = None, **headers: str) -> httpx.Response:
    """Make an answer."""
    return httpx.Response(status, json={} if told is None else told, headers=headers)


@pytest.fixture
def account() -> SandboxClust:
    """An account with three applications."""
    account = SandboxClust(token=TOKEN, clock=lambda: datetime(2026, 3, 2, 12, tzinfo=UTC))
    account.populate(3)
    return account


@pytest.fixture
def waits() -> Waits:
    """The waits of the client."""
    return Waits()


@pytest.fixture
async def client(account: SandboxClust, waits: Waits) -> AsyncIterator[ClustClient]:
    """A client of the account."""
    async with ClustClient(URL, TOKEN, transport=SandboxClustTransport(account), sleep=waits) as one:
        yield one


def scripted(script: httpx.AsyncBaseTransport, waits: Waits | None = None) -> ClustClient:
    """Make a client that gets these answers."""
    return ClustClient(URL, TOKEN, transport=script, sleep=waits or Waits())


async def test_what_is_sent() -> None:
    """Requests go below the base address with the token in a header, and never in the address."""
    script = Script(answered(200, {"data": []}), answered(200, {"data": {"id": 5}}))
    async with scripted(script) as client:
        await client.page(2, 50)
        await client.application("a/b?c#d ü")
    first, second = script.requests
    assert (first.method, str(first.url)) == ("GET", f"{URL}/dossiers?page=2&per_page=50")
    assert str(second.url) == f"{URL}/dossiers/a%2Fb%3Fc%23d%20%C3%BC"
    for request in script.requests:
        assert request.headers["authorization"] == f"Bearer {TOKEN}"
        assert request.headers["accept"] == "application/json"


async def test_pages_and_single_applications_are_read(client: ClustClient, account: SandboxClust) -> None:
    """A page has its rows and what is told of others; a single read has the counts too, bare or in `data`."""
    page = await client.page(1, 2)
    assert ([row.id for row in page.rows], page.total, page.per_page, page.has_next) == (["3", "2"], 3, 2, True)
    for bare in (False, True):
        account.knobs.bare = bare
        application = await client.application("3")
        assert application.name == page.rows[0].name
        assert application.eligible is not None


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ClustRejected),
        (401, ClustUnauthorized),
        (403, ClustForbidden),
        (404, ClustNotFound),
        (422, ClustRejected),
        (500, ClustBroken),
        (302, ClustBroken),
    ],
)
async def test_what_waiting_does_not_mend_is_not_repeated(status: int, kind: type[ClustError], waits: Waits) -> None:
    """A refusal comes at once, as the error that it means."""
    script = Script(answered(status, {"message": "No."}))
    async with scripted(script, waits) as client:
        with pytest.raises(kind) as error:
            await client.application("1")
    assert type(error.value) is kind
    assert (len(script.requests), waits.seconds) == (1, [])


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
async def test_what_passes_is_tried_again(trouble: Callable[[], httpx.Response | Exception], waits: Waits) -> None:
    """After 429, 502, 503, 504 and a broken connection a GET is sent again, and the trouble is not even noticed."""
    script = Script(trouble(), trouble(), answered(200, {"data": {"id": 1}}))
    async with scripted(script, waits) as client:
        assert (await client.application("1")).id == "1"
    assert len(script.requests) == 3
    assert len(waits.seconds) == 2


@pytest.mark.parametrize("trouble", TRANSIENT)
async def test_it_is_not_tried_for_ever(trouble: Callable[[], httpx.Response | Exception], waits: Waits) -> None:
    """After the last attempt the trouble is told; each wait may be longer than the one before, and none is long."""
    script = Script(*(trouble() for _ in range(ATTEMPTS)))
    async with scripted(script, waits) as client:
        with pytest.raises(ClustError) as error:
            await client.page(1)
    assert error.value.retry
    assert script.answers == []
    assert len(waits.seconds) == ATTEMPTS - 1
    assert all(0 <= wait <= 2**place for place, wait in enumerate(waits.seconds))


async def test_attempts_can_be_fewer(waits: Waits) -> None:
    """Whoever has no time asks once, and gets the first failure (L1)."""
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


async def test_a_wait_longer_than_patience_is_told_at_once(waits: Waits) -> None:
    """Where Clust asks for more than half a minute there is no use in waiting: the error knows how long (R6)."""
    script = Script(answered(429, {"message": "Too Many Attempts."}, **{"Retry-After": "31"}))
    async with scripted(script, waits) as client:
        with pytest.raises(ClustBusy, match="Too Many Attempts") as error:
            await client.page(1)
    assert (error.value.retry_after, waits.seconds) == (31, [])


async def test_a_limit_slows_the_poll_and_is_told(client: ClustClient, account: SandboxClust) -> None:
    """The budget learns from every answer's headers (R3)."""
    await client.page(1)
    assert client.budget.describe() is None
    account.knobs.rate_limit = 60
    await client.page(1)
    assert client.budget.describe() == "Clust allows 60 requests a minute; polling keeps to 42."
    account.knobs.rate_limit = 1
    with pytest.raises(ClustBusy):
        await client.page(1)
    assert "asked polling to wait" in (client.budget.describe() or "")


class Now:
    """Seconds that pass only in a budget's sleep."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """Tell the time."""
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
    client = ClustClient(URL, TOKEN, transport=script, sleep=Waits(), budget=Budget(now, now.sleep))
    async with client:
        for _ in range(2):
            await client.polled_page(1, read_application)
        assert now.seconds == 0
        await client.polled_page(1, read_application)
    assert now.seconds == 60


@pytest.mark.parametrize(
    ("knob", "said"),
    [
        ({"html": True}, "a web page: check CLUST_API_URL"),
        ({"half_json": True}, "no JSON"),
        ({"fail_next": 1}, "Internal Server Error"),
        ({"unreachable": True}, "No connection could be made"),
        ({"disconnect": True}, "The connection broke before the answer was complete"),
        ({"down": True}, "Service Unavailable"),
    ],
)
async def test_each_trouble_of_clust_has_its_sentence(
    client: ClustClient, account: SandboxClust, knob: Mapping[str, Any], said: str
) -> None:
    """A web page, half a JSON, a server's error, no connection: each is told in a sentence, and passes."""
    for name, value in knob.items():
        setattr(account.knobs, name, value)
    with pytest.raises((ClustBroken, ClustUnreachable), match=said) as error:
        await client.page(1)
    assert error.value.retry
    assert error.value.__cause__ is not error.value


@pytest.mark.parametrize(
    "trouble",
    [
        lambda: httpx.ConnectError(f"failed for {TOKEN}"),
        lambda: httpx.LocalProtocolError("Illegal header value"),
        lambda: answered(401, {"message": "Unauthenticated."}),
        lambda: answered(403),
        lambda: answered(404),
        lambda: answered(422, {"errors": {"a": "b"}}),
        lambda: answered(429, **{"Retry-After": "99"}),
        lambda: answered(500),
        lambda: httpx.Response(200, text="<html>"),
    ],
)
async def test_no_error_tells_the_token(trouble: Callable[[], httpx.Response | Exception]) -> None:
    """Neither an error's words nor its repr have the token, also where a library's words had it."""
    async with scripted(Script(*(trouble() for _ in range(ATTEMPTS)))) as client:
        with pytest.raises(ClustError) as error:
            await client.application("1")
    assert TOKEN not in f"{error.value} {error.value!r} {error.value.__dict__}"


def packed(body: bytes, coding: str) -> httpx.Response:
    """Make an answer that says how it is packed."""
    return httpx.Response(200, stream=httpx.ByteStream(body), headers={"content-encoding": coding})


async def test_an_endless_answer_is_cut_off() -> None:
    """An answer that never ends, or unpacks to one, is an error; no more is unpacked than an answer may have."""
    small = gzip.compress(bytes(4 * LARGEST_ANSWER))
    assert len(small) < 400_000
    async with scripted(Script(packed(small, "gzip"))) as client:
        tracemalloc.start()
        try:
            with pytest.raises(ClustBroken, match="too large"):
                await client.page(1)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 3 * LARGEST_ANSWER


@pytest.mark.parametrize("coding", ["gzip, gzip", "gzip,gzip,gzip", "br", "deflate", "zstd", "made up"])
async def test_nothing_is_unpacked_that_was_not_asked_for(coding: str) -> None:
    """A packing of a packing explodes a thousand times a thousand fold: only gzip is undone, once."""
    bomb = gzip.compress(gzip.compress(bytes(2**20)))
    async with scripted(Script(*(packed(bomb, coding) for _ in range(ATTEMPTS)))) as client:
        with pytest.raises(ClustError):
            await client.page(1)


@pytest.mark.parametrize("body", [b"", b"{}", gzip.compress(b'{"id": 1}', mtime=0)[:-12], b"\x1f\x8b\x08junk"])
async def test_what_is_not_packed_as_it_says_is_an_error(body: bytes) -> None:
    """Half a packing, or none, is an error like half an answer."""
    async with scripted(Script(*(packed(body, "gzip") for _ in range(ATTEMPTS)))) as client:
        with pytest.raises(ClustError):
            await client.application("1")


async def test_a_packed_answer_is_read() -> None:
    """What is packed as was asked for is read as if it were not."""
    script = Script(packed(gzip.compress(b'{"id": 1}'), "GZIP"))
    async with scripted(script) as client:
        assert (await client.application("1")).id == "1"
    assert script.requests[0].headers["accept-encoding"] == "gzip"


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


async def test_only_so_many_are_in_flight(account: SandboxClust) -> None:
    """At most 8 requests are under way, at most 6 of them for the poll: a person always finds a place (R3)."""
    held = Held(account)
    async with scripted(held) as client, asyncio.TaskGroup() as group:
        for number in range(1, 31):
            group.create_task(client.polled_page(number, read_application))
        await settle()
        assert held.waiting == OF_THE_POLL == 6
        for _ in range(10):
            group.create_task(client.application("1"))
        await settle()
        assert held.waiting == IN_FLIGHT == 8
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
        assert held.waiting == OF_THE_POLL + 1
        held.go.set()
        assert (await person).id == "1"


class _Selector(selectors.DefaultSelector):
    """Waits for nothing: time passes instead."""

    passed = 0.0

    def select(self, timeout: float | None = None) -> Any:
        """Return what is ready now; where nothing is, the time until the next timer has passed."""
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "everything waits for ever"
            self.passed += timeout
        return ready


class _Loop(asyncio.SelectorEventLoop):
    """An event loop whose time passes as soon as everything waits for it."""

    def __init__(self) -> None:
        self.selector = _Selector()
        super().__init__(self.selector)

    def time(self) -> float:
        """Tell the time that has passed."""
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
            account.knobs.delay, account.knobs.fail_next, account.knobs.fail_status = delay, fail, 503
            began = loop.time()
            async with ClustClient(URL, TOKEN, transport=SandboxClustTransport(account)) as client:
                with pytest.raises(ClustUnreachable, match="did not answer"):
                    await client.page(1)
            took.append(loop.time() - began)
        return took

    assert in_no_time(work) == pytest.approx([PATIENCE, PATIENCE], abs=0.1)
    assert PATIENCE == 30


def test_waiting_for_a_turn_is_not_waiting_for_clust(account: SandboxClust) -> None:
    """The time limit begins when the poll's turn has come: a pause that Clust asked for fails no page (R3, R6)."""

    async def work() -> float:
        loop = asyncio.get_running_loop()
        budget = Budget(loop.time)
        budget.throttled(45)
        async with ClustClient(URL, TOKEN, transport=SandboxClustTransport(account), budget=budget) as client:
            await client.polled_page(1, read_application)
        return loop.time()

    assert in_no_time(work) == pytest.approx(45)


def test_waiting_for_a_place_is_not_waiting_for_clust(account: SandboxClust) -> None:
    """Pages that take 20 s each come however many wait in line: each one has the time limit for itself (R6)."""

    async def work() -> float:
        loop = asyncio.get_running_loop()
        account.knobs.delay = 20
        async with ClustClient(URL, TOKEN, transport=SandboxClustTransport(account)) as client:
            pages = (client.polled_page(number, read_application) for number in range(1, 3 * OF_THE_POLL + 1))
            await asyncio.gather(*pages)
        return loop.time()

    assert in_no_time(work) == pytest.approx(60)


async def test_an_answer_that_repeats_the_token_shows_it_to_nobody() -> None:
    """Whatever Clust echoes, the token reaches no error, and so no message and no log."""
    script = Script(answered(403, {"message": f"Token {TOKEN} lacks an ability"}))
    async with ClustClient(URL, TOKEN, transport=script) as client:
        with pytest.raises(ClustForbidden, match="lacks an ability") as failed:
            await client.page(1)
    assert TOKEN not in failed.value.sentence


async def test_a_poll_that_must_wait_for_hours_says_so_instead(waits: Waits) -> None:
    """R3: a long pause fails the poll, whose reason people read in `status`; it does not hang in silence."""
    script = Script(answered(429, {}, **{"Retry-After": "7200"}))
    budget = Budget(lambda: 0.0, waits)
    async with ClustClient(URL, TOKEN, transport=script, sleep=waits, budget=budget) as client:
        for _ in range(2):
            with pytest.raises(ClustBusy):
                await client.polled_page(1, read_application)
    assert (len(script.requests), waits.seconds) == (1, [])
