"""Limit what the bot asks of Slack by itself: each method at its tier, with a pause after a 429.

Posts into channels have limits of their own (`store.notifications.rate_limits`). What a person asks for isn't limited
here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.core.errors import Throttled
from bot.core.notifications.slack_exceptions import Doing
from bot.slack.web_api.responses import Response, ask
from bot.store.notifications.rate_limits import MethodRateLimits

log = structlog.get_logger(__name__)

Call = Callable[..., Awaitable[AsyncSlackResponse]]


class MethodLimiter:
    """The calls of one workspace, limited by method (rules P1, P2)."""

    def __init__(self, team_id: str, methods: MethodRateLimits, clock: Callable[[], datetime]) -> None:
        self._team_id, self._methods, self._clock = team_id, methods, clock

    async def call(
        self, method: str, call: Call, kind: type[Response], doing: Doing = Doing.ASKING, **arguments: Any
    ) -> Response:
        """Return the response of `call` as `kind`.

        Raises a DeliveryError, which is Throttled while the method pauses.
        """
        now = self._clock()
        if ready_at := await self._methods.take(self._team_id, method, now):
            raise Throttled((ready_at - now).total_seconds())
        try:
            return await ask(call(**arguments), kind, doing)
        except Throttled as error:
            await self._methods.pause(self._team_id, method, timedelta(seconds=error.retry_after), self._clock())
            log.info("slack asked to wait", method=method, seconds=error.retry_after)
            raise

    async def rest(self, method: str, seconds: float) -> None:
        """Pause a method for this many seconds, because Slack would answer 429."""
        await self._methods.rest(self._team_id, method, seconds, self._clock())
