"""What the bot calls and hears of Slack, with the permission each needs; `manifest.yml` asks for all of it.

The names are the labels of Slack's metrics too, and `doctor` holds what a token may do against them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

READ = frozenset({"channels:read", "groups:read", "im:read", "mpim:read"})
HISTORY = frozenset({"channels:history", "groups:history", "im:history", "mpim:history"})

SCOPES: Mapping[str, frozenset[str]] = {
    "apps.connections.open": frozenset(),  # needs the app-level token's connections:write
    "auth.test": frozenset(),
    "oauth.v2.access": frozenset(),  # needs no token
    "chat.postMessage": frozenset({"chat:write"}),
    "chat.update": frozenset({"chat:write"}),
    "conversations.history": HISTORY,
    "conversations.info": READ,
    "conversations.join": frozenset({"channels:join"}),
    "conversations.members": READ,
    "conversations.replies": HISTORY,
    "conversations.open": frozenset({"im:write"}),
    "usergroups.list": frozenset({"usergroups:read"}),
    "usergroups.users.list": frozenset({"usergroups:read"}),
    "files.upload.v2": frozenset({"files:write"}),
    "users.conversations": READ,
    "users.info": frozenset({"users:read"}),
    "views.open": frozenset(),
    "views.publish": frozenset(),
    "views.push": frozenset(),
    "views.update": frozenset(),
}
"""What each method needs with a bot token (Slack: the page of each method)."""

EVENT_SCOPES: Mapping[str, frozenset[str]] = {
    "app_home_opened": frozenset(),
    "member_joined_channel": frozenset({"channels:read", "groups:read"}),
    "channel_archive": frozenset({"channels:read"}),
    "channel_unarchive": frozenset({"channels:read"}),
    "channel_left": frozenset({"channels:read"}),
    "channel_shared": frozenset({"channels:read", "groups:read"}),
    "channel_unshared": frozenset({"channels:read", "groups:read"}),
    "group_archive": frozenset({"groups:read"}),
    "group_unarchive": frozenset({"groups:read"}),
    "group_left": frozenset({"groups:read"}),
    "app_uninstalled": frozenset(),
    "tokens_revoked": frozenset(),
}
"""What each event needs (Slack: the page of each event)."""

NEEDED: frozenset[str] = frozenset({"commands"}).union(*SCOPES.values(), *EVENT_SCOPES.values())
"""All that the bot asks for."""

RESPONSE_URL = "response_url"
"""How an answer by a response URL is counted: its address is a secret."""

CALLS = frozenset(SCOPES) | {RESPONSE_URL, "files.getUploadURLExternal", "files.completeUploadExternal"}
"""Every call as it goes over the wire; the library makes several of files.upload.v2."""


def uses(scope: str) -> Collection[str]:
    """Return what of ours does not work without `scope`."""
    calls = [name for table in (SCOPES, EVENT_SCOPES) for name, needed in table.items() if scope in needed]
    return calls or ["slash commands"]
