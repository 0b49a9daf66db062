"""A dictionary of nasty strings through every field of every form (issue 7, Hostile input)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import strategies as st

from bot.clust import application_fields
from bot.core.forms import admin_forms, application_forms, console_forms, subscription_forms
from bot.core.forms.application_forms import UpdateForm, filled
from bot.core.forms.validation import Form, Mistakes, read
from bot.sandbox.slack.block_kit.validation import validate_view
from bot.slack.views.building import ids
from bot.slack.views.building.forms import errors_of, form
from tests.hostile.conftest import Attacker, for_all
from tests.hostile.test_requests import ANSWERED, interactive, opened
from tests.hostile_values import STRINGS, URLS, everything, replaced

MODELS = [
    model
    for module in (application_forms, subscription_forms, admin_forms, console_forms)
    for model in vars(module).values()
    if isinstance(model, type) and issubclass(model, Form) and model.__module__ == module.__name__
]

FIELDS = [(model, name) for model in MODELS for name in model.model_fields]

NEEDED: dict[str, Any] = {
    "template_id": "1", "first_name": "Ana", "last_name": "Silva", "email": "ana@example.com", "application": "1",
    "channel": "C1", "role": "viewer", "name": "emea", "api_key": "k", "path": "/dossiers",
}  # fmt: skip


@pytest.mark.parametrize(("model", "name"), FIELDS, ids=lambda one: str(one)[-40:])
def test_any_value_of_any_field_is_read_or_refused(model: type[Form], name: str) -> None:
    """Whatever stands in a field becomes a value that can be sent, or a sentence below a field. The form shows both."""
    state = {field: {ids.VALUE: {"value": ""}} for field in model.model_fields}
    for number, value in enumerate(everything(), FIELDS.index((model, name))):
        typed = {**NEEDED, name: value}
        mistakes: dict[str, str] = {}
        try:
            draft = read(model, typed)
        except Mistakes as error:
            mistakes = error.fields
            assert set(mistakes) <= model.model_fields.keys()
            assert all(0 < len(sentence) <= 2000 for sentence in errors_of(model, state, mistakes).values())
        else:
            if isinstance(draft, UpdateForm):
                sent = application_fields.create(filled(draft))
                json.dumps(sent.body, allow_nan=False, ensure_ascii=False).encode()
        if isinstance(value, str) and number % 3 == 0:  # by turns: each string in the forms of a third of the fields
            again = form(model, callback_id="x", title="Again", values=typed, mistakes=mistakes)
            assert validate_view(again) == [], (value[:50], validate_view(again))


@pytest.mark.parametrize("command", ["create", "update 1", "subscribe", "api", "connect"])
async def test_any_string_in_any_field_of_an_open_form(attacker: Attacker, command: str) -> None:
    """The running bot takes each form with anything in one of its fields. The rest is as it should be."""
    view = await opened(attacker.bot, command, "adrien")
    user = {"id": view.user, "team_id": attacker.bot.slack.workspace.team.id}
    fields = [block["block_id"] for block in view.blocks if "element" in block]
    right = {each: {ids.VALUE: {"value": NEEDED.get(ids.kind(each))}} for each in fields}

    async def check(typed: tuple[str, str]) -> None:
        field, string = typed
        payload = {"type": "view_submission", "user": user, "view": view.to_dict()}
        values = {**right, field: {ids.VALUE: {"value": string}}}
        await attacker.send(interactive(replaced(payload, ("view", "state"), {"values": values})))

    await for_all(st.tuples(st.sampled_from(fields), st.sampled_from((*STRINGS, *URLS))), check, share=0.5)
    assert await attacker.send(interactive({})) in ANSWERED
