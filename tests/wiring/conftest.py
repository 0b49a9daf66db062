"""A workspace, an account, and the settings between them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from bot.sandbox.clust.serving import serve_clust
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.settings import Settings
from tests.many_workspaces import shared_bot, start_shared_bot
from tests.patience import brisk
from tests.slack.conftest import Account, usual_settings

__all__ = ["shared_bot", "start_shared_bot"]


@pytest.fixture(autouse=True)
def _brisk() -> Iterator[None]:
    """A bot in this process pauses shortly."""
    with brisk():
        yield


@pytest.fixture
async def slack() -> AsyncIterator[SandboxSlack]:
    """Serve a workspace."""
    async with SandboxSlack() as slack:
        yield slack


@pytest.fixture
async def account() -> Account:
    """An account with three applications."""
    account = Account()
    for title in ("Acme", "Birch", "Cedar"):
        account.add(title=title)
    return account


@pytest.fixture
async def settings(slack: SandboxSlack, account: Account, sqlite_url: str) -> AsyncIterator[dict[str, Any]]:
    """Settings between the two."""
    async with serve_clust(account) as clust_url:
        yield usual_settings(slack, account, clust_url, sqlite_url) | {"port": 0}


def read(settings: dict[str, Any]) -> Settings:
    """Return the settings as the bot reads them."""
    return Settings(_env_file=None, **settings)
