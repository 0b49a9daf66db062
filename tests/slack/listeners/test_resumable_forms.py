"""*Resume*: a form that was not sent opens again with what was typed (rules M1, M2)."""

from __future__ import annotations

import pytest

from bot.sandbox.slack.block_kit.elements import label
from bot.sandbox.slack.views import View
from tests.patience import late
from tests.slack.conftest import RunningBot, Start, buttons
from tests.slack.listeners.windows import needed, opened, text_of, window_with

KEY = "A" * 43 + "="

TYPED = '"initial_value": "Silva"'
"""In a form with what `needed` types."""


def back(bot: RunningBot) -> None:
    """Let Clust work again."""
    faults = bot.account.faults
    faults.refuse_token = faults.down = faults.disconnect = False
    faults.rate_limit, faults.delay_seconds = None, 0


def labels(view: View) -> list[str]:
    """Return the words on the buttons of a window."""
    elements = [one for block in view.blocks if block["type"] == "actions" for one in block["elements"]]
    return [label(one) for one in elements if one["type"] == "button"]


async def test_create_offers_what_is_unsent(idle_bot: RunningBot) -> None:
    """C3: create opens the form and offers above it what was not sent. Resume fills it, and after that it is gone."""
    view = await opened(idle_bot)
    idle_bot.account.faults.refuse_token = True
    await idle_bot.slack.submit(view, needed(idle_bot))
    back(idle_bot)
    await idle_bot.slack.close_view(view)
    view = await opened(idle_bot)
    assert "Ana Silva" in text_of(view)
    assert TYPED not in text_of(view)
    await idle_bot.press(view, "Resume")
    view = await window_with(idle_bot, TYPED)
    exchange = await idle_bot.slack.submit(view)
    assert exchange.view
    assert "Created" in text_of(exchange.view)
    await idle_bot.slack.close_view(exchange.view)
    assert "Resume" not in labels(await opened(idle_bot))


async def test_the_form_that_makes_way_is_offered_too(idle_bot: RunningBot) -> None:
    """Resume takes the place of a form that a title or a message filled in, or in which something was typed."""
    view = await opened(idle_bot)
    idle_bot.account.faults.refuse_token = True
    await idle_bot.slack.submit(view, needed(idle_bot))
    back(idle_bot)
    await idle_bot.slack.close_view(view)
    view = await opened(idle_bot, "create Acme Ltd")
    await idle_bot.press(view, "Resume")
    await idle_bot.slack.close_view(await window_with(idle_bot, TYPED))
    view = await opened(idle_bot)
    assert labels(view).count("Resume") == 2
    await idle_bot.slack.click(view, "Resume", values={"first_name": "Bea"})
    await idle_bot.slack.close_view(await window_with(idle_bot, "Acme Ltd"))
    assert labels(await opened(idle_bot)).count("Resume") == 3


async def test_an_offer_can_be_discarded(idle_bot: RunningBot) -> None:
    """C3: Discard takes the offer out of the window and forgets the draft, but what is typed in the window stays."""
    view = await opened(idle_bot)
    idle_bot.account.faults.refuse_token = True
    await idle_bot.slack.submit(view, needed(idle_bot))
    back(idle_bot)
    await idle_bot.slack.close_view(view)
    view = await opened(idle_bot)
    view.entered["first_name"] = {"value": {"type": "plain_text_input", "value": "Bea"}}
    await idle_bot.press(view, "Discard")
    await idle_bot.slack.wait_for(lambda: "Discard" not in labels(view) or None)
    assert view.entered["first_name"]
    await idle_bot.slack.close_view(view)
    assert "Resume" not in labels(await opened(idle_bot))


async def test_nobody_else_is_offered_a_draft(idle_bot: RunningBot) -> None:
    """C3: an offer is the person's own."""
    view = await opened(idle_bot)
    idle_bot.account.faults.refuse_token = True
    await idle_bot.slack.submit(view, needed(idle_bot))
    back(idle_bot)
    await idle_bot.ask("create", user=idle_bot.slack.workspace.admin)
    await idle_bot.window("adrien", "first_name")
    other = idle_bot.slack.views.of(idle_bot.slack.workspace.admin.id)
    assert other
    assert "Resume" not in labels(other)


