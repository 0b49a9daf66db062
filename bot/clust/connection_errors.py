"""What a failed connection to Clust means, in words for people."""

from __future__ import annotations

import socket
import ssl

import httpx

from bot.core.errors import Way
from bot.core.language import N_, _

NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""What httpx raises before anything is sent."""

NO_CONNECTION = (
    (socket.gaierror, Way.ADDRESS, N_("The host name is unknown.")),
    (ConnectionRefusedError, Way.DOWN, N_("Nothing is listening at this address.")),
    (ssl.SSLCertVerificationError, Way.CERTIFICATE, N_("The server's certificate isn't trusted.")),
    (ssl.SSLError, Way.CERTIFICATE, N_("The server doesn't use TLS at this address.")),
)
"""The cause of an httpx error, how it could be fixed, and a sentence for people. The first matching row counts."""


def sentence_and_way(error: TimeoutError | httpx.HTTPError) -> tuple[str, Way]:
    """Return a sentence about a failed connection, and how it could be fixed.

    The error's own text isn't shown: it may contain anything.
    """
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return _("It didn't respond in time."), Way.DOWN
    if not isinstance(error, NEVER_SENT):
        return _("The connection was lost before the response was complete."), Way.DOWN
    cause: BaseException | None = error
    while cause:
        for kind, way, words in NO_CONNECTION:
            if isinstance(cause, kind):
                return _(words), way
        cause = cause.__cause__ or cause.__context__
    return _("The connection couldn't be opened."), Way.DOWN
