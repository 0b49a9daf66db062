"""How a response in the API console looks: always a message that Slack accepts, and one that says if it was cut."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from bot.core.forms.console_request import ConsoleCall, pretty
from bot.sandbox.slack.block_kit.validation import validate_view
from bot.slack.views import console
from bot.slack.views.console import MAX_BODY, CallAnswer

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


def test_nothing_is_told_as_nothing(read: Read) -> None:
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
        assert ("This is only the beginning" in lines) is not answer.fits
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
