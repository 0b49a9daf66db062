"""The limiter of what the bot asks of Slack by itself: rules P1 (tiers) and P2 (a 429 of a method)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.errors import Throttled
from bot.core.slack_rate_limits import METHODS_PER_MINUTE
from bot.sandbox.slack.web_api.methods import METHODS
from bot.store import Store
from tests.conftest import Clock
from tests.delivery.conftest import Outbox

INFO = "conversations.info"


async def calls(store: Store, clock: Clock, seconds: int, method: str = INFO) -> list[float]:
    """Call as often as allowed for so long, ten times a second. Returns when, in seconds."""
    began, made = clock(), []
    while clock() - began < timedelta(seconds=seconds):
        if await store.rate_limits.take("T1", method, clock()) is None:
            made.append((clock() - began).total_seconds())
        else:
            clock.forward(0.5)
    return made


async def test_a_method_is_called_within_its_tier(store: Store, clock: Clock) -> None:
    """P1: no minute holds more than the tier, in whichever process."""
    made = await calls(store, clock, 150)
    assert len(made) >= 100
    assert max(sum(start <= at < start + 60 for at in made) for start in made) <= 50


def test_every_method_has_slacks_tier() -> None:
    """What the bot takes by itself lies below what Slack (and its stand-in) admits in a minute."""
    assert {name: METHODS[name].tier for name in METHODS_PER_MINUTE} == {
        name: round(rate / 0.8) for name, rate in METHODS_PER_MINUTE.items()
    }


async def test_a_429_pauses_that_method_in_that_workspace_alone(store: Store, clock: Clock) -> None:
    """P2: as long as Slack says, and then no burst. Other methods and workspaces go on."""
    await store.rate_limits.pause("T1", INFO, timedelta(seconds=30), clock())
    for team_id, method in (("T1", "users.info"), ("T2", INFO)):
        assert await store.rate_limits.take(team_id, method, clock()) is None
    ready_at = await store.rate_limits.take("T1", INFO, clock())
    assert ready_at
    assert ready_at >= clock() + timedelta(seconds=25)
    clock.forward(29.9)
    assert await store.rate_limits.take("T1", INFO, clock()) is not None
    made = await calls(store, clock, 20)
    assert 0 < len(made) <= 10


async def test_what_slack_throttles_is_not_asked_again_before_its_time(outbox: Outbox) -> None:
    """P2: the second look makes no call at all. Posts into the channel go on."""
    channel = outbox.channel("onboarding")
    outbox.slack.rate_limit_method(INFO, 30)
    for _ in range(2):
        with pytest.raises(Throttled):
            await outbox.notifier.look_at(channel)
    assert len(outbox.slack.called(INFO)) == 1
    await outbox.subscribe("onboarding")
    await outbox.happen(("1", "late"))
    await outbox.tick()
    await outbox.send()
    assert await outbox.states() == ["sent"]
