"""`chat.unfurl` and `entity.presentDetails`: what Slack takes, in which order it checks, and what everyone sees."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from bot.sandbox.slack import views
from bot.sandbox.slack.state import IssuedTokens, SlackState
from bot.sandbox.slack.web_api import methods
from bot.sandbox.slack.work_objects.panes import Pane
from tests.sandbox.slack.conftest import Clock
from tests.sandbox.slack.work_objects.test_entities import ENTITY

LINK, URL = str(ENTITY["app_unfurl_url"]), str(ENTITY["url"])
IN_PANE = {name: value for name, value in ENTITY.items() if name != "app_unfurl_url"}


@pytest.fixture
def state() -> SlackState:
    """Make a workspace."""
    return SlackState(clock=Clock(), tokens=IssuedTokens("xoxb", "xapp"), seed=1)


def call(state: SlackState, name: str, **arguments: Any) -> Any:
    """Call a method."""
    return methods.answer(state, name, "xoxb", arguments)


def opened(state: SlackState, message_ts: str = "") -> tuple[str, Pane]:
    """Return a trigger with its pane, that of a card if there is a message."""
    place = (state.workspace.onboarding.id, message_ts, LINK) if message_ts else ()
    pane = Pane(state.workspace.member.id, URL, ENTITY["external_ref"], *place)
    trigger_id = state.views.trigger(pane.user)
    state.panes[trigger_id] = pane
    return trigger_id, pane


def test_a_trigger_counts_before_anything_else(state: SlackState, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is sent with it: one that is unknown, used or too old is refused as that, and used by a wrong answer."""
    monkeypatch.setattr(views, "TRIGGER_LIFETIME_SECONDS", 3.0)
    nonsense: dict[str, Any] = {"metadata": {"color": "red"}}
    assert call(state, "entity.presentDetails", trigger_id="none", **nonsense)["error"] == "invalid_trigger_id"
    (trigger_id, _), (late, _) = opened(state), opened(state)
    assert call(state, "entity.presentDetails", trigger_id=trigger_id, **nonsense)["error"] == "invalid_metadata_schema"
    for sent in (nonsense, {"metadata": IN_PANE}):
        again = call(state, "entity.presentDetails", trigger_id=trigger_id, **sent)
        assert again["error"] == "exchanged_trigger_id"
    state.clock()
    assert call(state, "entity.presentDetails", trigger_id=late, **nonsense)["error"] == "expired_trigger_id"


def test_the_answer_of_a_pane_redraws_the_card_for_everyone(state: SlackState) -> None:
    """What one person's pane shows stands on the card in the channel, actions included. A refusal changes nothing."""
    where = state.workspace.onboarding.id
    message = state.messages.post(where, user=state.workspace.member.id, text=f"See {LINK}")
    assert call(state, "chat.unfurl", channel=where, ts=message.ts, metadata={"entities": [ENTITY]})["ok"]
    changed = deepcopy(IN_PANE)
    changed["entity_payload"]["attributes"]["title"]["text"] = "Acme Ltd"
    changed["entity_payload"]["actions"]["primary_actions"][0]["text"] = "Look"
    trigger_id, pane = opened(state, message.ts)
    assert call(state, "entity.presentDetails", trigger_id=trigger_id, metadata=changed)["ok"]
    present = state.messages.get(where, message.ts)
    assert present is not None
    (card,) = present.attachments
    payload = card["entity"]["entity_payload"]
    assert payload["attributes"]["title"] == {"text": "Acme Ltd"}
    assert payload["actions"]["primary_actions"][0]["text"] == "Look"
    assert dict(pane.editable()).keys() == {"title"}
    trigger_id, refused = opened(state, message.ts)
    assert call(state, "entity.presentDetails", trigger_id=trigger_id, error={"status": "restricted"})["ok"]
    assert (refused.entity, state.messages.get(where, message.ts)) == (None, present)


@pytest.mark.parametrize("other", [{"url": f"{URL}0"}, {"external_ref": {"id": "1:2"}}])
def test_a_pane_takes_no_other_entity(state: SlackState, other: dict[str, Any]) -> None:
    """Its address and its reference are those of the card that was clicked."""
    trigger_id, pane = opened(state)
    answer = call(state, "entity.presentDetails", trigger_id=trigger_id, metadata={**IN_PANE, **other})
    assert (answer["error"], pane.entity) == ("entity_metadata_does_not_match_trigger", None)


def test_a_link_that_is_not_in_the_message_gets_no_card(state: SlackState) -> None:
    """Nor does one without anything to show."""
    where = state.workspace.onboarding.id
    message = state.messages.post(where, user=state.workspace.member.id, text="See nothing")
    sent = {"channel": where, "ts": message.ts}
    assert call(state, "chat.unfurl", **sent, metadata={"entities": [ENTITY]})["error"] == "cannot_unfurl_url"
    assert call(state, "chat.unfurl", **sent)["error"] == "missing_unfurls"
