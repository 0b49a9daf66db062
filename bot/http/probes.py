"""The endpoints for an operator's monitoring, on METRICS_PORT: `/healthz`, `/readyz` and `/metrics`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.core.readiness import Check
from bot.http.base_app import create_application, healthz
from bot.http.connection_limits import LimitedConnection

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""Of Prometheus' text format."""


class Operator(LimitedConnection):
    """A connection to METRICS_PORT. Few are allowed, since PORT needs the files of the process."""

    max_open = 50


def create_probes(
    checks: Callable[[], Awaitable[Sequence[Check]]], exposition: Callable[[], Awaitable[bytes]]
) -> Starlette:
    """Return the application. `checks` returns the readiness checks, `exposition` the text of the metrics."""

    async def readyz(_request: Request) -> Response:
        results = await checks()
        ready = all(check.ok for check in results)
        details = {check.name: {"ok": check.ok, "said": check.detail} for check in results}
        return JSONResponse({"ready": ready, "checks": details}, 200 if ready else 503)

    async def metrics(_request: Request) -> Response:
        return Response(await exposition(), media_type=CONTENT_TYPE)

    return create_application([Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)])
