"""The scopes of Slack's Web API, from Slack's documentation.

The stand-in has its own table, so that a mistake in the bot's table isn't repeated.
`tests/sandbox/slack/test_scopes.py` compares it with the scopes that the bot asks for.
"""

from __future__ import annotations

from collections.abc import Mapping

_READ = frozenset({"channels:read", "groups:read", "im:read", "mpim:read"})
_HISTORY = frozenset({"channels:history", "groups:history", "im:history", "mpim:history"})
_WRITE = frozenset({"chat:write"})
_GROUPS = frozenset({"usergroups:read"})
_FILES = frozenset({"files:write"})

SCOPES: Mapping[str, frozenset[str]] = {
    "chat.delete": _WRITE,
    "chat.postEphemeral": _WRITE,
    "chat.postMessage": _WRITE,
    "chat.unfurl": frozenset({"links:write"}),
    "chat.update": _WRITE,
    "conversations.history": _HISTORY,
    "conversations.info": _READ,
    "conversations.join": frozenset({"channels:join"}),
    "conversations.members": _READ,
    "conversations.open": frozenset({"im:write"}),
    "conversations.replies": _HISTORY,
    "files.completeUploadExternal": _FILES,
    "files.getUploadURLExternal": _FILES,
    "usergroups.list": _GROUPS,
    "usergroups.users.list": _GROUPS,
    "users.conversations": _READ,
    "users.info": frozenset({"users:read"}),
}
"""The scopes of each method, of which a bot token needs one. A method that is not listed needs none."""

EVENT_SCOPES: Mapping[str, str] = {
    "app_mention": "app_mentions:read",
    "link_shared": "links:read",
    "message.im": "im:history",
}
"""The scope of each event about messages. Slack doesn't send it to an app without."""

GRANTED: frozenset[str] = frozenset({"commands"}).union(EVENT_SCOPES.values(), *SCOPES.values())
"""What the bot's token is given when the app is installed."""
