"""The limits of bodies hold for every route that reads one, whatever the route does with it (rule W5)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.http.base_app import create_application, healthz
from bot.http.body_limits import MAX_BODY

TOO_LARGE = b"x" * (MAX_BODY + 1)


async def measure(request: Request) -> Response:
    """Answer with the size of the body."""
    return PlainTextResponse(str(len(await request.body())))


def application(max_body_seconds: float = 10, max_large_bodies: int = 2 * MAX_BODY) -> Starlette:
    """Make an application with one route that reads a body and one that doesn't."""
    routes = [Route("/measure", measure, methods=["POST"]), Route("/healthz", healthz, methods=["POST"])]
    return create_application(routes, max_body_seconds, max_large_bodies)


def client_of(app: Starlette) -> httpx.AsyncClient:
    """Make a client that reaches the application without a network."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot.invalid")


async def unfinished(first: bytes) -> AsyncIterator[bytes]:
    """Send the beginning of a body, and never the rest."""
    yield first
    await asyncio.Event().wait()


async def test_a_body_of_1_mb_is_read_whole_and_no_larger_one() -> None:
    """Starlette answers 413 by itself: the route needs no code for it."""
    async with client_of(application()) as client:
        assert (await client.post("/measure", content=TOO_LARGE[:-1])).text == str(MAX_BODY)
        answer = await client.post("/measure", content=TOO_LARGE)
    assert (answer.status_code, answer.text) == (413, "the body is over 1 MB")


async def test_a_body_that_does_not_come_is_refused() -> None:
    """Its time is over, whatever has come of it."""
    async with client_of(application(max_body_seconds=0.05)) as client, asyncio.timeout(60):
        answer = await client.post("/measure", content=unfinished(b"x"))
    assert (answer.status_code, answer.text) == (408, "the body did not come in time")


async def test_the_oldest_large_body_makes_way() -> None:
    """Where large bodies fill their budget, the oldest that is unfinished gets 503."""
    async with client_of(application(max_large_bodies=MAX_BODY)) as client, asyncio.timeout(60):
        oldest = asyncio.create_task(client.post("/measure", content=unfinished(TOO_LARGE[:-1])))
        await asyncio.sleep(0.05)
        assert (await client.post("/measure", content=TOO_LARGE[:-1])).status_code == 200
        assert (await oldest).status_code == 503


async def test_a_body_that_no_route_reads_is_not_waited_for() -> None:
    """A route that doesn't ask for the body answers at once, however large it is."""
    async with client_of(application()) as client, asyncio.timeout(60):
        assert (await client.post("/healthz", content=TOO_LARGE)).text == "ok"
