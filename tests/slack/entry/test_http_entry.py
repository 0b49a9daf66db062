"""The HTTP entry: which requests are accepted, and what is never logged (rule W5)."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from functools import partial
from urllib.parse import urlencode

import httpx
import pytest
from starlette.applications import Starlette
from structlog.testing import capture_logs

from bot.http.body_limits import MAX_BODY
from bot.wiring.serving import create_web
from tests.slack.entry.signed import BODY, NOW, SECRET, headers, make_web, signature
from tests.slack.payloads import command


def client_of(web: Starlette) -> httpx.AsyncClient:
    """Make a client that reaches the web application without a network."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://bot.invalid")


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A client of the web application."""
    async with client_of(make_web()) as one:
        yield one


@pytest.mark.parametrize("age", [0, 300, -300])
async def test_a_valid_signature_is_accepted(client: httpx.AsyncClient, age: int) -> None:
    """A valid signature of at most five minutes reaches the app, whose answer is returned."""
    answer = await client.post("/slack/events", content=BODY, headers=headers(timestamp=str(NOW - age)))
    assert (answer.status_code, answer.text) == (200, "You said: private words")


async def test_a_signed_request_without_a_listener_gets_404(client: httpx.AsyncClient) -> None:
    """A request for which the app has no listener gets Bolt's 404."""
    body = urlencode(command(command="/other")).encode()
    assert (await client.post("/slack/events", content=body, headers=headers(body))).status_code == 404


@pytest.mark.parametrize(
    "changed",
    [
        {"x-slack-signature": signature(BODY, str(NOW), "other-secret")},
        {"x-slack-signature": signature(BODY + b"&more=1", str(NOW))},
        {"x-slack-signature": signature(BODY, str(NOW - 1))},
        {"x-slack-signature": signature(BODY, str(NOW)).removeprefix("v0=")},
        {"x-slack-signature": signature(BODY, str(NOW)).upper()},
        {"x-slack-signature": "v0="},
        {"x-slack-signature": ""},
        {"x-slack-signature": "v0=" + "é" * 64},
        {"x-slack-signature": None},
        {"x-slack-request-timestamp": None},
        {"x-slack-request-timestamp": None, "x-slack-signature": None},
    ],
)
async def test_a_wrong_or_missing_signature_is_refused(
    client: httpx.AsyncClient, changed: dict[str, str | None]
) -> None:
    """A wrong, malformed or missing signature, or a missing timestamp, gets 401 (W5)."""
    sent = [(name, value.encode()) for name, value in {**headers(), **changed}.items() if value is not None]
    answer = await client.post("/slack/events", content=BODY, headers=[(name.encode(), value) for name, value in sent])
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "timestamp",
    [
        str(NOW - 302),
        str(NOW + 302),
        "0",
        f"-{NOW}",
        f"+{NOW}",
        f"{NOW}.0",
        f"{NOW} 0",
        "1e9",
        "noon",
        "",
        "9" * 12,
        "9" * 400,
        "9" * 5000,
        "".join(chr(ord(digit) + 0x660 - ord("0")) for digit in str(NOW)),
        "²",
        "NaN",
    ],
)
async def test_an_invalid_timestamp_is_refused(client: httpx.AsyncClient, timestamp: str) -> None:
    """An old, future, huge or malformed timestamp gets 401, even with a valid signature (W5)."""
    sent = [(name.encode(), value.encode()) for name, value in headers(timestamp=timestamp).items()]
    answer = await client.post("/slack/events", content=BODY, headers=sent)
    assert answer.status_code == 401


async def chunks(size: int) -> AsyncIterator[bytes]:
    """Send a body in pieces, without its length, and allow for no one reading on after a refusal."""
    piece = b"x" * 65_536
    for start in range(0, size, len(piece)):
        yield piece[: size - start]


