"""The methods that the bot calls and the events it listens to, with the scopes they need.

`manifest.yml` is written from them, Slack's metrics are labelled with them, and `doctor` checks the token's scopes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

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
"""The scopes of each method for a bot token (Slack: the page of each method)."""


@dataclass(frozen=True, slots=True)
class SlackEvent:
    """An event: why the bot listens to it, and the scopes that it needs."""

    reason: str
    scopes: frozenset[str] = frozenset()


PUBLIC = frozenset({"channels:read"})
PRIVATE = frozenset({"groups:read"})

HOME_OPENED = "app_home_opened"
UNINSTALLED = "app_uninstalled"
REVOKED = "tokens_revoked"
ID_CHANGED = "channel_id_changed"
JOINED = "member_joined_channel"
LEFT = "member_left_channel"

EVENTS: Mapping[str, SlackEvent] = {
    HOME_OPENED: SlackEvent("someone opens the Home tab, which is then drawn for them"),
    JOINED: SlackEvent(
        "the bot was added, and what waited for the channel begins; or someone, who may see it now", PUBLIC | PRIVATE
    ),
    LEFT: SlackEvent("someone left, who may not see a private channel any more", PUBLIC | PRIVATE),
    "channel_archive": SlackEvent("a public channel takes no posts: they are held", PUBLIC),
    "channel_unarchive": SlackEvent("and are sent after all", PUBLIC),
    "group_archive": SlackEvent("a private channel takes no posts: they are held", PRIVATE),
    "group_unarchive": SlackEvent("and are sent after all", PRIVATE),
    "channel_left": SlackEvent("the bot was removed: posts are held", PUBLIC),
    "group_left": SlackEvent("likewise from a private channel", PRIVATE),
    "channel_shared": SlackEvent("people of another organisation read along: subscriptions are held", PUBLIC | PRIVATE),
    "channel_unshared": SlackEvent("they no longer do", PUBLIC | PRIVATE),
    ID_CHANGED: SlackEvent("a private channel that is being shared has another id: all that is kept follows", PRIVATE),
    UNINSTALLED: SlackEvent("the app was taken out: work for that workspace ends"),
    REVOKED: SlackEvent("likewise its token"),
}
"""The events that the bot listens to (Slack: the page of each event)."""

SCOPE_REASONS: Mapping[str, str] = {
    "commands": "the slash commands",
    "chat:write": "the notices, and direct messages about what went wrong",
    "channels:read": "what a public channel is: archived, shared, one that the bot is in; and the events about it",
    "groups:read": "what a private channel is, and the events about it",
    "im:read": "direct messages: the bot's own takes a subscription, one between two people does not",
    "mpim:read": "group direct messages",
    "channels:history": "whether a notice whose outcome is unclear was posted, so that it is never posted twice",
    "groups:history": "likewise in private channels",
    "im:history": "likewise in direct messages",
    "mpim:history": "likewise in group direct messages",
    "channels:join": "a public channel is joined when it subscribes",
    "im:write": "opens the direct message to who made a subscription that stopped",
    "usergroups:read": "who is in a user group that was given a role",
    "files:write": "a long answer of the API, as a file in a direct message",
    "users:read": "whether who asks is a member, a guest, an admin or of another organisation",
}
"""Why the bot needs each scope, for whoever installs it."""

NEEDED: frozenset[str] = frozenset({"commands"}).union(*SCOPES.values(), *(event.scopes for event in EVENTS.values()))
"""All scopes that the bot asks for."""

RESPONSE_URL = "response_url"
"""The label of calls to response URLs: their address is a secret."""

CALLS = frozenset(SCOPES) | {RESPONSE_URL, "files.getUploadURLExternal", "files.completeUploadExternal"}
"""Every call as it goes over the wire: the library makes several for files.upload.v2."""


def uses(scope: str) -> Collection[str]:
    """Return what doesn't work without `scope`."""
    needs = {**SCOPES, **{name: event.scopes for name, event in EVENTS.items()}}
    calls = [name for name, scopes in needs.items() if scope in scopes]
    return calls or ["slash commands"]
