"""Several Clust accounts in one workspace: connected by a form, chosen by name or channel, each polled on its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from bot.accounts import Accounts
from bot.core.errors import NoAccount
from bot.sandbox.clust.serving import serve_clust
from bot.sandbox.clust.stand_in import SandboxClust, StandInAnswer
from bot.sandbox.slack.views import View
from bot.slack.views.building import ids
from bot.store import open_store
from bot.store.engine.tables import applications, audit, connections
from tests.slack.conftest import Account, RunningBot, Start
from tests.slack.listeners.links.cards import ACME, with_titles

KEY = "emea-key-9f3c"
FORM = {"name": "emea", "api_key": KEY}


class Several(Account):
    """Several accounts at one address: the token selects one."""

    def __init__(self) -> None:
        super().__init__()
        self.others: dict[str, SandboxClust] = {}

    def respond(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> StandInAnswer:
        """Let the account of the token answer."""
        other = self.others.get(headers.get("Authorization", "").removeprefix("Bearer "))
        return (
            other.respond(method, path, query, headers, body)
            if other
            else super().respond(method, path, query, headers, body)
        )


@pytest.fixture
def account() -> Several:
    """An account with three applications, and another, `emea`, with one of the same number and one of its own."""
    several = Several()
    for title in ("Acme", "Birch", "Cedar"):
        several.add(title=title)
    emea = SandboxClust(token=KEY, seed=2, clock=lambda: datetime.now(UTC))
    emea.add(title="Emir Trading")
    several.others[KEY] = emea
    return several


@pytest.fixture
async def bot(start: Start) -> RunningBot:
    """A bot that can keep tokens and polls ten times a second."""
    bot = await start(secret_key=[Fernet.generate_key().decode()])
    await bot.baseline()
    return bot


@pytest.fixture
async def idle_bot(start: Start) -> RunningBot:
    """A bot that can keep tokens, and reads each account only when it is connected."""
    bot = await start(poll_interval=3600, secret_key=[Fernet.generate_key().decode()])
    await bot.baseline()
    return bot


def emea(bot: RunningBot) -> SandboxClust:
    """Return the second account."""
    assert isinstance(bot.account, Several)
    return bot.account.others[KEY]


async def form(bot: RunningBot, text: str = "connect", user: str = "adrien") -> View:
    """Open the form as an admin."""
    await bot.ask(text, user=user)
    await bot.window(user, "api_key")
    view = bot.slack.views.of(bot.slack.workspace.user(user).id)
    assert view
    return view


async def connected(bot: RunningBot, **typed: Any) -> None:
    """Connect the second account and wait until it was read."""
    await bot.slack.submit(await form(bot), {**FORM, **typed})
    await bot.window("adrien", "is connected", KEY[-4:])
    await bot.until("list connection:emea", "Emir Trading", "Updated ")


async def test_an_account_is_connected_and_read_on_its_own(idle_bot: RunningBot) -> None:
    """The key is tested, stored encrypted, and shown by its last characters. The baseline announces nothing."""
    await idle_bot.say("subscribe all connection:default")
    await connected(idle_bot)
    (row,) = await idle_bot.rows(sa.select(connections).where(connections.c.name == "emea"))
    assert row["sealed"]
    assert KEY not in json.dumps({name: str(value) for name, value in row.items()})
    assert row["hint"] == KEY[-4:]
    assert idle_bot.slack.messages("onboarding") == []
    status = (await idle_bot.say("status")).text
    assert "emea" in status
    assert "default" in status


async def test_a_command_means_the_account_that_it_names(idle_bot: RunningBot) -> None:
    """`connection:` works in every command. Without it the default is used, here the oldest account."""
    await connected(idle_bot)
    assert "Emir Trading" not in (await idle_bot.say("list")).text
    assert "Acme" not in (await idle_bot.say("list connection:EMEA")).text
    assert "Emir Trading" in (await idle_bot.say("show 1 connection:emea")).text
    assert "Acme" in (await idle_bot.say("show 1")).text
    unknown = (await idle_bot.say("list connection:emaa")).text
    assert "Unknown account `emaa`" in unknown
    assert "`emea`" in unknown


async def test_buttons_mean_the_account_of_their_message(bot: RunningBot) -> None:
    """Two accounts have an application 1: *Details* and *Assign to me* are about the one that was shown."""
    await connected(bot)
    listed = await bot.say("list connection:emea")
    await bot.press(listed, "Details")
    assert "Emir Trading" in await bot.window("mei", "Emir Trading")
    await bot.say("subscribe all connection:emea")
    emea(bot).make_late(1)
    (card,) = await bot.posted("onboarding", "Emir Trading")
    assert "Account: emea" in card.text
    await bot.click(card, "Assign to me")
    rows = await bot.rows(sa.select(applications.c.connection_id, applications.c.taken_by))
    assigned_ids = [row["connection_id"] for row in rows if row["taken_by"]]
    (own,) = await bot.rows(sa.select(connections.c.id).where(connections.c.name == "emea"))
    assert assigned_ids == [own["id"]]


async def test_an_account_is_meant_in_one_channel(idle_bot: RunningBot) -> None:
    """An account connected for a channel is the default there and nowhere else."""
    await connected(idle_bot, meant="channel")
    assert "Emir Trading" in (await idle_bot.say("list", user="adrien")).text
    assert "Acme" in (await idle_bot.say("list", channel="general")).text


async def test_the_default_account_is_changed_without_a_key(idle_bot: RunningBot) -> None:
    """With an empty key only the default changes, even for the account of the settings."""
    await connected(idle_bot, meant="workspace")
    assert "Emir Trading" in (await idle_bot.say("list", channel="general")).text
    view = await form(idle_bot, "connect default")
    await idle_bot.slack.submit(view, {"meant": "workspace"})
    await idle_bot.window("adrien", "Its address and token are unchanged.")
    assert "Acme" in (await idle_bot.say("list", channel="general")).text
    checks = [each for each in emea(idle_bot).requests if each.query.get("per_page") == "1"]
    assert len(checks) == 1


async def test_a_subscription_is_of_one_account(bot: RunningBot) -> None:
    """S1: the same filter for another account is another subscription. Each ends by the name of its account."""
    await connected(bot)
    await bot.say("subscribe late connection:emea")
    await bot.say("subscribe late")
    listing = (await bot.say("subscriptions")).text
    assert "emea" in listing
    await bot.say("unsubscribe late connection:emea")
    emea(bot).make_late(1)
    bot.account.make_late(1)
    await bot.posted("onboarding", "Acme")


async def test_a_mute_is_of_one_account(bot: RunningBot) -> None:
    """Of an application from its card, whose number another account has too.

    Of events too, where an account is named.
    """
    await connected(bot)
    await bot.say("subscribe late connection:emea")
    await bot.say("subscribe late connection:default")
    emea(bot).make_late(1)
    (card,) = await bot.posted("onboarding", "Emir Trading")
    question = await bot.choose(card, "Mute this application")
    assert "This only affects the Clust account emea." in question.text
    assert "emea" in (await bot.click(question, "1 week")).text
    assert "🔕 Application #1 is muted until" in (await bot.say("subscriptions")).text
    bot.account.make_late(1)
    await bot.posted("onboarding", "Emir Trading", "Acme")
    assert "That isn't muted here" in (await bot.say("unmute #1 connection:default")).text
    question = await bot.say("mute late connection:default")
    assert (
        "Mute *Late* events in this channel for how long? This only affects the Clust account default." in question.text
    )
    assert "Muted *Late* events in this channel until" in (await bot.click(question, "1 hour")).text
    assert "🔔 Unmuted." in (await bot.say("unmute connection:default")).text
    assert "🔔 Unmuted." in (await bot.say("unmute #1")).text
    assert "🔕" not in (await bot.say("subscriptions")).text


async def test_an_account_that_is_down_delays_no_other(bot: RunningBot) -> None:
    """Accounts are polled independently: while one hangs or is refused, the other's notifications go on."""
    await connected(bot)
    await bot.say("subscribe late")
    emea(bot).faults.refuse_token = True
    await bot.status("🔴", "emea")
    bot.account.make_late(1)
    await bot.posted("onboarding", "Acme")


