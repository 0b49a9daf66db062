"""The messages posted in channels: cards, replies, reminders, digests and flood cards."""

from __future__ import annotations

from bot.core.applications.triggers import TRIGGERS
from bot.core.language import _, ngettext
from bot.core.notifications.messages import (
    ActionReply,
    Card,
    ChannelMessage,
    ChannelReport,
    Digest,
    Flood,
    Reminder,
    ThreadReply,
)
from bot.slack.views.applications.cards import (
    ChannelPermalink,
    beside_title,
    card_buttons,
    delayed,
    event_card,
    missing_line,
    progress_line,
)
from bot.slack.views.building import application_facts as facts
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.account_tags import tagged
from bot.slack.views.building.blocks import Message, context, message, section
from bot.slack.views.channels.digests import digest_message
from bot.slack.views.channels.floods import flood_card
from bot.slack.views.report import Report, report_message


def posting_message(posting: ChannelMessage, permalink: ChannelPermalink) -> Message:
    """Return the message for a posting. `permalink` returns the URL of a message in the same channel."""
    account: int | None = None
    match posting:
        case Card():
            rendered, account = event_card(posting, permalink), posting.account
        case ThreadReply():
            rendered, account = reply(posting, permalink), posting.card.account
        case Digest():
            rendered, account = digest_message(posting), posting.account
        case Flood():
            rendered = flood_card(posting)
        case ActionReply():
            rendered = action_reply(posting)
        case ChannelReport():
            rendered = channel_report(posting)
        case _:
            rendered, account = reminder(posting), posting.card.account
    return tagged(rendered, account)


def reply(thread_reply: ThreadReply, permalink: ChannelPermalink) -> Message:
    """Return a later event for the thread of its card, with the application as the event saw it (rule E1).

    One that is also sent to the channel has the facts and actions of a card, which isn't next to it there.
    """
    card = thread_reply.card
    if thread_reply.broadcast:
        return event_card(card, permalink)
    trigger = TRIGGERS[card.trigger]
    heading = facts.joined(f"{trigger.emoji} *{_(trigger.title)}*", facts.linked_title(card.application))
    return message(
        section("\n".join(filter(None, (_mentioning(card, heading), missing_line(card))))),
        context(delayed(card.delay)) if card.delay else None,
    )


def reminder(posting: Reminder) -> Message:
    """Return the reminder of a late application that no one touched (product: Reminder)."""
    card = posting.card
    days = ngettext(
        "Late and untouched for {count} business day", "Late and untouched for {count} business days", posting.days
    )
    heading = facts.joined(f"🔔 *{days}*", facts.linked_title(card.application), beside_title(card))
    return message(
        section("\n".join(filter(None, (_mentioning(card, heading), progress_line(card))))),
        card_buttons(card),
    )


def action_reply(posting: ActionReply) -> Message:
    """Return who used which saved action."""
    words = _("⚡ {user} used *{action}*.", user=md.user(posting.user_id), action=md.escape(posting.action, 100))
    return message(section(words))


def channel_report(posting: ChannelReport) -> Message:
    """Return a channel's regular report."""
    report = Report(
        figures=posting.figures,
        now=posting.made_at,
        weeks=posting.weeks,
        zone=posting.zone,
        overdue=posting.overdue,
        account=posting.account,
        missed_at=posting.missed_at,
    )
    return report_message(report)


def _mentioning(card: Card, line: str) -> str:
    """Return a line that begins with the mention."""
    return f"{md.user(card.mention)} {line}" if card.mention else line
