"""What Slack may leave out of its answers, and what it may not."""

from __future__ import annotations

import pytest

from bot.sandbox.slack.state import SlackState
from tests.sandbox.slack.conftest import call


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_only_optional_keys_are_left_out(state: SlackState, chance: float) -> None:
    """B5: what is left out by chance is what the documentation does not show everywhere, and no flag that is set."""
    state.faults.sparse = chance
    people = state.workspace
    people.private.members.add(people.bot.id)
    for channel in (people.onboarding, people.private, people.shared):
        payload = state.altered("conversations.info", call(state, "conversations.info", channel=channel.id))["channel"]
        assert (payload["id"], payload["is_private"]) == (channel.id, channel.kind == "private")
        assert payload.get("is_ext_shared", False) is channel.is_ext_shared
    for user in people.users.values():
        payload = state.altered("users.info", call(state, "users.info", user=user.id))["user"]
        assert (payload["id"], payload["team_id"], payload.get("deleted", False)) == (
            user.id,
            user.team_id,
            user.deleted,
        )
        assert payload.get("is_admin", False) is (user.is_admin or user.is_owner)