NOT_CONNECTED = [
    ({"api_key": "wrong-token"}, "api_key", "Clust rejected the API token"),
    ({"api_key": "secret7"}, "api_key", "at least 8 characters"),  # C11
    ({"api_key": "two words"}, "api_key", "one word"),
    ({"name": "two words"}, "name", "one word"),
    ({"name": "Default"}, "name", "CLUST_API_TOKEN"),
    ({"api_key": ""}, "api_key", "Fill this in"),
]
"""What is typed, the field it is wrong in, and what is said there."""


async def test_what_cannot_be_connected_is_said_below_its_field(idle_bot: RunningBot) -> None:
    """A key that Clust refuses is not stored, and what was typed stays in the form."""
    for typed, field, sentence in NOT_CONNECTED:
        view = await form(idle_bot)
        await idle_bot.slack.submit(view, {**FORM, **typed})
        await idle_bot.slack.wait_for(partial(view.errors.get, field))
        assert sentence in view.errors[field], typed
    assert [row["name"] for row in await idle_bot.rows(sa.select(connections.c.name))] == ["default"]


async def test_another_address_takes_the_key_again(start: Start) -> None:
    """B2: a stored key is sent to no other scheme, host or port. The audit log has both addresses."""
    secret_key = [Fernet.generate_key().decode()]
    bot = await start(secret_key=secret_key)
    await bot.baseline()
    await connected(bot)
    elsewhere = Several()
    elsewhere.others[KEY] = emea(bot)
    async with serve_clust(elsewhere) as other_url:
        moved = await start(secret_key=secret_key, clust_api_url=other_url)
        await moved.until("status", "emea")
        view = await form(moved, "connect emea")
        await moved.slack.click(view, "environment", value="production")
        await moved.slack.submit(view, {"environment": "production"})
        assert "Enter the token again" in view.errors["api_key"]
        assert not [each for each in elsewhere.requests if each.query.get("per_page") == "1"]
        await moved.slack.submit(view, {"environment": "production", "api_key": KEY})
        await moved.window("adrien", "is connected")
        (before, after) = await moved.rows(
            sa.select(audit.c.detail).where(audit.c.action == "connect").order_by(audit.c.id)
        )
        assert before["detail"] == bot.settings.clust_api_url
        assert after["detail"] == f"{bot.settings.clust_api_url} → {other_url}"
        assert KEY not in f"{before}{after}"


