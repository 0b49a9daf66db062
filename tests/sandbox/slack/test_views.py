"""Modals and Home tabs: what opens one, how they lie on each other, and which version an update replaces."""

from __future__ import annotations

import pytest

from bot.sandbox.slack import views
from bot.sandbox.slack.state import SlackState
from tests.sandbox.slack.conftest import call

TEXT = {"type": "plain_text", "text": "One"}


MODAL = {"type": "modal", "title": TEXT, "blocks": [{"type": "section", "text": TEXT}]}


HOME = {"type": "home", "blocks": [{"type": "section", "text": TEXT}]}


def test_triggers(state: SlackState, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trigger opens one view within three seconds."""
    monkeypatch.setattr(views, "TRIGGER_LIFETIME_SECONDS", 3.0)
    user = state.workspace.member.id
    trigger, late = state.views.trigger(user), state.views.trigger(user)
    opened = call(state, "views.open", trigger_id=trigger, view=MODAL)["view"]
    assert (opened["root_view_id"], opened["previous_view_id"]) == (opened["id"], None)
    assert call(state, "views.open", trigger_id=trigger, view=MODAL)["error"] == "exchanged_trigger_id"
    assert call(state, "views.open", trigger_id="none", view=MODAL)["error"] == "invalid_trigger_id"
    state.clock()
    assert call(state, "views.open", trigger_id=late, view=MODAL)["error"] == "expired_trigger_id"


def test_three_views(state: SlackState) -> None:
    """Three views lie on each other, not four."""
    user = state.workspace.member.id
    assert call(state, "views.open", trigger_id=state.views.trigger(user), view=MODAL)["ok"]
    answers = [call(state, "views.push", trigger_id=state.views.trigger(user), view=MODAL) for _ in range(3)]
    assert [answer.get("error") for answer in answers] == [None, None, "push_limit_reached"]
    assert answers[1]["view"]["previous_view_id"] == answers[0]["view"]["id"]


def test_updating_views(state: SlackState) -> None:
    """A view is updated by its id or external id while it is open, and not where its hash is another by now."""
    user = state.workspace.member.id
    named = {**MODAL, "external_id": "form-1"}
    opened = call(state, "views.open", trigger_id=state.views.trigger(user), view=named)["view"]
    again = call(state, "views.update", external_id="form-1", hash=opened["hash"], view=named)["view"]
    assert again["id"] == opened["id"]
    stale = call(state, "views.update", view_id=opened["id"], hash=opened["hash"], view=named)
    assert stale["error"] == "hash_conflict"
    state.views.close(user)
    assert call(state, "views.update", view_id=opened["id"], view=named)["error"] == "not_found"


def test_views_that_are_refused(state: SlackState) -> None:
    """A view is held against Slack's limits before its trigger counts as used."""
    trigger = state.views.trigger(state.workspace.member.id)
    long = {**MODAL, "title": {"type": "plain_text", "text": "x" * 25}}
    refused = call(state, "views.open", trigger_id=trigger, view=long)
    assert (refused["error"], "view.title" in refused["response_metadata"]["messages"][0]) == (
        "invalid_arguments",
        True,
    )
    assert call(state, "views.open", trigger_id=trigger, view=MODAL)["ok"]


def test_home_tab(state: SlackState) -> None:
    """A home tab is one person's, keeps its id, and takes no modal."""
    user = state.workspace.member.id
    first = call(state, "views.publish", user_id=user, view=HOME)["view"]
    second = call(state, "views.publish", user_id=user, view=HOME, hash=first["hash"])["view"]
    assert first["id"] == second["id"]
    assert call(state, "views.publish", user_id=user, view=HOME, hash=first["hash"])["error"] == "hash_conflict"
    assert call(state, "views.publish", user_id=user, view=MODAL)["error"] == "invalid_arguments"
    assert call(state, "views.publish", user_id="U404", view=HOME)["error"] == "user_not_found"
