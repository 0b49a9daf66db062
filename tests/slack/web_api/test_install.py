"""Installing the app by OAuth: what is stored of a workspace, and how its tokens are refreshed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.sandbox.slack.browser import Tampering
from bot.store.engine.tables import (
    connections,
    installations,
)
from tests.many_workspaces import SharedBot, StartSharedBot


async def test_tokens_are_sealed(shared_bot: SharedBot) -> None:
    """Bot tokens and API keys are encrypted in the database."""
    tenant = await shared_bot.tenant("T0ONE")
    for table in (installations, connections):
        stored = json.dumps(
            [{name: str(value) for name, value in row.items()} for row in await shared_bot.rows(sa.select(table))]
        )
        assert tenant.slack.bot_token not in stored
        assert "key-T0ONE" not in stored


async def test_an_installation_that_was_tampered_with_is_none(shared_bot: SharedBot) -> None:
    """The state is bound to the browser and used once, and the code is Slack's: else nothing is kept."""
    tenant = await shared_bot.tenant("T0ONE", is_in=False)
    for tampering, status in (
        (Tampering(state="made-up"), 400),
        (Tampering(without_cookie=True), 400),
        (Tampering(code="made-up"), 401),
        (Tampering(denied=True), 200),
    ):
        visit = await shared_bot.grid.install(tenant.slack, f"{shared_bot.base}/slack/install", tampering=tampering)
        assert visit.status == status, tampering
        assert await shared_bot.rows(sa.select(installations)) == [], tampering


async def test_a_callback_works_once(shared_bot: SharedBot) -> None:
    """The callback URL works once, so it is of no use to anyone who finds it later."""
    tenant = await shared_bot.tenant("T0ONE", is_in=False)
    visit = await shared_bot.grid.install(tenant.slack, f"{shared_bot.base}/slack/install")
    assert visit.status == 200
    again = await shared_bot.grid.browser.get(visit.callback, visit.cookie)
    assert again.status == 401


async def test_an_organization_installs_it_for_all_its_workspaces(shared_bot: SharedBot) -> None:
    """One token serves every workspace of an organization. Each has its own accounts, channels and people."""
    one = await shared_bot.tenant("T0ONE", org="E0ORG", is_in=False, accounts=1)
    two = await shared_bot.tenant("T0TWO", org="E0ORG", is_in=False, accounts=1)
    visit = await shared_bot.grid.install(one.slack, f"{shared_bot.base}/slack/install", org_wide=True)
    assert visit.status == 200, visit.text
    for tenant, team_id in ((one, "T0ONE"), (two, "T0TWO")):
        await tenant.connect()
        await tenant.say("subscribe late")
        tenant.accounts["emea"].make_late(1)
        await tenant.posted("onboarding", f"emea of {team_id}")
    await shared_bot.grid.uninstall(one.slack)
    await two.until("list", "no longer installed")


async def test_tokens_that_rotate_are_exchanged_in_time(start_shared_bot: StartSharedBot) -> None:
    """A token that expires within two hours is refreshed before use, and background work uses the new one."""
    shared_bot: SharedBot = await start_shared_bot(clock=lambda: datetime.now(UTC) + timedelta(hours=11))
    shared_bot.grid.oauth.is_rotating = True
    tenant = await shared_bot.tenant("T0ONE", is_in=False, accounts=1)
    visit = await shared_bot.grid.install(tenant.slack, f"{shared_bot.base}/slack/install")
    assert visit.status == 200
    first = tenant.slack.bot_token
    await tenant.connect()
    assert tenant.slack.bot_token != first
    (row,) = await shared_bot.rows(sa.select(installations.c.version, installations.c.expires_at))
    assert row["version"] == 2
    assert row["expires_at"] > datetime.now(UTC) + timedelta(hours=20)
    await tenant.say("subscribe late")
    tenant.accounts["emea"].make_late(1)
    await tenant.posted("onboarding", "emea of")


async def test_a_token_that_can_not_be_renewed_yet_is_tried_again(start_shared_bot: StartSharedBot) -> None:
    """If Slack refuses a refresh for a while, the present token is used until it expires."""
    shared_bot: SharedBot = await start_shared_bot(clock=lambda: datetime.now(UTC) + timedelta(hours=11))
    shared_bot.grid.oauth.is_rotating = True
    tenant = await shared_bot.tenant("T0ONE", is_in=False, accounts=1)
    await shared_bot.grid.install(tenant.slack, f"{shared_bot.base}/slack/install")
    shared_bot.grid.oauth.failures.append("internal_error")
    await tenant.connect()


@pytest.mark.parametrize(
    "odd", [lambda _: [1], lambda _: {"ok": True}, lambda answer: {**answer, "expires_in": "soon"}]
)
async def test_a_malformed_response_to_a_token_exchange_is_retried(
    start_shared_bot: StartSharedBot, odd: Callable[[Any], Any]
) -> None:
    """C12, D3: nothing of an incomplete `oauth.v2.access` response is stored, and the present token is used on."""
    shared_bot: SharedBot = await start_shared_bot(clock=lambda: datetime.now(UTC) + timedelta(hours=11))
    shared_bot.grid.oauth.is_rotating = True
    tenant = await shared_bot.tenant("T0ONE", is_in=False, accounts=1)
    await shared_bot.grid.install(tenant.slack, f"{shared_bot.base}/slack/install")
    shared_bot.grid.oauth.alterations.append(odd)
    await tenant.connect()
    assert not shared_bot.grid.oauth.alterations


@pytest.mark.parametrize(
    "odd",
    [
        lambda _: [1],
        lambda answer: {**answer, "team": None},
        lambda answer: {**answer, "team": {"name": "x"}},
        lambda answer: {**answer, "access_token": None},
        lambda answer: {**answer, "bot_user_id": None},
        lambda answer: {**answer, "authed_user": None},
    ],
)
async def test_an_installation_that_slack_does_not_name_is_not_kept(
    start_shared_bot: StartSharedBot, odd: Callable[[Any], Any]
) -> None:
    """D2, D5: a response without a team or enterprise ID stores nothing. The page says so, and a retry works."""
    shared_bot: SharedBot = await start_shared_bot()
    tenant = await shared_bot.tenant("T0ONE", is_in=False)
    shared_bot.grid.oauth.alterations.append(odd)
    visit = await shared_bot.grid.install(tenant.slack, f"{shared_bot.base}/slack/install")
    assert visit.status == 401
    assert await shared_bot.rows(sa.select(installations.c.id)) == []
    visit = await shared_bot.grid.install(tenant.slack, f"{shared_bot.base}/slack/install")
    assert visit.status == 200
    assert [row["id"] for row in await shared_bot.rows(sa.select(installations.c.id))] == ["T0ONE"]
