"""What the tests of the whole bot find wrong by themselves."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from bot.sandbox.slack.stand_in import SandboxSlack
from bot.settings import Settings
from tests.slack.conftest import Account, RunningBot


async def test_a_call_of_clust_that_reaches_slack_is_a_fault(slack: SandboxSlack, account: Account) -> None:
    """Only this bot's: at a port that was used before, another test's bot may still ask for its own account."""
    given: dict[str, Any] = {
        "slack_bot_token": slack.bot_token,
        "slack_app_token": slack.app_token,
        "clust_api_token": account.token,
    }
    bot = RunningBot(slack, account, Settings(_env_file=None, **given), asyncio.Event())
    async with httpx.AsyncClient() as client:
        for token in ("of-another-account", account.token):
            assert [method for method, _answer in bot.faults()] == []
            headers = {"Authorization": f"Bearer {token}"}
            await client.get(f"{slack.api_url}dossiers", headers=headers)
    assert [method for method, _answer in bot.faults()] == ["dossiers"]
