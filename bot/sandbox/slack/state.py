"""The shared state of the stand-in for Slack, and the faults that can be injected into it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any, Literal

from bot.sandbox.slack.block_kit.validation import Fault, data_blocks_refused, validate_message
from bot.sandbox.slack.messages import Changes, Messages
from bot.sandbox.slack.optional_keys import sparse
from bot.sandbox.slack.rate_limits import SlackRateLimits
from bot.sandbox.slack.scopes import GRANTED, SCOPES
from bot.sandbox.slack.views import Views
from bot.sandbox.slack.web_api_call import WebApiCall, WebApiRefusal
from bot.sandbox.slack.work_objects.panes import Composer, Pane
from bot.sandbox.slack.workflows import Workflows
from bot.sandbox.slack.workspace import SlackTeam, SlackWorkspace

SUBSCRIBED = frozenset(
    {
        "app_home_opened",
        "app_mention",
        "app_uninstalled",
        "channel_archive",
        "channel_id_changed",
        "channel_left",
        "channel_shared",
        "channel_unarchive",
        "group_archive",
        "group_left",
        "group_unarchive",
        "member_joined_channel",
        "member_left_channel",
        "message.im",
        "tokens_revoked",
    }
)
"""Events that Slack sends by itself. The manifest may ask for fewer."""

LAST_WORDS = frozenset({"app_uninstalled", "tokens_revoked"})
"""Events of an installation that no longer exists."""

ACKNOWLEDGE_SECONDS = 3.0
"""For an acknowledgement (Slack: Handling user interaction)."""


@dataclass(slots=True)
class SlackFaults:
    """The faults to inject. Set the fields at any time."""

    # Every call is answered 503, and the response URLs too.
    down: bool = False
    # Seconds before a call is carried out: of every method, or of those in `slow`.
    delay_seconds: float = 0.0
    slow: frozenset[str] = frozenset()
    # So many of the next posted messages: the connection is cut and nothing was posted.
    cut_before_accept: int = 0
    # For this many of the next posted messages, the message is in the channel, but the connection is cut without a
    # response.
    cut_after_accept: int = 0
    # The same by chance, 0 to 1, for every posted message.
    chance_before_accept: float = 0.0
    chance_after_accept: float = 0.0
    # The limits of an app that is distributed outside Slack's Marketplace: 15 messages of a channel or a thread in one
    # answer, and one call a minute (Slack: "Rate limit changes for non-Marketplace apps").
    is_distributed: bool = False
    # Direct messages to deactivated accounts are taken, and read by no one.
    takes_for_deactivated: bool = False
    # The chance, 0 to 1, that an answer lacks each key that Slack may leave out.
    sparse: float = 0.0
    # Charts and tables aren't available in this workspace yet: messages with them are refused.
    no_charts: bool = False
    # Scopes that the bot's token was not given.
    missing_scopes: frozenset[str] = frozenset()
    # Seconds by which Slack's clock is ahead of this machine's, in the `Date` of its answers.
    clock_ahead_seconds: float = 0.0
    # The app's direct messages are open (App Home, "messages tab").
    messages_tab: bool = True
    # Seconds (real ones, whatever the clock) that Slack waits for an acknowledgement.
    acknowledge_seconds: float = field(default_factory=lambda: ACKNOWLEDGE_SECONDS)


@dataclass(slots=True)
class File:
    """An uploaded file. `content` is None until its bytes have arrived."""

    id: str
    name: str
    size: int
    content: bytes | None = None
    title: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return Slack's file object."""
        return {"id": self.id, "name": self.name, "title": self.title or self.name, "size": self.size}


@dataclass(slots=True)
class IssuedTokens:
    """The tokens issued to the bot. `revoked` ones are refused, `org_wide` ones serve a whole enterprise."""

    bot: str
    app: str
    revoked: set[str] = field(default_factory=set)
    org_wide: set[str] = field(default_factory=set)

    def admit(self, token: str, kind: Literal["bot", "app"]) -> None:
        """Raise WebApiRefusal if `token` is not the one that the method needs."""
        right, other = (self.bot, self.app) if kind == "bot" else (self.app, self.bot)
        if not token:
            raise WebApiRefusal("not_authed")
        if token == other:
            raise WebApiRefusal("not_allowed_token_type")
        if token != right:
            raise WebApiRefusal("invalid_auth")
        if token in self.revoked:
            raise WebApiRefusal("token_revoked")

    def revoke(self, token: str) -> None:
        """Refuse this token from now on."""
        self.revoked.add(token)

    def is_org_wide(self, token: str) -> bool:
        """Return whether a token is valid for a whole enterprise."""
        return token in self.org_wide


