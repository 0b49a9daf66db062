"""Fields of a form as they are edited in the pane of a Work Object (Slack: Work Objects, "The `edit` property").

A pane shares its values with the card that a channel reads. So it edits only what a notification may show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.core.forms.application_forms import UpdateForm
from bot.core.forms.fields import Choice, Field, Kind
from bot.core.forms.validation import asked_of
from bot.core.language import _
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, plain
from bot.slack.views.building.form_elements import MAX_OPTIONS, options

IN_PANE = ("title", "template_id", "external_id")
"""The fields of an update that a card may show. The others are changed in the Update window."""


def editable(drawn: Block, values: Mapping[str, Any], templates: Sequence[Choice], *, full: bool) -> Block:
    """Return an entity whose fields can be edited. `values` are Clust's, by the names of our fields.

    `full`: the channel reads external IDs. A title that Slack shows cut, or that isn't the application's own, would be
    saved as it is shown, so it is left to the Update window. A right-to-left one is edited without its isolates.
    """
    payload, fields = drawn["entity_payload"], asked_of(UpdateForm)
    title = payload["attributes"]["title"]
    if (own := title["text"].strip(md.ISOLATES)) == values.get("title"):
        title = {"text": own, "edit": {**_edit(fields["title"]), "optional": False}}
    shown_before = {each["key"]: each for each in payload["custom_fields"]}
    for name in ("template_id", *(["external_id"] if full else [])):
        value = values.get(name)
        row = shown_before.get(name) or {"key": name, "label": _(fields[name].label), "type": "string"}
        shown_before[name] = {**row, "edit": _edit(fields[name], value, templates)}
    custom = list(shown_before.values())
    attributes = {**payload["attributes"], "title": title}
    order = [*payload["fields"], *(each["key"] for each in custom)]
    return {
        **drawn,
        "entity_payload": {**payload, "attributes": attributes, "custom_fields": custom, "display_order": order},
    }


def _edit(field: Field, value: Any = None, choices: Sequence[Choice] = ()) -> Block:
    hint = {"hint": plain(_(field.hint), 2000)} if field.hint else {}
    if field.kind is not Kind.SELECT:
        return {"enabled": True, "optional": True, "text": {"max_length": field.max_length}, **hint}
    present = {"current_value": str(value)} if value else {}
    offered = options(choices)[:MAX_OPTIONS]
    return {"enabled": bool(offered), "optional": True, "select": {**present, "static_options": offered}, **hint}
