"""Clust's webhooks: what is taken, what is refused before it costs anything, and what their bodies can't displace."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from cryptography.fernet import Fernet
from starlette.routing import Route
from structlog.testing import capture_logs

from bot.core.applications.webhook_ids import WebhookIds
from bot.http.base_app import create_application
from bot.http.body_limits import MAX_BODY
from bot.http.webhook_route import LOOK_UP_AGAIN, MAX_LOOK_UPS, MAX_WEBHOOK_BODIES, MAX_WEBHOOK_BODY, webhook_route
from bot.store import Store, open_store
from tests.conftest import Clock
from tests.http.test_body_limits import measure, unfinished
from tests.statements import counted

WRONG = "x" * 43


@pytest.fixture
async def sealing(sqlite_url: str) -> AsyncIterator[Store]:
    """A store with a SECRET_KEY, on SQLite: no statement of it is about another database."""
    store = open_store(sqlite_url, posts_per_minute=300, secret_keys=[Fernet.generate_key().decode()])
    yield store
    await store.database.close()


async def no_wait() -> None:
    """Give way to no one."""


async def secret_of(store: Store, clock: Clock, name: str = "default") -> tuple[int, str]:
    """Return an account and the secret of its webhook."""
    key = (await store.connections.ensure("T1", name, "http://clust", "token")).id
    return key, await store.webhook_secrets.current(key, "T1", "U1", clock())


@asynccontextmanager
async def client_of(store: Store, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    """Reach the route, beside one that reads a body, without a network."""
    routes = [Route("/measure", measure, methods=["POST"])]
    app = create_application(routes, max_large_bodies=MAX_BODY, apart=[webhook_route(store, clock, no_wait)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot.invalid") as client:
        yield client


async def test_what_clust_sends_is_queued(sealing: Store, clock: Clock) -> None:
    """For the account of the secret: JSON, a form, and what is neither, which says at least that webhooks come."""
    (key, secret), (other, others_secret) = await secret_of(sealing, clock), await secret_of(sealing, clock, "other")
    async with client_of(sealing, clock) as client:
        for path, body in (
            (secret, b'{"dossier": {"id": 7}}'),
            (secret, b"dossier[id]=8"),
            (others_secret, b'{"id": 9}'),
            (secret, b"\xff"),
        ):
            assert (await client.post(f"/clust/hook/{path}", content=body)).status_code == 200
    assert [one.application_id for one in await sealing.hints.waiting(key, 9)] == ["7", "8"]
    assert [one.application_id for one in await sealing.hints.waiting(other, 9)] == ["9"]


@pytest.mark.parametrize("wrong", ["", "x", WRONG + "x", "%2e%2e", "é" * 43, "x" * 42 + "!"])
async def test_what_no_secret_looks_like_is_404_without_a_question(sealing: Store, clock: Clock, wrong: str) -> None:
    """Nothing is asked of the database, and the body isn't read."""
    async with client_of(sealing, clock) as client, asyncio.timeout(60):
        statements = Counter[str]()
        with counted(statements):
            answer = await client.post(f"/clust/hook/{wrong}", content=unfinished(b"x"))
    assert (answer.status_code, sum(statements.values())) == (404, 0)


async def test_guesses_cost_a_bounded_number_of_questions(sealing: Store, clock: Clock) -> None:
    """Beyond it they are wrong unasked. A secret that was right before is still taken, and others a minute later."""
    key, secret = await secret_of(sealing, clock)
    _other, unused = await secret_of(sealing, clock, "other")
    async with client_of(sealing, clock) as client:
        assert (await client.post(f"/clust/hook/{secret}", content=b"id=7")).status_code == 200
        statements = Counter[str]()
        with counted(statements):
            for number in range(MAX_LOOK_UPS + 20):
                assert (await client.post(f"/clust/hook/{number:0>43}")).status_code == 404
        lookups = sum(times for statement, times in statements.items() if "webhooks" in statement)
        assert lookups == MAX_LOOK_UPS - 1
        assert (await client.post(f"/clust/hook/{unused}")).status_code == 404
        clock.forward(LOOK_UP_AGAIN.total_seconds())
        assert (await client.post(f"/clust/hook/{secret}", content=b"id=8")).status_code == 200
        assert (await client.post(f"/clust/hook/{unused}")).status_code == 200
    assert [one.application_id for one in await sealing.hints.waiting(key, 9)] == ["7", "8"]


