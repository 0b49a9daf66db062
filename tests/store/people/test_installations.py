"""Installations by OAuth on both databases: sealed, served, renewed by one process of all, and ended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from bot.store import Store, open_store
from bot.store.engine.tables import installations, oauth_states
from bot.store.people.draft_contents import DraftContents
from bot.store.people.installations import Installation, Tokens

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEYS = [Fernet.generate_key().decode(), Fernet.generate_key().decode()]
ONE = Installation(
    id="T1",
    is_org=False,
    enterprise_id=None,
    name="One",
    url="https://one.slack.com/",
    bot_user_id="UB",
    bot_id="B1",
    scopes="commands",
    installed_by="U1",
    tokens=Tokens("xoxb-one", "xoxe-refresh", NOW + timedelta(hours=12)),
)
ORG = replace(ONE, id="E1", is_org=True, enterprise_id="E1", name="Org", tokens=Tokens("xoxb-org"))


@pytest.fixture
async def sealed(url: str) -> AsyncIterator[Store]:
    """A store with a key."""
    opened = open_store(url, posts_per_minute=300, secret_keys=KEYS[:1])
    yield opened
    await opened.database.close()


async def test_what_was_saved_is_read(sealed: Store) -> None:
    """Tokens come back whole, and stand in the table as no one else reads them."""
    await sealed.installations.save(ONE, NOW)
    stored = await sealed.installations.serving("T1", None)
    assert stored == replace(ONE, version=1)
    async with sealed.database.read() as tx:
        row = (await tx.execute(sa.select(installations.c.sealed))).scalar_one()
    assert "xoxb-" not in row
    assert "xoxe-" not in row


async def test_a_workspace_is_served_by_its_own_before_its_organizations(sealed: Store) -> None:
    """An organization's installation serves every workspace of it that has none of its own.

    B8: a workspace is remembered when that is asked for, since anyone can name one.
    """
    await sealed.installations.save(ORG, NOW)
    assert (await sealed.installations.serving("T2", "E1")) == replace(ORG, version=1)
    assert await sealed.installations.workspaces() == {}
    await sealed.installations.serve("T2", "E1")
    assert await sealed.installations.serving("T2", None) is None
    await sealed.installations.save(ONE, NOW)
    serving = await sealed.installations.serving("T1", "E1")
    assert serving
    assert serving.id == "T1"
    assert {team: one.id for team, one in (await sealed.installations.workspaces()).items()} == {"T1": "T1", "T2": "E1"}


async def test_a_workspace_of_another_organization_is_foreign(sealed: Store) -> None:
    """W1: by the installation that serves it, or did. Of one that no one used nothing is stored."""
    store = sealed.installations
    for installation in (ORG, ONE, replace(ORG, id="E2", enterprise_id="E2")):
        await store.save(installation, NOW)
    for team_id, installation_id in (("T2", "E1"), ("T3", "E2")):
        await store.serve(team_id, installation_id)
    await store.end("E2", NOW)
    foreign = {team_id: await store.may_be_foreign(team_id, "E1") for team_id in ("T1", "T2", "T3", "T4", "E1")}
    assert foreign == {"T1": True, "T2": False, "T3": True, "T4": False, "E1": False}


async def test_organizations_are_those_that_have_the_app(sealed: Store) -> None:
    """W1: workspaces with an installation of their own don't count, nor do installations that ended."""
    store = sealed.installations
    await store.save(ONE, NOW)
    assert await store.organizations(limit=2) == []
    for organization in ("E1", "E2", "E3"):
        await store.save(replace(ORG, id=organization, enterprise_id=organization), NOW)
    assert await store.organizations(limit=2) == ["E1", "E2"]
    for organization in ("E2", "E3"):
        await store.end(organization, NOW)
    assert await store.organizations(limit=2) == ["E1"]


