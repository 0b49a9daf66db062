"""`python -m bot forget ID` beside a running bot: what is stored of a person goes, and the rest stays."""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.engine.tables import applications
from bot.wiring.composition import forget
from tests.slack.conftest import World


async def test_what_is_stored_of_an_application_is_forgotten(calm: World) -> None:
    """Its title, recipient and links are erased; another application, and one that nobody knows, are left alone."""
    emails = {number: calm.account.dossiers[number].contact["email"] for number in (1, 2)}
    calm.account.remove(1)
    assert await forget(calm.settings, "1")
    assert not await forget(calm.settings, "99")
    rows = {row["id"]: row["snapshot"] for row in await calm.rows(sa.select(applications))}
    assert emails[1] not in rows["1"]
    assert emails[2] in rows["2"]
    assert "Acme" not in (await calm.say("list")).text
