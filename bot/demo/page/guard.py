"""Who may talk to the demo's page: the page itself, in a browser that was sent to it, and no website beside it.

A website that someone has open can send requests to loopback, by name too (DNS rebinding), and must not drive the
demo. So the `Host` must be an address or a name that was told, never a foreign one; what a browser marks as coming
from elsewhere is refused; and what changes something carries a word that only the page was given.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Collection

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from yarl import URL

TOKEN_HEADER = "X-Page-Token"

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
"""Nothing is fetched from elsewhere, nothing is kept, and no other page shows this one in a frame."""


def guard(token: str, names: Collection[str]) -> Middleware:
    """Return what lets requests of the page in: `token` is the page's word, `names` the hosts it may be called by."""

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        if refused := _refused(request, token, names):
            return web.Response(status=403, text=refused)
        return await handler(request)

    return guarded


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Say with every answer what a browser may do with it; an answer's own words stand."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)


def _refused(request: web.Request, token: str, names: Collection[str]) -> str:
    """Return why this request is refused, or nothing."""
    if not _is_ours(request.host, names):
        return "The page is not known by this name."
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"{request.scheme}://{request.host}":
        return "Only the page itself may ask."
    is_looking = request.method in ("GET", "HEAD")
    is_arriving = is_looking and request.headers.get("Sec-Fetch-Mode") == "navigate"
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none") and not is_arriving:
        return "Only the page itself may ask."
    if not is_looking and not hmac.compare_digest(
        request.headers.get(TOKEN_HEADER, "").encode(errors="replace"), token.encode()
    ):
        return "The page was opened in another demo: load it again."
    return ""


def _is_ours(host: str, names: Collection[str]) -> bool:
    """Tell whether a `Host` is an address, which can't be rebound, or a name that was told."""
    try:
        name = URL(f"http://{host}").host or ""
    except ValueError:
        return False
    if name in ("localhost", *names):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
