"""A draft model becomes a modal, and a submitted state becomes plain values: each by one function (`product`, Forms).

The forms of this bot follow below, each in the states it can be in: as it opens, with what was typed and the sentences
below its fields, and where what it needs could not be fetched. What becomes of a form is in `writes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.core.forms.fields import Choice
from bot.core.forms.forms import (
    NEW_TEMPLATE,
    ConnectForm,
    ConsoleForm,
    CreateForm,
    LookUpDraft,
    PickForm,
    RoleForm,
    UpdateForm,
)
from bot.core.forms.validation import Form, asked_of, is_needed, is_shown
from bot.core.language import N_, _
from bot.core.typed_text import fold
from bot.slack.views.building import form_elements as elements
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import (
    Block,
    actions,
    button,
    context,
    modal,
    notified_on_close,
    option,
    plain,
    section,
)

VALUE_NOT_LOADED = N_("The current value isn't shown. It stays as it is unless you fill this in.")
_PICK_TITLES = {
    "show": N_("Show application"),
    "update": N_("Update application"),
    "delete": N_("Delete application"),
}
NO_MEMORY = N_("This bot has no SECRET_KEY. If it restarts while you type, what you typed is lost.")

PRESETS: Mapping[str, str] = {
    N_("Applications"): "/dossiers",
    N_("Templates"): "/templates",
    N_("Contacts"): "/contacts",
    N_("Companies"): "/companies",
    N_("Users"): "/users",
    N_("Teams"): "/teams",
    N_("Tags"): "/tags",
    N_("Portals"): "/portals",
    N_("Forms"): "/forms",
    N_("Data fields"): "/data-fields",
    N_("Uploads of an item"): "/uploads?dossier_item_id=",
}
"""What is known of the API, for the console: the path by its name."""


def form(
    model: type[Form],
    *,
    callback_id: str,
    title: str,
    submit: str = "",
    values: Mapping[str, Any] | None = None,
    mistakes: Mapping[str, str] | None = None,
    note: str = "",
    choices: Mapping[str, Sequence[Choice]] | None = None,
    hints: Mapping[str, str] | None = None,
    private_metadata: str = "",
    first: Sequence[Block | None] = (),
    fresh: str = "",
    forgetful: bool = False,
    further: bool = True,
) -> Block:
    """Return the modal that asks for a draft; the block id of a field is its name, the action id always `value`.

    `values` are what was typed or known, `mistakes` the sentences below fields that Clust refused late (rule M1; those
    about no field that is shown stand on top with `note`), `choices` the options of selects before their own, `hints`
    replace those of fields, `first` stands above the fields. Slack keeps what stands in a field when a view is updated:
    another word in `fresh` marks the block ids, so that `values` count instead. `forgetful`: the draft does not outlive
    the process. `further`: show all fields, and not a button *More options*.
    """
    values, mistakes = values or {}, mistakes or {}
    choices = choices or {}
    visible = {
        name: asked
        for name, asked in asked_of(model).items()
        if is_shown(asked, values)
        and not (asked.of_several and len(choices.get(name, ())) < 2)  # noqa: PLR2004  one is none to choose from
        and (further or not asked.further)
    }
    elsewhere = " ".join(sentence for name, sentence in mistakes.items() if name not in visible)
    warning = f"{note} {elsewhere}".strip()
    blocks: list[Block | None] = [section(f"⚠️ {md.sentence(warning, 2500)}") if warning else None, *first]
    for name, asked in visible.items():
        blocks.append(
            {
                "type": "input",
                "block_id": ids.variant(name, fresh) if fresh else name,
                "label": plain(_(asked.label), 150),
                "element": elements.element(asked, values.get(name), choices.get(name, ())),
                "optional": not is_needed(model, name),
                **_hint((hints or {}).get(name, _(asked.hint))),
                **_dispatch(model, name),
            }
        )
        blocks.append(context(f"⚠️ {md.sentence(mistakes[name], 2000)}") if name in mistakes else None)
    blocks.append(None if further else actions(button(_("More options"), ids.MORE_OPTIONS, "")))
    blocks.append(context(_(NO_MEMORY)) if forgetful else None)
    return submit_modal(title, blocks, callback_id, submit, private_metadata)


def submit_modal(
    title: str, blocks: Sequence[Block | None], callback_id: str, submit: str, private_metadata: str = ""
) -> Block:
    """Return a modal with a submit button."""
    view = modal(title, blocks, callback_id, close=_("Cancel"))
    return {**view, "submit": plain(submit or _("Save"), 24), "private_metadata": private_metadata}


def values_of(model: type[Form], entered: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was entered by block id for a model, by the fields' names; what was not shown is absent."""
    values = {ids.kind(block_id): value for block_id, value in entered.items()}
    return {name: value for name, value in values.items() if name in model.model_fields}


