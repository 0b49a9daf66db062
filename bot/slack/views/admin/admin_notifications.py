"""Direct messages about the bot's own operation (rule W4): one view for each notification."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.core.account_notes import note_in_words
from bot.core.applications.triggers import TRIGGERS
from bot.core.language import _
from bot.core.notifications.admin_notifications import (
    AdminNotification,
    AssigneeLeft,
    ChannelHeld,
    ChannelWorks,
    ClustAway,
    ClustBack,
    DetectionSuspended,
    FirstContact,
    PollerMoves,
    PollerStalled,
    ReportHeld,
)
from bot.slack.views.admin.first_contact import first_contact
from bot.slack.views.building import application_facts as facts
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Message, actions, button, confirm, context, message, section
from bot.slack.views.building.channel_problems import reason
from bot.slack.views.channels.orphans import held_actions

MAX_OWNERS = 5


def notification_message(notification: AdminNotification, reader: str = "") -> Message:
    """Return the direct message for a notification. `reader` is the user ID of its recipient."""
    if isinstance(notification, ChannelHeld):
        return channel_held(notification, may_adopt=reader not in notification.made_by)
    return _VIEWS[type(notification)](notification)


def channel_held(notification: ChannelHeld, *, may_adopt: bool) -> Message:
    """Report to owners and admins that a channel is on hold, why, and what to do.

    Owners get no *Adopt* button.
    """
    why, where = reason(notification.reason), md.channel(notification.channel_id)
    by = ", ".join(md.user(one) for one in notification.made_by[:MAX_OWNERS])
    return message(
        section(
            _(
                "⏸️ The subscription in {channel} is on hold. {why}\n{remedy}",
                channel=where,
                why=_(why.problem),
                remedy=_(why.remedy),
            )
        ),
        held_actions(notification.channel_id, may_adopt=may_adopt),
        context(
            *([_("Subscribed by {users}", users=by)] if by else []),
            _("Nothing is lost. You'll get one digest when it works again."),
        ),
    )


def channel_works(notification: ChannelWorks) -> Message:
    """Report to a subscription's owner that its channel works: again, or for the first time (rule W3)."""
    where = md.channel(notification.channel_id)
    if notification.was == "not_in_channel":
        return message(
            section(_("✅ Thanks for inviting me. Your subscription in {channel} is now active.", channel=where))
        )
    return message(
        section(
            _(
                "✅ Your subscription in {channel} works again. I'm posting the notifications that were on hold.",
                channel=where,
            )
        )
    )


def clust_away(notification: ClustAway) -> Message:
    """Report to admins, once, that Clust can't be read."""
    since, why = md.date(notification.since, notification.since), md.sentence(note_in_words(notification.why), 600)
    return message(
        section(_("🔴 *I haven't been able to read Clust since {since}.*\n{why}", since=since, why=why)),
        context(
            _("Nothing is lost. I'll keep trying and let you know when it's back. Use `/clust status` for details.")
        ),
    )


def clust_back(notification: ClustBack) -> Message:
    """Report to admins that Clust can be read again, with the number of events found since."""
    counts = [
        facts.counted(row, notification.caught_up[name])
        for name, row in TRIGGERS.items()
        if notification.caught_up.get(name)
    ]
    away = md.duration((notification.until - notification.since).total_seconds())
    caught_up = (
        _("Caught up: {events}.", events=" · ".join(counts)) if counts else _("Nothing happened in the meantime.")
    )
    back = _("🟢 *Clust is back* after {duration}.", duration=away)
    return message(section(f"{back} {caught_up}"))


def poller_stalled(notification: PollerStalled) -> Message:
    """Report to admins that no process polls Clust."""
    stalled = (
        _(
            "🔴 *Nothing has been reading Clust since {time}.* The worker process has stopped or is stuck.",
            time=md.date(notification.since, notification.since),
        )
        if notification.since
        else _("🔴 *Nothing is reading Clust yet.* The worker process isn't running or is stuck.")
    )
    return message(
        section(stalled),
        section(
            _("*What to do:* Ask the person who runs the bot to check the log and restart the `worker` (or `run`).")
        ),
        context(_("Nothing is lost. I'll catch up once the worker runs again.")),
    )


def poller_moves(notification: PollerMoves) -> Message:
    """Report to admins that a process polls Clust again."""
    sent_at = md.date(notification.told_at, notification.told_at)
    return message(
        section(_("🟢 I'm reading Clust again. The problem I reported {sent_at} is resolved.", sent_at=sent_at))
    )


def detection_suspended(notification: DetectionSuspended) -> Message:
    """Ask an admin whether an account was replaced by another one, and refer others to admins (rule B4)."""
    value = str(notification.connection_id)
    sure = confirm(
        _("Take a new baseline?"),
        _("What Clust shows now becomes the starting point. Changes up to now won't be posted."),
        _("Take a new baseline"),
    )
    return message(
        section(
            _(
                "⚠️ *Is this still the same Clust account?*\nI've stopped posting changes from the account *{name}*. "
                "{reason}",
                name=md.escape(notification.connection, 80),
                reason=md.sentence(note_in_words(notification.reason), 600),
            )
        ),
        section(
            _(
                "• *Continue*: it's the same account. I'll post what changed in the meantime.\n• *New baseline*: it's "
                "a different account. I'll start from what it shows now and post nothing about the past."
            )
        ),
        actions(
            button(_("Continue"), ids.GO_ON, value),
            button(_("New baseline"), ids.NEW_BASELINE, value, ask=sure),
        ),
        None
        if notification.may_answer
        else context(_("Only admins can choose. Ask an admin to decide, or to make you an admin.")),
        context(
            _("Nothing is posted until you choose. If the known applications come back, I'll continue automatically.")
        ),
    )


def assignee_left(notification: AssigneeLeft) -> Message:
    """Report to a subscription's owner that all assignees in its filter have left the workspace."""
    where, who = md.channel(notification.channel_id), md.user(notification.user_id)
    those = ", ".join(md.user(one) for one in (*notification.others, notification.user_id))
    if notification.others:
        why = _(
            "⚠️ Your subscription in {channel} only covers applications assigned to these people: {users}. They have "
            "all left the workspace, so nothing will match it anymore.",
            channel=where,
            users=those,
        )
    else:
        why = _(
            "⚠️ Your subscription in {channel} only covers applications assigned to {user}, who has left the workspace. "
            "Nothing will match it anymore.",
            channel=where,
            user=who,
        )
    return message(
        section(why),
        section(
            _("*What to do:* End it there with `/clust unsubscribe`, or create another one with `/clust subscribe`.")
        ),
    )


def report_held(notification: ReportHeld) -> Message:
    """Report to who set a channel's regular report that it is on hold, why, and what to do."""
    why = reason(notification.reason)
    return message(
        section(
            _(
                "⏸️ The regular report in {channel} is on hold. {why}\n{remedy}",
                channel=md.channel(notification.channel_id),
                why=_(why.problem),
                remedy=_(why.remedy),
            )
        ),
        context(_("I'll post one report when it works again.")),
    )


_VIEWS: Mapping[type[AdminNotification], Callable[[Any], Message]] = {
    AssigneeLeft: assignee_left,
    ReportHeld: report_held,
    ChannelWorks: channel_works,
    DetectionSuspended: detection_suspended,
    ClustAway: clust_away,
    ClustBack: clust_back,
    PollerStalled: poller_stalled,
    PollerMoves: poller_moves,
    FirstContact: first_contact,
}
"""The view of each notification that doesn't depend on the reader."""
