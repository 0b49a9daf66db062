"""The install pages validate their parameters, and never echo or log what a stranger sends (faults B7, B13)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.web.async_client import AsyncWebClient
from structlog.testing import capture_logs

from bot.http.server import listen, served
from bot.slack.entry.install_pages import INSTALL, REDIRECT, BadAddress, checked
from bot.slack.web_api.features import features_with
from bot.slack.web_api.install import INSTALL_PATH, REDIRECT_PATH, install_flow
from bot.slack.web_api.scopes import NEEDED
from bot.store import Store, open_store
from bot.store.engine.tables import oauth_states
from bot.wiring.serving import create_web

SECRET = "state-that-nobody-may-see"


@pytest.fixture
async def store(sqlite_url: str) -> AsyncIterator[Store]:
    """A new database."""
    opened = open_store(sqlite_url, posts_per_minute=300)
    yield opened
    await opened.database.close()


@pytest.fixture
async def browser(store: Store) -> AsyncIterator[httpx.AsyncClient]:
    """A browser, and a bot on its own port that Slack never answers."""
    slack = AsyncWebClient(base_url="http://127.0.0.1:1/api/")
    now, features = partial(datetime.now, UTC), features_with((), ["links"])
    flow = install_flow("1.2", "secret", None, None, slack, store.installations, now, features)
    listening = listen("PORT", "127.0.0.1", 0)
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with (
        asyncio.timeout(60),
        served(create_web(None, None, lambda: 0, flow), listening),
        httpx.AsyncClient(base_url=base) as client,
    ):
        yield client


async def begun(store: Store) -> int:
    """Return the number of started installations."""
    async with store.database.read() as tx:
        return int((await tx.execute(sa.select(sa.func.count()).select_from(oauth_states))).scalar_one())


BAD_TEAMS = [
    "a\r\nSet-Cookie: x=y",
    "\0",
    "T0\n",
    "",
    "t0one",
    "T" * 41,
    "T" * 15_000,
    "T0&state=x",
    "\uff340",
    "\ud7ff",
    " T0",
]


@pytest.mark.parametrize("team", BAD_TEAMS)
async def test_an_invalid_team_id_is_refused(
    browser: httpx.AsyncClient, store: Store, caplog: pytest.LogCaptureFixture, team: str
) -> None:
    """B7: an invalid team ID gets a 400, starts no installation and is not logged."""
    answer = await browser.get(f"{INSTALL_PATH}?team={quote(team)}")
    assert (answer.status_code, "open /slack/install" in answer.text) == (400, True)
    assert await begun(store) == 0
    assert not caplog.records


@pytest.mark.parametrize(
    "query",
    [
        f"state={SECRET}&state={SECRET}&code=1",
        f"state={SECRET}&code=1&code=2",
        f"state={SECRET}%0d%0a&code=1",
        f"state={SECRET}&code=1%00",
        f"state={SECRET}&code={'1' * 600}",
        f"state={SECRET * 9}&code=1",
        f"state={SECRET}&error=%3Cscript%3E",
        f"state={SECRET}&error=a&error=b",
        f"state={SECRET}&code=",
    ],
)
async def test_callback_parameters_that_slack_does_not_send_are_refused(
    browser: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, query: str
) -> None:
    """B7: the callback page refuses parameters that Slack doesn't send, and doesn't log them."""
    answer = await browser.get(f"{REDIRECT_PATH}?{query}", headers={"cookie": f"slack-app-oauth-state={SECRET}"})
    assert (answer.status_code, "open /slack/install" in answer.text) == (400, True)
    assert SECRET not in answer.text
    assert not caplog.records


async def test_a_valid_team_id_is_passed_on_to_slack(browser: httpx.AsyncClient) -> None:
    """B7: a valid team ID is passed on to Slack, and unknown parameters are dropped."""
    answer = await browser.get(f"{INSTALL_PATH}?team=T0ONE&utm_source=%0d%0a")
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (answer.status_code, query["team"], "utm_source" in query) == (302, ["T0ONE"], False)


async def test_no_scope_is_asked_for_that_the_app_was_made_without(browser: httpx.AsyncClient) -> None:
    """Slack refuses scopes that the app's manifest doesn't have, so the link follows what was left out of it."""
    query = parse_qs(urlsplit((await browser.get(INSTALL_PATH)).headers["location"]).query)
    scopes = set(query["scope"][0].split(","))
    assert NEEDED - scopes == {"links:read", "links:write"}


async def test_no_failure_logs_a_secret(
    browser: httpx.AsyncClient, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """B7: if Slack or the database fails, the browser gets a sentence. No traceback or state is logged."""
    begin = await browser.get(INSTALL_PATH)
    state = parse_qs(urlsplit(begin.headers["location"]).query)["state"][0]
    cookie = {"cookie": f"slack-app-oauth-state={state}"}
    with capture_logs() as lines:
        away = await browser.get(f"{REDIRECT_PATH}?{urlencode({'state': state, 'code': 'the-code'})}", headers=cookie)
        async with store.database.write() as tx:
            await tx.execute(sa.text("DROP TABLE oauth_states"))
        broken = [
            await browser.get(INSTALL_PATH),
            await browser.get(f"{REDIRECT_PATH}?{urlencode({'state': state, 'code': 'the-code'})}", headers=cookie),
        ]
    assert away.status_code == 401
    assert [line["event"] for line in lines[1:]] == ["a page for installing failed"] * 2
    for answer in broken:
        assert (answer.status_code, "Wait a moment" in answer.text) == (503, True)
    for secret in (state, "the-code", "Traceback"):
        assert secret not in f"{lines} {caplog.text}"


async def test_pending_oauth_states_are_limited(
    browser: httpx.AsyncClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B7: the number of pending OAuth states is limited, and the newest still works."""
    monkeypatch.setattr("bot.store.people.installations.MAX_STATES", 10)
    for _ in range(15):
        assert (await browser.get(INSTALL_PATH)).status_code == 302
    assert await begun(store) == 10


@given(st.text(), st.dictionaries(st.sampled_from([*INSTALL, *REDIRECT, "x"]), st.text(), max_size=3))
def test_any_query_is_checked(text: str, values: dict[str, str]) -> None:
    """B7: any query string is either refused or free of line breaks."""
    for query in (text, urlencode(values, errors="replace")):
        for parameters in (INSTALL, REDIRECT):
            try:
                left = checked(query, parameters)
            except BadAddress as error:
                assert str(error) in parameters  # noqa: PT017  it may be raised, and then names the parameter
            else:
                assert all(value.isprintable() and value.isascii() for value in left.values())


@pytest.mark.parametrize("path", ["/healthz/", "/slack/install/", "/slack/oauth_redirect/", "//evil.example/healthz/"])
async def test_no_host_is_reflected(browser: httpx.AsyncClient, path: str) -> None:
    """B13: an unknown path gets a 404, and the Host header appears nowhere in the response."""
    named = {"host": "evil.example", "x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
    answer = await browser.get(httpx.URL(f"{str(browser.base_url).rstrip('/')}{path}"), headers=named)
    assert answer.status_code == 404
    assert "evil" not in f"{answer.headers} {answer.text}"
