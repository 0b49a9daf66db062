"""Whether Slack answers and still takes the bot's token, asked at most once a minute."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import DeliveryError, TokenRefused
from bot.core.readiness import Check
from bot.slack.web_api.responses import Identity, ask
from bot.store.engine.database import DATABASE_TROUBLE

REMEMBERED = timedelta(minutes=1)


class TokenCheck:
    """Asks Slack who we are, and remembers the answer. `client` must not retry by itself."""

    def __init__(self, client: AsyncWebClient, clock: Callable[[], datetime]) -> None:
        self._client, self._clock = client, clock
        self._last: tuple[datetime, Check] | None = None

    async def __call__(self) -> Check:
        """Return how it is."""
        now = self._clock()
        if self._last is None or now - self._last[0] >= REMEMBERED:
            self._last = now, await self._ask()
        return self._last[1]

    async def _ask(self) -> Check:
        try:
            who = await ask(self._client.auth_test(), Identity)
        except DeliveryError as error:
            return Check("slack", ok=False, detail=error.sentence)
        return Check("slack", ok=True, detail=f"the token is that of {who.user} in {who.team_id}")


class TokensCheck:
    """Asks Slack with the token of one workspace, each time of the next one.

    That one of them took its token back makes no process unready, but an unanswered call does. `team_ids` returns the
    workspaces, `client_of` the client of one, which must repeat nothing, or None if it can't be opened.
    """

    def __init__(
        self,
        team_ids: Callable[[], Awaitable[Collection[str]]],
        client_of: Callable[[str], Awaitable[AsyncWebClient | None]],
        clock: Callable[[], datetime],
    ) -> None:
        self._team_ids, self._client_of, self._clock = team_ids, client_of, clock
        self._last: tuple[datetime, Check] | None = None
        self._team_id = ""

    async def __call__(self) -> Check:
        """Return how it is. While the database is away, which has its own check, Slack is not asked."""
        now = self._clock()
        if self._last is None or now - self._last[0] >= REMEMBERED:
            try:
                self._last = now, await self._ask()
            except DATABASE_TROUBLE:
                return Check("slack", ok=True, detail="the database does not say which workspaces there are")
        return self._last[1]

    async def _ask(self) -> Check:
        team_ids = sorted(await self._team_ids())
        count = f"workspaces: {len(team_ids)}"
        if not team_ids:
            return Check("slack", ok=True, detail=count)
        self._team_id = team_ids[bisect_right(team_ids, self._team_id) % len(team_ids)]
        client = await self._client_of(self._team_id)
        if client is None:
            return Check("slack", ok=True, detail=f"{count}; the token of {self._team_id} can't be used")
        try:
            await ask(client.auth_test(), Identity)
        except TokenRefused:
            return Check("slack", ok=True, detail=f"{count}; Slack refuses the token of {self._team_id}")
        except DeliveryError as error:
            return Check("slack", ok=False, detail=f"{count}; {error.sentence}")
        return Check("slack", ok=True, detail=f"{count}; Slack accepts the token of {self._team_id}")
