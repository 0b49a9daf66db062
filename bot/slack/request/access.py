"""Who a person is, by `users.info` and their user groups, cached for a minute (rule W1)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import DeliveryError, NotAllowed
from bot.core.language import _
from bot.core.permissions import (
    WORKFLOWS,
    Role,
    RoleFacts,
    SlackUser,
    Workspace,
    is_group,
    is_member,
    role_of,
    settled_role,
)
from bot.slack.web_api.responses import GroupMembers, UserInfo, ask
from bot.store.people.people import People, Person
from bot.store.people.roles import Roles

REMEMBERED = timedelta(seconds=60)

PATIENCE_SECONDS = 2.0
"""For all questions about one person within one request."""


async def served() -> None:
    """Do nothing: the workspace is served anyway."""


class Authorization(NamedTuple):
    """A role, who has it, and `at_most`: the role it could be once all groups can be read."""

    role: Role
    user: SlackUser
    at_most: Role


class Access:
    """Finds out the role of a person. If Slack doesn't say who they are, the request is refused.

    `admin_users` are the admins of ADMIN_USERS, empty for those of the workspace. `serve` keeps the workspace served:
    it is called when a member uses the bot, after their role was checked.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        workspace: Workspace,
        admin_users: Collection[str],
        people: People,
        roles: Roles,
        clock: Callable[[], datetime],
        serve: Callable[[], Awaitable[None]] = served,
    ) -> None:
        self._client, self._workspace, self.admin_users = client, workspace, frozenset(admin_users)
        self._people, self._roles, self._clock, self._serve = people, roles, clock, serve
        self._users: dict[str, tuple[datetime, SlackUser]] = {}
        self._members: dict[str, tuple[datetime, frozenset[str]]] = {}

    async def role(self, user_id: str, *, refresh: bool = False, seconds: float | None = None) -> Authorization:
        """Return a person's role. Raises NotAllowed if Slack doesn't say who they are within `seconds`.

        `seconds` None is `PATIENCE_SECONDS`. `refresh` ignores the cache, as for all that only admins can do (rule W1).
        """
        is_new = refresh or self._is_old(self._users.get(user_id))
        roles = await self._roles.all(self._workspace.team_id)
        authorization = await self.role_if(user_id, roles, refresh=refresh, seconds=seconds)
        if is_new and authorization.role:
            if is_member(authorization.user, self._workspace):
                await self._serve()
            is_admin = authorization.role is Role.ADMIN
            person = Person(
                self._workspace.team_id, user_id, is_admin, authorization.user.zone, authorization.user.locale
            )
            await self._people.remember(person, self._clock())
        return authorization

    async def is_new(self, user_id: str) -> bool:
        """Return whether a person has never used the bot in this workspace."""
        return not await self._people.is_known(self._workspace.team_id, user_id)

    async def is_admin(self, user_id: str) -> bool:
        """Return whether a person is an admin, without recording them. Raises NotAllowed if Slack can't say."""
        return (await self.role_if(user_id, await self._roles.all(self._workspace.team_id))).role is Role.ADMIN

    async def is_in(self, team_id: str, user_id: str, seconds: float) -> bool:
        """Return whether a person certainly belongs to a workspace of this organization.

        Raises NotAllowed if Slack doesn't say so within `seconds`.
        """
        user = await self._user(user_id, _ends_at(seconds), refresh=False)
        return is_member(user, replace(self._workspace, team_id=team_id))

    async def locale(self, user_id: str) -> str | None:
        """Return the locale of a person, asked of Slack if they never used the bot, or None if Slack can't say."""
        if locale := await self._people.locale(self._workspace.team_id, user_id):
            return locale
        try:
            return (await self._user(user_id, _ends_at(None), refresh=False)).locale
        except NotAllowed:
            return None

    async def role_if(
        self, user_id: str, roles: Mapping[str, Role], *, refresh: bool = False, seconds: float | None = None
    ) -> Authorization:
        """Return the role that a person would have if `roles` were the assigned ones. Raises NotAllowed as `role` does.

        Groups are only asked about if they can matter: a person whose own role decides doesn't wait for them.
        """
        ends_at = _ends_at(seconds)
        user = await self._user(user_id, ends_at, refresh=refresh)
        own = {subject: role for subject, role in roles.items() if subject == user_id}
        settled = settled_role(RoleFacts(user, self._workspace, self.admin_users, own, {}))
        if settled is not None:
            return Authorization(settled, user, settled)
        by_group = {subject: role for subject, role in roles.items() if is_group(subject)}
        members = await self._members_of(by_group, ends_at, refresh=refresh)
        granted = {group: by_group[group] for group, people in members.items() if people and user_id in people}
        unread = {group: by_group[group] for group, people in members.items() if people is None}
        role = role_of(user, self._workspace, self.admin_users, granted, unread)
        at_most = (role_of(user, self._workspace, self.admin_users, given) for given in (granted, granted | unread))
        return Authorization(role, user, max(at_most))

    async def members(self, group_id: str) -> frozenset[str] | None:
        """Return the members of a user group, or None if Slack doesn't say, which isn't cached (rule W1)."""
        return (await self.members_of((group_id,)))[group_id]

    async def members_of(
        self, group_ids: Iterable[str], seconds: float | None = None
    ) -> Mapping[str, frozenset[str] | None]:
        """Return the members of each of these groups, asked concurrently. A group has None if Slack doesn't say."""
        return await self._members_of(group_ids, _ends_at(seconds))

    async def is_among(self, user_id: str, subjects: Collection[str]) -> bool:
        """Return whether a person is among people and user groups. An unknown group counts as no."""
        if user_id in subjects:
            return True
        members = await self.members_of(filter(is_group, subjects))
        return any(people is not None and user_id in people for people in members.values())

    def forget(self) -> None:
        """Clear the cache: roles or groups have changed."""
        self._users.clear()
        self._members.clear()

    def _is_old(self, kept: tuple[datetime, object] | None) -> bool:
        return kept is None or self._clock() - kept[0] >= REMEMBERED

    async def _user(self, user_id: str, ends_at: float, *, refresh: bool) -> SlackUser:
        kept = self._users.get(user_id)
        if kept is not None and not refresh and not self._is_old(kept):
            return kept[1]
        try:
            async with asyncio.timeout_at(ends_at):
                response = await ask(self._client.users_info(user=user_id, include_locale=True), UserInfo)
        except (DeliveryError, TimeoutError) as error:
            raise NotAllowed(_("I couldn't ask Slack who you are. Try again in a moment.")) from error
        # In an organization someone may have two ids: roles stand under the one that requests carry.
        user = replace(response.user.person, id=user_id)
        self._users = {key: one for key, one in self._users.items() if not self._is_old(one)}
        self._users[user_id] = (self._clock(), user)
        return user

    async def _members_of(
        self, group_ids: Iterable[str], ends_at: float, *, refresh: bool = False
    ) -> dict[str, frozenset[str] | None]:
        groups = list(group_ids)
        answers = await asyncio.gather(*(self._ask_members(group, ends_at, refresh=refresh) for group in groups))
        return dict(zip(groups, answers, strict=True))

    async def _ask_members(self, group_id: str, ends_at: float, *, refresh: bool) -> frozenset[str] | None:
        kept = self._members.get(group_id)
        if kept is not None and not refresh and not self._is_old(kept):
            return kept[1]
        try:
            async with asyncio.timeout_at(ends_at):
                call = self._client.usergroups_users_list(usergroup=group_id, team_id=self._workspace.team_id)
                members = frozenset((await ask(call, GroupMembers)).users)
        except (DeliveryError, TimeoutError):
            return None
        self._members[group_id] = (self._clock(), members)
        return members


