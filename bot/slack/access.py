"""Who someone is, by `users.info`, remembered for a minute (rule W1)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import NotAllowed
from bot.core.permissions import Role, SlackUser, Workspace, role_of
from bot.slack.api import SLACK_TROUBLE
from bot.store.people import People, Person

REMEMBERED = timedelta(seconds=60)


class Access:
    """Tells the role of a person. Where Slack can't be asked, the answer is no."""

    def __init__(
        self,
        client: AsyncWebClient,
        workspace: Workspace,
        admin_users: Collection[str],
        people: People,
        clock: Callable[[], datetime],
    ) -> None:
        self._client, self._workspace, self._admin_users = client, workspace, frozenset(admin_users)
        self._people, self._clock = people, clock
        self._known: dict[str, tuple[datetime, SlackUser]] = {}

    async def role(self, user_id: str) -> tuple[Role, SlackUser]:
        """Return what a person may do, and who they are. Raises NotAllowed where that can't be told."""
        now = self._clock()
        at, user = self._known.get(user_id, (None, None))
        if user is None or at is None or now - at >= REMEMBERED:
            user = await self._ask(user_id)
            self._known = {key: kept for key, kept in self._known.items() if now - kept[0] < REMEMBERED}
            self._known[user_id] = (now, user)
            role = role_of(user, self._workspace, self._admin_users)
            if role:
                person = Person(self._workspace.team_id, user_id, role is Role.ADMIN, user.zone)
                await self._people.remember(person, now)
        return role_of(user, self._workspace, self._admin_users), user

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
