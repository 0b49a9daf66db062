"""Check and normalize the API addresses that people type, and compare where they lead.

Anything that two programs could read differently (the WHATWG URL standard against RFC 3986) is refused, so a request
can't reach another host than the one that was checked.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from bot.core.errors import UsageError
from bot.core.language import N_, _

PORTS = {"http": 80, "https": 443}
"""The schemes that an API may have, and the port of each where none is named."""

WRONG_ADDRESS = N_("Use an http or https address with no query, such as `https://example.com/api`.")

CLUST_DOMAIN = "clustdoc.com"
"""The only domain for accounts if the bot serves many workspaces, because their admins are not its operators."""

MAX_HOST_CHARACTERS = 253


class Origin(NamedTuple):
    """Scheme, host and port of an address. What is sent goes to the server there, whatever the path."""

    scheme: str
    host: str
    port: int


def base_url(typed: str) -> str:
    """Return the normalized address of an API: scheme and host in lower case, no default port, no trailing slash.

    Raises UsageError for other schemes, a user or password, a query or fragment (even empty), non-ASCII characters,
    `..` in the path, and hosts that are neither a name nor an IP address in standard notation.
    """
    if not re.fullmatch(r"https?://[^/?#@\\\s<>\"%]+(/[!-~]*)?", typed, re.IGNORECASE) or re.search(r"[?#\\]", typed):
        raise UsageError(_(WRONG_ADDRESS))
    try:
        parts = urlsplit(typed)
        host, port = _host(parts.hostname or "", is_ip="[" in parts.netloc), parts.port
    except ValueError as error:  # brackets without an address in them, a port that is none, a name that can't be one
        raise UsageError(_(WRONG_ADDRESS)) from error
    if port == 0 or parts.netloc.endswith(":") or {".", ".."} & set(_decoded(parts.path).split("/")):
        raise UsageError(_(WRONG_ADDRESS))
    scheme = parts.scheme.lower()
    named = f":{port}" if port is not None and port != PORTS[scheme] else ""
    return f"{scheme}://{host}{named}{parts.path}".rstrip("/")


def origin(url: str) -> Origin:
    """Return the origin of an address. Raises UsageError as `base_url` does."""
    parts = urlsplit(base_url(url))
    return Origin(parts.scheme, parts.hostname or "", parts.port or PORTS[parts.scheme])


def same_origin(one: str, other: str) -> bool:
    """Return whether two addresses have the same origin. An invalid address has none."""
    try:
        return origin(one) == origin(other)
    except UsageError:
        return False


def account_url(typed: str, *, any_domain: bool) -> str:
    """Return the normalized address of an account. Raises UsageError as `base_url` does.

    It must be one of Clust's own unless `any_domain`.
    """
    if not any_domain and not is_within_clust(typed):
        raise UsageError(
            _("I serve many workspaces, so the address must use https and belong to {domain}.", domain=CLUST_DOMAIN)
        )
    return base_url(typed)


def is_within_clust(url: str) -> bool:
    """Return whether an address uses https on port 443 of Clust's domain or one of its subdomains."""
    scheme, host, port = origin(url)
    is_own = host == CLUST_DOMAIN or host.endswith(f".{CLUST_DOMAIN}")
    return scheme == "https" and port == PORTS[scheme] and is_own


def _host(typed: str, *, is_ip: bool) -> str:
    """Return a host in the form in which it is looked up. Raises ValueError if it is invalid or ambiguous."""
    if is_ip:
        return f"[{ipaddress.IPv6Address(typed)}]"
    if unicodedata.normalize("NFKC", typed) != typed:
        raise ValueError("signs that stand for others")
    host = typed.removesuffix(".")
    labels = host.split(".")
    if not all(re.fullmatch(r"[^\W_](?:(?:[^\W_]|[-_])*[^\W_])?", label) for label in labels):
        raise ValueError("no name of a host")
    host = host.encode("idna").decode("ascii").lower()
    if re.fullmatch(r"\d+|0x[0-9a-f]*", labels[-1], re.IGNORECASE):
        return str(ipaddress.IPv4Address(host))
    if len(host) > MAX_HOST_CHARACTERS:
        raise ValueError("too long a name")
    return host


def _decoded(path: str) -> str:
    """Return a path after percent-decoding it until nothing changes."""
    while (plain := unquote(path)) != path:
        path = plain
    return path
