"""What single people are told in a direct message about the bot's own work (rule W4): one view for each notice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.core.applications.triggers import TRIGGERS
from bot.core.notifications.admin_notifications import (
    AdminNotification,
    ChannelHeld,
    ChannelWorks,
    ClustAway,
    ClustBack,
    DetectionSuspended,
    PollerMoves,
    PollerStalled,
    TakerLeft,
)
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Message, actions, button, confirm, context, message, section
from bot.slack.views.building.problems import reason
from bot.slack.views.channels.orphans import held_actions

MOST_MAKERS = 5


def notice_message(notice: AdminNotification, reader: str = "") -> Message:
    """Return the direct message for a notice, as the person `reader` (a user's id) gets it."""
    if isinstance(notice, ChannelHeld):
        return channel_held(notice, may_adopt=reader not in notice.made_by)
    return _VIEWS[type(notice)](notice)


def channel_held(notice: ChannelHeld, *, may_adopt: bool) -> Message:
    """Tell who subscribed a channel, and admins, that what it gets is held, why, and what mends it.

    Who subscribed it has nothing to adopt.
    """
    why, where = reason(notice.reason), md.channel(notice.channel_id)
    by = ", ".join(md.user(one) for one in notice.made_by[:MOST_MAKERS])
    return message(
        section(f"⏸️ The subscription in {where} is held: {why.what}.\n{why.remedy}"),
        held_actions(notice.channel_id, may_adopt=may_adopt),
        context(
            *([f"Subscribed by {by}"] if by else []),
            "Nothing is lost: what happens meanwhile is kept, and comes as one summary when it works again.",
        ),
    )


def channel_works(notice: ChannelWorks) -> Message:
    """Tell who subscribed a channel that it works: again, or for the first time after the invitation (rule W3)."""
    where = md.channel(notice.channel_id)
    if notice.was == "not_in_channel":
        return message(section(f"✅ Thank you: Clust is in {where} now, and your subscription there works."))
    return message(section(f"✅ Your subscription in {where} works again. What was held is being posted."))


def clust_away(notice: ClustAway) -> Message:
    """Tell admins that Clust can't be read, once."""
    return message(
        section(
            f"🔴 *Clust can't be read since {md.date(notice.since, notice.since)}.*\n{md.sentence(notice.why, 600)}"
        ),
        context(
            "Nothing is lost: the bot goes on trying, and you are told once it is over. `/clust status` shows more."
        ),
    )


def clust_back(notice: ClustBack) -> Message:
    """Tell admins that it is over, and what was caught up."""
    counts = [
        f"{row.emoji} {notice.caught_up[name]:,} {row.title.lower()}"
        for name, row in TRIGGERS.items()
        if notice.caught_up.get(name)
    ]
    away = md.duration((notice.until - notice.since).total_seconds())
    caught_up = f"Caught up: {' · '.join(counts)}." if counts else "Nothing had happened meanwhile."
    return message(section(f"🟢 *Clust can be read again*, after {away}. {caught_up}"))


def poller_stalled(notice: PollerStalled) -> Message:
    """Tell admins that nobody reads Clust."""
    since = f"since {md.date(notice.since, notice.since)}" if notice.since else "yet"
    return message(
        section(f"🔴 *Nobody reads Clust {since}.* The process that polls is dead, or stands still."),
        section("*What to do:* whoever runs the bot starts a `worker` (or `run`) again, or looks at its log."),
        context("Nothing is lost: what happens meanwhile is found when it is read again."),
    )


def poller_moves(notice: PollerMoves) -> Message:
    """Tell admins that somebody reads Clust again."""
    return message(
        section(f"🟢 Clust is read again. You were told {md.date(notice.told_at, notice.told_at)} that it was not.")
    )


def detection_suspended(notice: DetectionSuspended) -> Message:
    """Ask admins, and send others to them, whether an account that looks like another one is a new one (rule B4)."""
    value = str(notice.connection_id)
    anew = confirm(
        "Take a new baseline?",
        "What Clust shows now becomes the starting point. What changed until now is not announced.",
        "Take a new baseline",
    )
    return message(
        section(
            f"⚠️ *Is this still the same Clust account?*\nThe bot has stopped announcing changes of "
            f"the connection *{md.escape(notice.connection, 80)}*: {md.sentence(notice.reason, 600)}"
        ),
        section(
            "• *Go on*: it is the same account; announce what changed meanwhile.\n"
            "• *New baseline*: it is another account; start from what it shows now and announce nothing of it."
        ),
        actions(
            button("Go on", ids.GO_ON, value),
            button("New baseline", ids.NEW_BASELINE, value, ask=anew),
        ),
        None if notice.may_answer else context("Only admins can choose. Please ask one to make you an admin."),
        context("Until you choose, nothing is announced. When the known applications are back, it goes on by itself."),
    )


def taker_left(notice: TakerLeft) -> Message:
    """Tell who subscribed that the one person whose applications they want has left."""
    where, who = md.channel(notice.channel_id), md.user(notice.user_id)
    return message(
        section(
            f"⚠️ Your subscription in {where} only covers applications that {who} has taken. {who} has left the "
            "workspace, so nothing will match."
        ),
        section("*What to do:* `/clust unsubscribe` there ends it. `/clust subscribe` there makes another one."),
    )


_VIEWS: Mapping[type[AdminNotification], Callable[[Any], Message]] = {
    TakerLeft: taker_left,
    ChannelWorks: channel_works,
    DetectionSuspended: detection_suspended,
    ClustAway: clust_away,
    ClustBack: clust_back,
    PollerStalled: poller_stalled,
    PollerMoves: poller_moves,
}
"""One view for each notice that everyone gets alike."""
