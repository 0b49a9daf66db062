"""The card of an application in a channel. It begins with the latest event."""

from __future__ import annotations

from collections.abc import Callable

from bot.core.applications.actions import actions_for
from bot.core.applications.lateness import is_finished
from bot.core.applications.triggers import TRIGGERS
from bot.core.language import _
from bot.core.notifications.messages import Card, Delay
from bot.slack.views.applications.actions import compact
from bot.slack.views.building import application_facts as facts
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, Message, context, fields, message, section
from bot.slack.views.building.delivery_reasons import in_words

ChannelPermalink = Callable[[str], str]
"""Returns the URL of a message in the same channel from its timestamp."""


def event_card(card: Card, permalink: ChannelPermalink) -> Message:
    """Return the living card of an application (rules E1, V1, V2). `permalink` returns the URL of a message.

    The first line says what happened to which application, the second its progress and what is missing.
    """
    return message(
        section("\n".join(filter(None, (_for_assignee(card), _headline(card), progress_line(card))))),
        context(small_print) if (small_print := _small_print(card)) else None,
        _in_full(card),
        context(*notes) if (notes := _notes(card, permalink)) else None,
        card_buttons(card),
    )


def _for_assignee(card: Card) -> str:
    """Return the line that mentions the assignee. Empty without a mention."""
    return _("{user}, this is assigned to you.", user=md.user(card.mention)) if card.mention else ""


def beside_title(card: Card) -> str:
    """Return the recipient, unless the title names them."""
    return facts.recipient_beside_title(card.application)


def progress_line(card: Card) -> str:
    """Return progress, missing items by name, since when it is late, and the assignee."""
    since = facts.late_since(card.late_since) if card.is_late else ""
    return facts.joined(missing_line(card), since, _assigned(card))


def missing_line(card: Card) -> str:
    """Return progress and missing items by name."""
    return facts.joined(facts.items_done(card.application), facts.missing_names(card.missing_items))


def _headline(card: Card) -> str:
    trigger = TRIGGERS[card.trigger]
    is_over = trigger.name == "late" and is_finished(card.status_class)
    event = _("Was late") if is_over else _(trigger.title)
    return facts.joined(f"{trigger.emoji} *{event}*", facts.linked_title(card.application), beside_title(card))


def _assigned(card: Card) -> str:
    if card.assignee:
        # A person who is mentioned in the first line needs no second mention.
        return "" if card.assignee == card.mention else _("Assigned to {user}", user=md.user(card.assignee))
    if card.had_by:
        return _("Unassigned because {user} left the workspace", user=md.user(card.had_by))
    return _("Unassigned") if TRIGGERS[card.trigger].names_missing else ""


def _small_print(card: Card) -> str:
    """Return lateness if the first line lacks it, the template, and the status unless it is the event."""
    status = facts.status(card.application, card.status_class)
    return facts.joined(
        _("⏰ late") if card.is_late and card.trigger != "late" else "",
        facts.template_beside_title(card.application),
        "" if status.casefold() == TRIGGERS[card.trigger].title.casefold() else status,
    )


def _in_full(card: Card) -> Block | None:
    """Return the additional facts for channels with full cards or personal data. None without those settings."""
    application, contact = card.application, card.application.recipient
    labeled: list[tuple[str, str]] = []
    if card.style.full:
        labeled += [
            (_("External ID"), md.escape(application.external_id or "", 100)),
            (_("Application"), md.escape(application.id, 100)),
            (_("Created"), md.date(application.created_at, application.created_at) if application.created_at else ""),
            (_("Updated"), md.date(application.updated_at, application.updated_at) if application.updated_at else ""),
        ]
    if card.style.personal_data:
        labeled += [
            (_("Email"), md.escape((contact and contact.email) or "", 100)),
            (_("Phone"), md.escape((contact and contact.phone) or "", 100)),
        ]
    texts = [_("*{label}:* {value}", label=label, value=value) for label, value in labeled if value]
    return fields(*texts) if texts else None


def _notes(card: Card, permalink: ChannelPermalink) -> list[str]:
    """Return the notes below a card: gone from Clust, its account, its delay, the earlier card."""
    return [
        note
        for note in (
            _("This application is no longer in Clust.") if card.gone else "",
            _("Account: {name}", name=md.escape(card.account_name, 80)) if card.account_name else "",
            delayed(card.delay) if card.delay else "",
            md.link(permalink(card.follows), _("Continued from an earlier card")) if card.follows else "",
        )
        if note
    ]


def delayed(delay: Delay) -> str:
    """Return when a late notification's event was detected, and why it is late."""
    date = md.date(delay.seen_at, delay.seen_at)
    if delay.why:
        return _("Seen {date}. Posted late: {why}", date=date, why=in_words(delay.why))
    return _("Seen {date}", date=date)


def card_buttons(card: Card) -> Block | None:
    """Return the actions for the application's state. The role is checked at the click (rule W1)."""
    offered = actions_for(None, card.status_class, assigned=card.assignee is not None, gone=card.gone)
    return compact(card.application, offered, pinned=() if card.gone else card.pinned)
