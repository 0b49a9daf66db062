"""Clust and Slack for a thousand workspaces, in a process of their own and as cheap as can be.

Whatever the token, Clust lists 20 applications, and those that were added for it. Slack takes every message and knows
every person and channel. Run as `python -m tests.bench.crowd_server`, it says its port.

`POST /add/TOKEN` adds an application to an account, `POST /hang/TOKEN` lets it answer no more. `GET /posted` lists the
messages: channel and moment.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx

from bot.sandbox.clust.stand_in import SandboxClust

APPLICATIONS = 20
"""Of each account."""

PERSON = "U0PERSON"
BOT = "U0BOT"

_HEAD = re.compile(rb"(GET|POST|PUT|PATCH) (/[^ ?]*)")
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_TOKEN = re.compile(rb"authorization: *Bearer ([^\r]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CrowdServer:
    """The running server."""

    url: str
    _client: httpx.AsyncClient
    """Kept: to make one for each look takes more of the processor than what is looked at."""

    @property
    def clust_url(self) -> str:
        """The address of Clust's API."""
        return f"{self.url}/clust"

    @property
    def slack_url(self) -> str:
        """The address of Slack's Web API."""
        return f"{self.url}/slack/api"

    async def add(self, token: str) -> None:
        """Add an application to an account."""
        await self._call("POST", f"/add/{token}")

    async def hang(self, token: str) -> None:
        """Let an account answer no more."""
        await self._call("POST", f"/hang/{token}")

    async def posted(self) -> list[tuple[str, float]]:
        """Return the messages so far: channel and Unix time."""
        return [(channel, at) for channel, at in (await self._call("GET", "/posted")).json()]

    async def _call(self, method: str, path: str) -> httpx.Response:
        return (await self._client.request(method, f"{self.url}{path}")).raise_for_status()


@asynccontextmanager
async def crowd_server() -> AsyncIterator[CrowdServer]:
    """Start the server, and kill it at the end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.crowd_server"),
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout
        url = f"http://127.0.0.1:{(await process.stdout.readline()).decode().strip()}"
        async with httpx.AsyncClient(trust_env=False) as client:
            yield CrowdServer(url, client)
    finally:
        process.kill()
        await process.wait()


def _json_answer(value: object) -> bytes:
    body = json.dumps(value).encode()
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body


class _StandIns:
    """What all connections of the server share."""

    def __init__(self) -> None:
        account = SandboxClust(clock=lambda: datetime.now(UTC))
        account.populate(APPLICATIONS)
        # With their counts: nothing has to be read singly (rule R2).
        self._rows = [{**one.in_list(), **one.counts()} for one in account.dossiers.values()]
        self._account, self._common = account, self._list(self._rows)
        self._changed: dict[str, list[Any]] = {}
        self._lists: dict[str, bytes] = {}
        self._numbers = count(1)
        self.hanging: set[str] = set()
        self.posted: list[tuple[str, float]] = []

    def _list(self, rows: list[Any]) -> bytes:
        return _json_answer({"data": rows, "meta": {"current_page": 1, "per_page": 100, "total": len(rows)}})

    def applications(self, token: str) -> bytes:
        return self._lists.get(token, self._common)

    def application(self, key: int) -> bytes:
        """Return an application with its items. One that only the database has looks like the first of all."""
        one = self._account.dossiers.get(key) or next(iter(self._account.dossiers.values()))
        return _json_answer({"data": {**one.in_full(), "id": key}})

    def add(self, token: str) -> None:
        key = self._account.add(title="New")["id"]
        new, rows = self._account.dossiers[key], self._changed.setdefault(token, [])
        rows.append({**new.in_list(), **new.counts()})
        self._lists[token] = self._list([*self._rows, *rows])

    def slack(self, method: str, token: str, arguments: dict[str, Any]) -> bytes:
        channel = arguments.get("channel", "C0")
        if method == "chat.postMessage":
            self.posted.append((channel, time.time()))
            ts = f"{int(time.time())}.{next(self._numbers):06}"
            return _json_answer({"ok": True, "channel": channel, "ts": ts, "message": {"ts": ts, "text": ""}})
        team = token.rpartition("-")[2]
        user = {"id": arguments.get("user", PERSON), "team_id": team, "is_bot": False, "is_restricted": False}
        return _json_answer(
            {
                "ok": True,
                "team_id": team,
                "user_id": BOT,
                "bot_id": "B0BOT",
                "url": f"https://{team.lower()}.slack.com/",
                "user": {**user, "is_admin": True, "deleted": False, "tz": "UTC"} if method == "users.info" else "bot",
                "channel": {"id": channel, "name": "a", "is_private": False, "is_member": True},
                "messages": [],
            }
        )


class _Served(asyncio.Protocol):
    """One connection. Its requests come one after the other."""

    stand_ins: _StandIns

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._kept = transport, b""

    def data_received(self, data: bytes) -> None:
        self._kept += data
        head, blank, body = self._kept.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not blank or len(body) < (int(length[1]) if length else 0):
            return
        self._kept = b""
        line, given = _HEAD.match(head), _TOKEN.search(head)
        assert line
        answer = self._answer(line[2].decode(), given[1].decode() if given else "", body)
        if answer:
            self._transport.write(answer)

    def _answer(self, path: str, token: str, body: bytes) -> bytes | None:
        stand_ins = self.stand_ins
        place, _, last = path.strip("/").rpartition("/")
        match place:
            case "clust":
                return None if token in stand_ins.hanging else stand_ins.applications(token)
            case "clust/dossiers":
                return stand_ins.application(int(last))
            case "slack/api":
                return stand_ins.slack(last, token, _arguments(body))
            case "add":
                stand_ins.add(last)
            case "hang":
                stand_ins.hanging.add(last)
            case _:
                return _json_answer(stand_ins.posted)
        return _json_answer({})


def _arguments(body: bytes) -> dict[str, Any]:
    if body.startswith(b"{"):
        arguments: dict[str, Any] = json.loads(body)
        return arguments
    return {name: values[0] for name, values in parse_qs(body.decode()).items()}


async def _serve() -> None:
    _Served.stand_ins = _StandIns()
    server = await asyncio.get_running_loop().create_server(_Served, "127.0.0.1", 0, backlog=1024)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
