"""Check whether Slack accepts the bot's token, at most once a minute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import DeliveryError
from bot.core.readiness import Check
from bot.slack.web_api.responses import Identity, ask

REMEMBERED = timedelta(minutes=1)


class TokenCheck:
    """Calls auth.test and caches the result. `client` must not retry."""

    def __init__(self, client: AsyncWebClient, clock: Callable[[], datetime]) -> None:
        self._client, self._clock = client, clock
        self._last: tuple[datetime, Check] | None = None

    async def __call__(self) -> Check:
        """Return the state of the token."""
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