async def test_one_process_renews(sealed: Store) -> None:
    """A refresh token works once, so one process exchanges it. If that process died, another continues."""
    await sealed.installations.save(ONE, NOW)
    recorded = await sealed.installations.of("T1")
    assert recorded
    assert await sealed.installations.begin_renewal(recorded, NOW)
    assert not await sealed.installations.begin_renewal(recorded, NOW)
    assert await sealed.installations.begin_renewal(recorded, NOW + timedelta(minutes=1))
    fresh = Tokens("xoxb-two", "xoxe-two", NOW + timedelta(hours=24))
    await sealed.installations.renew(recorded, fresh)
    after = await sealed.installations.of("T1")
    assert after == replace(ONE, tokens=fresh, version=2)
    assert not await sealed.installations.begin_renewal(recorded, NOW + timedelta(hours=1))


async def test_what_is_over_serves_nobody_until_it_begins_again(sealed: Store) -> None:
    """Its token is forgotten at once. Installed again, the workspace is as it was, with a new version."""
    await sealed.installations.save(ONE, NOW)
    assert await sealed.installations.end("T1", NOW)
    assert not await sealed.installations.end("T1", NOW)
    assert await sealed.installations.serving("T1", None) is None
    assert await sealed.installations.workspaces() == {}
    await sealed.installations.save(ONE, NOW)
    again = await sealed.installations.serving("T1", None)
    assert again
    assert again.version > 1


async def test_a_state_is_used_once_and_in_time(sealed: Store) -> None:
    """What Slack sends back is taken once, within its ten minutes."""
    await sealed.installations.issue_state("s1", NOW, NOW + timedelta(minutes=10))
    await sealed.installations.issue_state("s2", NOW, NOW + timedelta(minutes=10))
    assert await sealed.installations.consume_state("s1", NOW)
    assert not await sealed.installations.consume_state("s1", NOW)
    assert not await sealed.installations.consume_state("s2", NOW + timedelta(minutes=11))


async def test_states_that_nobody_brings_back_are_bounded(sealed: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """B7: beyond the limit the oldest go. Those that expired go with the next one, or with housekeeping."""
    monkeypatch.setattr("bot.store.people.installations.MAX_STATES", 3)

    async def states() -> set[str]:
        async with sealed.database.read() as tx:
            return set((await tx.execute(sa.select(oauth_states.c.state))).scalars())

    for minute in range(5):
        now = NOW + timedelta(minutes=minute)
        await sealed.installations.issue_state(f"s{minute}", now, now + timedelta(minutes=10))
    assert await states() == {"s2", "s3", "s4"}
    assert not await sealed.installations.consume_state("s1", NOW)
    later = NOW + timedelta(minutes=13)
    await sealed.installations.issue_state("s5", later, later + timedelta(minutes=10))
    assert await states() == {"s4", "s5"}
    assert await sealed.installations.remove_expired_states(NOW + timedelta(minutes=14)) == 1
    assert await states() == {"s5"}


async def test_keys_are_rotated(url: str, sealed: Store) -> None:
    """After sealing again with the newest key, everything is readable without the old one.

    What no key opens is reported.
    """
    await sealed.installations.save(ONE, NOW)
    made = await sealed.connections.connect("T1", "emea", "https://x/api", "api-key", "U1", NOW)
    contents = DraftContents(typed={"title": "A"})
    draft = await sealed.form_drafts.open("T1", "U1", "application.create", made.id, NOW, contents=contents)
    both = open_store(url, posts_per_minute=300, secret_keys=[KEYS[1], KEYS[0]])
    rotated = await both.key_rotation.rotate()
    nothing = {"saved_actions": 0, "webhooks": 0}
    assert rotated.reencrypted == {"connections": 1, "installations": 1, "drafts": 1, **nothing}
    assert not any(rotated.lost.values())
    await both.database.close()
    new = open_store(url, posts_per_minute=300, secret_keys=[KEYS[1]])
    assert (await new.installations.of("T1")) == replace(ONE, version=1)
    assert new.connections.token(made) is None
    assert new.connections.token(await new.connections.get(made.id)) == "api-key"
    stored = await new.form_drafts.get(draft.id, "T1", "U1", NOW)
    assert stored
    assert stored.contents == contents
    await new.database.close()
    stranger = open_store(url, posts_per_minute=300, secret_keys=[Fernet.generate_key().decode()])
    assert {name for name, count in (await stranger.key_rotation.rotate()).lost.items() if count} == {
        *("connections", "installations", "drafts")
    }
    lost = await stranger.installations.of("T1")
    assert lost
    assert lost.tokens is None
    await stranger.database.close()
