"""A model becomes a modal that Slack takes, and what was entered becomes values again (`product`, Forms)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.forms.application_forms import NEW_TEMPLATE, CreateForm, UpdateForm
from bot.core.forms.console_forms import ConsoleForm
from bot.core.forms.fields import Choice, Field, Kind
from bot.core.forms.validation import Form, Mistakes, asked_of, read
from bot.core.typed_text import storable
from bot.sandbox.slack.block_kit.elements import state_values
from bot.sandbox.slack.block_kit.validation import validate_view
from bot.slack.views.applications.forms import create_form, update_form
from bot.slack.views.building import form_elements, forms, ids
from bot.slack.views.console import console_form
from tests.slack.payloads import entered

TEMPLATES = [Choice("9", "KYC company"), Choice("8", "KYC person", "Not live")]
NASTY = {
    "call to all": "<!channel>",
    "link": "<https://x|y>",
    "entities": "&lt;&amp;",
    "formats": "*b* _i_ ~s~ `c` ```",
    "right to left": "\u202egnihsif שלום",
    "family": "👩‍👩‍👧‍👦" * 30,
    "half a character": "a\ud800b",
    "nothing to see": "\u200b\u2060",
    "null": "a\x00b",
    "lines": "one\r\ntwo\rthree\u2028four",
    "spaces": " \u00a0\t ",
    "long": "x" * 5000,
    "digits": "٣٤٥",
    "json": '{"a": [1, "\\u0000"]}',
    "path": "/dossiers/../../etc\\%2e%2e",
    "header": "A: b\r\nHost: evil",
    "new template": NEW_TEMPLATE,
}


class Toy(Form):
    """A form of two lines."""

    name: Annotated[str, Field("Name", hint="As in the passport")]
    sort: Annotated[str | None, Field("Sort", Kind.SELECT, choices=(Choice("a", "A"), Choice("b", "B")))] = None


def _fields(view: Mapping[str, Any]) -> dict[str, Any]:
    """Return the input blocks by their block ids, after asserting that Slack would take the view."""
    assert validate_view(view) == []
    return {block["block_id"]: block for block in view["blocks"] if block["type"] == "input"}


def _error_under(view: Mapping[str, Any]) -> list[str]:
    """Return what stands in sections and small print, in order."""
    texts = [block["text"]["text"] for block in view["blocks"] if block["type"] == "section"]
    return texts + [
        each["text"] for block in view["blocks"] if block["type"] == "context" for each in block["elements"]
    ]


def test_one_line_in_a_model_is_one_field_of_the_form() -> None:
    """With its label, hint and element, and what is entered comes back as a draft."""
    view = forms.form(Toy, callback_id="toy", title="Toy", values={"sort": "b"}, private_metadata="d1")
    fields = _fields(view)
    assert [(name, field["label"]["text"], field["optional"]) for name, field in fields.items()] == [
        ("name", "Name", False),
        ("sort", "Sort", True),
    ]
    assert fields["name"]["hint"]["text"] == "As in the passport"
    assert {field["element"]["action_id"] for field in fields.values()} == {"value"}
    assert view["private_metadata"] == "d1"
    values = forms.values_of(Toy, entered(state_values(view["blocks"], {"name": "Ana"})))
    assert read(Toy, values) == Toy(name="Ana", sort="b")


@pytest.mark.parametrize(("count", "kind"), [(0, "static_select"), (99, "static_select"), (100, "external_select")])
def test_a_select_is_static_up_to_a_hundred_options(count: int, kind: str) -> None:
    """And looked up beyond, and what was chosen before is shown in both."""
    templates = [Choice(str(number), f"Template {number}") for number in range(count)]
    field = _fields(create_form("d1", templates, {"template_id": "new"}))["template_id"]["element"]
    assert field["type"] == kind
    assert field["initial_option"]["value"] == "new"


def test_options_of_an_external_select() -> None:
    """All words that were typed, in label or value, at most a hundred, and the choices that are always there."""
    field = asked_of(CreateForm)["template_id"]
    many = [Choice(str(number), f"KYC {number}") for number in range(300)]
    assert len(form_elements.matching_options(field, many, "")) == 100
    values = [each["value"] for each in form_elements.matching_options(field, many, "kyc 29")]
    assert values == ["29", "129", "229", *map(str, range(290, 300)), NEW_TEMPLATE]


def test_a_late_refusal_shows_what_was_typed_and_the_sentence_below_its_field() -> None:
    """Rule M1: errors under fields exist only in the acknowledgement, and what names no field stands on top."""
    refused = {"email": "Clust knows <this> already.", "contact": "Not found."}
    view = create_form("d1", TEMPLATES, {"email": "ana@acme.example"}, refused, "Clust refused.")
    assert _fields(view)["email"]["element"]["initial_value"] == "ana@acme.example"
    at = next(index for index, block in enumerate(view["blocks"]) if block.get("block_id") == "email")
    assert view["blocks"][at + 1]["elements"][0]["text"] == "⚠️ Clust knows &lt;this&gt; already."
    assert _error_under(view)[0] == "⚠️ Clust refused. Not found."


def test_mistakes_go_under_the_blocks_that_are_shown() -> None:
    """Slack takes no error for a block that is not there."""
    state = state_values(console_form("d1", fresh="2")["blocks"], {})
    assert forms.errors_of(ConsoleForm, state, {"body": "Line 1.", "other": "Odd."}) == {
        "body:2": "Line 1.",
        "path:2": "Odd.",
    }
    assert forms.errors_of(ConsoleForm, {}, {"body": "Line 1."}) == {}


def test_a_form_that_would_not_outlive_the_process_says_so() -> None:
    """Where there is no SECRET_KEY."""
    assert _error_under(create_form("d1", TEMPLATES, forgetful=True))[-1] == forms.NO_MEMORY
    assert _error_under(update_form("d1", TEMPLATES, {}, forgetful=True)) == [forms.NO_MEMORY]
    assert _error_under(console_form("d1")) == []


def test_a_failure_to_fetch_has_retry() -> None:
    """And says that nothing happened."""
    view = forms.failed_view("Update application", "Clust couldn't be reached.", "d1")
    assert validate_view(view) == []
    assert _error_under(view) == ["⚠️ Clust couldn't be reached.", "Nothing was sent or changed."]
    assert view["blocks"][1]["elements"][0]["action_id"] == ids.RETRY


texts = st.sampled_from(sorted(NASTY.values())) | st.text(max_size=300)


@given(st.sampled_from([CreateForm, UpdateForm, ConsoleForm]), texts, st.sampled_from(list(asked_of(UpdateForm))))
@settings(deadline=None)
def test_any_text_in_any_field_comes_back_or_is_a_sentence(model: type[Form], text: str, mistaken: str) -> None:
    """Form, state, values, and the form again with what was typed: never anything but a draft or mistakes."""
    typed = dict.fromkeys(model.model_fields, text)
    view = forms.form(model, callback_id="x", title="x", values=typed, mistakes={mistaken: text}, note=text)
    _fields(view)
    values = forms.values_of(model, entered(state_values(view["blocks"], {})))
    for name, field in asked_of(model).items():
        if field.kind not in {Kind.SELECT, Kind.SEVERAL, Kind.CHOICE} and name in values:
            assert values[name] == (storable(text[:3000]) if text[:3000].strip() else None)
    try:
        read(model, values)
    except Mistakes as mistakes:
        errors = forms.errors_of(model, state_values(view["blocks"], {}), mistakes.fields)
        assert set(errors) <= set(values)
        assert all(errors.values())
        _fields(forms.form(model, callback_id="x", title="x", values=values, mistakes=mistakes.fields))


@given(texts, texts)
@settings(deadline=None)
def test_any_text_in_a_choice_makes_a_valid_select(value: str, label: str) -> None:
    """Titles of templates are Clust's, and ids could be anything."""
    _fields(create_form("d1", [Choice(value, label), Choice(value, label, label)], {"template_id": value}))
    assert validate_view(forms.failed_view(label, value, "d1")) == []
