"""The HTTP entry: `/slack/events` for everything that Slack sends, `/healthz` for whoever asks whether we live.

A request is judged before anything else sees it (rule W5; Slack: Verifying requests from Slack): its size, its age, its
signature. What is refused is not logged beyond the reason.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import nullcontext

import structlog
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.http.body_limits import BodyLimits, Refused
from bot.http.connection_limits import vouch
from bot.http.routes import healthz, served_as_named
from bot.slack.entry import payloads
from bot.slack.entry.ack_priority import AckPriority
from bot.slack.entry.install_pages import install_routes

log = structlog.get_logger(__name__)

OLDEST = 300
"""Seconds that a signature lives."""

TRIGGER = b"trigger_id"
"""Stands in whatever a person does, with another value each time; a search in a select has none, and may come twice."""


ANSWERED_IN_IT = frozenset({"view_submission", "block_suggestion"})
"""Payloads whose acknowledgement is the answer, and takes as long as the work does."""


def create_web(
    app: AsyncApp | None,
    signing_secret: str | None,
    seconds: Callable[[], float],
    installing: AsyncOAuthFlow | None = None,
    bodies: BodyLimits | None = None,
    rush: AckPriority | None = None,
) -> Starlette:
    """Return the web application. Without a signing secret (Socket Mode) it takes no events, and only says it lives.

    `seconds` is the present Unix time; `installing` installs the app in workspaces; `rush` is entered by each request.
    """
    routes = [Route("/healthz", healthz)]
    if app is not None and signing_secret:
        events = _slack_events(app, signing_secret, seconds, bodies or BodyLimits(), rush or AckPriority())
        routes.append(Route("/slack/events", events, methods=["POST"]))
    if installing is not None:
        routes += install_routes(installing)
    return served_as_named(routes)


class ReplayGuard:
    """The signatures of what people did, as long as they live: the same request again is a replay.

    Each process knows its own. What is sent to two of them is still done once where it matters: forms by their draft.
    """

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def take(self, signature: str, body: bytes, now: float) -> None:
        """Remember a verified request. Raises Refused with 401 where it was taken before."""
        while self._until and next(iter(self._until.values())) < now:
            del self._until[next(iter(self._until))]
        if TRIGGER in body and signature in self._until:
            raise Refused(401, "the request was taken already")
        # A timestamp may lie ahead as far as it may lie back.
        self._until[signature] = now + 2 * OLDEST


def _slack_events(
    app: AsyncApp, signing_secret: str, seconds: Callable[[], float], bodies: BodyLimits, rush: AckPriority
) -> Callable[[Request], Awaitable[Response]]:
    taken = ReplayGuard()

    async def slack_events(request: Request) -> Response:
        with structlog.contextvars.bound_contextvars(request=secrets.token_hex(4)):
            return await answered(request)

    async def answered(request: Request) -> Response:
        try:
            body = await bodies.read(request)
            verify(signing_secret, request.headers, body, seconds())
            taken.take(request.headers["x-slack-signature"], body, seconds())
            vouch(request.scope)
        except Refused as refused:
            log.warning("request refused", status=refused.status, why=refused.why)
            return PlainTextResponse(refused.why, refused.status)
        except ClientDisconnect:
            return PlainTextResponse("", 400)
        headers: dict[str, str | Sequence[str]] = {name: [value] for name, value in request.headers.items()}
        try:
            payload = payloads.read(body.decode())
        except ValueError as error:
            why = str(error) if isinstance(error, payloads.Malformed) else "not UTF-8"
            log.warning("request refused", status=400, why=why)
            return PlainTextResponse(why, 400)
        if payload is None:
            return PlainTextResponse("not for this bot", 404)
        # Bolt reads a form by itself only where the word payload stands nowhere in it: so it is read here, and given
        # as what comes by Socket Mode is.
        told = AsyncBoltRequest(body=payload, query=_query(request), headers=headers, mode="socket_mode")
        with nullcontext() if payload.get("type") in ANSWERED_IN_IT else rush:
            answer = await app.async_dispatch(told)
        return Response(answer.body, answer.status, {name: values[0] for name, values in answer.headers.items()})

    return slack_events


def _query(request: Request) -> str:
    """Return what follows the question mark. Not by `request.url`: a Host that makes no sense makes no address."""
    return bytes(request.scope["query_string"]).decode("latin-1")


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> None:
    """Check that Slack sent this, within the last five minutes. Raises Refused with 401."""
    timestamp, signature = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
    if not re.fullmatch(r"[0-9]{1,12}", timestamp):
        raise Refused(401, "no valid timestamp")
    if abs(now - int(timestamp)) > OLDEST:
        raise Refused(401, "the signature is too old")
    signed = b"v0:" + timestamp.encode() + b":" + body
    right = "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    if not secret or not hmac.compare_digest(right.encode(), signature.encode()):
        raise Refused(401, "the signature is wrong")
