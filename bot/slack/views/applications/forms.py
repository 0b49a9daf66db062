"""The forms that create, update, choose and delete an application, in each state they can be in (rules M1, M3, M4).

What becomes of a submitted form is in `form_outcomes`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.core.applications.model import Application
from bot.core.forms.application_forms import NEW_TEMPLATE, CreateForm, PickForm, UpdateForm
from bot.core.forms.fields import Choice
from bot.core.forms.validation import asked_of
from bot.core.language import N_, _
from bot.core.typed_text import fold
from bot.slack.views.applications.form_outcomes import details_line
from bot.slack.views.building import application_facts as facts
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, context, notified_on_close, section
from bot.slack.views.building.forms import form, submit_modal

VALUE_NOT_LOADED = N_("The current value isn't shown. It stays as it is unless you fill this in.")
_PICK_TITLES = {
    "show": N_("Show application"),
    "update": N_("Update application"),
    "delete": N_("Delete application"),
    "do": N_("More actions"),
}


def create_form(
    draft_id: str,
    templates: Sequence[Choice],
    values: Mapping[str, Any] | None = None,
    mistakes: Mapping[str, str] | None = None,
    note: str = "",
    *,
    accounts: Sequence[Choice] = (),
    forgetful: bool = False,
    first: Sequence[Block] = (),
    has_webhook: bool = False,
) -> Block:
    """Return the form for a new application. It asks for a title if a new template is chosen.

    `has_webhook`: Clust can call the bot, so *Send webhooks to this bot* is offered.
    """
    view = form(
        CreateForm,
        callback_id=ids.CREATE,
        title=_("New application"),
        submit=_("Create"),
        values=values,
        mistakes=mistakes,
        note=note,
        choices={"template_id": templates, "connection": accounts},
        private_metadata=draft_id,
        forgetful=forgetful,
        first=first,
        without=() if has_webhook else ("webhook_to_bot",),
    )
    return notified_on_close(view)


def update_form(
    draft_id: str,
    templates: Sequence[Choice],
    start: Mapping[str, Any],
    values: Mapping[str, Any] | None = None,
    mistakes: Mapping[str, str] | None = None,
    note: str = "",
    *,
    forgetful: bool = False,
    first: Sequence[Block] = (),
) -> Block:
    """Return the form to update an application, filled in with `values` if any, else with `start` (rule M3)."""
    hints = {name: _(VALUE_NOT_LOADED) for name in asked_of(UpdateForm) if name not in start}
    visible_hints = {name: hint for name, hint in hints.items() if name not in {"auto_emails", "new_template"}}
    view = form(
        UpdateForm,
        callback_id=ids.UPDATE,
        title=_("Update application"),
        submit=_("Update"),
        values=start if values is None else values,
        mistakes=mistakes,
        note=note,
        choices={"template_id": templates},
        hints=visible_hints,
        private_metadata=draft_id,
        forgetful=forgetful,
        first=first,
    )
    return notified_on_close(view)


def pick_form(
    purpose: str,
    private_metadata: str,
    note: str = "",
    values: Mapping[str, Any] | None = None,
    accounts: Sequence[Choice] = (),
) -> Block:
    """Return the form that asks for an application. `purpose` is the command: show, update, delete or do."""
    return form(
        PickForm,
        callback_id=ids.PICK,
        title=_(_PICK_TITLES[purpose]),
        submit=_("Continue"),
        values=values,
        note=note,
        choices={"connection": accounts},
        private_metadata=private_metadata,
    )


def template_choices(templates: Sequence[tuple[str, str | None, bool | None]]) -> list[Choice]:
    """Return templates (ID, title, whether live) as choices: live ones first, then by title."""
    named = [
        (live is False, md.tidy(title or "") or _("Template {number}", number=number), number)
        for number, title, live in templates
    ]
    ordered = sorted(named, key=lambda each: (each[0], fold(each[1]), each[2]))
    return [
        Choice(number, name, _("Not live") if off else "") for off, name, number in ordered if number != NEW_TEMPLATE
    ]


def delete_form(draft_id: str, application: Application, note: str = "") -> Block:
    """Return the confirmation before a deletion, with title and recipient (rule M4)."""
    recipient = md.escape(facts.recipient(application), 150) or _("Unknown")
    return submit_modal(
        _("Delete application"),
        [
            section(
                _(
                    "Delete *{title}*?\n*Recipient:* {recipient}",
                    title=facts.linked_title(application),
                    recipient=recipient,
                )
            ),
            details_line(application),
            context(note) if note else None,
            context(
                _("This deletes it in Clust for everyone, with everything the client sent. You can't undo this here.")
            ),
        ],
        ids.DELETE,
        _("Delete"),
        draft_id,
    )