@pytest.mark.parametrize("environment", ["sandbox", "other"])
async def test_no_environment_gets_a_key_that_was_given_for_another(idle_bot: RunningBot, environment: str) -> None:
    """B2: Clust's sandbox, its production and typed addresses each need their own key."""
    await connected(idle_bot)
    view = await form(idle_bot, "connect emea")
    await idle_bot.slack.click(view, "environment", value=environment)
    if environment == "other":
        await idle_bot.window("adrien", "API address")
    typed = {"environment": environment, **({"url": "https://elsewhere.example/api"} if environment == "other" else {})}
    await idle_bot.slack.submit(view, typed)
    assert "Enter the token again" in view.errors["api_key"]
    rows = await idle_bot.rows(sa.select(audit.c.outcome).where(audit.c.action == "connect"))
    assert [row["outcome"] for row in rows] == ["ok"]


async def test_a_key_is_only_sent_to_its_own_address(idle_bot: RunningBot) -> None:
    """B2: changing an address in the database, or in the settings of another process, gets no key."""
    await connected(idle_bot)
    keys = [key.get_secret_value() for key in idle_bot.settings.secret_key]
    store = open_store(idle_bot.settings.database_url, posts_per_minute=300, secret_keys=keys)
    own = idle_bot.settings.clust_api_token
    accounts = Accounts(store, own.get_secret_value() if own else None)
    for connection in await store.connections.all():
        assert (await accounts.of(connection)).id == connection.id
        elsewhere = replace(connection, base_url="https://elsewhere.example/api", credential="changed")
        with pytest.raises(NoAccount):
            await accounts.of(elsewhere)
        with pytest.raises(NoAccount):
            await Accounts(store, own.get_secret_value() if own else None).of(
                replace(connection, base_url="https://elsewhere.example/api")
            )
    await store.database.close()


REFUSED = [
    *("https://me:hush@clust.example/api", "https://clust.example/api?", "https://clust.example/api#"),
    *("https://\uff11\uff12\uff17.0.0.1/api", "https://2130706433/api", "https://clust.example/../api"),
]
"""Addresses that CLUST_API_URL refuses."""


async def test_an_address_is_checked_as_that_of_the_settings(idle_bot: RunningBot) -> None:
    """B11: the form refuses every address that CLUST_API_URL refuses, and sends no key there."""
    view = await form(idle_bot)
    await idle_bot.slack.click(view, "environment", value="other")
    await idle_bot.window("adrien", "API address")
    for url in REFUSED:
        await idle_bot.slack.submit(view, {**FORM, "environment": "other", "url": url})
        assert "address" in view.errors["url"], url
        assert "hush" not in view.errors["url"]
    assert [row["name"] for row in await idle_bot.rows(sa.select(connections.c.name))] == ["default"]


