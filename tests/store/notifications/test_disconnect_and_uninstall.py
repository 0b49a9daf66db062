"""What is deleted of accounts and workspaces that have ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.delivery.housekeeping import GONE_KEPT, Housekeeping
from bot.store.people.installations import Installation, Tokens
from tests.delivery.conftest import Outbox

RETENTION = timedelta(days=90)


MINUTE = timedelta(minutes=1)


@pytest.fixture
def housekeeping(outbox: Outbox) -> Housekeeping:
    """Housekeeping on the test's clock."""
    return Housekeeping(outbox.store, outbox.clock, RETENTION)


async def test_what_is_stored_of_a_workspace_goes_a_month_after_its_end(
    outbox: Outbox, housekeeping: Housekeeping
) -> None:
    """With its accounts and what was seen of them."""
    names: dict[str, Any] = dict.fromkeys(("name", "url", "bot_user_id", "bot_id", "scopes", "installed_by"), "")
    one = Installation(outbox.team_id, is_org=False, enterprise_id=None, tokens=Tokens("xoxb-1"), **names)
    await outbox.store.installations.save(one, outbox.clock())
    await outbox.happen(("1", "late"))
    await outbox.store.installations.end(outbox.team_id, outbox.clock())
    for waited, is_there in ((GONE_KEPT - MINUTE, True), (2 * MINUTE, False)):
        outbox.clock.now += waited
        await housekeeping.clean_up()
        assert bool(await outbox.store.applications.get(outbox.connection_id, "1")) is is_there
