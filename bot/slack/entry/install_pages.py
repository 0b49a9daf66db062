"""The two pages on which a browser installs the app (Slack: Installing with OAuth), and their query parameters.

Anyone can request them. So parameters are checked before Bolt's flow puts them into another address or a page, and
every failure is answered with a sentence: no traceback, and neither state nor code in the log.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from urllib.parse import parse_qs

import structlog
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncBoltRequest
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.core.language import _

log = structlog.get_logger(__name__)

INSTALL: Mapping[str, re.Pattern[str]] = {"team": re.compile(r"[A-Z0-9]{1,40}")}
"""The parameters of the first page: which workspace."""

REDIRECT: Mapping[str, re.Pattern[str]] = {
    # Empty where someone installs from Slack's own pages. Bolt's flow says what to do then.
    "state": re.compile(r"[A-Za-z0-9_-]{0,64}"),
    "code": re.compile(r"[!-~]{1,512}"),
    "error": re.compile(r"[A-Za-z0-9_. -]{1,100}"),
}
"""The parameters that Slack adds for the second page."""

HEADERS = {"cache-control": "no-store", "referrer-policy": "no-referrer", "x-frame-options": "DENY"}
"""The pages are an entry from another site: they must not be cached, named in a Referer, or framed."""


MAX_PAGES_AT_ONCE = 100
"""More people do not install the app at one moment. Beyond that, a sentence is answered at once."""


class BadAddress(ValueError):
    """A query parameter is invalid. Its name is the error's only argument."""


def install_routes(flow: AsyncOAuthFlow) -> list[Route]:
    """Return the routes of both pages."""
    pages = (
        (flow.install_path, flow.handle_installation, INSTALL),
        (flow.redirect_uri_path, flow.handle_callback, REDIRECT),
    )
    return [
        Route(path, _page(handle, parameters, flow.install_path), methods=["GET"]) for path, handle, parameters in pages
    ]


def checked(query: str, parameters: Mapping[str, re.Pattern[str]]) -> dict[str, str]:
    """Return the `parameters` that a query string has, with their values. Others are left out.

    Raises BadAddress for one that occurs twice or has an invalid value.
    """
    values = parse_qs(query, keep_blank_values=True)
    for name in parameters.keys() & values.keys():
        if len(values[name]) > 1 or not parameters[name].fullmatch(values[name][0]):
            raise BadAddress(name)
    return {name: values[name][0] for name in parameters if name in values}


def _page(
    handle: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]],
    parameters: Mapping[str, re.Pattern[str]],
    install_path: str,
) -> Callable[[Request], Awaitable[Response]]:
    room = asyncio.Semaphore(MAX_PAGES_AT_ONCE)
    sorry = _("That didn't work. Wait a moment, then open {path} to try again.", path=install_path)

    async def page(request: Request) -> Response:
        try:
            query = checked(bytes(request.scope["query_string"]).decode("latin-1"), parameters)
        except BadAddress as error:
            sentence = _(
                "The “{parameter}” in this link isn't valid. To add the app, open {path}.",
                parameter=error,
                path=install_path,
            )
            return PlainTextResponse(sentence, 400, HEADERS)
        if room.locked():
            return PlainTextResponse(sorry, 503, HEADERS)
        headers: dict[str, str | Sequence[str]] = {name: [value] for name, value in request.headers.items()}
        try:
            async with room:
                answer = await handle(AsyncBoltRequest(body="", query=query, headers=headers))
        except Exception as error:  # noqa: BLE001  the boundary: the browser gets a sentence, and the log no secret
            log.warning("a page for installing failed", page=request.scope["path"], why=type(error).__name__)
            return PlainTextResponse(sorry, 503, HEADERS)
        kept = {name: values[0] for name, values in answer.headers.items()}
        return Response(answer.body, answer.status, kept | HEADERS)

    return page
