"""Saved actions as admins manage them: the list, the form, the preview of a request, and what was changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.core.applications.model import Application
from bot.core.forms.console_request import ConsoleCall
from bot.core.language import N_, _, ngettext, one_of
from bot.core.permissions import Role
from bot.core.saved_actions.placeholders import BRACE, Placeholder, in_words
from bot.core.saved_actions.saved_action import ActionState, SavedAction, StoredAction
from bot.core.saved_actions.saving_form import ImportActionsForm, SaveActionForm
from bot.slack.views.building import application_facts as facts
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import (
    Block,
    Message,
    actions,
    button,
    context,
    message,
    modal,
    notified_on_close,
    option,
    overflow,
    section,
)
from bot.slack.views.building.forms import form, submit_modal
from bot.slack.views.console import exact_request

TITLE = N_("Actions")

CHANGE, REMOVE, CONFIRM, NEW, LIST = "change", "remove", "confirm", "new", "list"
EXPORT, IMPORT = "export", "import"
"""What a button does: the first word of its value. The action's key follows it."""

_FOR = {
    Role.VIEWER: N_("For everyone"),
    Role.EDITOR: N_("For editors and admins"),
    Role.ADMIN: N_("Only for admins"),
}
_STATES = {
    ActionState.UNTRIED: N_("⚠️ Imported but not tried yet. An admin has to try it first."),
    ActionState.RESTING: N_("⏸️ Paused, because the address of this Clust account has changed."),
}


def key_of(stored: StoredAction) -> str:
    """Return what names an action, as it is now, in a button."""
    return f"{stored.id}.{stored.revision}"


def action_list(stored: Sequence[StoredAction], account: str, role: Role) -> Block:
    """Return the window that lists the actions of an account, for admins with what can be done with each."""
    is_admin = role is Role.ADMIN
    head = (
        _(
            "Actions of the Clust account *{name}*. Use them on cards, or with `/clust do`.",
            name=md.escape(account, 80),
        )
        if stored
        else _("No actions are saved for the Clust account *{name}* yet.", name=md.escape(account, 80))
    )
    new = actions(
        button(_("New action"), ids.ACTION_MANAGE, NEW, "primary"),
        button(_("Import…"), ids.variant(ids.ACTION_MANAGE, IMPORT), IMPORT),
        button(_("Export"), ids.variant(ids.ACTION_MANAGE, EXPORT), EXPORT) if stored else None,
    )
    rows = [section(_row(each), _menu(each) if is_admin else None) for each in stored]
    return modal(_(TITLE), [section(head), new if is_admin else None, *rows], ids.OUTCOME_VIEW)


def save_form(
    draft_id: str,
    values: Mapping[str, Any] | None = None,
    mistakes: Mapping[str, str] | None = None,
    note: str = "",
    *,
    forgetful: bool = False,
) -> Block:
    """Return the form of an action."""
    view = form(
        SaveActionForm,
        callback_id=ids.ACTION_SAVE,
        title=_("Save an action"),
        submit=_("Preview"),
        values={"method": "POST", "role": "editor", "asks": "1", "pinned": "0"} | dict(values or {}),
        mistakes=mistakes,
        note=note,
        hints={
            "path": _("Placeholders: {names}. To use a brace as text, write {two}.", names=in_words(), two=BRACE),
            "body": _(
                "JSON, with placeholders in its strings. A string that is only {number} becomes a number.",
                number=str(Placeholder("id", is_number=True)),
            ),
        },
        private_metadata=draft_id,
        forgetful=forgetful,
    )
    return notified_on_close(view)


def preview(draft_id: str, action: SavedAction, application: Application, call: ConsoleCall) -> Block:
    """Return the question before an action is saved: what it would send for one application."""
    blocks = [
        section(
            _(
                "This is what *{name}* would send for {title}. Nothing is sent now.",
                name=md.escape(action.name, 100),
                title=facts.linked_title(application),
            )
        ),
        *exact_request(call)[1:],
        context(_("The values that people enter are examples here.")) if action.request.asks else None,
    ]
    return notified_on_close(submit_modal(_("Save an action"), blocks, ids.ACTION_KEEP, _("Save"), draft_id))