async def test_connecting_is_for_admins(idle_bot: RunningBot) -> None:
    """Members are refused, by the command and with a forged form."""
    assert "Sorry, only admins can do this." in (await idle_bot.say("connect", user="mei")).text
    assert "Sorry, only admins can do this." in (await idle_bot.say("disconnect emea", user="mei")).text


async def test_without_a_key_nothing_can_be_kept(start: Start) -> None:
    """Tokens are never stored in the clear: without SECRET_KEY the command says what to set."""
    bot = await start(poll_interval=3600)
    assert "SECRET_KEY" in (await bot.say("connect", user="adrien")).text


async def test_disconnecting_asks_and_says_what_stops(idle_bot: RunningBot) -> None:
    """It names the affected channels first. Then the token is deleted, subscriptions end, and polling stops."""
    await connected(idle_bot)
    await idle_bot.say("subscribe late connection:emea")
    await idle_bot.ask("disconnect emea", user="adrien")
    await idle_bot.window("adrien", idle_bot.slack.workspace.onboarding.id, "delete its API token")
    view = idle_bot.slack.views.of(idle_bot.slack.workspace.user("adrien").id)
    assert view
    await idle_bot.slack.submit(view)
    await idle_bot.window("adrien", "is disconnected")
    (row,) = await idle_bot.rows(sa.select(connections).where(connections.c.name == "emea"))
    assert (row["sealed"], row["hint"]) == (None, None)
    assert "Unknown account" in (await idle_bot.say("list connection:emea")).text
    assert "no subscriptions" in (await idle_bot.say("subscriptions")).text


async def test_a_button_of_a_disconnected_account_says_so(idle_bot: RunningBot) -> None:
    """A click on an old message is answered, and not carried out on another account."""
    await connected(idle_bot)
    listed = await idle_bot.say("list connection:emea")
    await idle_bot.ask("disconnect emea", user="adrien")
    await idle_bot.window("adrien", "delete its API token")
    view = idle_bot.slack.views.of(idle_bot.slack.workspace.user("adrien").id)
    assert view
    await idle_bot.slack.submit(view)
    await idle_bot.window("adrien", "is disconnected")
    assert "isn't connected anymore" in (await idle_bot.click(listed, "Share here")).text


async def test_the_form_of_a_new_application_asks_for_the_account(idle_bot: RunningBot) -> None:
    """With several accounts the form asks which. Another choice brings its templates, and creates there."""
    await connected(idle_bot)
    await idle_bot.ask("create")
    await idle_bot.window("mei", "first_name", "Clust account")
    view = idle_bot.slack.views.of(idle_bot.slack.workspace.member.id)
    assert view
    (row,) = await idle_bot.rows(sa.select(connections.c.id).where(connections.c.name == "emea"))
    await idle_bot.slack.click(view, ids.VALUE, value=str(row["id"]), values={"first_name": "Ana"})
    template = str(next(iter(emea(idle_bot).templates)))
    await idle_bot.window("mei", f'"private_metadata": "{row["id"]}~')
    view = idle_bot.slack.views.of(idle_bot.slack.workspace.member.id)
    assert view
    typed = {"template_id": template, "first_name": "Ana", "last_name": "Silva", "email": "ana@example.com"}
    await idle_bot.slack.submit(view, {**typed, "connection": str(row["id"])})
    await idle_bot.window("mei", "Created")
    assert [each.method for each in emea(idle_bot).requests if each.method == "POST"] == ["POST"]
    assert [each.method for each in idle_bot.account.requests if each.method == "POST"] == []


async def test_a_pasted_link_of_another_account_shows_its_application(idle_bot: RunningBot) -> None:
    """A link that only one account has leads there from every channel.

    One that two have leads to the default account.
    """
    for number in (2, 3, 4):
        emea(idle_bot).add(title=f"Emir {number}")
    await connected(idle_bot)
    other = await idle_bot.slack.post("https://clust.invalid/app/dossiers/4")
    await with_titles(idle_bot, other, "Emir 4")
    await with_titles(idle_bot, await idle_bot.slack.post(ACME), "Acme")
    pane = await idle_bot.slack.open_pane(other)
    await idle_bot.slack.wait_for(lambda: pane.entity or pane.error)
    assert pane.entity is not None
    assert pane.entity["entity_payload"]["attributes"]["title"]["text"] == "Emir 4"
    await idle_bot.slack.save(pane, title="Emir Holding")
    await idle_bot.slack.wait_for(lambda: emea(idle_bot).dossiers[4].title == "Emir Holding")
