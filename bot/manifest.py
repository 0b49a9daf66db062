"""`manifest.yml` with the host filled in: the one source of what the bot asks of Slack, read as text.

Its comments belong to it: each permission says what it is for. Lines for HTTP are there as comments with `YOUR-HOST`.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from bot.core.errors import UsageError

SOURCE = Path(__file__).parents[1] / "manifest.yml"

PLACEHOLDER = "https://YOUR-HOST"

HEAD = '# The Slack app: api.slack.com/apps, "Create New App", "From a manifest".\n'


def manifest(url: str | None, *, by_socket: bool) -> str:
    """Return the manifest for HTTP at `url`, or for Socket Mode, which needs no address. Raises UsageError."""
    if not (url or by_socket):
        raise UsageError("--url: Say at which https address Slack reaches the bot, or --socket for Socket Mode.")
    base = _base(url) if url else PLACEHOLDER
    try:
        text = SOURCE.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{SOURCE.name} can't be read ({error.strerror}): start this in the bot's own folder."
        ) from error
    return filled_in(text, base, by_socket=by_socket)


def filled_in(text: str, base: str, *, by_socket: bool) -> str:
    """Return the text of a manifest for `base`, an address without a path."""
    lines = []
    for line in text.split("\n_metadata:", 1)[1].splitlines():
        is_for_http = line.lstrip().startswith("#") and PLACEHOLDER in line
        if is_for_http and not by_socket:
            lines.append(re.sub(r"# ", "", line, count=1).replace(PLACEHOLDER, base))
        elif not is_for_http:
            lines.append(line.replace(PLACEHOLDER, base))
    told = "\n".join(["_metadata:", *lines])
    if not by_socket:
        told = told.replace("socket_mode_enabled: true", "socket_mode_enabled: false")
    return f"{HEAD}{told.rstrip()}\n"


def _base(url: str) -> str:
    try:
        parts = urlsplit(url.rstrip("/"))
        right = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        right = False
    else:
        right = right and not (parts.path or parts.query or parts.fragment or parts.username)
    if not right or re.search(r"[\s\"'#\\]", url):
        raise UsageError("--url: It must be the https address that Slack reaches, such as `https://clust.example.com`.")
    return url.rstrip("/")
