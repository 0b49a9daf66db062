"""Slack as a load: signed `/clust list`s over connections that stay open, and a place where the answers arrive."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

from bot.sandbox.slack.requests_to_bot import sign
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.sandbox.slack.workspace import User

OK = b"HTTP/1.1 200"
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"

_triggers = itertools.count(1)


@dataclass(slots=True)
class Answers:
    """Where one server answers by `response_url` and counts what arrives."""

    url: str = ""
    arrived: int = 0
    arrival: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait_for(self, number: int, seconds: float = 60.0) -> None:
        """Wait until so many have arrived. Raises TimeoutError where they do not."""
        async with asyncio.timeout(seconds):
            while self.arrived < number:
                self.arrival.clear()
                await self.arrival.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take answers on one connection until it is closed."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(_length(head))
                self.arrived += 1
                self.arrival.set()
                writer.write(ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


@asynccontextmanager
async def answers_arrive() -> AsyncIterator[Answers]:
    """Listen for answers."""
    answers = Answers()
    server = await asyncio.start_server(answers.serve, "127.0.0.1", 0)
    answers.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with server:
        yield answers


class Load:
    """Sends `/clust list` to a server on loopback, as `person`, else as a member of the sandbox's workspace."""

    def __init__(
        self,
        slack: SandboxSlack,
        port: int,
        answers: Answers,
        text: str = "list",
        *,
        is_answered: bool = True,
        person: User | None = None,
    ) -> None:
        self._is_answered = is_answered
        self._secret, self.port, self._answers, self._text = slack.signing_secret, port, answers, text
        self._workspace, self._person = slack.workspace, person or slack.workspace.member
        self.sent = 0

    async def alone(self, number: int) -> list[float]:
        """Send one after the other, each when the one before was answered, and return when each was acknowledged."""
        reader, writer = await self._connected()
        timings = []
        for _ in range(number):
            timings.append(await self._acknowledged(reader, writer))
            await self.settled()
        writer.close()
        return timings

    async def settled(self, seconds: float = 60.0) -> None:
        """Wait until everything was answered, where this server answers."""
        if self._is_answered:
            await self._answers.wait_for(self.sent, seconds)

    async def at_once(self, number: int, clients: int = 32) -> tuple[list[float], float]:
        """Send `number`, `clients` at a time. Returns the seconds of each, and how many were acknowledged a second."""
        opened = [await self._connected() for _ in range(clients)]
        left, timings = iter(range(number)), list[float]()

        async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for _ in left:
                timings.append(await self._acknowledged(reader, writer))

        began = time.perf_counter()
        await asyncio.gather(*(client(*one) for one in opened))
        rate = number / (time.perf_counter() - began)
        for _, writer in opened:
            writer.close()
        return timings, rate

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def _acknowledged(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> float:
        request = self._request()
        began = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(OK):
            raise RuntimeError(head.decode())
        await reader.readexactly(_length(head))
        self.sent += 1
        return time.perf_counter() - began

    def _request(self) -> bytes:
        member = self._person
        body = urlencode(
            {
                "token": "t",
                "team_id": member.team_id,
                "team_domain": "sandbox",
                "channel_id": self._workspace.channel("general").id,
                "channel_name": "general",
                "user_id": member.id,
                "user_name": member.name,
                "command": "/clust",
                "text": self._text,
                "api_app_id": "A1",
                "is_enterprise_install": "false",
                "response_url": self._answers.url,
                "trigger_id": f"{next(_triggers)}.{time.time_ns()}",
            }
        )
        headers = {
            "Host": "127.0.0.1",
            "Content-Type": "application/x-www-form-urlencoded",
            "Content-Length": str(len(body)),
            **sign(self._secret, body),
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"POST /slack/events HTTP/1.1\r\n{head}\r\n{body}".encode()


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0