async def test_an_update_that_failed_is_offered_for_that_application(idle_bot: RunningBot) -> None:
    """C3: update offers its unsent changes, of that application alone."""
    view = await opened(idle_bot, "update 1")
    idle_bot.account.faults.refuse_token = True
    await idle_bot.slack.submit(view, {"title": "Acme 2"})
    await idle_bot.slack.close_view(view)
    (message,) = await idle_bot.direct_messages("mei", "")
    assert "Resume" in buttons(message)
    back(idle_bot)
    view = await opened(idle_bot, "update 2")
    assert "Resume" not in labels(view)
    await idle_bot.slack.close_view(view)
    view = await opened(idle_bot, "update 1")
    await idle_bot.press(view, "Resume")
    exchange = await idle_bot.slack.submit(await window_with(idle_bot, "Acme 2"))
    assert exchange.view
    assert "Acme → Acme 2" in text_of(exchange.view)


async def test_a_call_of_the_console_that_failed_is_resumed(idle_bot: RunningBot) -> None:
    """C3: the console keeps a call as the other forms do."""
    await idle_bot.ask("api")
    view = await window_with(idle_bot, "Clust API")
    faults = idle_bot.account.faults
    with late(idle_bot.account):
        exchange = await idle_bot.slack.submit(view, {"path": "/dossiers/77"})
        assert exchange.view
        faults.disconnect = True
        await idle_bot.slack.close_view(exchange.view)
    (message,) = await idle_bot.direct_messages("mei", "")
    faults.disconnect = False
    await idle_bot.press(message, "Resume", user="mei")
    await window_with(idle_bot, "/dossiers/77")


async def test_a_subscription_that_was_refused_is_resumed(idle_bot: RunningBot) -> None:
    """C3: what was typed to subscribe is kept like that of the other forms."""
    await idle_bot.ask("subscribe")
    view = await window_with(idle_bot, "Subscribe a channel", "filter")
    exchange = await idle_bot.slack.submit(view, {"filter": "titel:a"})
    assert "filter" in exchange.errors
    await idle_bot.slack.close_view(view)
    (message,) = await idle_bot.direct_messages("mei", "")
    await idle_bot.press(message, "Resume", user="mei")
    view = await window_with(idle_bot, "titel:a")
    await idle_bot.slack.submit(view, {"filter": "title:a"})
    assert "contains “a”" in (await idle_bot.say("subscriptions")).text


async def test_an_account_that_could_not_be_connected_is_resumed_without_its_key(start: Start) -> None:
    """C3: the message to an admin who closed the window holds what was typed, but for the key."""
    bot = await start(secret_key=[KEY], poll_interval=3600)
    await bot.baseline()
    admin = bot.slack.workspace.admin
    await bot.ask("connect emea", user=admin)
    await bot.window("adrien", "API token")
    view = bot.slack.views.of(admin.id)
    assert view
    with late(bot.account):
        exchange = await bot.slack.submit(view, {"api_key": "secret-key-emea", "meant": "workspace"})
        assert exchange.view
        bot.account.faults.refuse_token = True
        await bot.slack.close_view(exchange.view)
    (message,) = await bot.direct_messages("adrien", "Nothing was saved")
    assert "secret-key" not in str(message.blocks)
    await bot.press(message, "Resume", user=admin)
    window = await bot.window(
        "adrien", "emea", '"initial_option": {"text": {"type": "plain_text", "text": "The whole workspace'
    )
    assert "secret-key" not in window


@pytest.mark.parametrize("api_key", ["two words", "wrong-token"])
async def test_a_first_account_is_resumed_after_a_mistake_without_its_key(start: Start, api_key: str) -> None:
    """C3: a form with a mistake under a field is closed: all but the key is kept, also where no account is known."""
    bot = await start(secret_key=[KEY], poll_interval=3600, clust_api_token=None)
    admin = bot.slack.workspace.admin
    await bot.ask("connect emea", user=admin)
    await bot.window("adrien", "API token")
    view = bot.slack.views.of(admin.id)
    assert view
    exchange = await bot.slack.submit(view, {"name": "emea2", "api_key": api_key})
    assert exchange.errors.keys() == {"api_key"}
    await bot.slack.close_view(view)
    (message,) = await bot.direct_messages("adrien", "What you typed is kept")
    assert "API token" in message.text
    assert api_key not in str(message.blocks)
    await bot.press(message, "Resume", user=admin)
    window = await bot.window("adrien", "emea2")
    assert api_key not in window
    resumed = bot.slack.views.of(admin.id)
    assert resumed
    exchange = await bot.slack.submit(resumed, {"api_key": bot.account.token})
    assert exchange.view
    assert exchange.errors == {}
    await bot.baseline()
