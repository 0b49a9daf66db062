"""Workspaces are served from their installation until the app is removed, each independently of the others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.slack.views.building import ids
from bot.slack.views.building.blocks import button, section
from bot.store.engine.tables import (
    applications,
    connections,
    deliveries,
    installations,
    people,
    subscriptions,
    workspaces,
)
from tests.many_workspaces import SharedBot, StartSharedBot


async def test_a_workspace_without_the_app_gets_a_sentence(shared_bot: SharedBot) -> None:
    """A signed request from a workspace without the app gets one sentence, and nothing else."""
    tenant = await shared_bot.tenant("T0ONE", is_in=False)
    assert "no longer installed in this workspace" in (await tenant.say("list")).text


async def test_an_uninstalled_workspace_is_no_longer_served(shared_bot: SharedBot) -> None:
    """After the app is removed, polling and posting stop. After a new installation they continue."""
    tenant, other = await shared_bot.tenant("T0ONE", accounts=1), await shared_bot.tenant("T0TWO", accounts=1)
    await tenant.say("subscribe late")
    await shared_bot.grid.uninstall(tenant.slack)
    before = len(tenant.accounts["emea"].requests)
    await other.until("list", "emea of")
    await tenant.until("list", "no longer installed")
    visit = await shared_bot.grid.install(tenant.slack, f"{shared_bot.base}/slack/install")
    assert visit.status == 200
    await tenant.until("list", "emea of T0ONE")
    assert len(tenant.accounts["emea"].requests) >= before
    tenant.accounts["emea"].make_late(1)
    await tenant.posted("onboarding", "emea of T0ONE")


async def test_a_late_uninstall_event_does_not_end_a_new_installation(shared_bot: SharedBot) -> None:
    """An `app_uninstalled` event that arrives after a new installation is verified first, and changes nothing."""
    tenant = await shared_bot.tenant("T0ONE", accounts=1)
    await tenant.slack.event("app_uninstalled")
    assert "emea of" in (await tenant.say("list")).text
    (row,) = await shared_bot.rows(sa.select(installations.c.ended_at))
    assert row["ended_at"] is None


async def test_data_of_an_uninstalled_workspace_is_erased_after_thirty_days(start_shared_bot: StartSharedBot) -> None:
    """Thirty days after the app was removed, all data of the workspace is deleted, and nothing of another's."""
    shared_bot: SharedBot = await start_shared_bot()
    tenant, other = await shared_bot.tenant("T0ONE"), await shared_bot.tenant("T0TWO", accounts=1)
    for one in (tenant, other):
        await one.say("subscribe late", user="mei")
    tenant.accounts["emea"].make_late(1)
    await tenant.posted("onboarding", "emea of")
    await shared_bot.grid.uninstall(tenant.slack)
    await tenant.until("list", "no longer installed")
    now = datetime.now(UTC)
    async with shared_bot.store() as store:
        assert await store.disconnect_and_uninstall.remove(now - timedelta(days=1)) == []
        assert await store.disconnect_and_uninstall.remove(now + timedelta(seconds=5)) == ["T0ONE"]
    for table in (connections, subscriptions, people, deliveries, workspaces):
        assert {row["team_id"] for row in await shared_bot.rows(sa.select(table))} <= {"T0TWO"}
    assert len(await shared_bot.rows(sa.select(applications))) == 1
    assert "emea of T0TWO" in (await other.say("list")).text


async def test_a_mention_by_another_organization_is_for_the_workspace_of_the_channel(shared_bot: SharedBot) -> None:
    """W1: the stranger's own workspace has the app too, but the bot that was mentioned is the other one's."""
    tenant, other = await shared_bot.tenant("T0ONE", accounts=1), await shared_bot.tenant("T0TWO", accounts=1)
    place = tenant.slack.workspace
    place.stranger.team_id = "T0TWO"
    place.shared.members.add(place.bot.id)
    await tenant.slack.say("@clust list", channel=place.shared, user=place.stranger)
    (refusal,) = await tenant.slack.wait_for(lambda: tenant.slack.ephemeral(place.shared)) or []
    assert (refusal.visible_to, "only members of this workspace" in refusal.text) == (place.stranger.id, True)
    assert (other.slack.ephemeral("with-partner"), other.slack.direct_messages("xavier")) == ([], [])


@pytest.mark.parametrize("has_app", [False, True])
async def test_a_mention_by_another_organization_is_refused_with_one_installation_for_all(
    shared_bot: SharedBot, has_app: bool
) -> None:
    """W1: an authorization of a whole organization names no workspace, and the event's own can be the stranger's."""
    tenant = await shared_bot.tenant("T0ONE", org="E0ORG", is_in=False, accounts=0)
    await shared_bot.grid.install(tenant.slack, f"{shared_bot.base}/slack/install", org_wide=True)
    other = await shared_bot.tenant("T0TWO", is_in=has_app, accounts=1)
    await tenant.say("help")
    place = tenant.slack.workspace
    place.stranger.team_id = "T0TWO"
    place.shared.members.add(place.bot.id)
    await tenant.slack.say("@clust list", channel=place.shared, user=place.stranger)
    (refusal,) = await tenant.slack.wait_for(lambda: tenant.slack.ephemeral(place.shared)) or []
    assert (refusal.visible_to, "only members of this workspace" in refusal.text) == (place.stranger.id, True)
    assert (other.slack.ephemeral("with-partner"), other.slack.direct_messages("xavier")) == ([], [])
    expected = {"T0ONE", "T0TWO"} if has_app else {"T0ONE"}
    assert {row["team_id"] for row in await shared_bot.rows(sa.select(workspaces))} == expected


@pytest.mark.parametrize("has_app", [False, True])
async def test_a_click_by_another_organization_is_refused_with_one_installation_for_all(
    shared_bot: SharedBot, has_app: bool
) -> None:
    """W1: Slack names the stranger's workspace alone. What they can do there doesn't count, also if it has the app."""
    tenant = await shared_bot.tenant("T0ONE", org="E0ORG", is_in=False, accounts=0)
    await shared_bot.grid.install(tenant.slack, f"{shared_bot.base}/slack/install", org_wide=True)
    other = await shared_bot.tenant("T0TWO", is_in=has_app, accounts=1)
    place = tenant.slack.workspace
    place.stranger.team_id = other.slack.workspace.stranger.team_id = "T0TWO"  # where they are a member
    blocks = [{**section("x", button("Details", ids.DETAILS, "1")), "block_id": "1"}]
    card = tenant.slack.state.messages.post(place.shared.id, text="Acme", blocks=blocks)
    refusal = await (await tenant.slack.click(card, "Details", user=place.stranger)).answer()
    assert "only members of this workspace" in refusal.text
    if not has_app:
        await shared_bot.grid.install(other.slack, f"{shared_bot.base}/slack/install")
        await other.connect()
    assert "emea of T0TWO" in (await other.say("list")).text
