"""Who someone is, by `users.info`, remembered for a minute (rule W1)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import NotAllowed
from bot.core.permissions import Role, SlackUser, Workspace, is_group, role_of
from bot.slack.api import SLACK_TROUBLE
from bot.store.people import People, Person
from bot.store.roles import Roles

REMEMBERED = timedelta(seconds=60)


class Access:
    """Tells the role of a person. Where Slack can't be asked, the answer is no.

    `admin_users` are the admins by ADMIN_USERS; empty: the workspace's own.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        workspace: Workspace,
        admin_users: Collection[str],
        people: People,
        roles: Roles,
        clock: Callable[[], datetime],
    ) -> None:
        self._client, self._workspace, self.admin_users = client, workspace, frozenset(admin_users)
        self._people, self._roles, self._clock = people, roles, clock
        self._known: dict[str, tuple[datetime, SlackUser]] = {}
        self._members: dict[str, tuple[datetime, frozenset[str] | None]] = {}

    async def role(self, user_id: str) -> tuple[Role, SlackUser]:
        """Return what a person may do, and who they are. Raises NotAllowed where that can't be told."""
        is_new = user_id not in self._known or self._is_old(self._known[user_id][0])
        role, user = await self.role_if(user_id, await self._roles.all(self._workspace.team_id))
        if is_new and role:
            person = Person(self._workspace.team_id, user_id, role is Role.ADMIN, user.zone)
            await self._people.remember(person, self._clock())
        return role, user

    async def is_new(self, user_id: str) -> bool:
        """Tell whether someone has never used the bot in this workspace."""
        return not await self._people.is_known(self._workspace.team_id, user_id)

    async def role_if(self, user_id: str, roles: Mapping[str, Role]) -> tuple[Role, SlackUser]:
        """Return what a person might do, were `roles` those that admins gave, and who they are. Raises NotAllowed."""
        user = await self._user(user_id)
        granted = {
            subject: role
            for subject, role in roles.items()
            if subject == user_id or (is_group(subject) and user_id in (await self.members(subject) or ()))
        }
        return role_of(user, self._workspace, self.admin_users, granted), user

    async def members(self, group_id: str) -> frozenset[str] | None:
        """Return who is in a user group; None where Slack does not tell, which grants nothing (rule W1)."""
        at, members = self._members.get(group_id, (None, None))
        if at is None or self._is_old(at):
            members = await self._ask_members(group_id)
            self._members[group_id] = (self._clock(), members)
        return members

    def forget(self) -> None:
        """Ask Slack anew from now on: roles or groups have changed."""
        self._known.clear()
        self._members.clear()

    def _is_old(self, at: datetime) -> bool:
        return self._clock() - at >= REMEMBERED

    async def _user(self, user_id: str) -> SlackUser:
        if user_id not in self._known or self._is_old(self._known[user_id][0]):
            user = await self._ask(user_id)
            self._known = {key: kept for key, kept in self._known.items() if not self._is_old(kept[0])}
            self._known[user_id] = (self._clock(), user)
        return self._known[user_id][1]

    async def _ask_members(self, group_id: str) -> frozenset[str] | None:
        try:
            answer = await self._client.usergroups_users_list(usergroup=group_id, team_id=self._workspace.team_id)
        except (SlackApiError, *SLACK_TROUBLE):
            return None
        return frozenset(answer.get("users") or ())

    async def _ask(self, user_id: str) -> SlackUser:
        try:
            answer = await self._client.users_info(user=user_id)
        except (SlackApiError, *SLACK_TROUBLE) as error:
            raise NotAllowed("Slack could not be asked who you are. Please try again in a moment.") from error
        return slack_user(answer["user"])


def slack_user(told: dict[str, Any]) -> SlackUser:
    """Read a user object (Slack: types, user)."""
    enterprise: dict[str, Any] = told.get("enterprise_user") or {}
    return SlackUser(
        id=str(told.get("id", "")),
        team_id=str(told.get("team_id", "")),
        enterprise_id=enterprise.get("enterprise_id"),
        is_guest=bool(told.get("is_restricted") or told.get("is_ultra_restricted")),
        is_stranger=bool(told.get("is_stranger")),
        is_admin=bool(told.get("is_admin") or told.get("is_owner")),
        is_active=not (told.get("deleted") or told.get("is_bot")),
        zone=str(told.get("tz") or "UTC"),
    )