def _ends_at(seconds: float | None) -> float:
    """Return the end of a period on the loop clock: so many seconds from now, `PATIENCE_SECONDS` for None."""
    return asyncio.get_running_loop().time() + (PATIENCE_SECONDS if seconds is None else seconds)


class TimeBudget:
    """The seconds that all questions to Slack about one person may take within one request.

    None: `PATIENCE_SECONDS`.
    """

    def __init__(self, seconds: float | None = None) -> None:
        self._left = PATIENCE_SECONDS if seconds is None else seconds

    @contextmanager
    def spend(self) -> Iterator[float]:
        """Give the seconds that are left for a question, and subtract those that it took."""
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            yield self._left
        finally:
            self._left = max(0.0, self._left - (clock() - began))


class Asker:
    """The person behind one request. All that is asked of Slack about them takes at most what is left of `budget`.

    `acts`: they did something, so the cache isn't used. What is updated by itself uses it.
    """

    def __init__(self, access: Access, user_id: str, budget: TimeBudget | None = None, *, acts: bool = True) -> None:
        self._access, self._user_id, self._budget = access, user_id, budget or TimeBudget()
        self._authorization: Authorization | None = None
        self._is_refreshed = not acts

    async def authorization(self) -> Authorization:
        """Return the person's role, cached for at most a minute. Raises NotAllowed."""
        if self._authorization is None:
            self._authorization = await self._ask(refresh=False)
        return self._authorization

    async def authorization_now(self) -> Authorization:
        """Return the person's role, asked of Slack once for this request. Raises NotAllowed."""
        if self._authorization is None or not self._is_refreshed:
            self._authorization, self._is_refreshed = await self._ask(refresh=True), True
        return self._authorization

    async def _ask(self, *, refresh: bool) -> Authorization:
        with self._budget.spend() as seconds:
            return await self._access.role(self._user_id, refresh=refresh, seconds=seconds)


class WorkflowAsker(Asker):
    """A workflow that no one started in person, with the role that admins gave to workflows. At first there is none."""

    def __init__(self, access: Access, role: Role) -> None:
        super().__init__(access, WORKFLOWS)
        self._role = role

    async def authorization(self) -> Authorization:
        """Return the role of workflows."""
        return Authorization(self._role, SlackUser(WORKFLOWS, ""), self._role)

    async def authorization_now(self) -> Authorization:
        """Return the role of workflows: no step is for admins only."""
        return await self.authorization()
