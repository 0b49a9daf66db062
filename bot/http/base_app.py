"""What both servers share: `/healthz`, body limits, and 404 for unknown paths."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.http.body_limits import MAX_BODY_SECONDS, MAX_LARGE_BODIES, BodyLimits


def create_application(
    routes: Sequence[Route],
    max_body_seconds: float = MAX_BODY_SECONDS,
    max_large_bodies: int = MAX_LARGE_BODIES,
    apart: Sequence[Route] = (),
) -> Starlette:
    """Return an application with these routes and limits for bodies (`BodyLimits`). Other paths get 404.

    Bodies of the routes `apart` have limits of their own, and take no room of the others.

    Redirects of trailing slashes are off: Starlette would redirect to the host in the request, which anyone can choose.
    """
    limits = Middleware(
        BodyLimits,
        max_seconds=max_body_seconds,
        max_large_bodies=max_large_bodies,
        applies=lambda path: not any(route.path_regex.match(path) for route in apart),
    )
    app = Starlette(routes=[*routes, *apart], middleware=[limits])
    app.router.redirect_slashes = False
    return app


async def healthz(_request: Request) -> Response:
    """Respond that the process is alive."""
    return PlainTextResponse("ok")
