"""First contact in the real app: connected by the form, shown, held, classified, and started."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from bot.sandbox.clust.account import ON_HOLD
from bot.sandbox.clust.stand_in import SandboxClust
from bot.sandbox.slack.messages import PostedMessage
from bot.sandbox.slack.views import View
from bot.slack.views.building import ids
from bot.store.engine.tables import audit, connections
from tests.slack.conftest import RunningBot, Start
from tests.slack.entry.test_home import opened
from tests.slack.listeners.admin.test_accounts import KEY, Several, connected, emea


@pytest.fixture
def account() -> Several:
    """An account of the settings, with one status that no one knows, and another to connect, likewise."""
    several = Several()
    several.add(title="Acme", status=ON_HOLD)
    other = SandboxClust(token=KEY, seed=2, clock=lambda: datetime.now(UTC))
    other.add(title="Emir Trading", status=ON_HOLD)
    several.others[KEY] = other
    return several


@pytest.fixture
async def bot(start: Start) -> RunningBot:
    """A bot that shows what it understood."""
    bot = await start(secret_key=[Fernet.generate_key().decode()], clust_first_contact="on")
    await bot.baseline()
    return bot


async def state(bot: RunningBot, name: str) -> str | None:
    """Return how far the first contact with an account is."""
    (row,) = await bot.rows(sa.select(connections.c.first_contact).where(connections.c.name == name))
    first_contact: str | None = row["first_contact"]
    return first_contact


async def emea_connected(bot: RunningBot) -> PostedMessage:
    """Look at the account of the settings, and connect the other one. Returns the message about it."""
    await bot.slack.click(await opened(bot, "adrien", "account default"), ids.CONTACT_SEEN, user="adrien")
    await window(bot, "is set up")
    await connected(bot)
    await bot.until("list connection:emea", "Emir")
    adrien = bot.slack.workspace.direct(bot.slack.workspace.bot.id, bot.slack.workspace.user("adrien").id)

    def about_emea() -> list[PostedMessage]:
        # The message about the other account may have been posted before the admin looked at it.
        return [one for one in bot.slack.messages(adrien) if "I've read the account emea" in one.text]

    return (await bot.slack.wait_for(about_emea))[0]


async def window(bot: RunningBot, *words: str) -> View:
    """Wait for the admin's window."""
    await bot.window("adrien", *words)
    view = bot.slack.views.of(bot.slack.workspace.user("adrien").id)
    assert view
    return view


@pytest.mark.long
async def test_an_account_of_the_form_is_held_until_an_admin_starts_it(bot: RunningBot) -> None:
    """The person who connected it gets a message, classifies, sees what would have been posted, and lets it go."""
    message = await emea_connected(bot)
    assert "I'm not posting anything from this account yet" in message.text
    await bot.say("subscribe all connection:emea", channel="onboarding")
    emea(bot).add(title="Fjord")
    await bot.until("list connection:emea", "Fjord")
    home = await opened(bot, "adrien", "New account", "1 notification for 1 channel is on hold", "Fjord")
    assert bot.slack.messages("onboarding") == []
    assert "from a new account" in (await bot.say("status connection:emea")).text
    await bot.slack.click(home, ids.CONTACT, user="adrien")
    view = await window(bot, "6_on_hold", "Start posting")
    await bot.slack.click(view, ids.CLASSIFY, value=f"open {ON_HOLD}", user="adrien")
    view = await window(bot, '"initial_option"', f"open {ON_HOLD}", "Start posting")
    await bot.slack.click(view, ids.CONTACT_START, user="adrien")
    await window(bot, "has started", "1 notification follows")
    await bot.posted("onboarding", "Fjord")
    assert await state(bot, "emea") is None
    entries = await bot.rows(sa.select(audit).where(audit.c.action == "contact").order_by(audit.c.id))
    assert [(one["target"], one["detail"]) for one in entries] == [("default", "0 posted"), ("emea", "1 posted")]


