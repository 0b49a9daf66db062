"""What is posted in a channel, each value with its words: cards, replies, reminders, digests and flood cards."""

from __future__ import annotations

from bot.core.applications.triggers import TRIGGERS
from bot.core.notifications.messages import Card, ChannelMessage, Digest, Flood, Reminder, ThreadReply
from bot.slack.views.applications.cards import Permalink, delayed, event_card
from bot.slack.views.building import facts
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.account_tags import stamped
from bot.slack.views.building.blocks import Message, context, message, section
from bot.slack.views.channels.digests import digest_message
from bot.slack.views.channels.floods import flood_card


def posting_message(posting: ChannelMessage, permalink: Permalink) -> Message:
    """Return the message for a posting; `permalink` makes the address of a message in the same channel."""
    match posting:
        case Card():
            return stamped(event_card(posting, permalink), posting.account)
        case ThreadReply():
            return reply(posting)
        case Digest():
            return stamped(digest_message(posting), posting.account)
        case Flood():
            return flood_card(posting)
        case Reminder():
            return reminder(posting)


def reply(thread_reply: ThreadReply) -> Message:
    """Return a later event for the thread of its card; it describes the application as it was seen then (rule E1)."""
    application, trigger = thread_reply.event.application, TRIGGERS[thread_reply.event.trigger]
    what = facts.joined(f"{trigger.emoji} *{trigger.title}*", facts.linked_title(application))
    return message(
        section(f"{md.user(thread_reply.mention)} {what}" if thread_reply.mention else what),
        context(facts.state(application, thread_reply.event.status_class, late=thread_reply.event.trigger != "late")),
        context(delayed(thread_reply.delay)) if thread_reply.delay else None,
    )


def reminder(posting: Reminder) -> Message:
    """Return the reminder of an application that is late and was not touched (product: Reminder)."""
    whom = f"{md.user(posting.mention)} " if posting.mention else ""
    since = md.count(posting.days, "working day")
    return message(
        section(f"{whom}🔔 *Late and untouched for {since}* · {facts.linked_title(posting.application)}"),
        context(facts.state(posting.application, posting.status_class)),
    )
