"""*Share here* for an application that the person has just created (rule W2)."""

from __future__ import annotations

import json

from bot.sandbox.slack.block_kit.elements import elements
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import button, section
from tests.patience import late
from tests.slack.conftest import RunningBot
from tests.slack.listeners.windows import needed, opened, window_with


async def test_share_here_posts_without_personal_data(idle_bot: RunningBot) -> None:
    """W2, V2: it posts to the channel of the command, without email address, phone number or client page."""
    idle_bot.slack.workspace.channel("onboarding").members.add(idle_bot.slack.workspace.bot.id)
    view = await opened(idle_bot)
    exchange = await idle_bot.slack.submit(view, needed(idle_bot, title="Silva"))
    assert exchange.view
    await idle_bot.press(exchange.view, "Share here")
    await window_with(idle_bot, "Shared with everyone")
    shared = idle_bot.slack.messages("onboarding")[-1]
    assert "Silva" in shared.text
    assert "ana@example.com" not in json.dumps(shared.blocks)
    assert "/c/" not in json.dumps(shared.blocks)


async def test_share_here_where_others_read_along(idle_bot: RunningBot) -> None:
    """W2: from a modal, nothing is posted to a channel shared with another organization."""
    await idle_bot.ask("create", channel="with-partner")
    exchange = await idle_bot.slack.submit(await window_with(idle_bot, "first_name"), needed(idle_bot, title="Silva"))
    assert exchange.view
    await idle_bot.press(exchange.view, "Share here")
    await window_with(idle_bot, "I can't post there")
    assert idle_bot.slack.messages("with-partner") == []


async def test_share_here_from_a_direct_message(idle_bot: RunningBot) -> None:
    """M1, W2: after the modal was closed, the button in the direct message posts to the original channel."""
    idle_bot.slack.workspace.channel("onboarding").members.add(idle_bot.slack.workspace.bot.id)
    view = await opened(idle_bot)
    with late(idle_bot.account):
        exchange = await idle_bot.slack.submit(view, needed(idle_bot, title="Silva"))
        assert exchange.view
        await idle_bot.slack.close_view(exchange.view)
    (message,) = await idle_bot.direct_messages("mei", "Created")
    assert "Shared with everyone" in (await idle_bot.click(message, "Share here", user="mei")).text
    assert "Silva" in idle_bot.slack.messages("onboarding")[-1].text


async def test_share_here_is_for_what_one_has_created(idle_bot: RunningBot) -> None:
    """W2: a button with a forged draft or application ID posts nothing."""
    idle_bot.slack.workspace.channel("onboarding").members.add(idle_bot.slack.workspace.bot.id)
    exchange = await idle_bot.slack.submit(await opened(idle_bot), needed(idle_bot, title="Silva"))
    assert exchange.view
    (share,) = [one for _, one in elements(exchange.view.blocks) if one.get("action_id") == ids.SHARE_APPLICATION]
    draft_id = share["value"].partition(" ")[0]
    for value, user in ((f"{draft_id} 1", "mei"), (share["value"], "bruno"), ("1 4", "mei"), (" ", "mei")):
        message = idle_bot.put(section("x", button("Click", ids.SHARE_APPLICATION, value)), visible_to=user)
        assert "Only the person who created this can share it" in (await idle_bot.click(message, "Click")).text
    assert idle_bot.slack.messages("onboarding") == []
