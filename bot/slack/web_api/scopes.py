"""The methods that the bot calls and the events it listens to, with the scopes they need.

`manifest.yml` is written from them, Slack's metrics are labeled with them, and `doctor` checks the token's scopes.
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
    "chat.delete": frozenset({"chat:write"}),
    "chat.postEphemeral": frozenset({"chat:write"}),
    "chat.postMessage": frozenset({"chat:write"}),
    "chat.update": frozenset({"chat:write"}),
    "chat.unfurl": frozenset({"links:write"}),
    "conversations.history": HISTORY,
    "conversations.info": READ,
    "conversations.join": frozenset({"channels:join"}),
    "conversations.members": READ,
    "conversations.replies": HISTORY,
    "conversations.open": frozenset({"im:write"}),
    "entity.presentDetails": frozenset(),
    "usergroups.list": frozenset({"usergroups:read"}),
    "usergroups.users.list": frozenset({"usergroups:read"}),
    "files.completeUploadExternal": frozenset({"files:write"}),
    "files.getUploadURLExternal": frozenset({"files:write"}),
    "files.upload.v2": frozenset({"files:write"}),
    "functions.completeError": frozenset(),  # needs the token of the step, which comes with its event
    "functions.completeSuccess": frozenset(),
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
MENTION = "app_mention"
DIRECT_MESSAGE = "message.im"
LINKS_SHARED = "link_shared"
PANE_OPENED = "entity_details_requested"

EVENTS: Mapping[str, SlackEvent] = {
    HOME_OPENED: SlackEvent("draws the Home tab when someone opens it"),
    JOINED: SlackEvent(
        "the bot was added, so it says hello and waiting subscriptions start, or someone joined who may now see it",
        PUBLIC | PRIVATE,
    ),
    LEFT: SlackEvent("someone left who may no longer see a private channel", PUBLIC | PRIVATE),
    "channel_archive": SlackEvent("a public channel no longer accepts posts, so notifications are put on hold", PUBLIC),
    "channel_unarchive": SlackEvent("notifications on hold are posted after all", PUBLIC),
    "group_archive": SlackEvent("a private channel no longer accepts posts, so notifications are put on hold", PRIVATE),
    "group_unarchive": SlackEvent("notifications on hold are posted after all", PRIVATE),
    "channel_left": SlackEvent("the bot was removed from a channel, so notifications are put on hold", PUBLIC),
    "group_left": SlackEvent("the same for a private channel", PRIVATE),
    "channel_shared": SlackEvent(
        "people from another organization can read the channel, so subscriptions are put on hold", PUBLIC | PRIVATE
    ),
    "channel_unshared": SlackEvent("the channel is no longer shared", PUBLIC | PRIVATE),
    ID_CHANGED: SlackEvent("a private channel gets another ID when it's shared, so stored data follows", PRIVATE),
    LINKS_SHARED: SlackEvent(
        "a link of an application was pasted, so a card appears below it", frozenset({"links:read"})
    ),
    PANE_OPENED: SlackEvent("someone opened such a card, so its present state appears beside the channel"),
    UNINSTALLED: SlackEvent("the app was uninstalled, so the bot stops working for that workspace"),
    REVOKED: SlackEvent("the app's token was revoked"),
    MENTION: SlackEvent("answers commands in a message that mentions the bot", frozenset({"app_mentions:read"})),
    DIRECT_MESSAGE: SlackEvent(
        "answers commands in the bot's direct messages, and nowhere else", frozenset({"im:history"})
    ),
}
"""The events that the bot listens to (Slack: the page of each event), as the manifest names them."""

EVENT_TYPES: frozenset[str] = frozenset(name.partition(".")[0] for name in EVENTS)
"""Their types as Slack sends them: `message.im` is a `message`."""

SCOPE_REASONS: Mapping[str, str] = {
    "commands": "slash commands",
    "chat:write": "notifications, answers to mentions, and direct messages about problems",
    "channels:read": "whether a public channel is archived, shared or has the bot in it, and events about it",
    "groups:read": "the same for private channels",
    "im:read": "whether a direct message is with the bot itself, which can be subscribed",
    "mpim:read": "group direct messages",
    "channels:history": "whether a notification with an unknown outcome was posted, so it's never posted twice",
    "groups:history": "the same in private channels",
    "im:history": "the same in direct messages",
    "mpim:history": "the same in group direct messages",
    "channels:join": "joins a public channel when someone subscribes it",
    "im:write": "opens direct messages, such as about a subscription that stopped",
    "usergroups:read": "who is in a user group that has a role",
    "files:write": "sends exports and long API responses as files in a direct message",
    "links:read": "which links to applications are pasted, and nothing else of the message",
    "links:write": "shows a card below such a link",
    "users:read": "whether someone is a member, a guest, an admin or from another organization, and their language",
    "app_mentions:read": "reads messages that mention the bot, and no others, to answer them",
}
"""Why the bot needs each scope, for the person who installs it."""

NEEDED: frozenset[str] = frozenset({"commands"}).union(*SCOPES.values(), *(event.scopes for event in EVENTS.values()))
"""All scopes that the bot uses, also those of optional features."""

RESPONSE_URL = "response_url"
"""The label of calls to response URLs: their address is a secret."""

UPLOAD = "files.upload"
"""The label of the call that sends the bytes of a file: its address is a secret too."""

CALLS = frozenset(SCOPES) | {RESPONSE_URL, UPLOAD}
"""Every call as it goes over the wire, where files.upload.v2 is two others and an upload."""


def uses(scope: str) -> Collection[str]:
    """Return what doesn't work without `scope`."""
    needs = {**SCOPES, **{name: event.scopes for name, event in EVENTS.items()}}
    calls = [name for name, scopes in needs.items() if scope in scopes]
    return calls or ["slash commands"]