@pytest.mark.long
async def test_held_notifications_are_dropped_from_the_message(bot: RunningBot) -> None:
    """A code is classified in the message too, which then shows what follows from it. A second click does nothing."""
    message = await emea_connected(bot)
    await bot.say("subscribe all connection:emea", channel="onboarding")
    emea(bot).add(title="Fjord")
    await bot.until("list connection:emea", "Fjord")
    await bot.slack.click(message, ids.CLASSIFY, value=_option(message.blocks, f"open {ON_HOLD}"), user="adrien")
    message = await bot.shows(message, "*Open*", "Start without these")
    await bot.press(message, ids.CONTACT_START_WITHOUT, user="adrien")
    message = await bot.shows(message, "was dropped")
    home = await opened(bot, "adrien", "For admins")
    assert "I've read the account emea" not in json.dumps(home.sent)
    emea(bot).add(title="Gulf")
    await bot.posted("onboarding", "Gulf")


async def test_an_account_of_the_settings_is_shown_and_never_held(bot: RunningBot) -> None:
    """Admins look at it on Home, and the rest of the workspace sees nothing of it."""
    await bot.say("subscribe all", channel="onboarding")
    bot.account.add(title="Birch")
    await bot.posted("onboarding", "Birch")
    assert "New account" not in json.dumps((await opened(bot, "mei")).sent)
    home = await opened(bot, "adrien", "I've read the account default", "6_on_hold", "Looks right")
    await bot.slack.click(home, ids.CONTACT_SEEN, user="adrien")
    await window(bot, "is set up")
    assert await state(bot, "default") is None
    await bot.slack.click(home, ids.CONTACT_SEEN, user="adrien")
    await window(bot, "already done this")


@pytest.mark.long
async def test_a_complete_account_is_not_held(bot: RunningBot) -> None:
    """It posts at once, and is looked at all the same."""
    emea(bot).change(1, status="1_ongoing")
    await connected(bot)
    assert await state(bot, "emea") == "look"
    await bot.say("subscribe all connection:emea", channel="onboarding")
    emea(bot).add(title="Fjord")
    await bot.posted("onboarding", "Fjord")


async def test_first_contact_shows_what_the_account_returns_now(bot: RunningBot) -> None:
    """What is shown is what is known now: a new code, and lateness that isn't reported any more."""
    emea(bot).change(1, status="1_ongoing")
    await connected(bot)
    await opened(bot, "adrien", "account emea", "✅ Late flag")
    emea(bot).change(1, status="8_paused")
    emea(bot).faults.list_without = emea(bot).faults.single_without = frozenset({"is_late"})
    emea(bot).add(title="Fjord")
    await bot.until("list connection:emea", "Fjord")
    await opened(bot, "adrien", "8_paused", "☑️ Late flag: 1 of 2 applications")


@pytest.mark.long
async def test_only_admins_start_it(bot: RunningBot) -> None:
    """A button is no permission (rule W1), and an account that was disconnected has nothing to start."""
    message = await emea_connected(bot)
    button = next(block for block in message.blocks if block["type"] == "actions")
    copy = bot.put(button, channel="onboarding")
    assert "only admins" in (await bot.click(copy, ids.CONTACT_START, user="mei")).text
    assert await state(bot, "emea") == "held"
    await bot.ask("disconnect emea", user="adrien")
    await bot.slack.submit(await window(bot, "Disconnect *emea*"))
    await window(bot, "is disconnected")
    assert "isn't connected anymore" in (await bot.click(copy, ids.CONTACT_START, user="adrien")).text


@pytest.mark.long
async def test_first_contact_can_be_switched_off(start: Start) -> None:
    """CLUST_FIRST_CONTACT=off: no message, nothing on Home, nothing held."""
    bot = await start(secret_key=[Fernet.generate_key().decode()])
    await bot.baseline()
    await connected(bot)
    await bot.say("subscribe all connection:emea", channel="onboarding")
    emea(bot).add(title="Fjord")
    await bot.posted("onboarding", "Fjord")
    assert "New account" not in json.dumps((await opened(bot, "adrien", "For admins")).sent)


def _option(blocks: Sequence[Mapping[str, Any]], ending: str) -> str:
    """Return the tagged value of an option in a message."""
    options = [option for block in blocks for option in block.get("accessory", {}).get("options", ())]
    return next(str(option["value"]) for option in options if option["value"].endswith(ending))