def errors_of(model: type[Form], entered: Iterable[str], mistakes: Mapping[str, str]) -> dict[str, str]:
    """Return mistakes by the block ids in `entered`, for `response_action: errors`; others go below the first one."""
    blocks = {ids.kind(block_id): block_id for block_id in entered if ids.kind(block_id) in model.model_fields}
    errors: dict[str, list[str]] = {}
    for name, sentence in mistakes.items():
        if block_id := blocks.get(name) or next(iter(blocks.values()), None):
            errors.setdefault(block_id, []).append(sentence)
    return {block_id: md.bare(" ".join(sentences), 2000) for block_id, sentences in errors.items()}


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
) -> Block:
    """Return the form of a new application; it asks for a new template's title where that was chosen."""
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
    """Return the form filled in: with `values` as typed, else with `start` (`changes.initial`), rule M3."""
    hints = {name: _(VALUE_NOT_LOADED) for name in asked_of(UpdateForm) if name not in start}
    shown_hints = {name: hint for name, hint in hints.items() if name not in {"auto_emails", "new_template"}}
    view = form(
        UpdateForm,
        callback_id=ids.UPDATE,
        title=_("Update application"),
        submit=_("Update"),
        values=start if values is None else values,
        mistakes=mistakes,
        note=note,
        choices={"template_id": templates},
        hints=shown_hints,
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
    """Return the form that asks for an application; `purpose` is the command's word: show, update or delete."""
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


def role_form(note: str = "") -> Block:
    """Return the form by which admins give a role, or take it back."""
    return form(RoleForm, callback_id=ids.ROLE, title=_("Give a role"), submit=_("Save"), note=note)


def connect_form(
    values: Mapping[str, Any] | None = None,
    mistakes: Mapping[str, str] | None = None,
    note: str = "",
    draft_id: str = "",
    first: Sequence[Block] = (),
) -> Block:
    """Return the form by which admins connect an account; the key is never filled in."""
    view = form(
        ConnectForm,
        callback_id=ids.CONNECT,
        title=_("Connect Clust"),
        submit=_("Connect"),
        values={"environment": "production", "meant": "named"} | dict(values or {}),
        mistakes=mistakes,
        note=note,
        private_metadata=draft_id,
        first=first,
    )
    return notified_on_close(view)


def console_form(
    draft_id: str,
    values: Mapping[str, Any] | None = None,
    mistakes: Mapping[str, str] | None = None,
    note: str = "",
    fresh: str = "",
    *,
    forgetful: bool = False,
    first: Sequence[Block] = (),
    may_write: bool = True,
) -> Block:
    """Return the console; `values` may come from a command or a preset (`preset_values`, with another `fresh`).

    Who can't write is offered GET alone.
    """
    presets = [option(_(name), path, path) for name, path in PRESETS.items()]
    select = {
        "type": "static_select",
        "action_id": ids.CONSOLE_PRESET,
        "placeholder": plain(_("Start from…"), 150),
        "options": presets,
    }
    view = form(
        ConsoleForm if may_write else LookUpDraft,
        callback_id=ids.CONSOLE,
        title=_("Clust API"),
        submit=_("Run"),
        values={"method": "GET"} | dict(values or {}) | ({} if may_write else {"method": "GET"}),
        mistakes=mistakes,
        note=note,
        private_metadata=draft_id,
        forgetful=forgetful,
        first=[*first, {"type": "actions", "block_id": ids.PRESET_BLOCK, "elements": [select]}],
        fresh=fresh,
    )
    return notified_on_close(view)


def preset_values(chosen: str, typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the console's values after a preset was chosen: its path and query as a GET, the rest as typed."""
    path, _question, query = chosen.partition("?")
    return {**typed, "method": "GET", "path": path, "query": query or None, "body": None}


def failed_view(title: str, why: str, retry: str) -> Block:
    """Return the modal of a form for which Clust could not be asked; `retry` is the button's value (rule L1)."""
    return modal(
        _(title),
        [
            section(f"⚠️ {md.sentence(why, 2500) or md.ELLIPSIS}"),
            actions(button(_("Retry"), ids.RETRY, retry, "primary")),
            context(_("Nothing was sent or changed.")),
        ],
        ids.OUTCOME_VIEW,
    )


def template_choices(templates: Sequence[tuple[str, str | None, bool | None]]) -> list[Choice]:
    """Return templates (id, title, whether it is live) as choices: live ones first, each group by its title."""
    named = [
        (live is False, md.tidy(title or "") or _("Template {number}", number=number), number)
        for number, title, live in templates
    ]
    ordered = sorted(named, key=lambda each: (each[0], fold(each[1]), each[2]))
    return [
        Choice(number, name, _("not live") if off else "") for off, name, number in ordered if number != NEW_TEMPLATE
    ]


def _hint(text: str) -> Block:
    return {"hint": plain(text, 2000)} if text else {}


def _dispatch(model: type[Form], name: str) -> Block:
    """Return `dispatch_action` where another field or the form's text depends on this one: Slack sends it at once."""
    every = asked_of(model)
    depends = any(asked.only_with and asked.only_with[0] == name for asked in every.values())
    return {"dispatch_action": True} if depends or every[name].told_at_once else {}
