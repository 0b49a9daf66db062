"""The API console: its form, and responses, which Slack always accepts and which say if they were cut."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from bot.core.forms.console_forms import ConsoleForm
from bot.core.forms.console_request import ConsoleCall, pretty
from bot.sandbox.slack.block_kit.elements import state_values
from bot.sandbox.slack.block_kit.validation import validate_view
from bot.slack.views import console
from bot.slack.views.building import forms
from bot.slack.views.console import MAX_BODY, CallAnswer
from tests.slack.payloads import entered

Read = Callable[[Any], list[str]]


def given(text: str, *, status: int = 200, truncated: bool = False) -> CallAnswer:
    """Return a response with this body."""
    return CallAnswer("GET", "/dossiers", status, 0.1234, text[:MAX_BODY], len(text), truncated)


def test_an_answer_says_what_was_asked_and_what_came(read: Read) -> None:
    """It shows method, path, status, time and the formatted body, with *Share here*."""
    body = pretty(json.dumps({"data": []}).encode())
    assert read(console.answered(given(body), "d1")) == [
        "`GET /dossiers` · *200 OK* · 0.12 s",
        "```",
        "{",
        '  "data": []',
        "}",
        "```",
        "[Share here? api.share d1]",
    ]


def test_a_shared_answer_names_who_shared_it(read: Read) -> None:
    """In a channel it names the person who shared it and has no button."""
    assert read(console.shared_answer(given("{}"), "U1")) == [
        "`GET /dossiers` · *200 OK* · 0.12 s",
        "```",
        "{}",
        "```",
        "  Shared by <@U1>",
    ]


@pytest.mark.parametrize(
    ("status", "expected"),
    [(401, "Check it"), (403, "isn't allowed"), (429, "too many requests"), (599, "*599*")],
)
def test_a_status_that_means_the_bot_is_put_in_words(read: Read, status: int, expected: str) -> None:
    """A refused token, a missing permission and a rate limit are explained. An unknown status is a number."""
    assert expected in "\n".join(read(console.answered(given("{}", status=status))))


def test_an_empty_response_is_called_empty(read: Read) -> None:
    """A response without a body says that it is empty."""
    assert read(console.answered(given(""), None))[1:] == ["  Clust's response has no body."]


@pytest.mark.parametrize(
    "text",
    ["x" * 4000, "a\n" * 4000, "&" * MAX_BODY, "`<@U1>` & <!channel>\n" * 100, "\u202e\u05d0" * 1250, "\n" * 4000],
)
def test_what_is_cut_is_said_to_be(read: Read, text: str) -> None:
    """Whatever the body is, Slack accepts the message. If it was cut, the message says so."""
    answer = given(text, truncated=True)
    for surface in (console.answered(answer, "d1", filed=True), console.shared_answer(answer, "U1")):
        lines = "\n".join(read(surface))
        assert "The response was larger than 1 MB" in lines
        assert "<@U1>`" not in lines
        assert ("Only the beginning is shown" in lines) is not answer.fits
    assert "file in your direct messages" in "\n".join(read(console.answered(answer, "d1", filed=True)))


def test_a_console_that_runs_says_so(read: Read) -> None:
    """M1: during a slow call the view says that it is running and can be closed."""
    assert read(console.running_view())[0] == "*Running…*"


def test_m5_the_console_shows_exactly_what_it_will_send() -> None:
    """Character by character, also those that no one could see."""
    body = '{"a": "<b> *c* `d` &amp; \u202e"}'
    call = ConsoleCall("POST", "/tags", (("a", "b"),), (("Accept", "x"), ("X-Y", "z")), body)
    view = console.confirm_call("d1", call)
    assert validate_view(view) == []
    exact = [block["elements"][0]["elements"][0]["text"] for block in view["blocks"] if block["type"] == "rich_text"]
    assert exact == [
        "POST /tags?a=b",
        "Accept: x\nX-Y: z",
        '{"a": "<b> *c* `d` &amp; \\u202e"}',
    ]
    assert view["submit"]["text"] == "Send POST"
    assert validate_view(console.confirm_call("d1", ConsoleCall("DELETE", "/tags/1"))) == []


def _fields(view: Mapping[str, Any]) -> dict[str, Any]:
    """Return the input blocks by their block ids, after asserting that Slack would take the view."""
    assert validate_view(view) == []
    return {block["block_id"]: block for block in view["blocks"] if block["type"] == "input"}


def test_a_preset_fills_the_console() -> None:
    """A preset fills in the form under new block IDs, since Slack keeps what a field with the same ID contains."""
    values = console.preset_values("/uploads?dossier_item_id=", {"path": "/x", "headers": "A: b", "method": "PUT"})
    view = console.console_form("d1", values, fresh="2")
    fields = _fields(view)
    assert list(fields) == ["path:2", "method:2", "headers:2", "query:2", "body:2"]
    assert forms.values_of(ConsoleForm, entered(state_values(view["blocks"], {}))) == {
        "path": "/uploads",
        "method": "GET",
        "headers": "A: b",
        "query": "dossier_item_id=",
        "body": None,
    }
    presets = next(block["elements"][0] for block in view["blocks"] if block["type"] == "actions")
    assert [each["text"]["text"] for each in presets["options"]][:3] == ["Applications", "Templates", "Contacts"]
    assert _fields(console.console_form("d1"))["path"]["element"]["placeholder"]["text"] == "/dossiers"
