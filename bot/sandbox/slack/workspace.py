"""A workspace: its users, its channels and their members. No I/O: `stand_in` sends the events to the bot."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal, TypeVar

ChannelKind = Literal["public", "private", "im", "mpim"]

TEAM_ID = "T0SANDBOX"
TEAM_NAME = "Sandbox"
TEAM_DOMAIN = "sandbox"
OTHER_TEAM_ID = "T0ELSEWHERE"
APP_ID = "A0CLUST"
BOT_ID = "B0CLUST"
BOT_USER_ID = "U0CLUST"

CREATED = 1449252889
"""Creation time of every channel, in Unix seconds."""

_PREFIX: dict[ChannelKind, str] = {"public": "C", "private": "C", "im": "D", "mpim": "G"}


@dataclass(frozen=True, slots=True)
class Enterprise:
    """An Enterprise Grid organization, to which several workspaces belong."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class SlackTeam:
    """The identity of a workspace. Slack's payloads call it the team."""

    id: str = TEAM_ID
    name: str = TEAM_NAME
    domain: str = TEAM_DOMAIN
    enterprise: Enterprise | None = None


HOME = SlackTeam()
"""The workspace of a sandbox that has only one."""


@dataclass(slots=True)
class User:
    """A person or a bot.

    `is_ultra_restricted` is a single-channel guest, who is `is_restricted` too. `home` is the workspace that lists this
    user. A user of another team is a stranger there.
    """

    id: str
    name: str
    real_name: str
    team_id: str = TEAM_ID
    home: str = TEAM_ID
    is_admin: bool = False
    is_owner: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_bot: bool = False
    deleted: bool = False
    tz: str = "Europe/Paris"
    tz_offset: int = 3600
    locale: str = "en-US"

    @property
    def is_stranger(self) -> bool:
        """Whether this user belongs to another organization."""
        return self.team_id != self.home

    def to_dict(self) -> dict[str, Any]:
        """Return the user object of `users.info`. Deactivated users and strangers have fewer keys, as in Slack."""
        payload: dict[str, Any] = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "real_name": self.real_name,
            "deleted": self.deleted,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "color": "9f69e7",
            "updated": CREATED,
            "profile": {"real_name": self.real_name, "display_name": self.name, "team": self.team_id},
        }
        if self.deleted:
            return payload
        payload |= {"tz": self.tz, "tz_label": self.tz, "tz_offset": self.tz_offset}
        if self.is_stranger:
            return payload | {"is_stranger": True}
        return payload | {
            "is_admin": self.is_admin or self.is_owner,
            "is_owner": self.is_owner,
            "is_primary_owner": self.is_owner,
            "is_restricted": self.is_restricted or self.is_ultra_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
        }


