"""The main job on each profile of an account: what happens in Clust is an event, once, whatever form answers have."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.core.applications.status_rules import StatusRules
from bot.core.clust_api.dialect import ApiDialect
from bot.sandbox.clust.profiled import ProfiledClust
from bot.sandbox.clust.stand_in import SandboxClust
from bot.store import Store
from tests.clust_profiles import FILES, profile_named
from tests.conftest import Clock
from tests.doctor.openapi.foreign_account import ForeignAnswers, dialect_and_rules
from tests.poller.conftest import Polling, polling_of

APPLICATIONS = 40
"""Several pages where a page has 15."""


FOREIGN = "foreign"
"""The account whose API is another than the bot believes, with the settings that the doctor finds for it."""


def key_of(polling: Polling, number: int) -> str:
    """Return what an application's ID is for the bot."""
    return f"app-{number}" if isinstance(polling.account, ForeignAnswers) else str(number)


@pytest.fixture(params=[*FILES, FOREIGN])
async def profiled(request: pytest.FixtureRequest, store: Store, clock: Clock) -> AsyncIterator[Polling]:
    """An account that answers as a profile says, read once. A channel is subscribed to everything."""
    account: SandboxClust
    dialect, rules = ApiDialect(), StatusRules()
    if request.param == FOREIGN:
        account = ForeignAnswers(clock=clock)
        dialect, rules = dialect_and_rules("http://clust/api")
    else:
        account = ProfiledClust(profile_named(request.param), clock=clock)
    account.populate(APPLICATIONS)
    account.faults.delay_seconds = 0.0
    for _ in range(5):
        account.add()
    async with polling_of(account, store, clock, dialect, rules) as polling:
        await polling.subscribe("C1")
        result = await polling.poll()
        assert (result.seen, result.events) == (APPLICATIONS + 5, 0)
        yield polling


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_each_change_is_one_event(profiled: Polling) -> None:
    """All five triggers, in one cycle each and in none after it."""
    account, first = profiled.account, APPLICATIONS + 1
    account.make_late(first)
    account.complete(first + 1)
    account.submit(first + 2)
    account.approve(first + 3)
    created = account.add()["id"]
    account.rename(first + 4, "No event")
    result = await profiled.poll()
    assert sorted(await profiled.events()) == sorted(
        [
            (key_of(profiled, first), "late"),
            (key_of(profiled, first + 1), "pending"),
            (key_of(profiled, first + 2), "submitted"),
            (key_of(profiled, first + 3), "approved"),
            (key_of(profiled, created), "created"),
        ]
    )
    assert result.deliveries == 5
    assert (await profiled.poll()).events == 0


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_what_is_removed_is_gone(profiled: Polling) -> None:
    """An application that Clust has no more is no event, and no error."""
    profiled.account.remove(APPLICATIONS + 1)
    for _ in range(4):
        assert (await profiled.poll()).events == 0
    assert await profiled.is_gone(key_of(profiled, APPLICATIONS + 1))
