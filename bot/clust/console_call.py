"""Any call of the API, for the console: every status is a response to show (rule M5).

`core/forms/console_request.py` validates what a person typed. The URL is checked again here, right before it is sent.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

import httpx

from bot.clust import protocol
from bot.clust.bounded_decoding import unpacked
from bot.core.errors import ClustBroken, ClustOutcomeUnknown, UsageError
from bot.core.language import _

MAX_BODY_BYTES = 1024 * 1024
"""Bytes of a response that are read."""

MAX_REDIRECTS = 3
"""Redirects that a GET follows, within the API's base URL."""

NamedValues = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """Clust's response. Header names are in lower case. `truncated`: the body was longer than what is read."""

    method: str
    path: str
    status: int
    seconds: float
    headers: dict[str, str]
    body: bytes
    truncated: bool

    @property
    def content_type(self) -> str:
        """The content type of the body, empty if there is none."""
        return self.headers.get("content-type", "")


def response_words(answer: RawAnswer) -> str:
    """Return what Clust said with a success, empty if nothing. Raises the ClustError that the response means.

    Raises ClustOutcomeUnknown for a write that may have been carried out: a server error, or an unreadable success.
    """
    try:
        value = protocol.decipher(answer.status, answer.headers, answer.body)
    except ClustBroken as error:
        if answer.method == "GET" and answer.status < HTTPStatus.MULTIPLE_CHOICES:
            return ""  # whatever it is, it is the answer
        if answer.method != "GET" and not HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
            raise ClustOutcomeUnknown(error.detail) from error
        raise
    message = value.get("message") if isinstance(value, dict) else None
    return message if isinstance(message, str) else ""


def prepare(
    http: httpx.AsyncClient,
    base_url: str,
    token: str,
    method: str,
    path: str,
    query: NamedValues,
    headers: NamedValues,
    body: str | None,
) -> httpx.Request:
    """Return the request with our Authorization. Raises UsageError if it would leave the API's base URL.

    It asks for an uncompressed response, so that the size limit holds on the wire too.
    """
    base, url = _base(base_url), httpx.URL(path)
    if url.is_relative_url:
        url = base.copy_with(raw_path=base.raw_path + url.raw_path.lstrip(b"/"))
    request = http.build_request(method, url, params=list(query) or None, headers=list(headers), content=body)
    if not _below(base, request.url):
        raise UsageError(_("That path leads outside Clust's API. Use one such as `/dossiers`."))
    request.headers["Authorization"] = f"Bearer {token}"
    request.headers["Accept-Encoding"] = "identity"
    return request


async def exchange(http: httpx.AsyncClient, base_url: str, token: str, request: httpx.Request, path: str) -> RawAnswer:
    """Send a request and read as much of the response as is shown. Raises what httpx raises."""
    began = time.monotonic()
    base, method, followed = _base(base_url), request.method, 0
    while True:
        response = await http.send(request, stream=True)
        try:
            onwards = response.next_request
            if method == "GET" and onwards and followed < MAX_REDIRECTS and _below(base, onwards.url):
                request, followed = onwards, followed + 1
                continue
            body = await unpacked(response, MAX_BODY_BYTES)
        finally:
            await response.aclose()
        return RawAnswer(
            method,
            path,
            response.status_code,
            time.monotonic() - began,
            # If the answer repeats the token, no one reads it.
            {name: value.replace(token, "[token]") for name, value in response.headers.items()},
            bytes(body.replace(token.encode(), b"[token]")[:MAX_BODY_BYTES]),
            len(body) > MAX_BODY_BYTES,
        )


def _base(base_url: str) -> httpx.URL:
    return httpx.URL(f"{base_url.rstrip('/')}/")


def _below(base: httpx.URL, url: httpx.URL) -> bool:
    """Return whether a URL is within the API's base URL: same scheme, host and port, no user, its path inside."""
    return (
        (url.scheme, url.host, url.port, url.userinfo) == (base.scheme, base.host, base.port, base.userinfo)
        and url.raw_path.startswith(base.raw_path)
        and not {".", ".."} & set(url.path.split("/"))
    )
