"""What a browser does when a user installs the app: the bot's page, Slack's consent page, and back with a code."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import aiohttp

from bot.sandbox.slack.block_kit.elements import Impossible

AUTHORIZE = "/oauth/v2/authorize"
FIRST_REDIRECT_STATUS = 300


@dataclass(frozen=True, slots=True)
class Visit:
    """How adding the app went: the last page, and what led to it, so that a test can repeat or change it.

    `location` is where the last page sends the browser, if elsewhere, `callback` the address that Slack led to, on the
    bot's own host, with `code` and `state`, `cookie` what the browser had from the bot, and `authorize_query` the query
    of Slack's consent page.
    """

    status: int
    text: str
    location: str
    callback: str
    code: str
    state: str
    cookie: str
    authorize_query: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Tampering:
    """Deviations from a normal installation: another state or code, no cookie, or consent denied.

    An empty `state` is what an installation from Slack's own admin pages has.
    """

    state: str | None = None
    code: str | None = None
    without_cookie: bool = False
    denied: bool = False


@dataclass(frozen=True, slots=True)
class _HtmlPage:
    status: int
    text: str
    location: str
    cookie: str


class Browser:
    """A browser that talks only to the bot, at the host of its address.

    The bot's state cookie is `Secure` and loopback has no TLS, so cookies are sent by hand.
    """

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the client."""
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())

    async def stop(self) -> None:
        """Close the client."""
        if self._session:
            await self._session.close()

    async def add_app(self, install_url: str, allow: Callable[[Mapping[str, str]], str], tampering: Tampering) -> Visit:
        """Start at `install_url`, and add the app if the user allows it.

        `allow` returns a code for the query of Slack's consent page. Raises Impossible or WebApiRefusal.
        """
        first = await self._get(install_url, "")
        authorize_query = _query_of(first)
        state = authorize_query.get("state", "") if tampering.state is None else tampering.state
        code = ""
        if tampering.denied:
            query = {"error": "access_denied", "state": state}
        else:
            code = tampering.code or allow(authorize_query)
            query = {"code": code, "state": state}
        cookie = "" if tampering.without_cookie else first.cookie
        back = urlsplit(authorize_query.get("redirect_uri") or urljoin(install_url, "oauth_redirect"))
        answer = urlencode({name: value for name, value in query.items() if value})
        callback = urljoin(install_url, back.path) + "?" + "&".join(filter(None, (back.query, answer)))
        last = await self.get(callback, cookie)
        return Visit(last.status, last.text, last.location, callback, code, state, cookie, authorize_query)

    async def get(self, url: str, cookie: str = "") -> _HtmlPage:
        """Return the page at `url`, after following redirects on the same host."""
        page = await self._get(url, cookie)
        for _ in range(5):
            further = urljoin(url, page.location)
            if not page.location or urlsplit(further)[:2] != urlsplit(url)[:2]:
                break
            page = await self._get(further, cookie)
        return page

    async def _get(self, url: str, cookie: str) -> _HtmlPage:
        if self._session is None:
            raise ConnectionError("the browser is not open")
        headers = {"Accept": "text/html", **({"Cookie": cookie} if cookie else {})}
        async with self._session.get(url, headers=headers, allow_redirects=False) as response:
            given = [line.partition(";")[0].strip() for line in response.headers.getall("Set-Cookie", [])]
            location = response.headers.get("Location", "") if response.status >= FIRST_REDIRECT_STATUS else ""
            return _HtmlPage(response.status, await response.text(), location, "; ".join(given))


def _query_of(page: _HtmlPage) -> dict[str, str]:
    """Return what the bot's page asks of Slack, by a redirect or a link. Raises Impossible if it asks nothing."""
    links = [page.location, *(html.unescape(link) for link in re.findall(r'href="([^"]+)"', page.text))]
    authorize_link = next((link for link in links if urlsplit(link).path == AUTHORIZE), None)
    if authorize_link is None:
        raise Impossible(f"the page ({page.status}) leads to no {AUTHORIZE}: {page.text[:200]!r}")
    return dict(parse_qsl(urlsplit(authorize_link).query))
