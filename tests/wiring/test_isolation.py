"""Workspaces that share a bot are isolated: no one sees or changes anything of another workspace."""

from __future__ import annotations

import json
from functools import partial

import pytest
import sqlalchemy as sa
from aiohttp import web

from bot.sandbox.slack.views import View
from bot.slack.listeners.admin.accounts import AWAY
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import button, section
from bot.store.engine.tables import (
    connections,
    people,
    workspaces,
)
from tests.many_workspaces import ADMIN, SharedBot, StartSharedBot


async def test_two_workspaces_with_two_accounts_each_side_by_side(shared_bot: SharedBot) -> None:
    """Each workspace sees its own accounts and gets its own notifications, in channels of the same name."""
    one, two = await shared_bot.tenant("T0ONE"), await shared_bot.tenant("T0TWO")
    for tenant in (one, two):
        await tenant.say("subscribe late connection:emea")
        await tenant.say("subscribe late connection:apac")
    for tenant in (one, two):
        assert tenant.accounts["apac"].token not in (await tenant.say("status")).text
        tenant.accounts["emea"].make_late(1)
        tenant.accounts["apac"].make_late(1)
    for tenant, team_id in ((one, "T0ONE"), (two, "T0TWO")):
        texts = sorted(message.text for message in await tenant.posted("onboarding", "", ""))
        assert "apac of" in texts[0]
        assert "emea of" in texts[1]
        assert all(team_id in text for text in texts)


async def test_ids_of_another_workspace_are_refused(shared_bot: SharedBot) -> None:
    """IDs of another workspace's accounts, drafts and channels, in buttons and modals, are not found."""
    one, two = await shared_bot.tenant("T0ONE", accounts=1), await shared_bot.tenant("T0TWO", accounts=1)
    rows = await shared_bot.rows(sa.select(connections.c.id, connections.c.team_id))
    foreign_id = next(row["id"] for row in rows if row["team_id"] == "T0TWO")
    where = one.slack.workspace.onboarding
    block = section("x", button("Details", ids.DETAILS, f"{foreign_id}~1"))
    forged = one.slack.state.messages.post(where.id, text="x", blocks=[{**block, "block_id": "b"}])
    await one.slack.click(forged, "Details")
    view = await one.window("connected anymore")
    assert "T0TWO" not in json.dumps(view.sent)
    before = len(two.accounts["emea"].requests)
    assert before
    await two.say("subscribe late")
    assert "No channels have subscriptions" in (await one.say("subscriptions all")).text
    assert "Unknown account" in (await one.say("list connection:apac")).text
    for value in (f"{foreign_id}~1", "1"):
        block = section("x", button("New baseline", ids.NEW_BASELINE, value))
        asked_for = one.slack.state.messages.post(where.id, text="x", blocks=[{**block, "block_id": "b"}])
        answer = await (await one.slack.click(asked_for, "New baseline", user=ADMIN)).answer()
        assert "This was already answered." in answer.text


async def test_a_draft_of_another_workspace_can_not_be_used(shared_bot: SharedBot) -> None:
    """A draft belongs to one person in one workspace. The same user ID in another workspace can't submit it."""
    one, two = await shared_bot.tenant("T0ONE", accounts=1), await shared_bot.tenant("T0TWO", accounts=1)
    await two.slack.command("/clust", "create")
    view = await two.window("first_name")
    await one.slack.command("/clust", "create")
    own_view = await one.window("first_name")
    tag = str(own_view.sent["private_metadata"]).partition("~")[0]
    forged = f"{tag}~{str(view.sent['private_metadata']).partition('~')[2]}"
    own_view.sent = {**own_view.sent, "private_metadata": forged}
    template = str(next(iter(one.accounts["emea"].templates)))
    typed = {"template_id": template, "first_name": "Ana", "last_name": "Silva", "email": "ana@example.com"}
    await one.slack.submit(own_view, typed)
    await one.window("isn't yours")
    assert not [each for each in one.accounts["emea"].requests if each.method == "POST"]
    assert not [each for each in two.accounts["emea"].requests if each.method == "POST"]


