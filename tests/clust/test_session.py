"""Requests to Clust on httpx: the errors that responses mean, packed responses, and the token (rule R6)."""

import gzip
import tracemalloc
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from bot.clust.client import ClustClient
from bot.clust.session import MAX_ANSWER_BYTES, MAX_ATTEMPTS, process_http
from bot.core.errors import (
    ClustBroken,
    ClustError,
    ClustForbidden,
    ClustNotFound,
    ClustRejected,
    ClustUnauthorized,
    ClustUnreachable,
)
from bot.sandbox.clust.stand_in import SandboxClust
from tests.clust.conftest import TOKEN, URL, Script, Waits, answered, scripted


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


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ({"html": True}, "a web page. Check CLUST_API_URL"),
        ({"half_json": True}, "incomplete JSON"),
        ({"fail_next": 1}, "Internal Server Error"),
        ({"unreachable": True}, "The connection couldn't be opened"),
        ({"disconnect": True}, "The connection was lost before the response was complete"),
        ({"down": True}, "Service Unavailable"),
    ],
)
async def test_each_trouble_of_clust_has_its_sentence(
    client: ClustClient, account: SandboxClust, fault: Mapping[str, Any], sentence: str
) -> None:
    """A web page, incomplete JSON, a server's error and a broken connection each have a sentence, and may pass."""
    for name, value in fault.items():
        setattr(account.faults, name, value)
    with pytest.raises((ClustBroken, ClustUnreachable), match=sentence) as error:
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
async def test_no_error_contains_the_token(trouble: Callable[[], httpx.Response | Exception]) -> None:
    """Neither an error's words nor its repr have the token, also where a library's words had it."""
    async with scripted(Script(*(trouble() for _ in range(MAX_ATTEMPTS)))) as client:
        with pytest.raises(ClustError) as error:
            await client.application("1")
    assert TOKEN not in f"{error.value} {error.value!r} {error.value.__dict__}"


def packed(body: bytes, coding: str) -> httpx.Response:
    """Make an answer that says how it is packed."""
    return httpx.Response(200, stream=httpx.ByteStream(body), headers={"content-encoding": coding})


async def test_an_endless_answer_is_cut_off() -> None:
    """An answer that never ends, or unpacks to one, is an error, and no more is unpacked than an answer may have."""
    small = gzip.compress(bytes(4 * MAX_ANSWER_BYTES))
    assert len(small) < 400_000
    async with scripted(Script(packed(small, "gzip"))) as client:
        tracemalloc.start()
        try:
            with pytest.raises(ClustBroken, match="too large"):
                await client.page(1)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 3 * MAX_ANSWER_BYTES


@pytest.mark.parametrize("coding", ["gzip, gzip", "gzip,gzip,gzip", "br", "deflate", "zstd", "made up"])
async def test_nothing_is_unpacked_that_was_not_asked_for(coding: str) -> None:
    """A packing of a packing explodes a thousand times a thousand fold: only gzip is undone, once."""
    bomb = gzip.compress(gzip.compress(bytes(2**20)))
    async with scripted(Script(*(packed(bomb, coding) for _ in range(MAX_ATTEMPTS)))) as client:
        with pytest.raises(ClustError):
            await client.page(1)


@pytest.mark.parametrize("body", [b"", b"{}", gzip.compress(b'{"id": 1}', mtime=0)[:-12], b"\x1f\x8b\x08junk"])
async def test_what_is_not_packed_as_it_says_is_an_error(body: bytes) -> None:
    """Half a packing, or none, is an error like half an answer."""
    async with scripted(Script(*(packed(body, "gzip") for _ in range(MAX_ATTEMPTS)))) as client:
        with pytest.raises(ClustError):
            await client.application("1")


async def test_a_packed_answer_is_read() -> None:
    """What is packed as was asked for is read as if it were not."""
    script = Script(packed(gzip.compress(b'{"id": 1}'), "GZIP"))
    async with scripted(script) as client:
        assert (await client.application("1")).id == "1"
    assert script.requests[0].headers["accept-encoding"] == "gzip"


async def test_an_answer_that_repeats_the_token_shows_it_to_nobody() -> None:
    """Whatever Clust echoes, the token reaches no error, and so no message and no log."""
    script = Script(answered(403, {"message": f"Token {TOKEN} lacks an ability"}))
    async with ClustClient(URL, TOKEN, transport=script) as client:
        with pytest.raises(ClustForbidden, match="lacks an ability") as failed:
            await client.page(1)
    assert TOKEN not in failed.value.sentence


async def test_the_accounts_of_a_process_share_its_connections_and_nothing_else() -> None:
    """Each request carries the token of its account, and closing one client leaves the others connected."""
    script = Script(*(answered(200, {"data": []}) for _ in range(3)))
    async with process_http(script) as http:
        first, second = ClustClient(URL, "one", http=http), ClustClient(f"{URL}/v2", "two", http=http)
        async with first:
            await first.page(1)
        await second.page(1)
        await second.call("GET", "/dossiers")
    assert [request.headers["authorization"] for request in script.requests] == ["Bearer one", *["Bearer two"] * 2]
    assert [request.url.path for request in script.requests] == ["/api/dossiers", *["/api/v2/dossiers"] * 2]
