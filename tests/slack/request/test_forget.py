"""`python -m bot forget ID` beside a running bot: what is stored of a person goes, and the rest stays."""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.engine.tables import applications
from bot.wiring.composition import forget
from tests.slack.conftest import RunningBot


async def test_what_is_stored_of_an_application_is_forgotten(idle_bot: RunningBot) -> None:
    """Its title, recipient and links are erased, but another application, and one that no one knows, are left alone."""
    emails = {number: idle_bot.account.dossiers[number].contact["email"] for number in (1, 2)}
    idle_bot.account.remove(1)
    assert await forget(idle_bot.settings, "1")
    assert not await forget(idle_bot.settings, "99")
    rows = {row["id"]: row["snapshot"] for row in await idle_bot.rows(sa.select(applications))}
    assert emails[1] not in rows["1"]
    assert emails[2] in rows["2"]
    assert "Acme" not in (await idle_bot.say("list")).text
