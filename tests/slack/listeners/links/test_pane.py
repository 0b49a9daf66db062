"""The pane beside a card: for the person who opens it, and never more than the channel may read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.sandbox.slack.work_objects.entities import on_card
from bot.sandbox.slack.work_objects.panes import Pane
from tests.slack.conftest import RunningBot, Start
from tests.slack.listeners.links.cards import ACME, now, with_titles


def custom(entity: Any) -> dict[str, Any]:
    """Return the values of an entity's custom fields by their keys."""
    return {each["key"]: each.get("value") for each in entity["entity_payload"]["custom_fields"]}


def shared(card: Any) -> dict[str, Any]:
    """Return what everyone reads on a card, but for the moment when it was drawn."""
    payload = dict(card["entity"]["entity_payload"])
    attributes = {name: value for name, value in payload["attributes"].items() if name != "metadata_last_modified"}
    return {**payload, "attributes": attributes}


async def filled(bot: RunningBot, pane: Pane) -> Pane:
    """Wait until the bot has answered for a pane."""
    await bot.slack.wait_for(lambda: pane.entity or pane.error)
    return pane


async def test_the_pane_of_an_admin_gives_a_guest_nothing_to_read(idle_bot: RunningBot) -> None:
    """The card that Slack redraws from an admin's pane has no contact data, no client page and the same actions."""
    slack, account = idle_bot.slack, idle_bot.account
    message = await slack.post(ACME)
    (before,) = await with_titles(idle_bot, message, "Acme")
    account.rename(1, "Acme Ltd")
    pane = await filled(idle_bot, await slack.open_pane(message, user="adrien"))
    (card,) = await with_titles(idle_bot, message, "Acme Ltd")
    assert pane.entity is not None
    assert card["entity"]["entity_payload"] == on_card(pane.entity)["entity_payload"]
    assert card["entity"]["entity_payload"]["actions"] == before["entity"]["entity_payload"]["actions"]
    acme = account.dossiers[1].in_list()
    as_read = json.dumps([now(idle_bot, message).attachments, pane.entity])
    assert not [
        secret
        for secret in (acme["contact"]["email"], acme["contact"]["phone"], acme["public_url"])
        if secret in as_read
    ]


async def test_a_pane_is_refused_to_guests_and_other_organizations(idle_bot: RunningBot) -> None:
    """It says who can see it. The card stays as it is. After a role changed, the pane follows."""
    slack = idle_bot.slack
    message = await slack.post(ACME)
    await with_titles(idle_bot, message, "Acme")
    card = now(idle_bot, message).attachments
    for user in ("gustav", "sofia", "xavier"):
        pane = await filled(idle_bot, await slack.open_pane(message, user=user))
        assert pane.error is not None
        assert (pane.error["status"], pane.entity) == ("restricted", None)
        assert "only members of this workspace" in pane.error["custom_message"]
    assert now(idle_bot, message).attachments == card
    await idle_bot.say("roles set @gustav viewer", user="adrien")
    pane = await filled(idle_bot, await slack.open_pane(message, user="gustav"))
    assert pane.entity is not None


async def test_the_pane_is_that_of_the_role_at_the_moment(idle_bot: RunningBot) -> None:
    """W1: raised or taken away since the card was drawn, the role decides the pane alone. The shared card stays."""
    slack = idle_bot.slack
    message = await slack.post(ACME)
    await with_titles(idle_bot, message, "Acme")
    await filled(idle_bot, await slack.open_pane(message))
    (card,) = now(idle_bot, message).attachments

    async def opened(change: str) -> Pane:
        await idle_bot.say(f"roles {change}", user="adrien")
        pane = await filled(idle_bot, await slack.open_pane(message, user="gustav"))
        (present,) = now(idle_bot, message).attachments
        assert shared(present) == shared(card)
        return pane

    viewer, editor = await opened("set @gustav viewer"), await opened("set @gustav editor")
    assert (set(dict(viewer.editable())), set(dict(editor.editable()))) == (set(), {"title", "template_id"})
    refused = await opened("remove @gustav")
    assert refused.error is not None
    assert (refused.error["status"], refused.entity) == ("restricted", None)
    assert (await opened("set @gustav viewer")).entity is not None


@pytest.mark.parametrize("fault", ["down", "delay_seconds"])
async def test_without_clust_the_stored_state_is_shown_with_its_age(idle_bot: RunningBot, fault: str) -> None:
    """L1: the pane doesn't wait longer than its trigger lives."""
    message = await idle_bot.slack.post(ACME)
    await with_titles(idle_bot, message, "Acme")
    setattr(idle_bot.account.faults, fault, 3600.0 if fault == "delay_seconds" else True)
    pane = await filled(idle_bot, await idle_bot.slack.open_pane(message))
    idle_bot.account.faults.delay_seconds = 0
    assert custom(pane.entity)["note"].startswith("Last known data, ")


async def test_a_pane_without_an_application_is_not_found(idle_bot: RunningBot) -> None:
    """From a search there is only the address. A reference proves nothing, and what is gone from Clust is gone."""
    slack = idle_bot.slack
    pane = await filled(idle_bot, await slack.open_from_search(ACME))
    assert pane.entity is not None
    assert pane.entity["external_ref"] == {"id": "1:1"}
    for reference in ("99:1", "x:1", "1:99"):
        forged = Pane(slack.workspace.member.id, ACME, {"id": reference})
        await slack.ask_for_pane(forged)
        await filled(idle_bot, forged)
        assert forged.error is not None
        assert forged.error["status"] == "not_found"
    unknown = await filled(idle_bot, await slack.open_from_search("https://clust.invalid/app/dossiers/99"))
    assert unknown.error is not None
    idle_bot.account.remove(1)
    gone = await filled(idle_bot, await slack.open_from_search(ACME))
    assert gone.error is not None
    assert gone.error["status"] == "not_found"


async def test_a_channel_that_is_shared_since_has_no_panes(idle_bot: RunningBot) -> None:
    """W2: the pane's answer would redraw the card for everyone. An event that is repeated does no harm."""
    slack = idle_bot.slack
    message = await slack.post(ACME)
    await with_titles(idle_bot, message, "Acme")
    pane = await filled(idle_bot, await slack.open_pane(message))
    calls = slack.called("entity.presentDetails")
    trigger_id = calls[-1].arguments["trigger_id"]
    for number in (1, 2, 3):
        repeated = {"user": pane.user, "trigger_id": trigger_id, "channel": pane.channel, **pane.place}
        await slack.event("entity_details_requested", retry=(number, "http_timeout"), **repeated)
    await slack.wait_for(lambda: len(slack.called("entity.presentDetails")) > len(calls) + 2)
    assert slack.called("entity.presentDetails")[-1].answer["error"] == "exchanged_trigger_id"
    slack.workspace.onboarding.is_ext_shared = True
    refused = await filled(idle_bot, await slack.open_pane(message))
    assert refused.error is not None
    assert (refused.error["status"], "another organization" in refused.error["custom_message"]) == ("custom", True)


async def test_panes_open_over_socket_mode(start: Start) -> None:
    """The same events, without an address of the bot's."""
    bot = await start(poll_interval=3600, slack_app_token="xapp-sandbox")
    await bot.slack.wait_for(lambda: bot.slack.socket.is_connected)
    await bot.baseline()
    message = await bot.slack.post(ACME)
    await with_titles(bot, message, "Acme")
    assert (await filled(bot, await bot.slack.open_pane(message))).entity is not None