@dataclass(slots=True)
class Channel:
    """A channel or a direct message, with its members' IDs.

    `refused_posts`, `refused_replies` and `refused_updates` are the error codes that refuse messages, replies in
    threads, and changes. Empty: they are accepted.
    """

    id: str
    name: str
    kind: ChannelKind = "public"
    members: set[str] = field(default_factory=set)
    is_archived: bool = False
    is_ext_shared: bool = False
    is_pending_ext_shared: bool = False
    team_id: str = TEAM_ID
    refused_posts: str = ""
    refused_replies: str = ""
    refused_updates: str = ""

    @property
    def is_im(self) -> bool:
        """Whether this is a direct message between two people, or between a person and the bot."""
        return self.kind == "im"

    @property
    def command_name(self) -> str:
        """The channel's name in a slash command. Slack names only public channels (Slash commands, payload)."""
        return {"public": self.name, "private": "privategroup", "im": "directmessage", "mpim": self.name}[self.kind]

    def to_dict(self, reader: str) -> dict[str, Any]:
        """Return the conversation object that `conversations.info` gives to `reader`, a user ID.

        From the pages of `conversations.info` and `users.conversations`: each kind has its own keys. A direct message
        has few: neither `is_private` nor `is_member` are among them.
        """
        if self.is_im:
            return {
                "id": self.id,
                "created": CREATED,
                "is_im": True,
                "is_org_shared": False,
                "user": next((member for member in sorted(self.members) if member != reader), reader),
                "last_read": "0000000000.000000",
                "latest": None,
                "unread_count": 0,
                "unread_count_display": 0,
                "is_open": True,
                "priority": 0,
            }
        is_mpim = self.kind == "mpim"
        nothing = {"value": "", "creator": "", "last_set": 0}
        payload: dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "is_channel": not is_mpim,
            "is_group": is_mpim,
            "is_im": False,
            "is_mpim": is_mpim,
            "is_private": self.kind != "public",
            "created": CREATED,
            "creator": "USLACKBOT",
            "is_archived": self.is_archived,
            "is_general": self.name == "general",
            "unlinked": 0,
            "name_normalized": self.name,
            "is_shared": self.is_ext_shared,
            "is_ext_shared": self.is_ext_shared,
            "is_org_shared": False,
            "pending_shared": [],
            "is_pending_ext_shared": self.is_pending_ext_shared,
            "topic": nothing,
            "purpose": nothing,
        }
        if is_mpim:
            return payload | {"is_open": True, "priority": 0}
        return payload | {
            "is_frozen": False,
            "context_team_id": self.team_id,
            "updated": CREATED * 1000,
            "parent_conversation": None,
            "shared_team_ids": [self.team_id],
            "pending_connected_team_ids": [],
            "is_member": reader in self.members,
            "previous_names": [],
        }


@dataclass(slots=True)
class Group:
    """A user group, with its members' ids."""

    id: str
    name: str
    members: set[str]

    def to_dict(self, team_id: str) -> dict[str, Any]:
        """Return the group as `usergroups.list` does, with `user_count` as a string."""
        return {
            "id": self.id,
            "team_id": team_id,
            "is_usergroup": True,
            "name": self.name,
            "description": "",
            "handle": self.name,
            "is_external": False,
            "date_create": CREATED,
            "date_update": CREATED,
            "date_delete": 0,
            "auto_type": None,
            "created_by": "USLACKBOT",
            "updated_by": "USLACKBOT",
            "deleted_by": None,
            "prefs": {"channels": [], "groups": []},
            "user_count": str(len(self.members)),
        }


_Named = TypeVar("_Named", User, Channel, Group)


