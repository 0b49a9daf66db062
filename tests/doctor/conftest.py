"""A workspace and an account in good health, and what breaks one thing in them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.fernet import Fernet

from bot.doctor import Finding, Level, exit_code
from bot.sandbox.clust.serving import serve_clust
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.settings import Settings
from bot.store import open_store
from bot.store.notifications.subscriptions import SubscriptionRequest
from bot.wiring.diagnosing import diagnose
from tests.conftest import NOON
from tests.processes import refusing
from tests.slack.conftest import Account


@dataclass
class Examined:
    """A workspace and an account in good health, and the settings that lead to them."""

    slack: SandboxSlack
    account: Account
    settings: dict[str, Any] = field(default_factory=dict)
    nowhere: str = ""
    """A host and port that refuse every connection."""

    @property
    def environment(self) -> dict[str, str]:
        """The settings as a process takes them."""
        return {name.upper(): str(value) for name, value in self.settings.items()}

    async def findings(self) -> list[Finding]:
        """Return what the doctor finds."""
        return [finding async for finding in diagnose(Settings(_env_file=None, **self.settings))]


@pytest.fixture
async def examined(url: str) -> AsyncIterator[Examined]:
    """Nothing is wrong here, and a channel is subscribed."""
    account = Account()
    for title in ("Acme", "Birch", "Cedar"):
        account.add(title=title)
    account.make_late(1)
    async with AsyncExitStack() as stack:
        nowhere = stack.enter_context(refusing())
        slack = await stack.enter_async_context(SandboxSlack())
        clust_url = await stack.enter_async_context(serve_clust(account))
        store = open_store(url, posts_per_minute=300)
        team_id = slack.workspace.bot.team_id
        connection = await store.connections.ensure(team_id, "default", clust_url, account.token)
        where, who = slack.workspace.onboarding.id, slack.workspace.member.id
        await store.subscriptions.save(
            SubscriptionRequest(
                team_id, where, connection.id, filter="", events=("late",), limit=None, created_by=who, zone="UTC"
            ),
            NOON,
        )
        await store.database.close()
        settings = {
            "slack_bot_token": slack.bot_token,
            "slack_app_token": slack.app_token,
            "slack_api_url": slack.api_url,
            "clust_api_token": account.token,
            "clust_api_url": clust_url,
            "database_url": url,
            "secret_key": Fernet.generate_key().decode(),
            "admin_users": slack.workspace.admin.id,
        }
        yield Examined(slack, account, settings, nowhere)


Break = Callable[[Examined], object]


def clust_faults(**turned: Any) -> Break:
    """Return what sets faults of the stand-in for Clust's."""

    def apply(examined: Examined) -> None:
        for name, value in turned.items():
            setattr(examined.account.faults, name, value)

    return apply


def slack_faults(**turned: Any) -> Break:
    """Return what sets faults of the stand-in for Slack's."""

    def apply(examined: Examined) -> None:
        for name, value in turned.items():
            setattr(examined.slack.faults, name, value)

    return apply


def settings(**different: Any) -> Break:
    """Return what sets settings wrong."""
    return lambda examined: examined.settings.update(different)


def move_account(examined: Examined) -> None:
    """Set an address of another path of Clust's host."""
    examined.settings["clust_api_url"] = examined.settings["clust_api_url"].replace("/api", "/nowhere")


async def assert_named(examined: Examined, breaks: Break, level: Level, about: str, words: str) -> None:
    """Break one thing: it is the worst that is found, nothing else is wrong, and there is something to do about it."""
    breaks(examined)
    findings = await examined.findings()
    named = [finding for finding in findings if words in finding.text]
    assert [(finding.level, finding.about) for finding in named] == [(level, about)]
    assert named[0].remedy
    assert exit_code(findings) == level
    wrong = {finding.about for finding in findings if finding.level is not Level.OK}
    assert wrong == {about}
