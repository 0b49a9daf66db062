"""What is posted in a channel: replies in threads, replies that the channel reads too, and reminders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.core.applications.items import ChecklistItem
from bot.core.applications.model import Application, StatusClass
from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.messages import Card, Reminder, ThreadReply
from bot.slack.views.channels.messages import posting_message

Read = Callable[[Any], list[str]]
LINK = "<https://clust.example/dossiers/123?a=1&amp;b=2|Acme &amp; Sons>"
BUTTONS = ["Assign to…", "Details", "Update", "Open in Clust", "…"]


def card_of(application: Application, trigger: str = "late", **values: Any) -> Card:
    """Return the card of an application that misses its passport, in an account of its own."""
    items = (ChecklistItem("Passport", "Missing"), ChecklistItem("Form", "Approved"))
    missing = application.model_copy(update={"items": items})
    return Card(trigger, missing, StatusClass.OPEN, MessageStyle(), item_names=True, account=5, **values)


def posted(read: Read, posting: Any) -> list[str]:
    """Return the lines of a posting. The buttons must carry its account."""
    lines = read(posting_message(posting, lambda ts: f"https://team.slack.example/{ts}"))
    assert all(
        " 5~" in line for line in lines if line.startswith("[") and "card.more]" not in line and "http" not in line
    )
    return lines


def test_a_reply_in_the_thread_is_short(read: Read, acme: Application) -> None:
    """Its card stands above it: whose it is and what can be done is said there."""
    reply = ThreadReply(card_of(acme, assignee="U1", mention="U1"), broadcast=False)
    assert posted(read, reply) == [f"<@U1> ⏰ *Late* · {LINK}", "1 of 2 items done · *Missing:* Passport"]


def test_a_reply_that_the_channel_reads_too_stands_by_itself(read: Read, acme: Application) -> None:
    """It names recipient, assignee and what is missing, and has the buttons of a card."""
    lines = posted(read, ThreadReply(card_of(acme, assignee="U7"), broadcast=True))
    assert lines[0] == f"⏰ *Late* · {LINK} · Ana Silva"
    assert lines[1] == "1 of 2 items done · *Missing:* Passport · Assigned to <@U7>"
    assert [line.split(" ")[0].strip("[") for line in lines if line.startswith("[")] == [
        each.split(" ")[0] for each in BUTTONS
    ]


def test_a_reminder_says_what_is_missing_and_whose_it_is(read: Read, acme: Application) -> None:
    """For its assignee, who needs no second name, or for the channel."""
    own_lines = posted(read, Reminder(card_of(acme, assignee="U1", mention="U1"), 3))
    assert own_lines[:2] == [
        f"<@U1> 🔔 *Late and untouched for 3 business days* · {LINK} · Ana Silva",
        "1 of 2 items done · *Missing:* Passport",
    ]
    nobodys = posted(read, Reminder(card_of(acme), 1))
    assert nobodys[:2] == [
        f"🔔 *Late and untouched for 1 business day* · {LINK} · Ana Silva",
        "1 of 2 items done · *Missing:* Passport · Unassigned",
    ]
    assert any("Open in Clust" in line for line in nobodys)
