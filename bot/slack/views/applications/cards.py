"""One application: the card of an event, its details in a modal, and the answer of `show`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.applications.actions import actions_for
from bot.core.applications.lateness import is_finished
from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import TRIGGERS, SeenEvent
from bot.core.notifications.messages import Card, Delay
from bot.core.permissions import Role
from bot.slack.views.applications.actions import compact, in_full
from bot.slack.views.building import facts, ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, Message, context, fields, message, modal, section
from bot.slack.views.building.problems import in_words

Permalink = Callable[[str], str]
"""Makes the address of a message in the same channel from its timestamp."""

REFRESHED = "The card in the channel was out of date. It shows the present state now."

MAX_HISTORY = 20
"""Events of one application that its details list, newest last."""


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """One application as it is shown to one person.

    `note` says in a sentence why this is not fresh from Clust, and is empty when it is; `seen_at` is then when the bot
    last saw it. `gone`: Clust answered that it knows it no more (rule L1). `refreshed`: the card that was
    clicked was out of date, and is not any more. `role` is that of the person: it says which buttons make sense; what
    they can do is checked again at the click (rule W1).
    """

    application: Application
    status_class: StatusClass | None
    now: datetime
    history: Sequence[SeenEvent] = ()
    seen_at: datetime | None = None
    note: str = ""
    gone: bool = False
    refreshed: bool = False
    role: Role = Role.VIEWER
    assignee: str | None = None


def event_card(card: Card, permalink: Permalink) -> Message:
    """Return the living card of an application (rules E1, V1, V2); `permalink` makes the address of a message."""
    application, trigger = card.application, TRIGGERS[card.trigger]
    over = trigger.name == "late" and is_finished(card.status_class)
    what = facts.joined(
        f"{trigger.emoji} *{'Was late' if over else trigger.title}*",
        facts.linked_title(application),
        facts.recipient_beside_title(application),
    )
    return message(
        section(f"{md.user(card.mention)}, this is yours.\n{what}" if card.mention else what),
        context(facts.state(application, card.status_class, late=card.trigger != "late")),
        _in_full(card),
        context(*notes) if (notes := _notes(card, permalink)) else None,
        _card_buttons(card),
    )


def _in_full(card: Card) -> Block | None:
    """Return the further facts of a channel with full cards or personal data; None without those switches."""
    application, contact = card.application, card.application.recipient
    labelled: list[tuple[str, str]] = []
    if card.style.full:
        labelled += [
            ("External id", md.escape(application.external_id or "", 100)),
            ("Application", md.escape(application.id, 100)),
            ("Created", md.date(application.created_at, application.created_at) if application.created_at else ""),
            ("Updated", md.date(application.updated_at, application.updated_at) if application.updated_at else ""),
        ]
    if card.style.personal_data:
        labelled += [
            ("E-mail", md.escape((contact and contact.email) or "", 100)),
            ("Phone", md.escape((contact and contact.phone) or "", 100)),
        ]
    texts = [f"*{label}:* {value}" for label, value in labelled if value]
    return fields(*texts) if texts else None


def _notes(card: Card, permalink: Permalink) -> list[str]:
    """Return the notes under a card: gone in Clust, account, assignee, former assignee, delay and the earlier card."""
    return [
        note
        for note in (
            "Gone in Clust: it does not know this application any more." if card.gone else "",
            f"In {md.escape(card.account_name, 80)}" if card.account_name else "",
            f"Taken by {md.user(card.assignee)}" if card.assignee else "",
            f"Nobody has it now: {md.user(card.had_by)} had it, and has left" if card.had_by else "",
            delayed(card.delay) if card.delay else "",
            md.link(permalink(card.follows), "Goes on from an earlier card") if card.follows else "",
        )
        if note
    ]


def delayed(delay: Delay) -> str:
    """Return when a delayed notification's event was seen, and what delayed it."""
    why = f": {in_words(delay.why)}" if delay.why else ""
    return f"Seen {md.date(delay.seen_at, delay.seen_at)}{why}"


