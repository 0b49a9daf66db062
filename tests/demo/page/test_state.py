"""What one user sees of the stand-in for Slack: their channels, their messages and windows, and nothing of others."""

from __future__ import annotations

from typing import Any

import pytest

from bot.demo.page.state import MAX_MESSAGES, ReadMarks, events, is_someone, page_state, surroundings
from bot.sandbox.slack.messages import Change
from bot.sandbox.slack.state import IssuedTokens, SlackState
from bot.sandbox.slack.work_objects.panes import Composer
from tests.conftest import NOON

MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "Window"}, "blocks": [{"type": "divider"}]}


@pytest.fixture
def state() -> SlackState:
    """A workspace in which nothing was said."""
    return SlackState(clock=NOON.timestamp, tokens=IssuedTokens("xoxb-1", "xapp-1"), seed=1)


def texts(state: SlackState, person: str) -> list[str]:
    """Return the texts that a user sees."""
    page = page_state(state, state.workspace.user(person), ReadMarks())
    return [message["text"] for message in page["messages"]]


def test_everybody_sees_their_own_channels(state: SlackState) -> None:
    """A private channel is seen by its members alone. The app's direct message is always there."""
    workspace = state.workspace
    for person, sees in (("mei", True), ("bruno", False)):
        page = page_state(state, workspace.user(person), ReadMarks())
        names = [channel["name"] for channel in page["channels"]]
        assert ("compliance" in names) is sees
        assert sum(channel["with_app"] for channel in page["channels"]) == 1
        assert page["me"] == workspace.user(person).id


def test_a_message_for_one_is_seen_by_one(state: SlackState) -> None:
    """What the bot answers a command with, and only the last messages of a channel are sent."""
    onboarding, mei = state.workspace.onboarding, state.workspace.member
    state.messages.post(onboarding.id, text="for all")
    state.messages.post(onboarding.id, text="for Mei", visible_to=mei.id)
    assert texts(state, "mei") == ["for all", "for Mei"]
    assert texts(state, "adrien") == ["for all"]
    for number in range(MAX_MESSAGES):
        state.messages.post(onboarding.id, text=str(number))
    assert texts(state, "mei") == [str(number) for number in range(MAX_MESSAGES)]


def test_a_change_is_an_event_for_those_who_see_it(state: SlackState) -> None:
    """A message that was posted or deleted, a window, a Home tab, a change of the workspace."""
    mei, bruno = state.workspace.member, state.workspace.user("bruno")
    marks = ReadMarks()

    def kinds(person: Any, kind: Any, subject: Any = None) -> list[str]:
        return [event["kind"] for event in events(state, person, marks, Change(kind, subject))]

    message = state.messages.post(state.workspace.private.id, text="secret")
    assert (kinds(mei, "posted", message), kinds(bruno, "posted", message)) == (["message"], [])
    assert kinds(mei, "deleted", message) == ["gone"]
    view = state.views.open(state.views.trigger(mei.id), MODAL)
    assert (kinds(mei, "view", view), kinds(bruno, "view", view)) == (["views"], [])
    home = state.views.publish(mei.id, {"type": "home", "blocks": [{"type": "divider"}]})
    assert (kinds(mei, "home", home), kinds(bruno, "home", home)) == (["home"], [])
    composer = Composer("U1-1", mei.id, "https://clust.invalid/1")
    assert (kinds(mei, "composer", composer), kinds(bruno, "composer", composer)) == (["preview"], [])
    assert kinds(bruno, "workspace") == ["workspace"]
    page = page_state(state, mei, marks)
    assert [one["view"]["type"] for one in page["views"]] == ["modal"]
    assert page["home"]["view"]["type"] == "home"


def test_a_channel_is_read_up_to_a_message(state: SlackState) -> None:
    """By each person for themselves, and never back again."""
    marks, onboarding = ReadMarks(), state.workspace.onboarding
    mei, adrien = state.workspace.member, state.workspace.admin

    def read_by(person: Any) -> str:
        channels = surroundings(state, person, marks)["channels"]
        return str(next(channel["read"] for channel in channels if channel["id"] == onboarding.id))

    for ts in ("2.0", "1.0"):
        marks.mark(mei, onboarding, ts)
    assert (read_by(mei), read_by(adrien)) == ("2.0", "0")


def test_one_can_be_everybody_who_is_there(state: SlackState) -> None:
    """With a word for what they are, but not the bot, nor who has left."""
    page = page_state(state, state.workspace.member, ReadMarks())
    roles = {person["name"]: person["role"] for person in page["people"]}
    assert set(roles) == {user.name for user in state.workspace.users.values() if is_someone(user)}
    assert not {state.workspace.bot.name, state.workspace.deactivated.name} & set(roles)
    assert roles[state.workspace.stranger.name] != roles[state.workspace.member.name]
