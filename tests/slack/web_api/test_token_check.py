"""What `/readyz` says of Slack."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack.stand_in import SandboxSlack
from bot.slack.web_api.token_check import REMEMBERED, TokenCheck, TokensCheck
from tests.conftest import Clock


@pytest.fixture
async def slack() -> AsyncIterator[SandboxSlack]:
    """A sandbox Slack."""
    async with SandboxSlack() as server:
        yield server


@pytest.fixture
def client(slack: SandboxSlack) -> AsyncWebClient:
    """A client that repeats nothing."""
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])


async def test_the_token_is_asked_about_once_a_minute(slack: SandboxSlack, client: AsyncWebClient) -> None:
    """A caller that asks in between gets the same answer."""
    clock = Clock()
    check = TokenCheck(client, clock)
    assert (await check()).ok
    slack.fail_next("auth.test", "internal_error")
    assert (await check()).ok
    clock.forward(REMEMBERED.total_seconds())
    assert not (await check()).ok
    assert len(slack.called("auth.test")) == 2


async def test_of_many_workspaces_one_is_asked_about_in_turn(slack: SandboxSlack, client: AsyncWebClient) -> None:
    """A refused token is one workspace's own trouble, but a Slack that can't be asked makes the process unready."""
    clock, checked = Clock(), list[str]()

    async def team_ids() -> list[str]:
        return ["T3", "T1", "T2"]

    async def client_of(team_id: str) -> AsyncWebClient | None:
        checked.append(team_id)
        return None if team_id == "T3" else client

    check = TokensCheck(team_ids, client_of, clock)
    codes = (None, "token_revoked", None, "internal_error")
    checks = []
    for code in codes:
        if code:
            slack.fail_next("auth.test", code)
        checks.append(await check())
        clock.forward(REMEMBERED.total_seconds())
    assert checked == ["T1", "T2", "T3", "T1"]
    assert [each.ok for each in checks] == [True, True, True, False]
    assert checks[1].detail == "workspaces: 3; Slack refuses the token of T2"


async def test_a_database_that_is_away_is_no_trouble_of_slacks(client: AsyncWebClient) -> None:
    """It has a check of its own, and what it does not say is asked again at once."""
    away = [True]

    async def team_ids() -> list[str]:
        if away:
            raise OSError("away")
        return ["T1"]

    async def client_of(_team_id: str) -> AsyncWebClient | None:
        return client

    check = TokensCheck(team_ids, client_of, Clock())
    assert (await check()).ok
    away.clear()
    assert "accepts the token of T1" in (await check()).detail


async def test_without_workspaces_slack_is_not_asked(slack: SandboxSlack) -> None:
    """No one has installed the app yet."""

    async def team_ids() -> list[str]:
        return []

    async def client_of(_team_id: str) -> AsyncWebClient | None:
        return None

    assert (await TokensCheck(team_ids, client_of, Clock())()).ok
    assert slack.called("auth.test") == []
