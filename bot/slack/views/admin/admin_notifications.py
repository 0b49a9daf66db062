"""Direct messages to single people about the bot's own work (rule W4): one view for each notification."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.core.applications.triggers import TRIGGERS
from bot.core.notifications.admin_notifications import (
    AdminNotification,
    AssigneeLeft,
    ChannelHeld,
    ChannelWorks,
    ClustAway,
    ClustBack,
    DetectionSuspended,
    PollerMoves,
    PollerStalled,
)
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Message, actions, button, confirm, context, message, section
from bot.slack.views.building.problems import reason
from bot.slack.views.channels.orphans import held_actions

MAX_OWNERS = 5


def notification_message(notification: AdminNotification, reader: str = "") -> Message:
    """Return the direct message for a notification to the user with the id `reader`."""
    if isinstance(notification, ChannelHeld):
        return channel_held(notification, may_adopt=reader not in notification.made_by)
    return _VIEWS[type(notification)](notification)


def channel_held(notification: ChannelHeld, *, may_adopt: bool) -> Message:
    """Tell who subscribed a channel, and admins, that what it gets is held, why, and what mends it.

    Who subscribed it has nothing to adopt.
    """
    why, where = reason(notification.reason), md.channel(notification.channel_id)
    by = ", ".join(md.user(one) for one in notification.made_by[:MAX_OWNERS])
    return message(
        section(f"⏸️ The subscription in {where} is held: {why.what}.\n{why.remedy}"),
        held_actions(notification.channel_id, may_adopt=may_adopt),
        context(
            *([f"Subscribed by {by}"] if by else []),
            "Nothing is lost: what happens meanwhile is kept, and comes as one summary when it works again.",
        ),
    )


def channel_works(notification: ChannelWorks) -> Message:
    """Tell who subscribed a channel that it works: again, or for the first time after the invitation (rule W3)."""
    where = md.channel(notification.channel_id)
    if notification.was == "not_in_channel":
        return message(section(f"✅ Thank you: Clust is in {where} now, and your subscription there works."))
    return message(section(f"✅ Your subscription in {where} works again. What was held is being posted."))


def clust_away(notification: ClustAway) -> Message:
    """Tell admins that Clust can't be read, once."""
    since, why = md.date(notification.since, notification.since), md.sentence(notification.why, 600)
    return message(
        section(f"🔴 *Clust can't be read since {since}.*\n{why}"),
        context(
            "Nothing is lost: the bot goes on trying, and you are told once it is over. `/clust status` shows more."
        ),
    )


def clust_back(notification: ClustBack) -> Message:
    """Tell admins that Clust can be read again, and how many events were caught up."""
    counts = [
        f"{row.emoji} {notification.caught_up[name]:,} {row.title.lower()}"
        for name, row in TRIGGERS.items()
        if notification.caught_up.get(name)
    ]
    away = md.duration((notification.until - notification.since).total_seconds())
    caught_up = f"Caught up: {' · '.join(counts)}." if counts else "Nothing had happened meanwhile."
    return message(section(f"🟢 *Clust can be read again*, after {away}. {caught_up}"))


def poller_stalled(notification: PollerStalled) -> Message:
    """Tell admins that no process polls Clust."""
    since = f"since {md.date(notification.since, notification.since)}" if notification.since else "yet"
    return message(
        section(f"🔴 *Nobody reads Clust {since}.* The process that polls is dead, or stands still."),
        section("*What to do:* whoever runs the bot starts a `worker` (or `run`) again, or looks at its log."),
        context("Nothing is lost: what happens meanwhile is found when it is read again."),
    )


def poller_moves(notification: PollerMoves) -> Message:
    """Tell admins that a process polls Clust again."""
    sent_at = md.date(notification.told_at, notification.told_at)
    return message(section(f"🟢 Clust is read again. You were told {sent_at} that it was not."))


def detection_suspended(notification: DetectionSuspended) -> Message:
    """Ask admins, and send others to them, whether an account that looks like another one is a new one (rule B4)."""
    value = str(notification.connection_id)
    anew = confirm(
        "Take a new baseline?",
        "What Clust shows now becomes the starting point. What changed until now is not announced.",
        "Take a new baseline",
    )
    return message(
        section(
            f"⚠️ *Is this still the same Clust account?*\nThe bot has stopped announcing changes of "
            f"the connection *{md.escape(notification.connection, 80)}*: {md.sentence(notification.reason, 600)}"
        ),
        section(
            "• *Go on*: it is the same account; announce what changed meanwhile.\n"
            "• *New baseline*: it is another account; start from what it shows now and announce nothing of it."
        ),
        actions(
            button("Go on", ids.GO_ON, value),
            button("New baseline", ids.NEW_BASELINE, value, ask=anew),
        ),
        None if notification.may_answer else context("Only admins can choose. Please ask one to make you an admin."),
        context("Until you choose, nothing is announced. When the known applications are back, it goes on by itself."),
    )


def assignee_left(notification: AssigneeLeft) -> Message:
    """Tell the owner of a subscription by assignee that all its assignees have left the workspace."""
    where, who = md.channel(notification.channel_id), md.user(notification.user_id)
    those = ", ".join(md.user(one) for one in (*notification.others, notification.user_id))
    if notification.others:
        why = (
            f"⚠️ Your subscription in {where} only covers applications that one of these people has taken: {those}. "
            "They have all left the workspace, so nothing will match."
        )
    else:
        why = (
            f"⚠️ Your subscription in {where} only covers applications that {who} has taken. {who} has left the "
            "workspace, so nothing will match."
        )
    return message(
        section(why),
        section("*What to do:* `/clust unsubscribe` there ends it. `/clust subscribe` there makes another one."),
    )


_VIEWS: Mapping[type[AdminNotification], Callable[[Any], Message]] = {
    AssigneeLeft: assignee_left,
    ChannelWorks: channel_works,
    DetectionSuspended: detection_suspended,
    ClustAway: clust_away,
    ClustBack: clust_back,
    PollerStalled: poller_stalled,
    PollerMoves: poller_moves,
}
"""The view of each notification that is the same for all readers."""