def saved(stored: StoredAction, application: Application) -> Message:
    """Confirm that an action is saved, and offer to try it for real."""
    name = md.escape(stored.action.name, 100)
    return message(
        section(_("✅ Saved *{name}*.", name=name)),
        context(
            _(
                "To see whether it works, try it on {title}. This makes a real call to Clust.",
                title=facts.linked_title(application),
            )
        ),
        actions(
            button(_("Try it…"), ids.ACTION, f"{stored.id} {application.id}"),
            button(_("All actions"), ids.ACTION_MANAGE, LIST),
        ),
    )


def remove_form(stored: StoredAction) -> Block:
    """Return the question before an action is removed."""
    text = _("Remove *{name}*? It disappears from cards, lists and windows.", name=md.escape(stored.action.name, 100))
    return submit_modal(_("Remove action"), [section(text)], ids.ACTION_REMOVE, _("Remove"), key_of(stored))


def removed(name: str) -> Message:
    """Confirm that an action is removed."""
    return message(
        section(_("✅ Removed *{name}*.", name=md.escape(name, 100))),
        actions(button(_("All actions"), ids.ACTION_MANAGE, LIST)),
    )


def import_form(draft_id: str, note: str = "") -> Block:
    """Return the form that asks for the text of an export."""
    return form(
        ImportActionsForm,
        callback_id=ids.ACTION_IMPORT,
        title=_("Import actions"),
        submit=_("Continue"),
        note=note,
        private_metadata=draft_id,
    )


def import_preview(draft_id: str, listed: Sequence[SavedAction]) -> Block:
    """Return the question before actions are imported: every call."""
    head = ngettext(
        "Import this action? An admin has to try it before others can use it.",
        "Import these {count:,} actions? An admin has to try each before others can use it.",
        len(listed),
    )
    calls = [_call(each) for each in listed]
    return submit_modal(_("Import actions"), [section(head), *calls], ids.ACTION_IMPORT_CONFIRM, _("Import"), draft_id)


def import_done(count: int) -> Message:
    """Confirm an import."""
    words = ngettext(
        "✅ Imported {count} action. An admin has to try it before others can use it.",
        "✅ Imported {count:,} actions. An admin has to try each before others can use it.",
        count,
    )
    return message(section(words), actions(button(_("All actions"), ids.ACTION_MANAGE, LIST)))


def export_done(*, is_sent: bool) -> Message:
    """Say where an export is."""
    words = (
        _("✅ The export is a file in your direct messages with Clust.")
        if is_sent
        else _("Slack didn't accept the file. Try again in a moment.")
    )
    return message(section(words), actions(button(_("All actions"), ids.ACTION_MANAGE, LIST)))


def _call(action: SavedAction) -> Block:
    return section(f"*{md.escape(action.name, 100)}*\n{md.code_block(action.request.as_text(), 2500)}")


def _row(stored: StoredAction) -> str:
    action = stored.action
    classes = one_of([each.title for each in sorted(action.classes)])
    about = facts.joined(
        _(_FOR[action.role]),
        classes,
        _("asks first") if action.asks_first else _("doesn't ask first"),
        _("button on cards") if action.is_pinned else "",
    )
    call = md.code(f"{action.request.method} {action.request.path}", 300)
    note = _(_STATES[stored.state]) if stored.state in _STATES else ""
    return "\n".join(filter(None, (f"*{md.escape(action.name, 100)}* · {call}", about, note)))


def _menu(stored: StoredAction) -> Block:
    key = key_of(stored)
    confirming = stored.state is ActionState.RESTING
    return overflow(
        ids.variant(ids.ACTION_MANAGE, str(stored.id)),
        [
            option(_("Change…"), f"{CHANGE} {key}"),
            option(_("Remove…"), f"{REMOVE} {key}"),
            *([option(_("Use with the new address"), f"{CONFIRM} {key}")] if confirming else []),
        ],
    )
