"""What one user sees in the stand-in for Slack, as JSON for the page, and the events that keep it up to date.

It contains the channels they are in with their messages, ephemeral messages for them, their open modals and their Home
tab.
"""

from __future__ import annotations

from typing import Any

from bot.core.language import _
from bot.sandbox.slack.interaction import SLACKBOT
from bot.sandbox.slack.messages import Change, PostedMessage
from bot.sandbox.slack.state import SlackState
from bot.sandbox.slack.views import View
from bot.sandbox.slack.work_objects.panes import Composer
from bot.sandbox.slack.workspace import BOT_USER_ID, Channel, User

MAX_MESSAGES = 400
"""Messages sent per channel. Older ones are not shown."""

Payload = dict[str, Any]


class ReadMarks:
    """How far each user has read each channel. Kept in memory."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, str], str] = {}

    def mark(self, person: User, channel: Channel, ts: str) -> None:
        """Record that the user has read up to this timestamp. It never moves back."""
        key = person.id, channel.id
        self._read[key] = max(self._read.get(key, "0"), ts)

    def upto(self, person: User, channel: Channel) -> str:
        """Return the timestamp of the last message that was read, or `0`."""
        return self._read.get((person.id, channel.id), "0")


def page_state(state: SlackState, person: User, read_marks: ReadMarks) -> Payload:
    """Return everything this user sees."""
    # Slack shows the app's direct message before anything was said there.
    state.workspace.direct(BOT_USER_ID, person.id)
    return {
        **surroundings(state, person, read_marks),
        "me": person.id,
        "team": state.team.name,
        "app": BOT_USER_ID,
        "people": [_person_payload(user) for user in state.workspace.users.values() if is_someone(user)],
        "messages": [
            message_payload(message)
            for channel in _channels(state, person)
            for message in _seen(state, person, channel)[-MAX_MESSAGES:]
        ],
        "views": views_payload(state, person),
        "home": _home_payload(state, person),
    }


def surroundings(state: SlackState, person: User, read_marks: ReadMarks) -> Payload:
    """Return the channels, and the names to show for IDs: the part that changes with the workspace."""
    users = {user.id: user.real_name for user in state.workspace.users.values()}
    return {
        "channels": [_channel_payload(state, person, channel, read_marks) for channel in _channels(state, person)],
        "names": {
            "users": {**users, SLACKBOT: "Slackbot"},
            "channels": {one.id: one.name for one in state.workspace.channels.values() if not one.is_im},
            "groups": {group.id: group.name for group in state.workspace.groups.values()},
        },
        # What is completed after @ as one types.
        "handles": [
            {"name": user.name, "about": user.real_name} for user in state.workspace.users.values() if not user.deleted
        ],
    }


def events(state: SlackState, person: User, read_marks: ReadMarks, change: Change) -> list[Payload]:
    """Return the events for a person's page that a change causes, if any."""
    match change.kind, change.subject:
        case kind, PostedMessage() as message if may_see(person, state.workspace.channels[message.channel], message):
            is_gone = kind == "deleted"
            gone = {"kind": "gone", "channel": message.channel, "ts": message.ts}
            return [gone if is_gone else {"kind": "message", "message": message_payload(message)}]
        case kind, View(user=person.id):
            if kind == "home":
                return [{"kind": "home", "home": _home_payload(state, person)}]
            return [{"kind": "views", "views": views_payload(state, person)}]
        case _, Composer(user=person.id) as composer:
            return [{"kind": "preview", "text": composer.text, "cards": list(composer.attachments)}]
        case "workspace", _:
            return [{"kind": "workspace", **surroundings(state, person, read_marks)}]
        case _:
            return []


def is_someone(user: User) -> bool:
    """Return whether the page can act as this user."""
    return not (user.is_bot or user.deleted)


def message_payload(message: PostedMessage) -> Payload:
    """Return a message. `visible_to` is set if only one person sees it, `in_thread` if the channel doesn't show it."""
    payload = message.to_dict()
    payload |= {
        "channel": message.channel,
        "in_thread": message.is_in_thread_only,
        "reply_broadcast": message.reply_broadcast,
    }
    return {**payload, "visible_to": message.visible_to} if message.is_ephemeral else payload


def views_payload(state: SlackState, person: User) -> list[Payload]:
    """Return a user's open modals, the top one last."""
    return [_view_payload(view) for view in state.views.stacks.get(person.id, ())]


def may_see(person: User, channel: Channel, message: PostedMessage | None = None) -> bool:
    """Return whether the user is in the channel and, if given, can see the message."""
    return person.id in channel.members and (message is None or message.visible_to in (None, person.id))


def _view_payload(view: View) -> Payload:
    return {
        "id": view.id,
        "hash": view.hash,
        "view": view.to_dict(),
        "errors": dict(view.errors),
        "trouble": view.trouble,
        "entered": dict(view.entered),
    }


def _home_payload(state: SlackState, person: User) -> Payload | None:
    home = state.views.homes.get(person.id)
    return _view_payload(home) if home else None


def _channels(state: SlackState, person: User) -> list[Channel]:
    return [channel for channel in state.workspace.channels.values() if may_see(person, channel)]


def _seen(state: SlackState, person: User, channel: Channel) -> list[PostedMessage]:
    return [one for one in state.messages.within(channel.id) if may_see(person, channel, one)]


def _channel_payload(state: SlackState, person: User, channel: Channel, read_marks: ReadMarks) -> Payload:
    others = [state.workspace.users[member] for member in sorted(channel.members) if member != person.id]
    return {
        "id": channel.id,
        "name": ", ".join(other.real_name for other in others) if channel.is_im else channel.name,
        "kind": channel.kind,
        "with_app": channel.is_im and BOT_USER_ID in channel.members,
        "app_is_in": BOT_USER_ID in channel.members,
        "archived": channel.is_archived,
        "shared": channel.is_ext_shared,
        "members": len(channel.members),
        "read": read_marks.upto(person, channel),
    }


def _person_payload(user: User) -> Payload:
    fields = {"id": user.id, "name": user.name, "real_name": user.real_name, "role": _role(user)}
    return {**fields, "zone": user.tz, "locale": user.locale}


def _role(user: User) -> str:
    """Return a short label of the user's role."""
    if user.is_stranger:
        return _("Other organization")
    if user.is_restricted:
        return _("Guest")
    if user.is_owner:
        return _("Owner")
    return _("Admin") if user.is_admin else _("Member")
