"""The bot's own time limits in tests: so long that no busy machine meets one, and none where a test waits for it.

What a limit is for stays tested: within `late`, Clust answers later than anyone waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from bot.core.backoff import backoff
from bot.sandbox.clust.stand_in import SandboxClust

LIMITS = (
    "bot.delivery.prechecks.PATIENCE_SECONDS",
    "bot.slack.listeners.admin.status.CHECK_SECONDS",
    "bot.slack.listeners.applications.lookup.PATIENCE_SECONDS",
    "bot.slack.listeners.channels.filter_warnings.PATIENCE_SECONDS",
    "bot.slack.listeners.channels.subscription_submission.CHECK_SECONDS",
    "bot.slack.listeners.links.pane_editing.PATIENCE_SECONDS",
    "bot.slack.listeners.modals.PATIENCE_SECONDS",
    "bot.slack.request.access.PATIENCE_SECONDS",
    "bot.slack.request.visibility_cache.PATIENCE_SECONDS",
    "bot.sandbox.slack.views.TRIGGER_LIFETIME_SECONDS",
    "bot.slack.entry.surfaces.ACK_ANSWER_SECONDS",
    "bot.wiring.composition.MAX_SLACK_CALL_SECONDS",
    "bot.sandbox.slack.state.ACKNOWLEDGE_SECONDS",
)
"""For Slack or Clust to answer, for the bot to answer Slack, and to use what lasts for a moment, in seconds."""

LONG, NONE = 60.0, 0.05

GAP_SECONDS = 0.05
"""Between two messages in a channel. A stand-in that counts seconds gets it too (`rate_limits.between_messages`)."""

COALESCED_SECONDS = 0.2
"""Between two updates of a card."""

PAUSES = {
    "bot.clust.session.RETRY_PAUSE_SECONDS": 0.02,
    "bot.delivery.periodic_checks.AGAIN_SECONDS": 0.1,
    "bot.delivery.periodic_checks.LOOK_EVERY_SECONDS": 0.2,
    "bot.doctor.sample_posting.GAP_SECONDS": 0.05,
    "bot.poller.schedule.STOP_SECONDS": 0.1,
    "bot.slack.entry.ack_priority.MIN_WAIT_SECONDS": 0,
    "bot.slack.listeners.modals.SETTLING_SECONDS": 0.03,
    "bot.wiring.composition.RETRY_SECONDS": 0.1,
    "bot.wiring.supervisor.LOOK_EVERY_SECONDS": 0.5,
}
"""Of the bot's own, in seconds: the sandbox takes an acknowledgement as soon as it has it, and a poll is cut short."""


BACKING_OFF = (
    "delivery.admin_notifications",
    "delivery.sender",
    "poller.loop",
    "slack.entry.socket_mode",
    "wiring.workspaces",
)
"""Modules that wait ever longer after failures."""


def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the bot wait a minute for whatever it asks."""
    for limit in LIMITS:
        monkeypatch.setattr(limit, LONG)


@contextmanager
def brisk() -> Iterator[None]:
    """Let a bot that runs pause shortly: between looks, after failures, and between messages and updates of a card."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("bot.store.notifications.outbox.CHANNEL_GAP", timedelta(seconds=GAP_SECONDS))
        for coalesced in ("cards.COALESCED", "card_updates.COALESCED", "floods.UPDATE_INTERVAL"):
            monkeypatch.setattr(f"bot.store.notifications.{coalesced}", timedelta(seconds=COALESCED_SECONDS))
        for pause, seconds in PAUSES.items():
            monkeypatch.setattr(pause, seconds)
        for module in BACKING_OFF:
            monkeypatch.setattr(f"bot.{module}.backoff", lambda attempt, chance: backoff(attempt, chance) / 20)
        yield


@contextmanager
def late(account: SandboxClust) -> Iterator[None]:
    """Let Clust answer only after this, and the bot wait for it no longer than a moment: its answers come too late."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for module in ("modals", "applications.lookup"):
            monkeypatch.setattr(f"bot.slack.listeners.{module}.PATIENCE_SECONDS", NONE)
        account.faults.delay_seconds = 3600
        yield
        account.faults.delay_seconds = 0
