"""The demo's page over real HTTP, between the stand-ins, a bot that answers what the test sets, and a page_client."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from subprocess import DEVNULL
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Playwright, async_playwright

from bot.demo.account_speed import AccountSpeed
from bot.demo.bot_process import DemoBot
from bot.demo.page.fault_injection import Panel
from bot.demo.page.server import DemoPage
from bot.demo.request_log import RequestLog
from bot.sandbox.clust.stand_in import SandboxClust
from bot.sandbox.slack.stand_in import SandboxSlack

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

DEMO_TESTS = Path(__file__).parent

one_loop_fixture = partial(pytest_asyncio.fixture, loop_scope="session")
"""A fixture in the loop of all tests of the demo."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run all tests of the demo in one loop: what leads the browser is bound to it, and takes 0.3 s to start."""
    one_loop = pytest.mark.asyncio(loop_scope="session")
    for item in items:
        if item.path.is_relative_to(DEMO_TESTS) and pytest_asyncio.is_async_test(item):
            item.add_marker(one_loop, append=False)


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run one browser for all tests, and give the address by which it is led. Its own sandbox takes no root."""
    folder = tmp_path_factory.mktemp("chromium")
    flags = ["--headless", "--remote-debugging-port=0", f"--user-data-dir={folder}"]
    flags += ["--no-sandbox"] if os.geteuid() == 0 else []
    with subprocess.Popen([CHROMIUM or "chromium", *flags], stdout=DEVNULL, stderr=DEVNULL) as process:  # noqa: S603  our own flags
        port_file, until = folder / "DevToolsActivePort", time.monotonic() + 90
        while not (port_file.exists() and port_file.read_text()):
            assert time.monotonic() < until
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port_file.read_text().split()[0]}"
        process.terminate()


@one_loop_fixture(scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    """Run the one program that leads the browser."""
    async with async_playwright() as playwright:
        yield playwright


@one_loop_fixture
async def browser(playwright: Playwright, chromium: str) -> AsyncIterator[Browser]:
    """The browser, with nothing in it."""
    browser = await playwright.chromium.connect_over_cdp(chromium, timeout=90_000)
    yield browser
    await browser.close()


class Stream:
    """The events that a page gets, one by one."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def next(self, kind: str) -> dict[str, Any]:
        """Return the next event of this kind. What comes before it is passed over."""
        async with asyncio.timeout(60):
            async for line in self._response.content:
                if line.startswith(b"data: "):
                    event: dict[str, Any] = json.loads(line.removeprefix(b"data: "))
                    if event["kind"] == kind:
                        return event
        raise AssertionError(f"the stream ended without {kind}")


class PageClient:
    """An HTTP client of the page, with its token: posts actions and follows the streams."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str) -> None:
        self.session, self.url, self.token = session, url, token

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Return the status and the text of an answer."""
        async with self.session.get(f"{self.url}{path}", headers=headers) as response:
            return response.status, await response.text()

    async def post(self, path: str, sent: dict[str, Any], **headers: str) -> tuple[int, dict[str, Any]]:
        """Do something as the page does, and return the status and the answer."""
        all_headers = {"X-Page-Token": self.token} | headers
        async with self.session.post(f"{self.url}{path}", json=sent, headers=all_headers) as response:
            is_json = response.content_type == "application/json"
            return response.status, await response.json() if is_json else {"error": await response.text()}

    async def act(self, name: str, who: str, **sent: Any) -> dict[str, Any]:
        """Act as someone, in a way that must succeed."""
        status, answer = await self.post(f"act/{name}", {"as": who, **sent})
        assert (status, answer["ok"]) == (200, True), answer
        return answer

    async def fail(self, name: str, who: str, **sent: Any) -> str:
        """Act as someone in a way that Slack would not allow, and return why."""
        status, answer = await self.post(f"act/{name}", {"as": who, **sent})
        assert (status, answer["ok"]) == (400, False)
        return str(answer["error"])

    @asynccontextmanager
    async def watching(self, path: str) -> AsyncIterator[Stream]:
        """Follow a stream."""
        async with self.session.get(f"{self.url}{path}") as response:
            assert response.status == 200
            yield Stream(response)


class Bot:
    """A bot that keeps what it is sent and acknowledges it with `answers`, by the payload's type (a command's: "")."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.answers: dict[str, Any] = {}

    async def serve(self, request: web.Request) -> web.Response:
        """Take one request."""
        body = await request.text()
        form = dict(parse_qsl(body))
        payload = (
            json.loads(body) if body.startswith("{") else json.loads(form["payload"]) if "payload" in form else form
        )
        self.received.append(payload)
        answer = self.answers.get(payload.get("type", ""))
        return web.json_response(answer) if answer else web.Response()


@one_loop_fixture
async def slack() -> AsyncIterator[SandboxSlack]:
    """Serve a workspace."""
    async with SandboxSlack(bot_token="xoxb-very-secret") as slack:
        yield slack


@one_loop_fixture
async def bot(slack: SandboxSlack) -> AsyncIterator[Bot]:
    """Take signed requests."""
    bot, application = Bot(), web.Application()
    application.router.add_post("/slack/events", bot.serve)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.events_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    yield bot
    await runner.cleanup()


@pytest.fixture
def account() -> SandboxClust:
    """An account with three applications."""
    account = SandboxClust(token="clust-very-secret", clock=lambda: datetime.now(UTC))
    for title in ("Acme", "Beta", "Gamma"):
        account.add(title=title)
    return account


@pytest.fixture
def request_log(slack: SandboxSlack, account: SandboxClust) -> RequestLog:
    """What passes."""
    request_log = RequestLog(slack.state.clock, (slack.bot_token, slack.signing_secret, account.token))
    slack.on_change.append(request_log.slack_changed)
    return request_log


@pytest.fixture
def panel(slack: SandboxSlack, account: SandboxClust, tmp_path: Path) -> Panel:
    """The faults, with a bot that does not run."""
    events_url = slack.events_url
    panel = Panel(
        slack, account, AccountSpeed(account), DemoBot(slack, "http://clust.invalid", account.token, tmp_path)
    )
    slack.events_url = events_url
    return panel


@one_loop_fixture
async def page_client(bot: Bot, panel: Panel, request_log: RequestLog) -> AsyncIterator[PageClient]:
    """A client of the running page."""
    del bot  # It is there before the page is.
    async with DemoPage(panel, request_log) as page, aiohttp.ClientSession() as session:
        async with session.get(page.url) as response:
            match = re.search(r'name="page-token" content="([^"]+)"', await response.text())
        assert match
        yield PageClient(session, page.url, match[1])
