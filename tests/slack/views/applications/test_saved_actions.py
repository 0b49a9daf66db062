"""The windows of saved actions: Slack takes them, whatever they hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.applications.model import Application, StatusClass
from bot.core.forms.action_forms import ASK_FORMS
from bot.core.forms.console_request import ConsoleCall
from bot.core.forms.fields import Choice
from bot.core.permissions import Role
from bot.sandbox.slack.block_kit.validation import validate_message, validate_view
from bot.slack.views.applications import saved_actions as views
from bot.slack.views.applications.saved_actions import ActResult

Read = Callable[[Any], list[str]]

CALL = ConsoleCall("POST", "/dossiers/1/close", (), (), None)


@pytest.mark.parametrize("asks", ASK_FORMS)
def test_a_window_asks_what_the_action_needs(asks: tuple[str, ...], acme: Application) -> None:
    """The text, the date or both, above which the application stands, and what was typed comes back."""
    view = views.ask_form(
        "d1", "Remind", ASK_FORMS[asks], [acme], {"text": "Hello", "date": "2026-12-01"}, "It failed."
    )
    assert validate_view(view) == []
    assert [block["block_id"] for block in view["blocks"] if block["type"] == "input"] == list(asks)
    assert view["submit"]["text"] == "Continue"


def test_a_success_shows_the_new_state_and_the_next_steps(read: Read, acme: Application) -> None:
    """The sentence, the answer to a GET, the state as it was read back, and the buttons."""
    done = read(views.action_done("Look", acme, StatusClass.OPEN, "Done.", '{"id": 1}', Role.VIEWER))
    assert done[0].startswith("✅ *Look* · *<")
    assert done[1:6] == ["Done.", "```", '{"id": 1}', "```", "  ⏰ late · KYC company · Ongoing · 4 of 7 items done"]


@pytest.mark.parametrize(
    ("name", "send", "leave"),
    [
        ("Remind", "Remind", "Cancel"),
        ("Close", "Send", "Cancel"),
        ("cancel", "Send", "Dismiss"),
        ("Dismiss", "Send", "Cancel"),
    ],
)
def test_no_button_of_an_action_seems_to_close_its_window(name: str, send: str, leave: str, acme: Application) -> None:
    """An action can be called as windows' own buttons are. What sends it and what leaves the window stay apart."""
    question = views.confirm_action("d1 x", name, [acme], CALL)
    quick = views.ask_form("d1", name, ASK_FORMS["text",], [acme], is_quick=True)
    for window in (question, quick):
        assert (window["submit"]["text"], window["close"]["text"]) == (send, leave)
    for window in (views.running_action(name), views.many_running(name, 1, 2, "d1")):
        assert window["close"]["text"] == ("Dismiss" if name == "Close" else "Close")


words = st.sampled_from(["<!channel>", "`", "\u202e", "\x00", "&" * 3000, "x" * 9000, " ", "👩‍👩‍👧" * 99]) | st.text()


@given(words, words)
@settings(deadline=None)
def test_any_words_are_shown_as_words(one: str, two: str) -> None:
    """Whatever was typed, saved or answered, Slack takes every message and window."""
    app = Application(id="1", title=one)
    call = ConsoleCall("POST", f"/{one}", ((one, two),), ((one, two),), two)
    for view in (
        views.choose_form("d1", app, [Choice("1.1", one), Choice("1.2", two)]),
        views.ask_form("d1", one, ASK_FORMS["text",], [app] * 20, {"text": two}, two),
        views.confirm_action("d1 x", one, [app], call, two),
        views.confirm_action("d1 x", one, [app] * 20, call, two),
        views.choose_many_form("d1", [Choice("1", one), Choice("2", two)], [Choice("1.1", one)]),
        views.many_running(one, 1, 20, "d1"),
        views.running_action(one),
    ):
        assert validate_view(view) == []
    for message in (
        views.action_done(one, app, None, two, two, Role.ADMIN),
        views.action_failed(one, app, two),
        views.many_done(one, [ActResult(app, two, is_done=True), ActResult(app, one, is_done=False)] * 10),
    ):
        assert validate_message(message.payload()) == []
