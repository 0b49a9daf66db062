"""What the doctor says of the bot's own work (fault C7)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.doctor.findings import Level
from bot.doctor.recorded_health import look_at_work, outbox_findings
from bot.store import Store
from bot.store.notifications.outbox import Backlog
from tests.conftest import NOON


@pytest.mark.parametrize(
    ("waiting", "held", "failed", "texts"),
    [
        (0, {}, 0, ["OK Nothing waiting."]),
        (3, {}, 0, ["OK Notifications on their way: 3. On hold because of a limit, a schedule or a mute: 0."]),
        (
            0,
            {"limit": 44, "mute": 1},
            0,
            ["OK Notifications on their way: 0. On hold because of a limit, a schedule or a mute: 45."],
        ),
        (0, {"flood": 44, "limit": 1}, 0, ["WARNING 44 notifications are on hold until someone acts."]),
        (9, {"channel": 2}, 0, ["WARNING 2 notifications are on hold until someone acts."]),
        (0, {}, 2, ["WARNING Slack permanently refused 2 notifications in the last day."]),
    ],
)
def test_what_waits_is_said_as_status_says_it(
    waiting: int, held: Mapping[str, int], failed: int, texts: list[str]
) -> None:
    """C7: what waits for someone is a warning, and nothing else is said of it."""
    findings = outbox_findings(Backlog(waiting, held, failed))
    assert [f"{finding.level.name} {finding.text}" for finding in findings] == texts


async def test_an_account_in_trouble_is_named(store: Store) -> None:
    """C7: the doctor says what the bot has written down, also where Clust answers the doctor."""
    connection = await store.connections.ensure("T1", "default", "http://clust/api", "token")
    assert [finding.level for finding in await look_at_work(store, "T1")] == [Level.OK]
    await store.connections.note(connection.id, error="Clust refused the API token.", suspended="Half is gone.")
    texts = [finding.text for finding in await look_at_work(store, "T1") if finding.level is Level.WARNING]
    assert texts == [
        "The bot's last poll failed. Clust refused the API token.",
        "Posting is suspended. Half is gone.",
    ]


async def test_the_last_webhook_is_named(store: Store) -> None:
    """Whether hints come, and when the last one did. Nothing if the bot takes none."""
    connection = await store.connections.ensure("T1", "default", "http://clust/api", "token")
    assert len(await look_at_work(store, "T1")) == 1
    (_, none_yet) = await look_at_work(store, "T1", takes_webhooks=True)
    assert "No webhook received yet" in none_yet.text
    await store.connections.note(connection.id, webhook_at=NOON)
    (_, last) = await look_at_work(store, "T1", takes_webhooks=True)
    assert (last.level, last.text) == (Level.OK, "The last webhook was received on 2026-03-02 12:00 UTC.")
