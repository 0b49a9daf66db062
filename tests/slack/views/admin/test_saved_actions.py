"""The windows in which admins manage actions: Slack takes them, whatever they hold and however many there are."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.applications.model import Application, StatusClass
from bot.core.forms.console_request import ConsoleCall
from bot.core.permissions import Role
from bot.core.quotas import SAVED_ACTIONS
from bot.core.saved_actions.request_template import RequestTemplate
from bot.core.saved_actions.saved_action import ActionState, SavedAction, StoredAction
from bot.sandbox.slack.block_kit.validation import validate_message, validate_view
from bot.slack.views.admin import saved_actions as views

words = st.sampled_from(["<!channel>", "`", "\u202e", "\x00", "&" * 3000, "x" * 9000, " ", "👩‍👩‍👧" * 99]) | st.text()
CLOSE = SavedAction("Close", RequestTemplate.parse("POST", "/dossiers/{id}/close"), frozenset(StatusClass))


def test_all_actions_of_an_account_fit_into_the_list() -> None:
    """As many as can be saved, for a member and for an admin, in every state."""
    for state in ActionState:
        every = [StoredAction(number, 1, CLOSE, state) for number in range(SAVED_ACTIONS.most)]
        for role in Role:
            assert validate_view(views.action_list(every, "emea", role)) == []
    assert validate_view(views.action_list([], "emea", Role.ADMIN)) == []


@given(words, words)
@settings(deadline=None)
def test_any_words_are_shown_as_words(one: str, two: str) -> None:
    """Whatever was saved or typed, Slack takes every message and window."""
    stored, app = StoredAction(1, 1, SavedAction(one[:24], CLOSE.request, done=two)), Application(id="1", title=two)
    typed = {"name": one, "path": two, "body": one, "application": "1"}
    for view in (
        views.action_list([stored], one, Role.ADMIN),
        views.save_form("d1", typed, {"path": two}, one),
        views.preview("d1", stored.action, app, ConsoleCall("POST", f"/{one}", (), ((one, two),), two)),
        views.remove_form(stored),
    ):
        assert validate_view(view) == []
    for message in (views.saved(stored, app), views.removed(one)):
        assert validate_message(message.payload()) == []
