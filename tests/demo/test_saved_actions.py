"""The demo's actions are understood by the stand-in for Clust, and saved once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet

from bot.core.applications.model import Application
from bot.core.language import speaking
from bot.core.saved_actions.placeholders import Use
from bot.core.saved_actions.saved_action import SavedAction
from bot.demo.saved_actions import DEMO_ACTIONS, demo_actions
from bot.sandbox.clust.stand_in import SandboxClust
from bot.sandbox.slack.workspace import TEAM_ID
from bot.settings import Settings
from bot.wiring.saved_actions import opened_store, save_first_actions
from bot.wiring.translation_catalogues import read_languages


@pytest.mark.parametrize("action", DEMO_ACTIONS, ids=lambda action: action.name)
def test_each_does_something_in_the_stand_in(action: SavedAction) -> None:
    """Its call is one that this account takes."""
    clust = SandboxClust(clock=lambda: datetime.now(UTC))
    number = clust.submit(clust.add()["id"])["id"]
    call = action.request.filled(Use(Application(id=str(number)), "Mei", "Passport", "2026-12-24"))
    headers = {"authorization": f"Bearer {clust.token}"}
    assert clust.respond(call.method, call.path, {}, headers, (call.body or "").encode()).status == 200
    assert len(clust.acts) == 1


@pytest.fixture
def settings(sqlite_url: str) -> Settings:
    """The settings of a demo's bot."""
    return Settings(
        _env_file=None,
        database_url=sqlite_url,
        secret_key=Fernet.generate_key().decode(),
        slack_bot_token="xoxb-for-tests",
        slack_signing_secret="for-tests-only",
        clust_api_token="for-tests-only",
    )


async def test_their_names_are_in_the_language_of_the_demo(settings: Settings) -> None:
    """A name in French is as short as buttons are."""
    with speaking(read_languages().of("fr")):
        await save_first_actions(settings, TEAM_ID, demo_actions(), "U0CLUST")
    async with opened_store(settings) as store:
        (account,) = await store.connections.all()
        names = {each.action.name for each in await store.saved_actions.of(account.id)}
    assert {"Relancer", "Approuver", "Demander un document"} < names


async def test_they_are_saved_once(settings: Settings) -> None:
    """A person who removed one in the demo doesn't find it again after the bot was killed."""
    await save_first_actions(settings, TEAM_ID, demo_actions(), "U0CLUST")
    async with opened_store(settings) as store:
        (account,) = await store.connections.all()
        stored = await store.saved_actions.of(account.id)
        assert {each.action for each in stored} == set(DEMO_ACTIONS)
        await store.saved_actions.remove(account.id, (stored[0].id, 1), datetime.now(UTC))
    await save_first_actions(settings, TEAM_ID, demo_actions(), "U0CLUST")
    async with opened_store(settings) as store:
        assert len(await store.saved_actions.of(account.id)) == len(DEMO_ACTIONS) - 1
