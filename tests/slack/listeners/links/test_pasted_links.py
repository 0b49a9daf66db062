"""Pasted links of applications become cards."""

from __future__ import annotations

import json

import sqlalchemy as sa

from bot.sandbox.slack.stand_in import SandboxSlack
from bot.store.engine.tables import audit, hidden_links
from tests.slack.conftest import Account, RunningBot, Start
from tests.slack.listeners.links.cards import ACME, BIRCH, handled, now, titles, with_titles


async def test_a_pasted_link_shows_what_a_notification_would(idle_bot: RunningBot) -> None:
    """The card has status, progress and recipient, and neither email, phone nor the client's page."""
    text = f"See {ACME}?utm=1 and {BIRCH} please, and https://clust.invalid/app/dossiers/99"
    cards = await with_titles(idle_bot, await idle_bot.slack.post(text), "Acme", "Birch")
    payload = cards[0]["entity"]["entity_payload"]
    assert payload["fields"]["status"]["value"]
    assert cards[0]["entity"]["external_ref"] == {"id": "1:1"}
    acme = idle_bot.account.dossiers[1].in_list()
    for secret in (acme["contact"]["email"], acme["contact"]["phone"], acme["public_url"]):
        assert secret
        assert secret not in json.dumps(cards)
    assert [each["text"] for each in payload["actions"]["primary_actions"]] == ["Assign to me", "Details"]
    assert payload["actions"]["overflow_actions"][-1]["text"] == "Hide this card"


async def test_only_the_person_who_pasted_a_client_page_is_warned(idle_bot: RunningBot) -> None:
    """Once for a message, however often its links are reported.

    The link is kept nowhere, and a composer gets nothing.
    """
    slack, page = idle_bot.slack, idle_bot.account.dossiers[1].in_list()["public_url"]
    composer = await slack.compose(page)
    message = await slack.post(f"{page}?x=1 and {ACME}", user="bruno")
    await with_titles(idle_bot, message, "Acme")
    for number in (1, 2, 3):
        await slack.refresh(message, retry=(number, "http_timeout"))
    await handled(idle_bot)
    (word,) = await idle_bot.direct_messages("bruno", "opens a client page")
    assert page not in word.text
    assert composer.attachments == ()
    assert slack.direct_messages("mei") == []
    assert page not in str(await idle_bot.rows(sa.select(hidden_links))) + str(await idle_bot.rows(sa.select(audit)))


async def test_a_composer_gets_a_preview(idle_bot: RunningBot) -> None:
    """A message that isn't sent has no channel: it shows what any channel may read."""
    composer = await idle_bot.slack.compose(ACME)
    await idle_bot.slack.wait_for(lambda: composer.attachments)
    assert titles(composer.attachments) == ["Acme"]
    guest = await idle_bot.slack.compose(ACME, user="gustav")
    await handled(idle_bot)
    assert guest.attachments == ()


async def test_a_preview_is_in_the_language_of_its_writer(start: Start, slack: SandboxSlack) -> None:
    """Who sends it is the only one to see it. The card that follows is in that of the channel."""
    slack.workspace.user("bruno").locale = "fr-FR"
    bot = await start(poll_interval=3600)
    await bot.baseline()
    composer = await slack.compose(ACME, user="bruno")
    await slack.wait_for(lambda: composer.attachments)
    assert "Dossier" in str(composer.attachments)
    message = await slack.post(ACME, user="bruno")
    await with_titles(bot, message, "Acme")
    assert "Dossier" not in str(message.attachments)


async def test_actions_of_a_card_are_those_of_everywhere(idle_bot: RunningBot) -> None:
    """Details opens for who clicks. The assignment shows when Slack refreshes the card."""
    slack = idle_bot.slack
    message = await slack.post(ACME)
    await with_titles(idle_bot, message, "Acme")
    await slack.click_card(message, "Details")
    await idle_bot.window("mei", "Acme", "Client page")
    assigning = await slack.click_card(message, "Assign to me")
    assert "Assigned to you" in (await assigning.answer()).text
    await slack.refresh(message)

    def assigned() -> bool:
        fields = now(idle_bot, message).attachments[0]["entity"]["entity_payload"]["fields"]
        return bool(
            fields.get("assignee") == {"type": "slack#/types/user", "user": {"user_id": slack.workspace.member.id}}
        )

    await slack.wait_for(assigned)


async def test_many_links_and_a_link_edited_in(start: Start, account: Account) -> None:
    """Of 50 links as many are shown as one message takes, the first ones, and one edited in later joins its message."""
    for number in range(47):
        account.add(title=f"Nr {number} " + "é" * 140)
    bot = await start(poll_interval=3600)
    await bot.baseline()
    links = [f"https://clust.invalid/app/dossiers/{number}" for number in range(1, 51)]
    message = await bot.slack.post(" ".join([*links, *links]))
    await bot.slack.wait_for(lambda: now(bot, message).attachments)
    cards = titles(now(bot, message).attachments)
    assert cards[:2] == ["Acme", "Birch"]
    assert len(cards) < 50
    edited = await bot.slack.post("Which one?")
    await bot.slack.edit(edited, f"This one: {ACME}")
    await with_titles(bot, edited, "Acme")


async def test_links_are_shown_over_socket_mode(start: Start, slack: SandboxSlack) -> None:
    """The same events, without an address of the bot's."""
    bot = await start(poll_interval=3600, slack_app_token=slack.app_token)
    await slack.wait_for(lambda: slack.socket.is_connected)
    await bot.baseline()
    await with_titles(bot, await slack.post(ACME), "Acme")


async def test_patterns_of_the_operator_count_too(start: Start) -> None:
    """CLUST_LINK_PATTERNS names addresses that Clust sends nowhere, but a missing scope only ends the cards."""
    bot = await start(poll_interval=3600, clust_link_patterns=["https://clust.invalid/x/{id}"])
    await bot.baseline()
    await with_titles(bot, await bot.slack.post("https://clust.invalid/x/1"), "Acme")
    bot.slack.faults.missing_scopes = frozenset({"links:write"})
    message = await bot.slack.post(ACME)
    await bot.slack.wait_for(lambda: bot.slack.called("chat.unfurl")[-1].answer.get("error") == "missing_scope")
    assert now(bot, message).attachments == ()
    assert "Acme" in (await bot.say("show 1")).text
