"""Turn a form's model into a modal, and a submitted state into plain values.

`form` draws every form of the bot. The forms themselves are in the modules of their subjects.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from bot.core.forms.fields import Choice
from bot.core.forms.validation import Form, asked_of, is_needed, is_shown
from bot.core.language import N_, _
from bot.slack.views.building import form_elements as elements
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, actions, button, context, modal, plain, section

NO_MEMORY = N_("No SECRET_KEY is set. If I restart while you're typing, you'll lose what you typed.")


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
    without: Collection[str] = (),
) -> Block:
    """Return the modal for a model. The block ID of a field is its name, its action ID always `value`.

    `values` are the present values, and `mistakes` the errors below fields that Clust refused late (rule M1). Errors
    without a visible field are at the top, with `note`. `choices` are options of selects before their own, `hints`
    replace those of fields, and `first` comes above the fields. Slack keeps what a field contains when a view is
    updated, so another `fresh` changes the block IDs and `values` count instead. `forgetful`: the draft doesn't outlive
    the process. `further`: show all fields instead of *More options*. Fields in `without` are left out.
    """
    values, mistakes = values or {}, mistakes or {}
    choices = choices or {}
    visible = {
        name: field
        for name, field in asked_of(model).items()
        if is_shown(field, values)
        and not (field.of_several and len(choices.get(name, ())) < 2)  # noqa: PLR2004  one is not a choice
        and (further or not field.further)
        and name not in without
    }
    elsewhere = " ".join(sentence for name, sentence in mistakes.items() if name not in visible)
    warning = f"{note} {elsewhere}".strip()
    blocks: list[Block | None] = [section(f"⚠️ {md.sentence(warning, 2500)}") if warning else None, *first]
    for name, field in visible.items():
        element = elements.element(field, values.get(name), choices.get(name, ()))
        # "Optional" below what is chosen already would say that it can be left empty, and Slack has no way to do so.
        is_chosen = "initial_option" in element and model.model_fields[name].default is not None
        blocks.append(
            {
                "type": "input",
                "block_id": ids.variant(name, fresh) if fresh else name,
                "label": plain(_(field.label), 150),
                "element": element,
                "optional": not (is_needed(model, name) or is_chosen),
                **_hint((hints or {}).get(name, _(field.hint))),
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
    """Return what was entered by block ID, by the model's field names. Hidden fields are absent."""
    values = {ids.kind(block_id): value for block_id, value in entered.items()}
    return {name: value for name, value in values.items() if name in model.model_fields}


def errors_of(model: type[Form], entered: Iterable[str], mistakes: Mapping[str, str]) -> dict[str, str]:
    """Return errors by the block IDs in `entered`, for `response_action: errors`. Others go below the first field."""
    blocks = {ids.kind(block_id): block_id for block_id in entered if ids.kind(block_id) in model.model_fields}
    errors: dict[str, list[str]] = {}
    for name, sentence in mistakes.items():
        if block_id := blocks.get(name) or next(iter(blocks.values()), None):
            errors.setdefault(block_id, []).append(sentence)
    return {block_id: md.bare(" ".join(sentences), 2000) for block_id, sentences in errors.items()}


def failed_view(title: str, why: str, retry: str) -> Block:
    """Return the modal if Clust couldn't be asked for a form. `retry` is the draft that it begins with (rule L1)."""
    return modal(
        _(title),
        [
            section(f"⚠️ {md.sentence(why, 2500) or md.ELLIPSIS}"),
            actions(button(_("Try again"), ids.RETRY, retry, "primary")),
            context(_("Nothing was sent or changed.")),
        ],
        ids.OUTCOME_VIEW,
    )


def _hint(text: str) -> Block:
    return {"hint": plain(text, 2000)} if text else {}


def _dispatch(model: type[Form], name: str) -> Block:
    """Return `dispatch_action` if other fields or texts of the form depend on this one."""
    every = asked_of(model)
    depends = any(field.only_with and field.only_with[0] == name for field in every.values())
    return {"dispatch_action": True} if depends or every[name].dispatches else {}
