"""All facts of one application for one person: the Details modal, and the answer of `show`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.applications.actions import actions_for
from bot.core.applications.items import ChecklistItem, ItemState
from bot.core.applications.lateness import is_finished
from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import TRIGGERS, SeenEvent
from bot.core.language import N_, _, ngettext
from bot.core.permissions import Role
from bot.slack.views.applications.actions import in_full
from bot.slack.views.building import application_facts as facts
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, Message, context, fields, message, modal, section

REFRESHED = N_("The card in the channel was out of date. It's up to date now.")

MAX_HISTORY = 20
"""Events listed, newest last."""

MAX_FIELDS = 10
"""Fields in one section (Slack: Block Kit, section block)."""

MAX_ITEMS_LISTED = 15
"""Items listed for each state, so that 300 items fit into a message."""

MAX_ITEM_NAME = 80
"""Characters."""


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """One application as it is shown to one person.

    `note` is a sentence about why the data isn't fresh from Clust, or empty. `seen_at` is when it was last read.
    `gone`: Clust no longer has the application (rule L1). `refreshed`: the clicked card was out of date and has been
    updated. `role` is the person's, which decides about buttons. It is checked again at each click (rule W1).
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


def application_details(view: ApplicationView) -> Block:
    """Return the modal with everything that this person can see of an application."""
    return modal(_("Application"), _details(view), ids.DETAILS_VIEW)


def application_answer(view: ApplicationView) -> Message:
    """Return the same as an answer to `show`, visible to the person alone."""
    return message(*_details(view))


def loading_view(title: str) -> Block:
    """Return the modal that opens at once and is filled in later, since its trigger expires after three seconds."""
    return message_view(title, _("Reading from Clust…"))


def message_view(title: str, text: str) -> Block:
    """Return a modal with one message."""
    return modal(title, [section(md.sentence(text, 2900) or md.ELLIPSIS)], ids.DETAILS_VIEW)


def _details(view: ApplicationView) -> list[Block | None]:
    application = view.application
    page = md.web_address(application.public_url)
    pairs = [f"*{label}*\n{value}" for label, value in _facts(view) if value]
    return [
        section(f"*{facts.linked_title(application)}*"),
        *(fields(*pairs[at : at + MAX_FIELDS]) for at in range(0, len(pairs), MAX_FIELDS)),
        *(section(text) for text in _items(application.items or ())),
        section(md.link(page, _("Client page (anyone with the link can open it)"))) if page else None,
        section(_history(view)) if view.history else None,
        context(_source(view)),
        context(_(REFRESHED)) if view.refreshed else None,
        in_full(
            application, actions_for(view.role, view.status_class, assigned=view.assignee is not None, gone=view.gone)
        ),
    ]


def _facts(view: ApplicationView) -> list[tuple[str, str]]:
    """Return every fact with its label, email and phone included. Nothing is repeated."""
    application = view.application
    contact = application.recipient
    return [
        (_("Status"), _status(view)),
        (
            _("Progress"),
            "\n".join(filter(None, (facts.progress_bar(application), facts.items_done(application)))),
        ),
        *_late(view),
        (_("Assigned to"), md.user(view.assignee) if view.assignee else ""),
        (_("Recipient"), facts.recipient_beside_title(application, 200)),
        (_("Template"), facts.template_beside_title(application, 200)),
        (_("Email"), md.escape((contact and contact.email) or "", 200)),
        (_("Phone"), md.escape((contact and contact.phone) or "", 100)),
        (_("External ID"), md.escape(application.external_id or "", 200)),
        (_("Application"), f"#{md.escape(application.id, 200)}"),
        (_("Created"), md.date(application.created_at, view.now) if application.created_at else ""),
        (_("Updated"), md.date(application.updated_at, view.now) if application.updated_at else ""),
    ]


def _late(view: ApplicationView) -> Iterator[tuple[str, str]]:
    """Yield since when it is late. Clust's flag stays when the application is finished, and no longer counts then."""
    if not view.application.is_late:
        return
    since = next((event.seen_at for event in reversed(view.history) if event.trigger == "late"), None)
    if is_finished(view.status_class):
        yield _("Late"), _("Marked as late in Clust, but finished")
    elif since:
        yield _("Late since"), md.date(since, view.now)
    else:
        yield _("Late"), _("Since before I was connected")


def _status(view: ApplicationView) -> str:
    """Return Clust's status text, with its class unless the text says it."""
    words = facts.status(view.application, view.status_class, 200)
    if not words:
        return _("Not known yet")
    if view.status_class is None:
        return _("{status} (unknown status)", status=words)
    word, title = view.status_class.word, view.status_class.title.lower()
    return words if words.lower() in (word, title) else f"{words} ({title})"


def _items(items: Sequence[ChecklistItem]) -> Iterator[str]:
    """Yield the items of each state by name. Those with an unknown status come last, with that status."""
    for state in (*ItemState, None):
        of_state = [item for item in items if item.state is state]
        if of_state:
            title = _(state.value) if state else _("Other status")
            lines = [f"• {_item(item)}" for item in of_state[:MAX_ITEMS_LISTED]]
            more = len(of_state) - len(lines)
            rest = [ngettext("… and {count} more", "… and {count:,} more", more)] if more else []
            yield "\n".join([f"*{title}* ({len(of_state)})", *lines, *rest])


def _item(item: ChecklistItem) -> str:
    """Return an item's name or type, whether it is optional, and an unknown status."""
    kind = item.kind.replace("_", " ").capitalize()
    name = md.escape(item.name or kind, MAX_ITEM_NAME) or _("Unnamed item")
    status = "" if item.state else md.escape(item.label or item.status, 40)
    if item.is_mandatory is False:
        name = _("{name} (optional)", name=name)
    return facts.joined(name, status)


def _history(view: ApplicationView) -> str:
    recent = view.history[-MAX_HISTORY:]
    earlier = len(view.history) - len(recent)
    lines = [
        f"{TRIGGERS[event.trigger].emoji} {_(TRIGGERS[event.trigger].title)} · {md.date(event.seen_at, view.now)}"
        for event in recent
    ]
    before = [ngettext("{count} earlier event", "{count:,} earlier events", earlier)] if earlier else []
    title = _("History")
    return "\n".join([f"*{title}*", *before, *lines])


def _source(view: ApplicationView) -> str:
    """Return where the data comes from and how old it is (rule L1)."""
    if view.gone:
        note = _("This application is no longer in Clust.")
    elif view.note:
        note = md.sentence(view.note, 500)
    else:
        return _("Read from Clust {date}.", date=md.date(view.now, view.now))
    if view.seen_at is None:
        return _("Last known data. {note}", note=note)
    return _("Last known data, {ago}. {note}", ago=md.ago(view.seen_at, view.now), note=note)
