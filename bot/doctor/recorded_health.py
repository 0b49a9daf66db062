"""What the bot has recorded about its own work, judged as in `/clust status` and Home (`core.health`)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from bot.core.health import Reading, reading_of, waiting_for_somebody
from bot.doctor.findings import Finding, ok, warning
from bot.store import Store
from bot.store.clust.connections import Connection
from bot.store.notifications.outbox import Backlog

NAMES_MORE = "`/clust status` says which channels, and what to do."


async def look_at_work(store: Store, team_id: str) -> list[Finding]:
    """Return findings about a workspace's outbox and about polling its accounts."""
    backlog = await store.deliveries.backlog(team_id, datetime.now(UTC))
    connections = await store.connections.of_team(team_id)
    return [*outbox_findings(backlog), *(finding for one in connections for finding in account_findings(one))]


def outbox_findings(backlog: Backlog) -> Iterator[Finding]:
    """Yield findings about notifications that were not posted yet."""
    waiting = sum(waiting_for_somebody(backlog.held).values())
    by_itself = sum(backlog.held.values()) - waiting
    if backlog.failed:
        text = f"Slack refused {backlog.failed} of the last day for good."
        yield warning("notifications", text, "The log names each with Slack's code.")
    if waiting:
        yield warning("notifications", f"{waiting} are held until somebody does something.", NAMES_MORE)
    elif backlog.waiting or by_itself:
        yield ok("notifications", f"{backlog.waiting} are on their way, {by_itself} held by a limit, a time or a mute.")
    elif not backlog.failed:
        yield ok("notifications", "Nothing waits.")


def account_findings(connection: Connection) -> Iterator[Finding]:
    """Yield findings about polling one account."""
    about = f"clust {connection.name}"
    reading = reading_of(
        has_account=True,
        stalled=connection.stalled_told_at is not None,
        failing=connection.error is not None,
        was_read=connection.read_at is not None,
    )
    if reading is Reading.STALLED:
        yield warning(about, "Nobody reads it: the process that polls is dead, or stands still.", "Start a `worker`.")
    elif reading is Reading.FAILING:
        yield warning(about, f"The bot's last poll failed. {connection.error}", NAMES_MORE)
    if connection.suspended:
        text = f"Announcing is suspended: {connection.suspended}"
        yield warning(about, text, "An admin answers the bot's question in Slack: go on, or a new baseline.")