async def test_addresses_elsewhere_are_refused_where_many_are_served(shared_bot: SharedBot) -> None:
    """A workspace admin is no operator: only addresses of Clust are accepted."""
    tenant = await shared_bot.tenant("T0ONE", is_in=False, accounts=0)
    await shared_bot.grid.install(tenant.slack, f"{shared_bot.base}/slack/install")
    await tenant.slack.command("/clust", "connect", user=ADMIN)
    await tenant.slack.click(await tenant.window("api_key", user=ADMIN), "environment", value="other")
    view = await tenant.window("API address", user=ADMIN)
    typed = {"name": "inside", "api_key": "x", "environment": "other", "url": "https://10.0.0.1/api"}
    await tenant.slack.submit(view, typed)
    assert "clustdoc.com" in view.errors["url"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/api", "http://nowhere.invalid/api", "a stranger's server"])
async def test_failed_connections_all_look_the_same(start_shared_bot: StartSharedBot, url: str) -> None:
    """B11: closed ports, unknown hosts and servers other than Clust give one sentence, so no one can scan ports."""
    stranger = web.AppRunner(web.Application())
    await stranger.setup()
    site = web.TCPSite(stranger, "127.0.0.1", 0)
    await site.start()
    port = stranger.addresses[0][1]
    shared_bot = await start_shared_bot(clust_api_url=url if "//" in url else f"http://127.0.0.1:{port}/api")
    tenant = await shared_bot.tenant("T0ONE", is_in=False, accounts=0)
    await shared_bot.grid.install(tenant.slack, f"{shared_bot.base}/slack/install")
    await tenant.slack.command("/clust", "connect", user=ADMIN)
    view = await tenant.window("api_key", user=ADMIN)
    await tenant.slack.submit(view, {"name": "inside", "api_key": "key-of-nobody"})
    await tenant.slack.wait_for(partial(_says, view, AWAY))
    await stranger.cleanup()


def _says(view: View, sentence: str) -> bool | None:
    return sentence in view.errors.get("api_key", "") or sentence in json.dumps(view.sent) or None


async def test_an_admin_of_one_workspace_is_none_in_another(shared_bot: SharedBot) -> None:
    """B8: a role belongs to one workspace of an organization. `enterprise_user.teams` says who is in which."""
    one = await shared_bot.tenant("T0ONE", org="E0ORG", is_in=False, accounts=0)
    two = await shared_bot.tenant("T0TWO", org="E0ORG", is_in=False, accounts=0)
    await shared_bot.grid.install(one.slack, f"{shared_bot.base}/slack/install", org_wide=True)
    nora = one.slack.workspace.add_user("nora", id="U0NORA", is_admin=True)
    two.slack.workspace.admin.is_admin = False
    assert "Always admin" in (await one.say("roles", user=ADMIN)).text
    for user, refusal in (
        (nora, "Guests and people from other"),
        (two.slack.workspace.admin, "Sorry, only admins can do this."),
    ):
        interaction = await two.slack.command("/clust", "roles", user=user)
        assert refusal in (await interaction.answer()).text
    assert "Always admin" in (await two.say("roles", user="olivia")).text


async def test_an_unknown_workspace_is_not_stored(shared_bot: SharedBot) -> None:
    """B8: a refused request stores neither the person nor their workspace."""
    one = await shared_bot.tenant("T0ONE", org="E0ORG", is_in=False, accounts=0)
    two = await shared_bot.tenant("T0TWO", org="E0ORG", is_in=False, accounts=0)
    await shared_bot.grid.install(one.slack, f"{shared_bot.base}/slack/install", org_wide=True)
    await one.say("help")
    strangers = [one.slack.workspace.add_user("nora", id="U0NORA"), two.slack.workspace.stranger]
    for user in (*strangers, two.slack.workspace.guest):
        answer = await (await two.slack.command("/clust", "list", user=user)).answer()
        assert "Sorry, only" in answer.text
        await two.slack.open_home(user=user)
    await two.slack.archive("general")
    assert {row["team_id"] for row in await shared_bot.rows(sa.select(workspaces))} == {"T0ONE"}
    assert {row["team_id"] for row in await shared_bot.rows(sa.select(people))} == {"T0ONE"}
    await two.say("help")
    assert {row["team_id"] for row in await shared_bot.rows(sa.select(workspaces))} == {"T0ONE", "T0TWO"}