async def test_a_secret_that_was_right_is_asked_about_again(sealing: Store, clock: Clock) -> None:
    """Once a minute: its account may have been disconnected."""
    _key, secret = await secret_of(sealing, clock)
    async with client_of(sealing, clock) as client:
        assert (await client.post(f"/clust/hook/{secret}")).status_code == 200
        await sealing.connections.end("T1", "default", "U1", clock())
        assert (await client.post(f"/clust/hook/{secret}")).status_code == 200
        clock.forward(LOOK_UP_AGAIN.total_seconds())
        assert (await client.post(f"/clust/hook/{secret}")).status_code == 404


async def test_a_gigantic_body_is_refused(sealing: Store, clock: Clock) -> None:
    """Up to 64 KB is taken, with ten thousand ids in it too, but not more."""
    key, secret = await secret_of(sealing, clock)
    ids = json.dumps({"id": list(range(1, 10_001))}).encode()
    async with client_of(sealing, clock) as client:
        full = ids.ljust(MAX_WEBHOOK_BODY)
        assert (await client.post(f"/clust/hook/{secret}", content=full)).status_code == 200
        answer = await client.post(f"/clust/hook/{secret}", content=full + b" ")
    assert (answer.status_code, answer.text) == (413, "the body is over 64 KB")
    assert len(await sealing.hints.waiting(key, 10_000)) == 100


async def test_bodies_of_webhooks_take_no_room_of_slacks(sealing: Store, clock: Clock) -> None:
    """However many are unfinished, they displace only each other: a large body of Slack's is read whole."""
    _key, secret = await secret_of(sealing, clock)
    async with client_of(sealing, clock) as client, asyncio.timeout(60):
        path, part = f"/clust/hook/{secret}", b"x" * MAX_WEBHOOK_BODY
        open_ones = [
            asyncio.create_task(client.post(path, content=unfinished(part)))
            for _ in range(MAX_WEBHOOK_BODIES // MAX_WEBHOOK_BODY)
        ]
        await asyncio.sleep(0)
        assert (await client.post("/measure", content=b"x" * MAX_BODY)).text == str(MAX_BODY)
        while not any(task.done() for task in open_ones):
            assert (await client.post(path, content=part)).status_code in {200, 503}
        assert {task.result().status_code for task in open_ones if task.done()} == {503}
        for task in open_ones:
            task.cancel()
        await asyncio.gather(*open_ones, return_exceptions=True)


async def test_a_database_that_fails_asks_for_another_try(
    sealing: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503, so that Clust may call again. Neither the secret nor the body is logged."""
    _key, secret = await secret_of(sealing, clock)

    async def broken(_account: int, _ids: WebhookIds, _now: object) -> None:
        raise OSError("disk I/O error")

    monkeypatch.setattr("bot.store.clust.hints.Hints.queue", lambda _self, *args: broken(*args))
    async with client_of(sealing, clock) as client:
        with capture_logs() as logs:
            answer = await client.post(f"/clust/hook/{secret}", content=b'{"id": 7, "email": "ana@acme.example"}')
    assert answer.status_code == 503
    assert logs[0]["event"] == "a webhook could not be queued"
    assert secret not in str(logs)
    assert "ana@" not in str(logs)


async def test_only_post_is_taken(sealing: Store, clock: Clock) -> None:
    """A browser that opens the address gets 405, whether the secret is right or wrong."""
    _key, secret = await secret_of(sealing, clock)
    async with client_of(sealing, clock) as client:
        for path in (secret, WRONG):
            assert (await client.get(f"/clust/hook/{path}")).status_code == 405


async def test_who_hangs_up_is_not_waited_for(sealing: Store, clock: Clock) -> None:
    """A connection that ends in the middle of a body names nothing."""
    key, secret = await secret_of(sealing, clock)
    route = webhook_route(sealing, clock, no_wait)
    sent: list[object] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": f"/clust/hook/{secret}", "headers": [], "query_string": b""}
    _match, child = route.matches(scope)
    await route.handle({**scope, **child}, receive, send)
    assert "400" in str(sent[0])
    assert await sealing.hints.waiting(key, 9) == []
