"""`POST /clust/hook/<secret>`: Clust says that something happened. Only IDs are taken from it, and queued.

A wrong secret gets 404 before its body is read. Bodies have room of their own, so they never displace Slack's.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.core.applications.webhook_ids import webhook_ids
from bot.core.applications.webhook_urls import WEBHOOK_PATH
from bot.http.body_limits import BodyLimits
from bot.store import Store
from bot.store.engine.database import DATABASE_TROUBLE

log = structlog.get_logger(__name__)

MAX_WEBHOOK_BODY = 64 * 1024
"""Bytes."""

MAX_WEBHOOK_BODIES = 64 * MAX_WEBHOOK_BODY
"""Bytes of all unfinished ones. Beyond it the oldest gets 503."""

LOOK_UP_AGAIN = timedelta(minutes=1)
"""How long a secret that was right is not looked up again: it may have been replaced, or its account disconnected."""

MAX_LOOK_UPS = 120
"""Secrets that are looked up in `LOOK_UP_AGAIN`, without those that were right before. Guesses beyond it get 404."""

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
"""As `bot.store.clust.webhook_secrets` creates them. Anything else is wrong without a look."""


class SecretCheck:
    """Recognizes secrets, with a bounded number of queries."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._secrets, self._clock = store.webhook_secrets, clock
        self._accounts: dict[str, tuple[int, datetime]] = {}
        """The account of each secret that was right, and until when it isn't looked up again."""
        self._looked_up_at = deque[datetime](maxlen=MAX_LOOK_UPS)

    async def account_of(self, secret: str) -> int | None:
        """Return the account (connection ID) of a secret, or None if it is wrong. Raises the database's errors."""
        if not _SECRET.fullmatch(secret):
            return None
        now = self._clock()
        account_id, until = self._accounts.get(secret, (None, now))
        if account_id is not None and now < until:
            return account_id
        if account_id is None and not self._may_look_up(now):
            return None
        account_id = await self._secrets.connection_of(secret, now)
        if account_id is None:
            self._accounts.pop(secret, None)
        else:
            self._accounts[secret] = (account_id, now + LOOK_UP_AGAIN)
        return account_id

    def _may_look_up(self, now: datetime) -> bool:
        """Return whether another secret that may be a guess can be looked up, and count it."""
        if len(self._looked_up_at) == MAX_LOOK_UPS and now - self._looked_up_at[0] < LOOK_UP_AGAIN:
            return False
        self._looked_up_at.append(now)
        return True


def webhook_route(store: Store, clock: Callable[[], datetime], give_way: Callable[[], Awaitable[None]]) -> Route:
    """Return the route. `give_way` waits until Slack's requests are acknowledged."""
    check = SecretCheck(store, clock)

    async def receive(request: Request) -> Response:
        try:
            account_id = await check.account_of(request.path_params["secret"])
            if account_id is None:
                return PlainTextResponse("Not Found", 404)
            ids = webhook_ids(await request.body())
            await give_way()
            await store.hints.queue(account_id, ids, clock())
        except ClientDisconnect:
            return PlainTextResponse("", 400)
        except DATABASE_TROUBLE as error:
            log.warning("a webhook could not be queued", why=str(error))
            return PlainTextResponse("try again later", 503)
        return PlainTextResponse("ok")

    limits = Middleware(BodyLimits, max_large_bodies=MAX_WEBHOOK_BODIES, max_body=MAX_WEBHOOK_BODY, max_small_body=0)
    return Route(f"{WEBHOOK_PATH}{{secret}}", receive, methods=["POST"], middleware=[limits])