def _card_buttons(card: Card) -> Block | None:
    """Return what can be done, by the state of the application; who may is checked at the click (rule W1)."""
    offered = actions_for(None, card.status_class, assigned=card.assignee is not None, gone=card.gone)
    return compact(card.application, offered)


def application_details(view: ApplicationView) -> Block:
    """Return the modal with everything that one person may see of an application."""
    return modal("Application", _details(view), ids.DETAILS_VIEW)


def application_answer(view: ApplicationView) -> Message:
    """Return the same as an answer to `show`, for the person alone."""
    return message(*_details(view))


def loading_view(title: str) -> Block:
    """Return the modal that opens at once and is then filled: its trigger lives three seconds."""
    return message_view(title, "One moment: asking Clust…")


def message_view(title: str, text: str) -> Block:
    """Return a modal that says one thing."""
    return modal(title, [section(md.sentence(text, 2900) or md.ELLIPSIS)], ids.DETAILS_VIEW)


def _details(view: ApplicationView) -> list[Block | None]:
    application = view.application
    page = md.web_address(application.public_url)
    return [
        section(f"*{facts.linked_title(application)}*"),
        section("\n".join(f"*{label}:* {value}" for label, value in _facts(view) if value)),
        section(md.link(page, "Client's page: whoever has this link can open it")) if page else None,
        section(_history(view)) if view.history else None,
        context(_source(view)),
        context(REFRESHED) if view.refreshed else None,
        in_full(
            application, actions_for(view.role, view.status_class, assigned=view.assignee is not None, gone=view.gone)
        ),
    ]


def _facts(view: ApplicationView) -> list[tuple[str, str]]:
    """Every fact with its label; for one person alone, so with e-mail and phone."""
    application = view.application
    contact = application.recipient
    return [
        ("Status", _status(view)),
        ("Late", _late(view)),
        ("Taken by", md.user(view.assignee) if view.assignee else ""),
        ("Progress", facts.progress(application)),
        ("Items", facts.missing(application)),
        ("Template", facts.template(application, 200)),
        ("Recipient", md.escape(facts.recipient(application), 200)),
        ("E-mail", md.escape((contact and contact.email) or "", 200)),
        ("Phone", md.escape((contact and contact.phone) or "", 100)),
        ("External id", md.escape(application.external_id or "", 200)),
        ("Application", md.escape(application.id, 200)),
        ("Created", md.date(application.created_at, view.now) if application.created_at else ""),
        ("Updated", md.date(application.updated_at, view.now) if application.updated_at else ""),
    ]


def _late(view: ApplicationView) -> str:
    """Return Clust's flag, which stays when the work is done, and whether it still counts."""
    if not view.application.is_late:
        return ""
    return "flagged by Clust, but finished" if is_finished(view.status_class) else "yes"


def _status(view: ApplicationView) -> str:
    """Return the status in Clust's words, with its class where the words don't say it."""
    words = facts.status(view.application, view.status_class, 200)
    if not words:
        return "not known yet"
    word = view.status_class.word if view.status_class else "a status the bot does not know"
    return words if words.lower() == word else f"{words} ({word})"


def _history(view: ApplicationView) -> str:
    recent = view.history[-MAX_HISTORY:]
    earlier = len(view.history) - len(recent)
    lines = [
        f"{TRIGGERS[event.trigger].emoji} {TRIGGERS[event.trigger].title} · {md.date(event.seen_at, view.now)}"
        for event in recent
    ]
    return "\n".join(["*What the bot saw*", *([f"{md.count(earlier, 'event')} earlier"] if earlier else []), *lines])


def _source(view: ApplicationView) -> str:
    """Say where this comes from and how old it is (rule L1)."""
    seen = f"As the bot last saw it{f', {md.ago(view.seen_at, view.now)}' if view.seen_at else ''}."
    if view.gone:
        return f"Gone in Clust: it does not know this application any more. {seen}"
    return f"{seen} {md.sentence(view.note, 500)}" if view.note else "Read from Clust just now."
