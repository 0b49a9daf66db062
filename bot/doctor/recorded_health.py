"""What the bot has recorded about its own work, judged as in `/clust status` and Home (`core.health`)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from bot.core.account_notes import note_in_words
from bot.core.health import Reading, reading_of, waiting_for_somebody
from bot.core.language import N_, _, ngettext
from bot.doctor.findings import Finding, ok, warning
from bot.store import Store
from bot.store.clust.connections import Connection
from bot.store.notifications.outbox import Backlog

NAMES_MORE = N_("Use `/clust status` to see which channels are affected and what to do.")


async def look_at_work(store: Store, team_id: str, *, takes_webhooks: bool = False) -> list[Finding]:
    """Return findings about a workspace's outbox, about polling its accounts and, if it takes any, about webhooks."""
    backlog = await store.outbox.backlog(team_id, datetime.now(UTC))
    connections = await store.connections.of_team(team_id)
    findings = [*outbox_findings(backlog), *(finding for one in connections for finding in account_findings(one))]
    return [*findings, *(webhook_finding(one) for one in connections if takes_webhooks)]


def webhook_finding(connection: Connection) -> Finding:
    """Return a finding about the webhooks of one account."""
    about = f"clust {connection.name}"
    if connection.webhook_at is None:
        return ok(
            about,
            _("No webhook received yet. Clust sends them for applications created with *Send webhooks to this bot*."),
        )
    moment = f"{connection.webhook_at:%Y-%m-%d %H:%M}"
    return ok(about, _("The last webhook was received on {moment} UTC.", moment=moment))


def outbox_findings(backlog: Backlog) -> Iterator[Finding]:
    """Yield findings about notifications that were not posted yet."""
    waiting = sum(waiting_for_somebody(backlog.held).values())
    by_itself = sum(backlog.held.values()) - waiting
    if backlog.failed:
        text = ngettext(
            "Slack permanently refused {count:,} notification in the last day.",
            "Slack permanently refused {count:,} notifications in the last day.",
            backlog.failed,
        )
        yield warning("notifications", text, _("The log has Slack's error code for each."))
    if waiting:
        yield warning(
            "notifications",
            ngettext(
                "{count} notification is on hold until someone acts.",
                "{count:,} notifications are on hold until someone acts.",
                waiting,
            ),
            NAMES_MORE,
        )
    elif backlog.waiting or by_itself:
        yield ok(
            "notifications",
            _(
                "Notifications on their way: {waiting:,}. On hold because of a limit, a schedule or a mute: {held:,}.",
                waiting=backlog.waiting,
                held=by_itself,
            ),
        )
    elif not backlog.failed:
        yield ok("notifications", _("Nothing waiting."))


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
        yield warning(
            about, _("Nothing is reading Clust. The worker process has stopped or is stuck."), _("Start a `worker`.")
        )
    elif reading is Reading.FAILING:
        yield warning(
            about, _("The bot's last poll failed. {why}", why=note_in_words(connection.error or "")), NAMES_MORE
        )
    if connection.suspended:
        text = _("Posting is suspended. {why}", why=note_in_words(connection.suspended))
        yield warning(
            about, text, _("An admin needs to answer the bot's question in Slack: continue, or take a new baseline.")
        )