class SlackState:
    """The state of one workspace.

    `clock` returns Unix seconds. `seed` makes random faults repeatable. `numbers` gives views, events and files their
    IDs, and several workspaces can share it.
    `calls` are the last 20,000. `unfurl_domains` are those of the manifest, `refused_entities` the code with which
    entities are refused, `panes` the panes by each trigger that fills them, `composers` the messages being written.
    `base_url` is where the server listens, with a slash at its end. `send_event`
    schedules an event (type and fields) to be sent to the bot after the caller has returned.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        tokens: IssuedTokens,
        seed: int,
        workspace: SlackWorkspace | None = None,
        numbers: Iterator[int] | None = None,
    ) -> None:
        self.clock = clock
        self.tokens = tokens
        self.faults = SlackFaults()
        self.changes = Changes()
        self.workspace = workspace or SlackWorkspace()
        self.messages = Messages(clock, self.changes, self.team.id)
        self.views = Views(clock, self.changes, self.team.id, numbers)
        self.rate_limits = SlackRateLimits(clock)
        self.workflows = Workflows()
        self.calls: deque[WebApiCall] = deque(maxlen=20_000)
        self.files: dict[str, File] = {}
        self.failures: dict[str, deque[str]] = {}
        self.alterations: dict[str, deque[Callable[[dict[str, Any]], Any]]] = {}
        self.refusals: dict[tuple[str, str], str] = {}
        self.tickets: set[str] = set()
        self.unfurl_domains = {"clust.invalid", "xn--bcher-kva.example"}
        self.refused_entities = ""
        self.panes: dict[str, Pane] = {}
        self.composers: dict[str, Composer] = {}
        self.base_url = ""
        self.send_event: Callable[[str, dict[str, Any]], None] = lambda _kind, _fields: None
        self.numbers = numbers or count(1)
        self._random = Random(seed)

    @property
    def team(self) -> SlackTeam:
        """The workspace's identity."""
        return self.workspace.team

    @property
    def is_org_wide(self) -> bool:
        """Whether the app is installed on this workspace's whole enterprise."""
        return self.tokens.is_org_wide(self.tokens.bot)

    @property
    def scopes(self) -> frozenset[str]:
        """Scopes of the bot's token: those of the manifest, without `faults.missing_scopes`."""
        return GRANTED - self.faults.missing_scopes

    def cuts(self, when: str) -> bool:
        """Return whether to cut this post's connection, `before` or `after` Slack accepts it.

        Uses up one counted cut.
        """
        counter, chance = f"cut_{when}_accept", getattr(self.faults, f"chance_{when}_accept")
        if getattr(self.faults, counter) > 0:
            setattr(self.faults, counter, getattr(self.faults, counter) - 1)
            return True
        return bool(chance) and self._random.random() < chance

    def lacks(self, method: str) -> str | None:
        """Return the scopes a method needs, comma-separated, if the token has none of them (`missing_scope`).

        Else None.
        """
        scopes = SCOPES.get(method, frozenset())
        return ",".join(sorted(scopes)) if scopes and not scopes & self.scopes else None

    def message_faults(self, sent: Mapping[str, Any]) -> list[Fault]:
        """Return what Slack would refuse in a message's `text`, `blocks` and `metadata`."""
        return [*validate_message(sent), *(data_blocks_refused(sent) if self.faults.no_charts else ())]

    def altered(self, method: str, answer: dict[str, Any]) -> Any:
        """Return the body of an answer as it is sent.

        It can lack optional keys, and the method's next alteration changes it.
        """
        if self.faults.sparse:
            answer = sparse(method, answer, lambda: self._random.random() < self.faults.sparse)
        waiting = self.alterations.get(method)
        return waiting.popleft()(answer) if waiting else answer

    def record(self, call: WebApiCall) -> None:
        """Record a call and notify listeners."""
        self.calls.append(call)
        self.changes.publish("call", call)
