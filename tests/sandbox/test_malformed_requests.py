"""Whatever is sent to the demo's page and to the two stand-ins, none answers by an error of its own (issue 14, B13)."""

from __future__ import annotations

import gzip
import itertools
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from bot.demo.account_speed import AccountSpeed
from bot.demo.bot_process import DemoBot
from bot.demo.page.fault_injection import Panel
from bot.demo.page.guard import TOKEN_HEADER
from bot.demo.page.page_actions import USER_ACTIONS
from bot.demo.page.server import DemoPage
from bot.demo.request_log import RequestLog
from bot.sandbox.clust.serving import serve_clust
from bot.sandbox.clust.stand_in import SandboxClust
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.sandbox.slack.web_api.methods import METHODS
from tests.hostile_values import STRINGS, VALUES

NOTHING: Mapping[str, str] = {}
JSON: Mapping[str, str] = {"Content-Type": "application/json"}


@dataclass
class Servers:
    """All three, with what lets a request in."""

    session: aiohttp.ClientSession
    addresses: dict[str, tuple[str, dict[str, str]]]
    slack: SandboxSlack

    async def status(self, server: str, path: str, method: str, body: bytes, headers: Mapping[str, str]) -> int | None:
        """Ask a server, and return the status of its answer, or None if HTTP doesn't allow the request."""
        base, let_in = self.addresses[server]
        try:
            url = URL(f"{base}{path}", encoded=True)
            async with self.session.request(method, url, headers=let_in | dict(headers), data=body) as response:
                await response.read()
                return response.status
        except (aiohttp.ClientError, ValueError):
            return None


@pytest.fixture
async def servers(tmp_path: Path) -> AsyncIterator[Servers]:
    """Serve all three."""
    account = SandboxClust(token="key", clock=lambda: datetime.now(UTC))
    account.add(title="Acme")
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(SandboxSlack())
        clust_url = await stack.enter_async_context(serve_clust(account))
        panel = Panel(slack, account, AccountSpeed(account), DemoBot(slack, clust_url, account.token, tmp_path))
        page = await stack.enter_async_context(DemoPage(panel, RequestLog(slack.state.clock, ())))
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(30)))
        async with session.get(page.url) as response:
            token = (await response.text()).partition('name="page-token" content="')[2].partition('"')[0]
        addresses = {
            "page": (page.url, {TOKEN_HEADER: token}),
            "slack": (slack.api_url.removesuffix("api"), {"Authorization": f"Bearer {slack.bot_token}"}),
            "clust": (f"{clust_url}/", {"Authorization": f"Bearer {account.token}"}),
        }
        yield Servers(session, addresses, slack)


PLACES = (
    ("page", "act/say"),
    ("page", "account/step"),
    ("page", "fault/clust"),
    ("slack", "api/chat.postMessage"),
    ("slack", "api/auth.test"),
    ("slack", "response/x"),
    ("slack", "upload/x"),
    ("clust", "dossiers"),
    ("clust", "dossiers/1"),
)
REQUEST_BODIES = (
    b"",
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b"\xff\xfe\x00",
    b"null",
    b"9" * 5000,
    b'{"id": ' + b"9" * 5000 + b"}",
    b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--",
    gzip.compress(b"{}")[:-4],
)
HEADERS: tuple[Mapping[str, str], ...] = (
    NOTHING,
    JSON,
    {"Content-Type": "application/json; charset=nonsense"},
    {"Content-Type": "application/x-www-form-urlencoded; charset=nonsense"},
    {"Content-Type": "multipart/form-data"},
    {"Content-Type": "multipart/form-data; boundary=x"},
    {"Content-Encoding": "gzip"},
    {"X-Page-Token": "é"},
    {"Authorization": "é"},
    {"Host": "[::1"},
    {"Host": "a:b:c"},
)


def _odd() -> Iterator[tuple[str, str, str, bytes, Mapping[str, str]]]:
    for (server, path), body, headers in itertools.product(PLACES, REQUEST_BODIES, HEADERS):
        yield server, path, "POST", body, headers
    for (server, path), method in itertools.product(PLACES, ("GET", "PUT", "PATCH", "DELETE", "OPTIONS")):
        yield server, path, method, b"[" * 100_000, JSON
    paths = (
        *(
            "page/" + "a" * 4000 + ".html",
            "page/%00.html",
            "page/..%2f..%2fpeople.py",
            "page/%ff.js",
            "file/%00?as=%00",
        ),
        *(
            "requests/" + "9" * 5000,
            "requests/%C2%B2",
            "requests/%D9%A3",
            "api/%00",
            "dossiers/" + "9" * 5000,
            "%",
            "?%",
        ),
        *("dossiers?page=" + "9" * 5000, "dossiers?per_page=%C2%B2", "socket?ticket=%ff"),
    )
    for server, path in itertools.product(("page", "slack", "clust"), paths):
        yield server, path, "GET", b"", NOTHING


async def test_no_malformed_request_is_a_server_error(servers: Servers, caplog: pytest.LogCaptureFixture) -> None:
    """B13: bodies, encodings, headers, methods and addresses that make no sense are refused, each by a sentence."""
    failed = [odd for odd in _odd() if (await servers.status(*odd) or 0) >= 500]
    assert [(server, path[:60], method, body[:20], headers) for server, path, method, body, headers in failed] == []
    assert "Error handling request" not in caplog.text


@pytest.mark.parametrize("step", [57, pytest.param(1, marks=pytest.mark.long)], ids=["some", "all"])
async def test_no_unexpected_value_is_a_server_error(
    step: int, servers: Servers, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B13: any value where another one is expected, in an act on the page, in a field of Clust, in a call of Slack.

    There are some 70,000: `make test` tries 1,200 of them, the long run all.
    """
    monkeypatch.setattr(servers.slack.state.rate_limits, "admit", lambda *_: None)  # as many calls as it takes
    member, channel = servers.slack.workspace.member.id, servers.slack.workspace.channel("general").id
    values = [one for one in (*VALUES, *STRINGS[:40], "9" * 5000) if len(json.dumps(one)) < 100_000]
    usual = {"as": member, "channel": channel, "user": member, "title": "x", "users": member, "text": "x"}
    fields = (
        *("as", "channel", "ts", "text", "view", "values", "value", "id", "template_id", "title", "blocks", "cursor"),
        *("limit", "user", "users", "contact", "webhook", "metadata", "trigger_id", "view_id", "types", "page"),
    )
    endpoints = [("page", f"act/{name}") for name in USER_ACTIONS] + [("page", "account/create"), ("clust", "dossiers")]
    endpoints += [("slack", f"api/{name}") for name in METHODS if name != "auth.revoke"]
    cases = list(itertools.product(endpoints, fields, values))
    for (server, path), field, value in cases[::step]:
        body = json.dumps({**usual, field: value}).encode()
        status = await servers.status(server, path, "POST", body, JSON)
        assert (status or 0) < 500, (server, path, field, value)
    assert "Error handling request" not in caplog.text
