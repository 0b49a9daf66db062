"""The Home tab: published when a person opens it, by its button, and on changes for ten minutes after that.

Everything on it comes from the store: Clust isn't asked.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

import structlog

from bot.core.applications.model import StatusClass
from bot.core.errors import BotError
from bot.core.permissions import Role
from bot.slack.listeners.admin.first_contact import open_contacts
from bot.slack.listeners.admin.status import report
from bot.slack.listeners.channel_visibility import visible_channels
from bot.slack.listeners.channels.subscribing import in_words_all
from bot.slack.request.payload_parts import Action
from bot.slack.request.requester import Actor
from bot.slack.request.services import Request
from bot.slack.request.visibility_cache import Visibility
from bot.slack.views.building import ids
from bot.slack.views.building.account_tags import tagged_view
from bot.slack.views.building.blocks import Block
from bot.slack.views.home import MAX_ROWS, MAX_SUBSCRIPTIONS, HomeView, home
from bot.slack.web_api.responses import Accepted, ask
from bot.store.engine.database import DATABASE_TROUBLE
from bot.store.engine.periodic import run_periodically

log = structlog.get_logger(__name__)

FOLLOWED_FOR = timedelta(minutes=10)
"""How long an opened Home tab follows changes."""

MIN_UPDATE_INTERVAL = timedelta(minutes=1)
"""The shortest time between two updates for one person that they did not ask for."""

LOOK_EVERY_SECONDS = 5.0
"""Between checks for changes."""


@dataclass(slots=True)
class _OpenHome:
    account_id: int | None
    at: datetime
    tried_at: datetime
    digest: str


class Homes:
    """The open Home tabs that this process knows. `request` returns a request in a person's name.

    With several accounts a Home tab shows the one chosen there, else the default of the workspace.
    """

    def __init__(
        self, request: Callable[[Actor, int | None], Awaitable[Request]], clock: Callable[[], datetime]
    ) -> None:
        self._request, self._clock = request, clock
        self._opened: dict[Actor, _OpenHome] = {}

    async def open(self, sender: Actor, account_id: int | None = None, *, is_new: bool = False) -> None:
        """Publish a person's Home tab now, and follow changes from now on."""
        if account_id is None and sender in self._opened:
            account_id = self._opened[sender].account_id
        request = await self._request(sender, account_id)
        view = await _home(request, is_new=is_new)
        now = self._clock()
        await _publish(request, view)
        self._opened[sender] = _OpenHome(account_id, now, now, _digest(view))

    async def run(self, stop: asyncio.Event) -> None:
        """Publish changes until `stop` is set."""
        await run_periodically(self.follow, LOOK_EVERY_SECONDS, stop, "homes could not be published")

    async def follow(self) -> None:
        """Update the open Home tabs that have changed, each at most once a minute.

        The tab that has waited longest comes first. One that fails waits a minute like the others, and holds up none
        (rule P4).
        """
        now = self._clock()
        self._opened = {sender: one for sender, one in self._opened.items() if now - one.at <= FOLLOWED_FOR}
        for sender, one in sorted(self._opened.items(), key=lambda item: item[1].tried_at):
            if now - one.tried_at < MIN_UPDATE_INTERVAL:
                continue
            try:
                await self._bring_up_to_date(sender, one, now)
            except (BotError, *DATABASE_TROUBLE) as error:
                one.tried_at = now
                log.info("a home could not be brought up to date", user=sender.user_id, why=str(error))
            except Exception:
                one.tried_at = now
                log.exception("a home failed in an unforeseen way", user=sender.user_id)

    async def _bring_up_to_date(self, sender: Actor, one: _OpenHome, now: datetime) -> None:
        request = await self._request(sender, one.account_id)
        view = await _home(request)
        if _digest(view) != one.digest:
            await request.services.notifier.publish(sender.user_id, tagged_view(view, request.account_id))
            one.tried_at, one.digest = now, _digest(view)


async def _publish(request: Request, view: Block) -> None:
    tagged = tagged_view(view, request.account_id)
    await ask(request.services.client.views_publish(user_id=request.user_id, view=tagged), Accepted)


def account_chosen(action: Action) -> int | None:
    """Return the connection that was chosen on the Home tab, None for any other click."""
    return int(action.choice) if action.action_id == ids.HOME_ACCOUNT and action.choice.isdecimal() else None


async def _home(request: Request, *, is_new: bool = False) -> Block:
    """Return a person's Home tab, from the store alone."""
    status = await report(request, refresh=False)
    if request.role is Role.NOBODY:
        return home(HomeView(status, request.role))
    applications, account_id = request.services.store.applications, request.account_id
    rows = await request.services.store.subscriptions.of_team(request.services.workspace.team_id)
    assigned_count, assigned = (
        await applications.assigned_to(account_id, request.user_id, MAX_ROWS) if account_id else (0, [])
    )
    pending_count, pending = (
        await applications.in_class(account_id, StatusClass.PENDING, MAX_ROWS) if account_id else (0, [])
    )
    submitted_count, submitted = (
        await applications.in_class(account_id, StatusClass.SUBMITTED, MAX_ROWS) if account_id else (0, [])
    )
    seen = await visible_channels(request, {row.channel_id for row in rows}, refresh=False)
    followed = [row for row in rows if seen[row.channel_id] is Visibility.YES]
    return home(
        HomeView(
            report=status,
            role=request.role,
            late=await applications.late_longest(account_id, MAX_ROWS) if account_id else (),
            assigned=assigned,
            assigned_count=assigned_count,
            pending=pending,
            pending_count=pending_count,
            submitted=submitted,
            submitted_count=submitted_count,
            followed=await in_words_all(request, followed[:MAX_SUBSCRIPTIONS]),
            followed_total=len(followed),
            is_partial=Visibility.UNKNOWN in seen.values(),
            unknown_codes=status.unknown_codes,
            new_accounts=await open_contacts(request) if request.role is Role.ADMIN else (),
            is_new=is_new,
        )
    )


def _digest(view: Mapping[str, Any]) -> str:
    """Return a hash of what the Home tab shows, except for the moment in its footer."""
    text = json.dumps(view["blocks"][:-1], sort_keys=True)
    return blake2b(text.encode(), digest_size=8).hexdigest()
