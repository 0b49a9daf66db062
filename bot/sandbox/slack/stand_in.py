"""`SandboxSlack`: a server on loopback that stands for Slack, as strict as the real one.

It serves the Web API, response URLs, uploads and Socket Mode, and sends users' actions to the bot. The tests and the
demo use the same server. Its parts: `server` (HTTP endpoints), `web_api` (the methods, as a table), `user_actions`,
`requests_to_bot` and `socket_mode` (how the bot is reached), `interaction` (the bot's responses), `workspace`,
`messages`, `views`, `block_kit`, `rate_limits` and `command_escaping`. `state` holds what they share, and the faults to
inject. `enterprise_grid` serves several workspaces from one server, with `web_api.oauth` and `browser`.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

from bot.sandbox.slack.link_actions import LinkActions
from bot.sandbox.slack.messages import PATIENCE_SECONDS, Change, PostedMessage
from bot.sandbox.slack.requests_to_bot import Requests, sign
from bot.sandbox.slack.scopes import EVENT_SCOPES
from bot.sandbox.slack.server import SlackServer
from bot.sandbox.slack.socket_mode import SocketMode
from bot.sandbox.slack.state import LAST_WORDS, SUBSCRIBED, IssuedTokens, SlackFaults, SlackState
from bot.sandbox.slack.user_actions import Where
from bot.sandbox.slack.views import Views
from bot.sandbox.slack.web_api.conversations import let_in
from bot.sandbox.slack.web_api_call import WebApiCall
from bot.sandbox.slack.workspace import BOT_USER_ID, OTHER_TEAM_ID, Channel, SlackWorkspace

T = TypeVar("T")


class SandboxSlack(LinkActions):
    """A workspace with its users, and the server that the bot uses as Slack.

    `clock` returns Unix seconds, for message timestamps, rate limits, triggers and response URLs. Set `events_url`
    where the bot listens for signed requests. While it is connected by Socket Mode, everything goes there instead. Pass
    a `state` for one of several workspaces (`enterprise_grid`): it brings its own clock and tokens.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        bot_token: str = "xoxb-sandbox",
        app_token: str = "xapp-sandbox",
        signing_secret: str = "sandbox-signing-secret",
        seed: int = 1,
        state: SlackState | None = None,
    ) -> None:
        self.app_token, self.signing_secret = app_token, signing_secret
        state = state or SlackState(clock=clock, tokens=IssuedTokens(bot_token, app_token), seed=seed)
        self.socket = SocketMode(state.changes, seed)
        super().__init__(state, Requests(signing_secret, self.socket))
        self.state.send_event = self._send_event_soon
        self.subscribed = set(SUBSCRIBED)
        self.is_installed = True
        self.server = SlackServer(self.state, self.urls, self.socket)
        self._tasks: set[asyncio.Task[Any]] = set()

    # The server

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen. Port 0 picks a free port. Raises ValueError for a host off loopback."""
        await self.server.start(host, port)
        await self.bot.start()

    async def stop(self) -> None:
        """Close every connection and cancel pending events."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.socket.close()
        await self.bot.stop()
        await self.server.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def bot_token(self) -> str:
        """The bot's token, even after it was revoked."""
        return self.state.tokens.bot

    @property
    def api_url(self) -> str:
        """Where the bot's client finds the Web API (`SLACK_API_URL`)."""
        return f"{self.state.base_url}api/"

    @property
    def events_url(self) -> str | None:
        """Where the bot listens for signed requests, or None."""
        return self.bot.events_url

    @events_url.setter
    def events_url(self, url: str | None) -> None:
        self.bot.events_url = url

    def sign(self, body: str, timestamp: int | None = None) -> dict[str, str]:
        """Return the headers that sign a request of Slack, for tests that send one themselves."""
        return sign(self.signing_secret, body, timestamp)

    # What happened

    @property
    def workspace(self) -> SlackWorkspace:
        """The people and channels."""
        return self.state.workspace

    @property
    def faults(self) -> SlackFaults:
        """The faults to inject. Set its fields at any time."""
        return self.state.faults

    @property
    def views(self) -> Views:
        """Open views: `views.of(user_id)` is the modal on top, `views.homes[user_id]` the Home tab."""
        return self.state.views

    @property
    def calls(self) -> deque[WebApiCall]:
        """The last calls of Web API methods, with their answers."""
        return self.state.calls

    @property
    def on_change(self) -> list[Callable[[Change], None]]:
        """The functions that are called with each Change. Add yours."""
        return self.state.changes.listeners

    def called(self, method: str) -> list[WebApiCall]:
        """Return the calls of one method."""
        return [call for call in self.calls if call.method == method]

    def messages(self, channel: Where) -> list[PostedMessage]:
        """Return the messages of a channel that everyone sees, replies included, oldest first."""
        messages = self.state.messages.within(self.workspace.channel(channel).id)
        return [message for message in messages if not message.is_ephemeral]

    def ephemeral(self, channel: Where | None = None) -> list[PostedMessage]:
        """Return the ephemeral messages of one channel, or of all."""
        if channel is None:
            return self.state.messages.ephemeral()
        messages = self.state.messages.within(self.workspace.channel(channel).id)
        return [message for message in messages if message.is_ephemeral]

    def direct_messages(self, user: str) -> list[PostedMessage]:
        """Return the direct messages between the bot and a user, given by ID or name."""
        return self.messages(self.workspace.direct(BOT_USER_ID, self.workspace.user(user).id))

    async def wait_for(self, predicate: Callable[[], T], timeout: float = PATIENCE_SECONDS) -> T:
        """Call `predicate` at each change until its result is true, and return that.

        Raises TimeoutError after `timeout` s.
        """
        return await self.state.changes.wait_for(predicate, timeout)

    # Changes of the workspace. The bot gets each event that it subscribes to.

    async def archive(self, channel: Where) -> None:
        """Archive a channel."""
        await self._archived(self.workspace.channel(channel), is_archived=True)

    async def unarchive(self, channel: Where) -> None:
        """Bring an archived channel back."""
        await self._archived(self.workspace.channel(channel), is_archived=False)

    async def remove_bot(self, channel: Where) -> None:
        """Take the bot out of a channel."""
        where = self.workspace.channel(channel)
        where.members.discard(BOT_USER_ID)
        await self._change("group_left" if where.kind == "private" else "channel_left", where)

    async def invite_bot(self, channel: Where, *, inviter: str | None = None) -> None:
        """Type `/invite @Clust`. The event follows."""
        let_in(self.state, self.workspace.channel(channel), self.workspace.user(inviter or self.workspace.member).id)
        await self.events_sent()

    async def leave(self, channel: Where, user: str) -> None:
        """Let someone leave a channel."""
        where, who = self.workspace.channel(channel), self.workspace.user(user)
        where.members.discard(who.id)
        await self._change("member_left_channel", where, user=who.id, channel_type=where.id[0], team=who.team_id)

    async def share_externally(self, channel: Where) -> None:
        """Share a channel with another organization (Slack Connect)."""
        where = self.workspace.channel(channel)
        where.is_ext_shared, where.is_pending_ext_shared = True, False
        where.members.add(self.workspace.stranger.id)
        await self._change("channel_shared", where, connected_team_id=OTHER_TEAM_ID)

    async def begin_sharing(self, channel: Where) -> str:
        """Invite another organization to a private channel. Its ID changes by that. Returns the new ID."""
        where = self.workspace.channel(channel)
        old, where.id = where.id, self.workspace.new_channel_id(where.kind)
        where.is_pending_ext_shared = True
        self.workspace.channels[where.id] = self.workspace.channels.pop(old)
        self.state.messages.move(old, where.id)
        self.state.changes.publish("workspace", where)
        self._send_event_soon("channel_id_changed", {"old_channel_id": old, "new_channel_id": where.id})
        await self.events_sent()
        return where.id

    async def revoke_token(self) -> None:
        """Revoke the bot's token. All calls with it are refused."""
        self.state.tokens.revoke(self.bot_token)
        await self._change("tokens_revoked", tokens={"oauth": [], "bot": [BOT_USER_ID]})

    def restore_token(self) -> None:
        """Accept the bot's token again."""
        self.state.tokens.revoked.clear()

    def rate_limit(self, channel: Where, seconds: float) -> None:
        """Answer posts to a channel with 429 for `seconds`."""
        self.state.rate_limits.pause(self.workspace.channel(channel).id, seconds)

    def rate_limit_method(self, name: str, seconds: float) -> None:
        """Answer calls of a method with 429 for `seconds`."""
        self.state.rate_limits.pause(name, seconds)

    def fail_next(self, method: str, code: str, times: int = 1) -> None:
        """Refuse the next calls of a method with an error code."""
        self.state.failures.setdefault(method, deque()).extend([code] * times)

    def alter_next(self, method: str, alter: Callable[[dict[str, Any]], Any], times: int = 1) -> None:
        """Carry out the next calls of a method, but return their answers as changed by `alter`."""
        self.state.alterations.setdefault(method, deque()).extend([alter] * times)

    def refuse(self, method: str, subject: str, code: str | None) -> None:
        """Refuse every call of a method about one channel or user with an error code. None ends it."""
        if code is None:
            self.state.refusals.pop((method, subject), None)
        else:
            self.state.refusals[method, subject] = code

    async def events_sent(self) -> None:
        """Wait until the bot has acknowledged all pending events, or Slack has given them up."""
        while self._tasks:
            await asyncio.wait(tuple(self._tasks))

    async def _archived(self, channel: Channel, *, is_archived: bool) -> None:
        channel.is_archived = is_archived
        kind = "group" if channel.kind == "private" else "channel"
        await self._change(f"{kind}_{'archive' if is_archived else 'unarchive'}", channel, user=self.workspace.owner.id)

    async def _change(self, kind: str, channel: Channel | None = None, **fields: Any) -> None:
        self.state.changes.publish("workspace", channel)
        self._send_event_soon(kind, {"channel": channel.id, **fields} if channel else fields)
        await self.events_sent()

    def _send_event_soon(self, kind: str, fields: dict[str, Any]) -> None:
        is_heard = kind in self.subscribed and (self.is_installed or kind in LAST_WORDS)
        is_heard = is_heard and EVENT_SCOPES.get(kind) in {None, *self.state.scopes}
        if is_heard and self.bot.is_anyone_there:
            task = asyncio.create_task(self.event(kind.partition(".")[0], **fields))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
