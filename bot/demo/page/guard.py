"""Access control of the demo's page: only the page itself can use its server, and no other website.

A website that someone has open can send requests to loopback, by name too (DNS rebinding), and must not drive the
demo. So the `Host` must be an IP address or an allowed name. Requests that a browser marks as cross-site are refused.
Requests that change something must carry a token that only the page has.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Collection

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from yarl import URL

from bot.core.language import _

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
    """Return a middleware that admits only the page's requests.

    `token` is the page's, `names` the allowed host names.
    """

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        if refused := _refused(request, token, names):
            return web.Response(status=403, text=refused)
        return await handler(request)

    return guarded


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Add the security headers to every response, except those it already has."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)


def _refused(request: web.Request, token: str, names: Collection[str]) -> str:
    """Return why this request is refused, or an empty string."""
    if not _is_ours(request.host, names):
        return _("This page isn't served under this host name.")
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"{request.scheme}://{request.host}":
        return _("Only the page itself can make this request.")
    is_looking = request.method in ("GET", "HEAD")
    is_arriving = is_looking and request.headers.get("Sec-Fetch-Mode") == "navigate"
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none") and not is_arriving:
        return _("Only the page itself can make this request.")
    if not is_looking and not hmac.compare_digest(
        request.headers.get(TOKEN_HEADER, "").encode(errors="replace"), token.encode()
    ):
        return _("This page belongs to an earlier demo. Reload it.")
    return ""


def _is_ours(host: str, names: Collection[str]) -> bool:
    """Return whether a `Host` is an IP address, which can't be rebound, or an allowed name."""
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
