"""An application as a Work Object: the card of a pasted link, which a channel reads, and the pane beside it.

Slack redraws the card with the pane's answer, so both are the same entity, and it holds no more than a notification in
the channel would. A pane only adds where fields can be edited. Values are plain text, so nothing is escaped here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.core.applications.actions import actions_for
from bot.core.applications.model import Application, StatusClass
from bot.core.language import _, ngettext
from bot.core.notifications.channel_settings import MessageStyle
from bot.slack.views.applications.actions import compact
from bot.slack.views.building import application_facts as facts
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.account_tags import tagged
from bot.slack.views.building.blocks import Block, Message, context, message, section

ENTITY_TYPE = "slack#/entities/task"
"""The only type beside incidents whose status has a color (Slack: Work Objects, "Supported entity types")."""

MAX_METADATA_BYTES = 4000
"""For all entities of one message."""

MAX_PRIMARY, MAX_OVERFLOW = 2, 5
"""Actions (Slack: Work Objects, "Adding actions")."""

_COLORS: Mapping[StatusClass | None, str] = {
    StatusClass.OPEN: "blue",
    StatusClass.PENDING: "yellow",
    StatusClass.SUBMITTED: "yellow",
    StatusClass.APPROVED: "green",
    StatusClass.CLOSED: "gray",
    None: "gray",
}
_IN_MENU = ("assign", "release", "update", "why", "actions")
"""The entries of the menu, of which Slack shows five: the others are in Details."""


@dataclass(frozen=True, slots=True)
class LinkedCard:
    """An application as a channel may read it.

    `url` identifies it in Slack and stays the same. `item_names`: the channel may read the names of missing items.
    `account_name` is empty if the workspace has one account. `note` says why the data isn't fresh, or is empty.
    """

    connection_id: int
    application: Application
    status_class: StatusClass | None
    url: str
    now: datetime
    is_late: bool = False
    late_since: datetime | None = None
    assignee: str | None = None
    account_name: str = ""
    item_names: bool = False
    style: MessageStyle = field(default_factory=MessageStyle)
    note: str = ""


def entity(card: LinkedCard, app_unfurl_url: str | None = None) -> Block:
    """Return the entity. `app_unfurl_url` is the link as it was pasted. A pane doesn't have one."""
    application = card.application
    fields, custom = _task_fields(card), list(_custom_fields(card))
    return {
        **({"app_unfurl_url": app_unfurl_url} if app_unfurl_url else {}),
        "url": card.url,
        "external_ref": {"id": f"{card.connection_id}:{application.id}"},
        "entity_type": ENTITY_TYPE,
        "entity_payload": {
            "attributes": {
                "title": {"text": md.bare(facts.title(application), 150)},
                "display_id": md.bare(f"#{application.id}", 50),
                "display_type": _("Application"),
                "product_name": "Clust",
                "metadata_last_modified": int(card.now.timestamp()),
            },
            "fields": fields,
            "custom_fields": custom,
            "display_order": [*fields, *(each["key"] for each in custom)],
            "actions": _actions(card),
        },
    }


def fitting(entities: Iterable[Block]) -> list[Block]:
    """Return the first entities that fit into one message, with the others left out."""
    fit: list[Block] = []
    for each in entities:
        if len(json.dumps({"entities": [*fit, each]}, separators=(",", ":"))) > MAX_METADATA_BYTES:
            break
        fit.append(each)
    return fit


def plain_card(card: LinkedCard) -> Message:
    """Return the same as blocks, where Slack takes no entities."""
    application = card.application
    return tagged(
        message(
            section(
                facts.joined(f"*{facts.linked_title(application)}*", facts.recipient_beside_title(application, 80))
            ),
            context(facts.state(application, card.status_class)),
            compact(application, actions_for(None, card.status_class, assigned=card.assignee is not None)),
        ),
        card.connection_id,
    )


def _task_fields(card: LinkedCard) -> Block:
    words = md.tidy(card.application.status_string or "") or md.tidy(card.application.status or "")
    status = words or (card.status_class.word if card.status_class else "") or _("Not known yet")
    of_assignee = {"assignee": _user(card.assignee)} if card.assignee else {}
    return {"status": {"value": md.bare(status, 80), "tag_color": _COLORS[card.status_class]}, **of_assignee}


def _user(user_id: str) -> Block:
    return {"type": "slack#/types/user", "user": {"user_id": user_id}}


def _custom_fields(card: LinkedCard) -> Iterator[Block]:
    """Yield what a notification says too: a full one the ID, and none email, phone or the client's page."""
    application = card.application
    missing = [item for item in application.items or () if item.is_missing] if card.item_names else []
    rows = [
        ("progress", _("Progress"), facts.items_done(application)),
        ("missing", _("Missing items"), ", ".join(_names(missing))),
        ("recipient", _("Recipient"), _unless_in_title(application, facts.recipient(application))),
        ("template_id", _("Template"), application.template_name or ""),
        ("external_id", _("External ID"), (application.external_id or "") if card.style.full else ""),
        ("account", _("Account"), card.account_name),
        ("note", _("Note"), card.note),
    ]
    if card.is_late:
        yield _late(card)
    for key, label, value in rows:
        if text := md.bare(value, 300 if key in {"missing", "note"} else 100):
            yield _field(key, label, text)


def _names(items: Sequence[Any]) -> Iterator[str]:
    names = [md.bare(item.name, facts.MAX_ITEM_NAME) for item in items if md.tidy(item.name)]
    yield from names[: facts.MAX_ITEM_NAMES]
    if more := len(items) - len(names[: facts.MAX_ITEM_NAMES]):
        yield ngettext("{count} more", "{count:,} more", more)


def _unless_in_title(application: Application, name: str) -> str:
    return name if facts.recipient_beside_title(application) else ""


def _late(card: LinkedCard) -> Block:
    if card.late_since is None:
        return _field("late", _("Late"), _("Yes"))
    moment = {"type": "slack#/types/timestamp", "value": int(card.late_since.timestamp())}
    return {"key": "late", "label": _("Late since"), **moment}


def _field(key: str, label: str, value: str) -> Block:
    return {"key": key, "label": label, "type": "string", "value": value}


def _actions(card: LinkedCard) -> Block:
    """Return the actions for everyone. The role is checked at each click (rule W1)."""
    offered = {row.name: row for row in actions_for(None, card.status_class, assigned=card.assignee is not None)}
    first = "take" if "take" in offered else "assign"
    menu = [name for name in _IN_MENU if name in offered and name != first][: MAX_OVERFLOW - 1]
    return {
        "primary_actions": [_action(card, name, _(offered[name].words)) for name in (first, "details")],
        "overflow_actions": [
            *(_action(card, name, _(offered[name].words)) for name in menu),
            _button(card, _("Hide this card"), ids.HIDE_LINK, card.application.id),
        ],
    }


def _action(card: LinkedCard, name: str, words: str) -> Block:
    application_id = card.application.id
    if name == "details":
        return _button(card, words, ids.DETAILS, application_id)
    return _button(card, words, ids.variant(ids.MORE, name), ids.menu_value(name, application_id))


def _button(card: LinkedCard, words: str, action_id: str, value: str) -> Block:
    return {"text": md.bare(words, 75), "action_id": action_id, "value": f"{card.connection_id}~{value}"}
