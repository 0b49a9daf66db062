"""People and channels: the keys that Slack shows of each kind, and how they are looked up."""

from __future__ import annotations

import pytest

from bot.sandbox.slack.state import SlackState
from bot.sandbox.slack.workspace import Channel, Enterprise, SlackTeam, SlackWorkspace
from tests.sandbox.slack.conftest import call


def keys_of(state: SlackState, channel: Channel) -> set[str]:
    """Return the keys of a conversation."""
    return set(call(state, "conversations.info", channel=channel.id)["channel"])


def test_kinds_of_conversations_have_their_own_keys(state: SlackState) -> None:
    """B5: a direct message says neither that it is private nor who is in it, and several people's is no channel."""
    people = state.workspace
    direct = people.direct(people.bot.id, people.member.id)
    room = people.room(people.bot.id, people.member.id, people.second_member.id)
    assert keys_of(state, direct) & {"is_private", "is_member", "is_archived", "is_ext_shared", "name"} == set()
    assert {"is_member", "is_private", "is_ext_shared"} <= keys_of(state, people.onboarding)
    conversation = call(state, "conversations.info", channel=room.id)["channel"]
    assert (
        conversation["is_mpim"],
        conversation["is_private"],
        conversation["is_channel"],
        "is_member" in conversation,
    ) == (True, True, False, False)


def test_people_and_channels_are_looked_up_by_id_and_name() -> None:
    """With the sign that people type before it, or without. Another name is an error."""
    workspace = SlackWorkspace()
    group = workspace.add_group("reviewers", {workspace.member.id})
    assert workspace.user("@mei") is workspace.user("mei") is workspace.user(workspace.member.id) is workspace.member
    assert workspace.channel("#onboarding") is workspace.channel(workspace.onboarding) is workspace.onboarding
    assert workspace.group("@reviewers") is group
    assert group.to_dict("T1")["user_count"] == "1"
    for look_up in (workspace.user, workspace.channel, workspace.group):
        with pytest.raises(KeyError):
            look_up("nobody")


def test_a_conversation_is_opened_once() -> None:
    """A second time, it is the same: between two people, and between several."""
    workspace = SlackWorkspace()
    people = (workspace.bot.id, workspace.member.id)
    assert workspace.direct(*people) is workspace.direct(*reversed(people))
    room = workspace.room(*people, workspace.admin.id)
    assert workspace.room(workspace.admin.id, *people) is room
    assert (room.name, room.command_name) == ("mpdm-adrien--mei-1", "mpdm-adrien--mei-1")
    assert (workspace.private.command_name, workspace.people_only.command_name) == ("privategroup", "directmessage")


def test_kinds_of_people_have_their_own_keys() -> None:
    """Who has left has no time zone, and who is of another organization no role."""
    workspace = SlackWorkspace()
    assert workspace.owner.to_dict()["is_admin"]
    assert workspace.single_channel_guest.to_dict()["is_restricted"]
    assert "tz" not in workspace.deactivated.to_dict()
    assert workspace.stranger.to_dict()["is_stranger"]
    assert "is_admin" not in workspace.stranger.to_dict()


def test_an_admin_of_an_enterprise_is_one_of_each_workspace() -> None:
    """Of one workspace alone is not enough."""
    first, second = SlackWorkspace(), SlackWorkspace(SlackTeam("T2", "Second", "second"), channels_from=1000)
    first.mates = second.mates = [first, second]
    enterprise = Enterprise("E1", "Both")
    assert first.enterprise_user(first.admin, enterprise)["is_admin"]
    second.users[first.admin.id].is_admin = False
    payload = first.enterprise_user(first.admin, enterprise)
    assert (payload["is_admin"], payload["teams"]) == (False, [first.team.id, "T2"])
    assert not set(first.channels) & set(second.channels)
