"""A client of Clust whose answers and waits are the test's."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from bot.clust.client import ClustClient
from bot.sandbox.clust.serving import SandboxClustTransport
from bot.sandbox.clust.stand_in import SandboxClust

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
        """Return the next answer."""
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if not answer.is_stream_consumed:
            return answer
        # As from a network: what was given as a whole is read piece by piece.
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(answer.content))


def answered(status: int, body: Any = None, **headers: str) -> httpx.Response:
    """Make an answer."""
    return httpx.Response(status, json={} if body is None else body, headers=headers)


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
