"""The Bolt app: acknowledge first, then do the work (rule K1).

Each surface has one Bolt listener with a table behind it, because scanning many listeners costs more than the rest of a
request. A listener acknowledges and starts the work as a task. Bolt's lazy listeners would copy the whole request.
`Surfaces` does the work.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from datetime import datetime

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.entry.surfaces import Surfaces, Workspaces
from bot.slack.web_api.scopes import EVENT_TYPES


def create_app(
    teams: Workspaces,
    session: aiohttp.ClientSession,
    api_url: str,
    clock: Callable[[], datetime],
    answered: Callable[[str, float], None] = lambda *_answer: None,
    before_work: Callable[[], Awaitable[None]] = lambda: asyncio.sleep(0),
    acts_per_minute: int = 120,
) -> tuple[AsyncApp, Surfaces]:
    """Return the app with every surface registered, and the surfaces to drain at shutdown.

    `answered` is called for each command with its word, empty for an unknown one, and the seconds it took.
    `before_work` is awaited before work that was acknowledged. `acts_per_minute` limits the commands, clicks and forms
    of each person.

    Requests must be verified: `http_entry` checks signatures first, and Socket Mode needs none.
    """

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        # Without a call of auth.test: an acknowledgement waits for no network. Calls are made with the services' token.
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)

    app = AsyncApp(
        name="clust",
        # Its parts take this logger's level: of the root's, DEBUG would write down what people typed.
        logger=logging.getLogger("slack_bolt"),
        # Never used to call. Without a token Bolt asks `authorize`, and not the environment.
        client=AsyncWebClient(base_url=f"{api_url}/"),
        authorize=authorize,
        request_verification_enabled=False,
        process_before_response=True,
    )
    surfaces = Surfaces(teams, session, clock, answered, before_work, acts_per_minute)
    app.command(re.compile(r"^/clust"))(surfaces.act(surfaces.command))
    app.action(re.compile(r""))(surfaces.act(surfaces.action))
    app.shortcut(re.compile(r""))(surfaces.act(surfaces.shortcut))
    app.view(re.compile(r""))(surfaces.submission)
    app.view_closed(re.compile(r""))(surfaces.listener(surfaces.closed))
    app.options(re.compile(r""))(surfaces.options)
    for kind in EVENT_TYPES:
        app.event(kind)(surfaces.listener(surfaces.event))
    app.function(re.compile(r""), auto_acknowledge=False)(surfaces.step)
    return app, surfaces
