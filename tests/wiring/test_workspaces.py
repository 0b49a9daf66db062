"""Workspaces are served from their installation until the app is removed, each independently of the others."""

from __future__ import annotations

import json
import threading
from collections import UserDict
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.core.language import Language, Languages
from bot.core.permissions import Role
from bot.sandbox.slack.interaction import Interaction
from bot.sandbox.slack.workspace import User
from bot.slack.entry import surfaces
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import button, modal, plain, section
from bot.store.engine.tables import (
    applications,
    connections,
    deliveries,
    installations,
    people,
    subscriptions,
    workspaces,
)
from bot.wiring import composition
from tests.many_workspaces import ADMIN, SharedBot, StartSharedBot, Tenant
from tests.patience import LONG, NONE
from tests.pseudo_language import pseudo
from tests.store.notifications.test_disconnect_and_uninstall import remove_ended


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
        assert await remove_ended(store, now - timedelta(days=1)) == []
        assert await remove_ended(store, now + timedelta(seconds=5)) == ["T0ONE"]
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


async def click_details(tenant: Tenant, channel: str, user: User) -> Interaction:
    """Click *Details* in a message of the bot in a channel."""
    blocks = [{**section("x", button("Details", ids.DETAILS, "1")), "block_id": "1"}]
    card = tenant.slack.state.messages.post(tenant.slack.workspace.channel(channel).id, text="Acme", blocks=blocks)
    return await tenant.slack.click(card, "Details", user=user)


async def refusal(tenant: Tenant) -> str:
    """Return the answer to the click of a stranger in a shared channel."""
    return (await (await click_details(tenant, "with-partner", tenant.slack.workspace.stranger)).answer()).text


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
    assert "only members of this workspace" in await refusal(tenant)
    if not has_app:
        await shared_bot.grid.install(other.slack, f"{shared_bot.base}/slack/install")
        await other.connect()
    assert "emea of T0TWO" in (await other.say("list")).text


async def test_a_stranger_has_no_rights_of_an_installation_that_ended(shared_bot: SharedBot) -> None:
    """W1: the roles that were given in the stranger's own workspace are stored for a month, and don't count."""
    tenant = await shared_bot.tenant("T0ONE", org="E0ORG", is_in=False, accounts=0)
    await shared_bot.grid.install(tenant.slack, f"{shared_bot.base}/slack/install", org_wide=True)
    await shared_bot.tenant("T0TWO", accounts=1)
    stranger = tenant.slack.workspace.stranger
    stranger.team_id = "T0TWO"
    async with shared_bot.store() as store:
        await store.roles.set("T0TWO", stranger.id, Role.EDITOR, ADMIN, datetime.now(UTC))
        await store.installations.end("T0TWO", datetime.now(UTC))
    assert "only members of this workspace" in await refusal(tenant)


@pytest.mark.parametrize("has_ended", [False, True])
async def test_a_workspace_that_had_the_app_before_it_joined_an_organization_is_served(
    shared_bot: SharedBot, has_ended: bool
) -> None:
    """W1: no organization is stored with its installation, but Slack says that the person is in a workspace of it."""
    tenant = await shared_bot.tenant("T0ONE", org="E0ORG", accounts=1)
    member = tenant.slack.workspace.member
    async with shared_bot.store() as store:
        async with store.database.write() as tx:
            await tx.execute(sa.update(installations).values(enterprise_id=None))
        if has_ended:
            await store.installations.end("T0ONE", datetime.now(UTC))
    await shared_bot.grid.install(tenant.slack, f"{shared_bot.base}/slack/install", org_wide=True)
    await click_details(tenant, "onboarding", member)
    await tenant.window("emea of T0ONE", user=member.name)