async def test_a_body_that_is_too_large_is_refused(client: httpx.AsyncClient) -> None:
    """A body over 1 MB gets 413, with or without its length, well signed or not (W5)."""
    large = b"x" * (MAX_BODY + 1)
    assert MAX_BODY == 1024 * 1024
    assert (await client.post("/slack/events", content=large)).status_code == 413
    assert (await client.post("/slack/events", content=large, headers=headers(large))).status_code == 413
    assert (await client.post("/slack/events", content=chunks(len(large)))).status_code == 413


async def test_a_body_of_the_maximum_size_is_accepted(client: httpx.AsyncClient) -> None:
    """A body of exactly 1 MB is read and answered."""
    body = (BODY + b"&padding=").ljust(MAX_BODY, b"x")
    assert (await client.post("/slack/events", content=body, headers=headers(body))).status_code == 200


async def test_a_replayed_request_is_refused(client: httpx.AsyncClient) -> None:
    """W5: a replayed request is refused. A search in a select may repeat."""
    act, search = urlencode(command()).encode(), BODY
    answers = [
        (await client.post("/slack/events", content=body, headers=headers(body))).status_code
        for body in (act, act, search, search)
    ]
    assert answers == [200, 401, 200, 200]


async def test_no_more_is_read_of_a_body_than_is_allowed() -> None:
    """An endless body is cut off at the first piece over the limit."""
    pieces = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal pieces
        while True:
            pieces += 1
            yield b"x" * 65_536

    asgi = httpx.ASGITransport(make_web())
    async with httpx.AsyncClient(transport=asgi, base_url="http://bot.invalid") as client:
        assert (await client.post("/slack/events", content=endless())).status_code == 413
    assert pieces == MAX_BODY // 65_536 + 1


async def test_a_slow_body_is_refused() -> None:
    """A body that comes too slowly, or not at all, gets 408 (W5)."""

    async def never() -> AsyncIterator[bytes]:
        yield b"payload="
        await asyncio.Event().wait()

    async with client_of(make_web(max_body_seconds=0.05)) as client, asyncio.timeout(60):
        answer = await client.post("/slack/events", content=never(), headers=headers())
    assert (answer.status_code, answer.text) == (408, "the body did not come in time")


async def test_unverified_bodies_are_bounded_in_memory() -> None:
    """When large unverified bodies fill their share of memory, the oldest is refused."""
    held = [asyncio.Event() for _ in range(3)]

    async def slow(number: int) -> AsyncIterator[bytes]:
        yield b"x" * MAX_BODY
        held[number].set()
        await asyncio.Event().wait()

    async with client_of(make_web(max_large_bodies=2 * MAX_BODY)) as client, asyncio.timeout(60):
        slowly = []
        for number in range(3):
            slowly.append(asyncio.create_task(client.post("/slack/events", content=slow(number))))
            await held[number].wait()
        assert (await slowly[0]).status_code == 503
        large = (BODY + b"&padding=").ljust(MAX_BODY, b"x")
        assert (await client.post("/slack/events", content=large, headers=headers(large))).status_code == 200
        assert (await slowly[1]).status_code == 503
        assert (await client.post("/slack/events", content=BODY, headers=headers())).status_code == 200
        assert not slowly[2].done()
        slowly[2].cancel()


async def test_a_compressed_body_is_not_decompressed(client: httpx.AsyncClient) -> None:
    """Content-Encoding is ignored: a compressed body is never decompressed, and gets 400."""
    packed = gzip.compress(bytes(2**20))
    sent = headers(packed) | {"content-encoding": "gzip"}
    assert (await client.post("/slack/events", content=packed, headers=sent)).status_code == 400


async def test_an_invalid_host_header_changes_nothing(client: httpx.AsyncClient) -> None:
    """An invalid Host header changes nothing."""
    answer = await client.post("/slack/events", content=BODY, headers={**headers(), "host": "[::1"})
    assert answer.status_code == 200