class SlackWorkspace:
    """The people and channels of one workspace: `users` and `channels` by ID.

    It begins with one of each kind that the bot must distinguish, and with the bot, which is only in #onboarding.
    `mates` are all workspaces of its enterprise, including this one. People and channels are numbered, so two
    workspaces have the same IDs. `channels_from` starts the channels at another number, for workspaces of one
    enterprise: they have the same people but not the same channels.
    """

    def __init__(self, team: SlackTeam = HOME, *, channels_from: int = 0) -> None:
        self.team = team
        self.mates: list[SlackWorkspace] = [self]
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.groups: dict[str, Group] = {}
        self._numbers = count(1)
        self._channels_from = channels_from
        self.bot = self.add_user("clust", "Clust", id=BOT_USER_ID, is_bot=True)
        self.owner = self.add_user("olivia", "Olivia Okafor", is_owner=True)
        self.admin = self.add_user("adrien", "Adrien Moreau", is_admin=True)
        self.member = self.add_user("mei", "Mei Tanaka")
        self.second_member = self.add_user("bruno", "Bruno Costa", tz="America/Sao_Paulo", tz_offset=-10800)
        self.guest = self.add_user("gustav", "Gustav Lind", is_restricted=True)
        self.single_channel_guest = self.add_user("sofia", "Sofia Rossi", is_restricted=True, is_ultra_restricted=True)
        self.stranger = self.add_user("xavier", "Xavier Petit", team_id=OTHER_TEAM_ID)
        self.deactivated = self.add_user("dora", "Dora Nagy", deleted=True)
        everyone = {user.id for user in self.users.values() if not (user.is_bot or user.is_stranger or user.deleted)}
        staff = everyone - {self.guest.id, self.single_channel_guest.id}
        self.general = self.add_channel("general", members=staff)
        self.onboarding = self.add_channel("onboarding", members=everyone | {self.bot.id})
        self.private = self.add_channel("compliance", kind="private", members={self.admin.id, self.member.id})
        self.shared = self.add_channel("with-partner", members=staff | {self.stranger.id}, is_ext_shared=True)
        self.people_only = self.direct(self.member.id, self.admin.id)

    def add_user(self, name: str, real_name: str = "", **fields: Any) -> User:
        """Add a user. `fields` are other fields of `User`. Raises TypeError for an unknown field."""
        user_id = fields.pop("id", None) or f"U{next(self._numbers):08}"
        fields = {"team_id": self.team.id, "home": self.team.id, **fields}
        self.users[user_id] = User(user_id, name, real_name or name.title(), **fields)
        return self.users[user_id]

    def add_channel(
        self, name: str, *, kind: ChannelKind = "public", members: set[str] | None = None, **fields: Any
    ) -> Channel:
        """Add a channel. `fields` are other fields of `Channel`. Raises TypeError for an unknown field."""
        channel_id = fields.pop("id", None) or self.new_channel_id(kind)
        channel = Channel(channel_id, name, kind, set(members or ()), **{"team_id": self.team.id, **fields})
        self.channels[channel.id] = channel
        return channel

    def new_channel_id(self, kind: ChannelKind) -> str:
        """Return an id that no channel has."""
        return f"{_PREFIX[kind]}{self._channels_from + next(self._numbers):08}"

    def add_group(self, handle: str, members: set[str]) -> Group:
        """Add a user group with these people's IDs."""
        group = Group(f"S{next(self._numbers):08}", handle, members)
        self.groups[group.id] = group
        return group

    def room(self, *user_ids: str) -> Channel:
        """Return the group direct message of these users. Opens it if there is none."""
        members = set(user_ids)
        matching = (one for one in self.channels.values() if one.kind == "mpim" and one.members == members)
        names = "--".join(user.name for user in self.users.values() if user.id in members and not user.is_bot)
        return next(matching, None) or self.add_channel(f"mpdm-{names}-1", kind="mpim", members=members)

    def direct(self, *user_ids: str) -> Channel:
        """Return the direct message between these users. Opens it if there is none."""
        members = set(user_ids)
        matching = (channel for channel in self.channels.values() if channel.is_im and channel.members == members)
        return next(matching, None) or self.add_channel("", kind="im", members=members)

    def enterprise_user(self, user: User, enterprise: Enterprise) -> dict[str, Any]:
        """Return the `enterprise_user` object of `users.info`.

        `teams` are the workspaces of the enterprise that the user is in. A user who is an admin (or owner) of every
        workspace is an admin (or owner) of the enterprise.
        """
        teams = {mate.team.id: mate.users[user.id] for mate in self.mates if user.id in mate.users}
        return {
            "id": user.id,
            "enterprise_id": enterprise.id,
            "enterprise_name": enterprise.name,
            "is_admin": len(teams) == len(self.mates) and all(one.is_admin or one.is_owner for one in teams.values()),
            "is_owner": len(teams) == len(self.mates) and all(one.is_owner for one in teams.values()),
            "teams": list(teams),
        }

    def user(self, who: User | str) -> User:
        """Return a user by ID or name (`mei`, `@mei`). Raises KeyError."""
        return who if isinstance(who, User) else _named(self.users, who.removeprefix("@"))

    def channel(self, where: Channel | str) -> Channel:
        """Return a channel by ID or name (`onboarding`, `#onboarding`). Raises KeyError."""
        return where if isinstance(where, Channel) else _named(self.channels, where.removeprefix("#"))

    def group(self, name: str) -> Group:
        """Return a user group by ID or handle. Raises KeyError."""
        return _named(self.groups, name.removeprefix("@"))


def _named(them: dict[str, _Named], name: str) -> _Named:
    match = them.get(name) or next((it for it in them.values() if name and it.name == name), None)
    if match is None:
        raise KeyError(name)
    return match
