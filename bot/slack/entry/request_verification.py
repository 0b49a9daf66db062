"""Accept only Slack's requests: signed by it, recent, and not received before (rule W5).

See Slack: Verifying requests from Slack.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping

MAX_SIGNATURE_AGE_SECONDS = 300
"""How far a request's timestamp may differ from the present, in either direction."""

TRIGGER = b"trigger_id"
"""Part of everything that a person does, different each time. A search in a select has none and may repeat."""


class RequestRefused(Exception):
    """A refused request: `status` is the HTTP status of the response, `reason` its text."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


class ReplayGuard:
    """Remembers the signatures of what people did as long as they are valid. The same request again is a replay.

    Each process has its own. A replay that reaches another process does no harm: a form is sent once because of its
    draft.
    """

    def __init__(self) -> None:
        self._expires_at: dict[str, float] = {}

    def accept(self, signature: str, body: bytes, now: float) -> None:
        """Remember a verified request. Raises RequestRefused with 401 if it was accepted before."""
        while self._expires_at and next(iter(self._expires_at.values())) < now:
            del self._expires_at[next(iter(self._expires_at))]
        if TRIGGER in body and signature in self._expires_at:
            raise RequestRefused(401, "the request was taken already")
        # A timestamp can be early by as much as it can be late.
        self._expires_at[signature] = now + 2 * MAX_SIGNATURE_AGE_SECONDS


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> None:
    """Check a request's signature and timestamp against the Unix time `now`. Raises RequestRefused with 401."""
    timestamp, signature = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
    if not re.fullmatch(r"[0-9]{1,12}", timestamp):
        raise RequestRefused(401, "no valid timestamp")
    if abs(now - int(timestamp)) > MAX_SIGNATURE_AGE_SECONDS:
        raise RequestRefused(401, "the signature is too old")
    signed = b"v0:" + timestamp.encode() + b":" + body
    expected = "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    if not secret or not hmac.compare_digest(expected.encode(), signature.encode()):
        raise RequestRefused(401, "the signature is wrong")