async def test_a_command_with_the_word_payload_stays_a_command(client: httpx.AsyncClient) -> None:
    """A command with the word payload stays a command, although Bolt takes a form like that for an interaction."""
    body = urlencode(command(text="list title:payload")).encode()
    answer = await client.post("/slack/events", content=body, headers=headers(body))
    assert (answer.status_code, answer.text) == (200, "You said: list title:payload")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"payload=", 400),
        (b"payload=[]", 400),
        (b"{", 400),
        (b'{"type": 1}', 400),
        (b"[" * 100_000, 404),
        (b'{"a":' * 50_000, 400),
        (b'{"type": "url_verification", "challenge": 1}', 400),
        (b'{"type": "event_callback", "event": "x"}', 400),
        (b'payload={"type": "block_actions", "user": {"id": "U1"}, "trigger_id": "1", "actions": []}', 400),
        (b'payload={"type": "view_opened", "user": 1}', 404),
        (b"nothing=at+all", 404),
        (b"", 404),
    ],
)
async def test_a_malformed_payload_is_refused(client: httpx.AsyncClient, body: bytes, status: int) -> None:
    """A malformed payload gets 400, and one that isn't for this bot 404, even with a valid signature."""
    assert (await client.post("/slack/events", content=body, headers=headers(body))).status_code == status


async def test_a_challenge_is_answered(client: httpx.AsyncClient) -> None:
    """Slack verifies the address when it is entered (Slack: url_verification)."""
    body = b'{"type": "url_verification", "token": "x", "challenge": "3eZbrw1a"}'
    answer = await client.post("/slack/events", content=body, headers=headers(body))
    assert (answer.status_code, "3eZbrw1a" in answer.text) == (200, True)


async def test_a_body_that_is_not_utf_8_is_refused(client: httpx.AsyncClient) -> None:
    """Bytes that are not UTF-8 get 400."""
    assert (await client.post("/slack/events", content=b"\xff", headers=headers(b"\xff"))).status_code == 400


def without_an_app() -> Starlette:
    """Return the web application of a bot that Slack reaches by Socket Mode."""
    return create_web(None, SECRET, lambda: NOW)


@pytest.mark.parametrize("web", [make_web, partial(make_web, None), without_an_app])
async def test_healthz_answers_200(web: Callable[[], Starlette]) -> None:
    """`/healthz` answers 200, whatever else is served (W5)."""
    async with client_of(web()) as client:
        answer = await client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok")


@pytest.mark.parametrize("web", [partial(make_web, None), partial(make_web, ""), without_an_app])
async def test_without_a_secret_there_is_no_events_url(web: Callable[[], Starlette]) -> None:
    """Without a signing secret, as in Socket Mode, there is no `/slack/events`."""
    async with client_of(web()) as client:
        assert (await client.post("/slack/events", content=BODY, headers=headers(secret=""))).status_code == 404


async def test_events_are_only_posted(client: httpx.AsyncClient) -> None:
    """A GET gets 405, and any other address 404."""
    assert (await client.get("/slack/events")).status_code == 405
    assert (await client.post("/slack/commands", content=BODY, headers=headers())).status_code == 404


async def test_a_refusal_is_logged_without_the_request(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has the reason, and nothing of the refused request's body or headers (W5)."""
    caplog.set_level("DEBUG")
    with capture_logs() as logs:
        for changed in ({"x-slack-signature": "v0=private"}, {"x-slack-request-timestamp": "private"}):
            await client.post("/slack/events", content=BODY, headers=headers() | changed)
        await client.post("/slack/events", content=b"private" * MAX_BODY)
    assert [(line["event"], line["status"], line["why"]) for line in logs] == [
        ("request refused", 401, "the signature is wrong"),
        ("request refused", 401, "no valid timestamp"),
        ("request refused", 413, "the body is over 1 MB"),
    ]
    assert "private" not in f"{logs} {caplog.text}"


async def test_accepted_bodies_are_not_logged(client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    """The body of an accepted request is not logged either."""
    caplog.set_level("INFO")
    with capture_logs() as logs:
        assert (await client.post("/slack/events", content=BODY, headers=headers())).status_code == 200
    assert "private" not in f"{logs} {caplog.text}"
