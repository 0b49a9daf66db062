"""What holds for every saved action, whatever it is and is filled in with: it stays below the base, as it was saved."""

from __future__ import annotations

from urllib.parse import unquote

import httpx

from bot.clust import console_call
from bot.core.applications.model import Application, Recipient
from bot.core.errors import UsageError
from bot.core.forms import console_request
from bot.core.saved_actions.placeholders import Use
from bot.core.saved_actions.request_template import RequestTemplate

HTTP = httpx.AsyncClient()
"""Builds requests, and sends none."""


def check(parts: list[str]) -> bool:
    """Make an action and a use of eight texts. Returns whether it would be sent. Raises AssertionError if unsafely."""
    method, path, query, headers, body, identifier, external_id, text = parts
    application = Application.model_construct(
        id=identifier, external_id=external_id, recipient=Recipient.model_construct(email=text)
    )
    try:
        template = RequestTemplate.parse(method, path, query, headers, body)
        call = template.filled(Use(application, identifier, text, external_id))
        request = console_call.prepare(
            HTTP, "https://clust.example/api", "the-token", call.method, call.path, call.query, call.headers, call.body
        )
    except UsageError:
        return False
    address = unquote(request.url.raw_path.decode().partition("?")[0])
    segments = address.removesuffix("/").split("/")
    assert (request.url.scheme, request.url.host, segments[:2]) == ("https", "clust.example", ["", "api"]), call
    assert not {"", ".", ".."} & set(segments[2:]), call
    literal = console_request.decoded(path.partition("?")[0].strip(" "))
    assert len(segments) == 2 + len(literal.strip("/").split("/")), call
    assert request.headers["Authorization"] == "Bearer the-token"
    assert not any(console_request.is_ours(name) for name, _value in call.headers), call
    typed = {line.partition(":")[0].strip().lower() for line in headers.splitlines()}
    assert {name.lower() for name, _value in call.headers} <= typed | {"accept", "content-type"}, call
    return True
