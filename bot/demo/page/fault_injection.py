"""Fault injection from the demo's page: what a user can break, and the present state."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.core.language import _
from bot.demo.account_speed import AccountSpeed
from bot.demo.bot_process import DemoBot
from bot.demo.page.state import Payload
from bot.sandbox.clust.stand_in import SandboxClust
from bot.sandbox.slack.block_kit.elements import Impossible
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.sandbox.slack.workspace import Channel

SLOW_SECONDS = 4.0
FEW_REQUESTS = 10
"""A minute, where Clust limits them."""

MUTE_SECONDS = 30
"""How long Slack then answers 429 to messages in a channel."""

CLUST: Mapping[str, Mapping[str, Any]] = {
    "fine": {},
    "slow": {"delay_seconds": SLOW_SECONDS},
    "down": {"down": True},
    "away": {"unreachable": True},
    "refusing": {"refuse_token": True},
    "limiting": {"rate_limit": FEW_REQUESTS},
}
"""Conditions of Clust, each with the fields of `ClustFaults` that cause it."""

_FINE: Mapping[str, Any] = {
    "delay_seconds": 0.0,
    "down": False,
    "unreachable": False,
    "refuse_token": False,
    "rate_limit": None,
}

SPEEDS: Mapping[str, float | None] = {"paused": None, "slow": 12.0, "normal": 3.0, "fast": 0.7}
"""Seconds between two changes in the account."""


@dataclass(slots=True)
class Panel:
    """What faults are injected into.

    `limited` has the end, in Unix seconds, of each channel's 429 answers, by channel ID.
    """

    slack: SandboxSlack
    account: SandboxClust
    account_speed: AccountSpeed
    bot: DemoBot
    clust: str = "fine"
    limited: dict[str, float] = field(default_factory=dict)

    def to_dict(self) -> Payload:
        """Return the present state of all faults and of the bot."""
        speed = next((name for name, seconds in SPEEDS.items() if seconds == self.account_speed.interval_seconds), "")
        return {
            "clust": self.clust,
            "speed": speed,
            "limited": {name: until for name, until in self.limited.items() if until > time.time()},
            "cut": self.slack.faults.cut_after_accept,
            "charts": not self.slack.faults.no_charts,
            "bot": {
                "state": self.bot.state,
                "pid": self.bot.pid,
                "starts": self.bot.starts,
                "mode": _("Socket Mode") if self.bot.by_socket else _("signed requests"),
            },
        }

    async def inject(self, name: str, value: object) -> None:
        """Inject a fault, or end it. Raises Impossible for an unknown fault or a value it does not take."""
        if name not in _FAULTS:
            raise Impossible(_("this fault doesn't exist"))
        await _FAULTS[name](self, str(value))


async def _clust(panel: Panel, value: str) -> None:
    """Make Clust fine, slow, down, away, refusing its token, or limiting requests."""
    if value not in CLUST:
        raise Impossible(_("Clust doesn't have this state"))
    for fault, setting in {**_FINE, **CLUST[value]}.items():
        setattr(panel.account.faults, fault, setting)
    panel.clust = value


async def _speed(panel: Panel, value: str) -> None:
    """Set how often the account changes, if at all."""
    if value not in SPEEDS:
        raise Impossible(_("the account doesn't have this speed"))
    panel.account_speed.set_interval(SPEEDS[value])


async def _limit(panel: Panel, value: str) -> None:
    """Answer posts to a channel with 429 for a while. A second call ends it."""
    channel = _channel(panel, value)
    seconds = 0 if panel.limited.pop(channel.id, 0) > time.time() else MUTE_SECONDS
    panel.slack.rate_limit(channel, seconds)
    if seconds:
        panel.limited[channel.id] = time.time() + seconds


async def _archive(panel: Panel, value: str) -> None:
    """Archive a channel, or bring it back."""
    channel = _channel(panel, value)
    await (panel.slack.unarchive(channel) if channel.is_archived else panel.slack.archive(channel))


async def _cut(panel: Panel, _value: str) -> None:
    """Accept the next message but cut the connection: a bot that simply retries would post it twice."""
    panel.slack.faults.cut_after_accept += 1


async def _charts(panel: Panel, _value: str) -> None:
    """Refuse charts and tables, as a workspace does that doesn't have them yet. A second call ends it."""
    panel.slack.faults.no_charts = not panel.slack.faults.no_charts


async def _report(panel: Panel, value: str) -> None:
    """Let a channel's regular report be due now."""
    if not await panel.bot.make_report_due(_channel(panel, value).id):
        raise Impossible(_("this channel has no regular report. Choose one in `/clust subscribe`, under More options"))


async def _kill(panel: Panel, _value: str) -> None:
    """`kill -9`."""
    panel.bot.kill()


_FAULTS: Mapping[str, Callable[[Panel, str], Awaitable[None]]] = {
    "clust": _clust,
    "speed": _speed,
    "limit": _limit,
    "archive": _archive,
    "cut": _cut,
    "charts": _charts,
    "report": _report,
    "kill": _kill,
}


def _channel(panel: Panel, name: str) -> Channel:
    try:
        channel = panel.slack.workspace.channel(name)
    except KeyError:
        raise Impossible(_("this channel doesn't exist")) from None
    if channel.is_im:
        raise Impossible(_("this channel doesn't exist"))
    return channel
