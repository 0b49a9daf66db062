"""Report every call to Slack: its method, the status of the response, and the seconds it took."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import SimpleNamespace

import aiohttp
from yarl import URL

CallObserver = Callable[[str, int | None, float], None]
"""Takes the method, the HTTP status (None without a response) and the seconds."""


def traced(called: CallObserver, api_url: str) -> aiohttp.TraceConfig:
    """Return an aiohttp trace configuration that reports each request to `called`.

    The method is the request's name (`trace_request_ctx`), else the part of its address after `api_url`.
    """
    base = f"{api_url.rstrip('/')}/"

    async def began(_session: aiohttp.ClientSession, call: SimpleNamespace, _: aiohttp.TraceRequestStartParams) -> None:
        call.began = time.monotonic()

    def log_call(call: SimpleNamespace, requested: URL, status: int | None) -> None:
        url = str(requested.with_query(None))
        name = call.trace_request_ctx or (url.removeprefix(base) if url.startswith(base) else "")
        called(str(name), status, time.monotonic() - call.began)

    async def ended(_session: aiohttp.ClientSession, call: SimpleNamespace, end: aiohttp.TraceRequestEndParams) -> None:
        log_call(call, end.url, end.response.status)

    async def failed(
        _session: aiohttp.ClientSession, call: SimpleNamespace, end: aiohttp.TraceRequestExceptionParams
    ) -> None:
        log_call(call, end.url, None)

    config = aiohttp.TraceConfig()
    config.on_request_start.append(began)
    config.on_request_end.append(ended)
    config.on_request_exception.append(failed)
    return config
