"""How Slack escapes the text of a slash command whose `should_escape` is true ("Slash commands")."""

from __future__ import annotations

import contextlib
import re

from bot.sandbox.slack.workspace import SlackWorkspace

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_KNOWN_ENDS = "com|org|net|io|dev|app|fr|de|co|eu"

# One pass, so that what became a link is not looked at again. The first in the order wins where two match at the same
# place.
_SIGNS = re.compile(
    rf"""
    (?P<url> \bhttps?://(?:(?!&lt;|&gt;)[^\s"])+ )
    | (?P<mail> [\w.+-]+@[\w-]+(?:\.[\w-]+)+ )
    | (?P<domain> (?<![\w./:@-])(?:[a-z0-9-]+\.)+(?:{_KNOWN_ENDS})\b (?![\w@-]) )
    | (?<!\S)@(?P<user> [\w.-]+ )
    | (?<!\S)\#(?P<channel> [\w-]+ )
    """,
    re.VERBOSE | re.IGNORECASE,
)


def escape(text: str, workspace: SlackWorkspace) -> str:
    """Return a command's text as Slack sends it.

    Entities are escaped, people and channels that exist become IDs, and addresses stand in angle brackets.
    """

    def sign(match: re.Match[str]) -> str:
        kind, name = str(match.lastgroup), match[str(match.lastgroup)]
        if kind == "url":
            return f"<{name}>"
        if kind == "mail":
            return f"<mailto:{name}|{name}>"
        if kind == "domain":
            return f"<http://{name}|{name}>"
        for resolve in (_person, _group) if kind == "user" else (_channel,):
            with contextlib.suppress(KeyError):
                return resolve(workspace, name)
        return match[0]

    return _SIGNS.sub(sign, text.translate(_ENTITIES))


def _person(workspace: SlackWorkspace, name: str) -> str:
    return f"<@{workspace.user(name).id}|{name}>"


def _group(workspace: SlackWorkspace, name: str) -> str:
    return f"<!subteam^{workspace.group(name).id}|@{name}>"


def _channel(workspace: SlackWorkspace, name: str) -> str:
    return f"<#{workspace.channel(name).id}|{name}>"
