"""The Clust account as a table: its applications, and the changes that a user of the page can make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.core.language import _
from bot.demo.page.state import Payload
from bot.sandbox.clust.account import APPROVED, ON_HOLD, SUBMITTED, FakeAccount
from bot.sandbox.clust.stand_in import SandboxClust
from bot.sandbox.slack.block_kit.elements import Impossible

Sent = Mapping[str, Any]

_COLUMNS = ("id", "title", "status", "status_string", "status_color", "is_late", "updated_at", "created_at")
MAX_TITLE_CHARS = 255


def account_payload(account: SandboxClust) -> Payload:
    """Return every application, the newest change first, and the templates."""
    return {
        "kind": "account",
        "applications": [row(account, number) for number in reversed(account.dossiers)],
        "templates": [template.to_dict() for template in account.templates.values()],
    }


def row_changed(account: SandboxClust, number: int) -> Payload:
    """Return the event for an application that changed or was removed."""
    if number not in account.dossiers:
        return {"kind": "gone", "id": number}
    return {"kind": "application", "application": row(account, number)}


def row(account: SandboxClust, number: int) -> Payload:
    """Return an application's row, and the `changes` that it allows now."""
    dossier = account.dossiers[number]
    api_row = dossier.in_full()
    return {
        **{key: api_row.get(key) for key in _COLUMNS},
        "recipient": dossier.full_name,
        "template": dossier.template.title,
        "done": dossier.done,
        "steps": len(dossier.template.steps),
        "next_step": None if dossier.is_complete else dossier.template.steps[dossier.done],
        "changes": [name for name, (fits, _happen) in _CHANGES.items() if fits(dossier)],
    }


def do(account: SandboxClust, change: str, sent: Sent) -> Payload:
    """Make a change in the account and return the application's ID. Raises Impossible."""
    if change == "create":
        return {"id": _create(account, sent)}
    number = sent.get("id")
    if not isinstance(number, int) or number not in account.dossiers:
        raise Impossible(_("the application is gone"))
    fits, happen = _CHANGES.get(change, (lambda _dossier: False, None))
    if happen is None or not fits(account.dossiers[number]):
        raise Impossible(_("this isn't possible right now"))
    happen(account, number)
    return {"id": number}


def _create(account: SandboxClust, sent: Sent) -> int:
    """Create an application of a made-up client, with the given template and title, if any."""
    fields: dict[str, Any] = {}
    if template := sent.get("template_id"):
        if str(template) not in {str(template_id) for template_id in account.templates}:
            raise Impossible(_("this template doesn't exist"))
        fields["template_id"] = int(str(template))
    if title := str(sent.get("title") or "").strip()[:MAX_TITLE_CHARS]:
        fields["title"] = title
    return int(account.add(**fields)["id"])


Fits = Callable[[Any], bool]

_CHANGES: Mapping[str, tuple[Fits, Callable[[FakeAccount, int], object]]] = {
    "step": (lambda it: it.is_open and not it.is_complete, FakeAccount.complete_step),
    "submit": (lambda it: it.is_open, FakeAccount.submit),
    "approve": (lambda it: it.status == SUBMITTED, FakeAccount.approve),
    "late": (lambda it: it.is_open and not it.is_late, FakeAccount.make_late),
    "in_time": (lambda it: it.is_open and bool(it.is_late), FakeAccount.clear_late),
    "close": (lambda it: it.status == APPROVED, FakeAccount.close),
    "hold": (lambda it: it.is_open, FakeAccount.hold),
    "resume": (lambda it: it.status == ON_HOLD, FakeAccount.resume),
    "remove": (lambda _dossier: True, FakeAccount.remove),
}
"""Each change with the applications it fits."""
