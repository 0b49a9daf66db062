"""The bot's own time limits in tests: so long that no busy machine meets one, and none where a test waits for it.

What a limit is for stays tested: within `late`, Clust answers later than anybody waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.sandbox.clust.stand_in import SandboxClust

LIMITS = (
    "bot.delivery.prechecks.PATIENCE_SECONDS",
    "bot.slack.listeners.admin.status.CHECK_SECONDS",
    "bot.slack.listeners.applications.lookup.PATIENCE_SECONDS",
    "bot.slack.listeners.channels.subscription_form.CHECK_SECONDS",
    "bot.slack.listeners.modals.PATIENCE_SECONDS",
    "bot.slack.request.access.PATIENCE_SECONDS",
    "bot.slack.request.sights.PATIENCE_SECONDS",
    "bot.slack.entry.bolt_app.ACK_ANSWER_SECONDS",
    "bot.wiring.composition.MAX_SLACK_CALL_SECONDS",
)
"""For Slack or Clust to answer, in seconds."""

LONG, NONE = 60.0, 0.05


def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the bot wait a minute for whatever it asks."""
    for limit in LIMITS:
        monkeypatch.setattr(limit, LONG)


@contextmanager
def late(account: SandboxClust) -> Iterator[None]:
    """Let Clust answer only after this, and the bot wait for it no longer than a moment: its answers come too late."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for module in ("modals", "applications.lookup"):
            monkeypatch.setattr(f"bot.slack.listeners.{module}.PATIENCE_SECONDS", NONE)
        account.faults.delay = 3600
        yield
        account.faults.delay = 0
