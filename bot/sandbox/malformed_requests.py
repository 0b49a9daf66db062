"""What no client of the stand-ins or the page sends, and anyone can: it is read up to the error, or refused."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler
from aiohttp.web_protocol import RequestPayloadError


@web.middleware
async def refuse_unreadable(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer 400 to a body that is not packed as it says, or that ends early."""
    try:
        return await handler(request)
    except RequestPayloadError:
        return web.Response(status=400, text="The body can't be read.")


def parsed(body: bytes | str) -> Any:
    """Return the value of a JSON text, None where it has none: half of it, no UTF-8, or nested without end."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
