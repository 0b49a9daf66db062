"""What both of our servers have in common: `/healthz`, and addresses that are served exactly as they are named."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route


def served_as_named(routes: Sequence[Route]) -> Starlette:
    """Return an application of `routes`, with 404 for every other address.

    Starlette would lead `/healthz/` to `/healthz` on the host that the request names, which anyone can choose.
    """
    app = Starlette(routes=routes)
    app.router.redirect_slashes = False
    return app


async def healthz(_request: Request) -> Response:
    """Say that the process lives."""
    return PlainTextResponse("ok")