async def test_a_form_is_answered_in_time_while_slack_does_not_say_whose_it_is(
    shared_bot: SharedBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M1: whether someone is a stranger is asked within the time that an acknowledgement has for who asks."""
    tenant = await shared_bot.tenant("T0ONE", org="E0ORG", accounts=1)
    async with shared_bot.store() as store, store.database.write() as tx:
        await tx.execute(sa.update(installations).values(enterprise_id=None))
    await shared_bot.grid.install(tenant.slack, f"{shared_bot.base}/slack/install", org_wide=True)
    views, faults, member = tenant.slack.views, tenant.slack.faults, tenant.slack.workspace.member
    form = {**modal("Old", [section("x")], ids.UPDATE), "submit": plain("Send", 24), "private_metadata": "1"}
    view = views.open(views.trigger(member.id), form)
    monkeypatch.setattr(surfaces, "ACK_ANSWER_SECONDS", NONE)
    faults.delay_seconds, faults.slow, faults.acknowledge_seconds = LONG, frozenset({"users.info"}), LONG / 2
    answered = await tenant.slack.submit(view)
    assert answered.view
    assert "couldn't ask Slack who you are" in json.dumps(answered.view.sent)


@pytest.mark.parametrize("has_other", [False, True])
async def test_an_organization_that_only_the_team_names_counts_if_it_is_the_only_one(
    shared_bot: SharedBot, monkeypatch: pytest.MonkeyPatch, has_other: bool
) -> None:
    """W1: with several, it can be that of a stranger, who must not act there."""
    tenant = await shared_bot.tenant("T0ONE", org="E0ORG", is_in=False, accounts=1)
    await shared_bot.grid.install(tenant.slack, f"{shared_bot.base}/slack/install", org_wide=True)
    await tenant.connect()
    if has_other:
        other = await shared_bot.tenant("T0TWO", org="E0TWO", is_in=False, accounts=0)
        await shared_bot.grid.install(other.slack, f"{shared_bot.base}/slack/install", org_wide=True)
    team = {"id": "T0ONE", "enterprise_id": "E0ORG"}
    origin = {"team": team, "enterprise": None, "is_enterprise_install": True}
    monkeypatch.setattr(tenant.slack, "_place", lambda: origin)
    click = await click_details(tenant, "onboarding", tenant.slack.workspace.member)
    if has_other:
        assert "which organization this is for" in (await click.answer()).text
    else:
        await tenant.window("emea of T0ONE", user=tenant.slack.workspace.member.name)


async def test_a_stranger_whose_organization_only_the_team_names_is_refused(
    shared_bot: SharedBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W1: neither their own workspace counts, nor the one that they can't be in."""
    tenant = await shared_bot.tenant("T0ONE", org="E0ORG", is_in=False, accounts=0)
    await shared_bot.grid.install(tenant.slack, f"{shared_bot.base}/slack/install", org_wide=True)
    await shared_bot.tenant("T0TWO", org="E0TWO", accounts=1)
    stranger = tenant.slack.workspace.stranger
    stranger.team_id = "T0TWO"
    for team, sentence in (
        ({"id": "T0TWO", "enterprise_id": "E0TWO"}, "which organization this is for"),
        ({"id": "T0TWO"}, "no longer installed"),
        ({"id": "T0ONE", "enterprise_id": "E0ORG"}, "only members of this workspace"),
    ):
        origin = {"team": team, "enterprise": None, "is_enterprise_install": True}
        monkeypatch.setattr(tenant.slack, "_place", lambda origin=origin: origin)
        assert sentence in await refusal(tenant)
    async with shared_bot.store() as store:
        await store.installations.end("E0ORG", datetime.now(UTC))
    assert "no longer installed" in await refusal(tenant)


async def test_nobody_is_answered_before_the_texts_are_read(
    start_shared_bot: StartSharedBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process acknowledges at once, while a thread reads its catalogues. Then all are answered in their language."""
    is_read, readers = threading.Event(), set()

    class Catalogues(UserDict[str, Language]):
        """Catalogues that are read slowly."""

        def __getitem__(self, code: str) -> Language:
            if not is_read.is_set():
                readers.add(threading.get_ident())
                is_read.wait(5)
            return super().__getitem__(code)

    monkeypatch.setattr(composition, "read_languages", lambda: Languages(Catalogues(fr=pseudo("fr", "«", "»"))))
    shared_bot: SharedBot = await start_shared_bot()
    tenant = await shared_bot.tenant("T0ONE", accounts=0)
    tenant.slack.workspace.user("mei").locale = "fr-FR"
    commands = [await tenant.slack.command("/clust", "help", user="mei") for _ in range(10)]
    is_read.set()
    assert ["«" in (await command.answer()).text for command in commands] == [True] * 10
    assert threading.get_ident() not in readers
    assert len(readers) == 1
