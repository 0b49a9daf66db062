"""The messages of all channels, and the listeners that are notified of changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

from bot.sandbox.slack.workspace import APP_ID, BOT_ID, BOT_USER_ID, TEAM_ID

ChangeKind = Literal[
    "posted",
    "changed",
    "deleted",
    "view",
    "view_closed",
    "home",
    "pane",
    "composer",
    "call",
    "acknowledged",
    "interaction",
    "workspace",
    "connected",
    "step",
]


T = TypeVar("T")

PATIENCE_SECONDS = 60.0
"""What is waited for has come long before, unless it never comes: no busy machine takes as long."""


@dataclass(frozen=True, slots=True)
class PostedMessage:
    """The current version of a message. `ts` is its timestamp, and its ID within the channel.

    `visible_to` is the person an ephemeral message is for, `edited` when it was last changed (by the clock, as a
    string), `is_in_thread_only` a reply that the channel doesn't show. `attachments` are the cards of its links.
    """

    channel: str
    ts: str
    user: str
    text: str
    blocks: Sequence[Mapping[str, Any]] = ()
    metadata: Mapping[str, Any] | None = None
    thread_ts: str | None = None
    reply_broadcast: bool = False
    edited: str | None = None
    visible_to: str | None = None
    files: Sequence[Mapping[str, Any]] = ()
    attachments: Sequence[Mapping[str, Any]] = ()
    team_id: str = TEAM_ID

    @property
    def is_ephemeral(self) -> bool:
        """Whether only one user sees it."""
        return self.visible_to is not None

    @property
    def is_in_thread_only(self) -> bool:
        """Whether this is a reply that was not sent to the channel too."""
        return self.thread_ts not in (None, self.ts) and not self.reply_broadcast

    def to_dict(self, *, metadata: bool = False) -> dict[str, Any]:
        """Return Slack's message object. `metadata` includes its metadata (`include_all_metadata`)."""
        payload: dict[str, Any] = {"type": "message", "ts": self.ts, "user": self.user, "text": self.text}
        if self.user == BOT_USER_ID:
            payload |= {"bot_id": BOT_ID, "app_id": APP_ID, "team": self.team_id}
        if self.blocks:
            payload["blocks"] = list(self.blocks)
        if self.thread_ts:
            payload["thread_ts"] = self.thread_ts
        if self.edited:
            payload["edited"] = {"user": self.user, "ts": self.edited}
        if self.files:
            payload["files"] = list(self.files)
        if self.attachments:
            payload["attachments"] = list(self.attachments)
        if metadata and self.metadata:
            payload["metadata"] = self.metadata
        return payload


@dataclass(frozen=True, slots=True)
class Change:
    """A change, and the message, view, call or interaction that changed."""

    kind: ChangeKind
    subject: Any = None


@dataclass(slots=True)
class Changes:
    """Notifies of every change: calls `listeners` at once and wakes the callers of `wait_for`."""

    listeners: list[Callable[[Change], None]] = field(default_factory=list)
    _next: asyncio.Event = field(default_factory=asyncio.Event)

    def publish(self, kind: ChangeKind, subject: Any = None) -> None:
        """Notify listeners and wake the callers of `wait_for`."""
        for listener in self.listeners:
            listener(Change(kind, subject))
        self._next.set()
        self._next = asyncio.Event()

    async def wait_for(self, predicate: Callable[[], T], timeout: float = PATIENCE_SECONDS) -> T:
        """Call `predicate` at each change until its result is true, and return that.

        Raises TimeoutError after `timeout` s.
        """
        async with asyncio.timeout(timeout):
            while not (result := predicate()):
                await self._next.wait()
            return result


class Messages:
    """All messages of a workspace, in the order they came."""

    def __init__(self, clock: Callable[[], float], changes: Changes, team_id: str) -> None:
        self._team_id = team_id
        self._clock = clock
        self._changes = changes
        self._last_ts = 0
        self._channels: dict[str, dict[str, PostedMessage]] = {}

    def new_ts(self) -> str:
        """Return a timestamp that no message has: seconds and microseconds, always growing."""
        self._last_ts = max(int(self._clock() * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06}"

    def post(self, channel: str, *, user: str = BOT_USER_ID, text: str, **fields: Any) -> PostedMessage:
        """Add a message and return it. `fields` are other fields of `PostedMessage`."""
        message = self._keep(PostedMessage(channel, self.new_ts(), user, text, team_id=self._team_id, **fields))
        self._changes.publish("posted", message)
        return message

    def change(self, message: PostedMessage, **fields: Any) -> PostedMessage:
        """Change fields of a message and return its new version. Cards alone don't mark it as edited."""
        edited = message.edited if fields.keys() == {"attachments"} else self.new_ts()
        changed = self._keep(replace(message, edited=edited, **fields))
        self._changes.publish("changed", changed)
        return changed

    def delete(self, message: PostedMessage) -> None:
        """Delete a message."""
        del self._channels[message.channel][message.ts]
        self._changes.publish("deleted", message)

    def move(self, old: str, new: str) -> None:
        """Move the messages of a channel to its new ID."""
        self._channels[new] = {ts: replace(message, channel=new) for ts, message in self._channels.pop(old, {}).items()}

    def get(self, channel: str, ts: str) -> PostedMessage | None:
        """Return the message with this timestamp as it stands now, or None."""
        return self._channels.get(channel, {}).get(ts)

    def within(self, channel: str) -> list[PostedMessage]:
        """Return everything in a channel, replies and ephemeral messages too, oldest first."""
        return list(self._channels.get(channel, {}).values())

    def ephemeral(self) -> list[PostedMessage]:
        """Return every ephemeral message, by channel, oldest first."""
        return [message for channel in self._channels for message in self.within(channel) if message.is_ephemeral]

    def _keep(self, message: PostedMessage) -> PostedMessage:
        self._channels.setdefault(message.channel, {})[message.ts] = message
        return message
