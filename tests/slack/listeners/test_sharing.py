"""*Share here* for an application that was just created."""

from __future__ import annotations

import json

from bot.sandbox.slack.block_kit.elements import elements
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import button, section
from tests.patience import late
from tests.slack.conftest import World
from tests.slack.listeners.windows import needed, opened, shown


async def test_share_here(calm: World) -> None:
    """W2, V2: what was created is shared in the channel of the command: without e-mail, phone or client's page."""
    await calm.slack.invite_bot("onboarding")
    view = await opened(calm)
    exchange = await calm.slack.submit(view, needed(calm, title="Silva"))
    assert exchange.view
    await calm.press(exchange.view, "Share here")
    await shown(calm, "Shared with everyone")
    shared = calm.slack.messages("onboarding")[-1]
    assert "Silva" in shared.text
    assert "ana@example.com" not in json.dumps(shared.blocks)
    assert "/c/" not in json.dumps(shared.blocks)


async def test_share_here_where_others_read_along(calm: World) -> None:
    """W2: in a channel shared with another organization nothing is posted from a window."""
    await calm.ask("create", channel="with-partner")
    exchange = await calm.slack.submit(await shown(calm, "first_name"), needed(calm, title="Silva"))
    assert exchange.view
    await calm.press(exchange.view, "Share here")
    await shown(calm, "I can't post there")
    assert calm.slack.messages("with-partner") == []


async def test_share_here_from_a_direct_message(calm: World) -> None:
    """M1, W2: whoever closed the form shares from the message that told of it, into the channel of the command."""
    await calm.slack.invite_bot("onboarding")
    view = await opened(calm)
    with late(calm.account):
        exchange = await calm.slack.submit(view, needed(calm, title="Silva"))
        assert exchange.view
        await calm.slack.close_view(exchange.view)
    (message,) = await calm.told("mei", "Created")
    assert "Shared with everyone" in (await calm.click(message, "Share here", user="mei")).text
    assert "Silva" in calm.slack.messages("onboarding")[-1].text


async def test_share_here_is_for_what_one_has_created(calm: World) -> None:
    """W2: a button that lies about its draft or its application posts nothing."""
    await calm.slack.invite_bot("onboarding")
    exchange = await calm.slack.submit(await opened(calm), needed(calm, title="Silva"))
    assert exchange.view
    (share,) = [one for _, one in elements(exchange.view.blocks) if one.get("action_id") == ids.SHARE_APPLICATION]
    draft_id = share["value"].partition(" ")[0]
    for value, user in ((f"{draft_id} 1", "mei"), (share["value"], "bruno"), ("1 4", "mei"), (" ", "mei")):
        message = calm.put(section("x", button("Click", ids.SHARE_APPLICATION, value)), visible_to=user)
        assert "Only the person who created this can share it" in (await calm.click(message, "Click")).text
    assert calm.slack.messages("onboarding") == []
