"""`python -m bot demo`: the real bot, as in production, between a stand-in Clust and a stand-in Slack, on a page.

It starts the parts: the bot's process (`bot_process`), changes in the account (`account_speed`), the page
(`page.server`) and the terminal (`terminal`). All data is in a temporary folder.
"""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
import sys
import tempfile
import webbrowser
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.core.forms.workflow_steps import declared_steps
from bot.core.language import N_, _, speak
from bot.core.profiles.profile import Profile
from bot.demo.account_speed import AccountSpeed
from bot.demo.bot_process import DemoBot
from bot.demo.page.fault_injection import Panel
from bot.demo.page.server import DemoPage
from bot.demo.request_log import RequestLog
from bot.demo.terminal import Terminal, cancel, say
from bot.sandbox.clust.profiled import ProfiledClust
from bot.sandbox.clust.serving import serve_clust
from bot.sandbox.clust.stand_in import SandboxClust
from bot.sandbox.clust.webhooks import Webhooks
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.wiring.translation_catalogues import read_languages

APPLICATIONS = 60

WELCOME = N_("""\
Clust for Slack, demo.
  Real:      the bot with its commands, polling, database (SQLite, in a temporary folder) and delivery.
  Stand-in:  Clust (an account with {applications} applications that keep changing) and Slack (a workspace).
             You need no token and no account. Nothing leaves this machine.

  Open       {url}
""")

OPEN_TO_OTHERS = N_("""\
  Note: With --host {host}, anyone who can reach this machine can open the page and do everything in it: act as any of
        the made-up people, read what was typed, break things. There is no password and no encryption.
""")


@dataclass(frozen=True, slots=True)
class Options:
    """How the demo runs: for `seconds` (None: until stopped), with Socket Mode or HTTP for the bot.

    `port` 0 uses the usual port, or a free one if that is taken. `host` None means the default. `profile` says how the
    Clust account answers. `language` is the locale in which Mei, the page's first person, uses Slack, and the language
    of the terminal. The others use English.
    """

    seconds: float | None = None
    open_browser: bool = False
    by_socket: bool = False
    host: str | None = None
    port: int = 0
    profile: Profile | None = None
    language: str = "en-US"


async def demo(stop: asyncio.Event, options: Options) -> None:
    """Run until `stop` is set, the terminal's input ends, or the seconds of `options` are over.

    Raises UsageError if the bot doesn't start or the page can't be served.
    """
    languages = read_languages()
    speak(languages.of(options.language))
    interactive = sys.stdin.isatty() and sys.stdout.isatty() and options.seconds is None
    # Secrets of its own for each demo, so that no website can guess what lets the bot in.
    account = _account(options.profile)
    slack = SandboxSlack(
        bot_token=f"xoxb-{secrets.token_urlsafe(16)}",
        app_token=f"xapp-{secrets.token_urlsafe(16)}",
        signing_secret=secrets.token_hex(16),
    )
    slack.workspace.member.locale = options.language
    request_log = RequestLog(slack.state.clock, (slack.bot_token, slack.app_token, slack.signing_secret, account.token))
    slack.on_change.append(request_log.slack_changed)
    slack.state.workflows.functions = declared_steps()
    account_speed = AccountSpeed(account)
    async with AsyncExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="clust-demo-", ignore_cleanup_errors=True))
        )
        await stack.enter_async_context(slack)
        clust_url = await stack.enter_async_context(serve_clust(account, on_served=request_log.clust_served))
        bot = DemoBot(slack, clust_url, account.token, folder, by_socket=options.by_socket)
        host = options.host or "127.0.0.1"
        page = await stack.enter_async_context(
            DemoPage(Panel(slack, account, account_speed, bot), request_log, languages, host=host, port=options.port)
        )
        await stack.enter_async_context(Webhooks(account, bot.webhook_address, request_log.webhook_called))
        # The address is printed once commands are answered: a person who opens it can type at once.
        await stack.enter_async_context(bot)
        say(_(WELCOME, applications=len(account.dossiers), url=page.url))
        if not is_loopback(host):
            say(_(OPEN_TO_OTHERS, host=host))
        terminal = Terminal(slack)
        if options.open_browser:
            await asyncio.to_thread(webbrowser.open, page.url)
        await terminal.type("/clust subscribe all")
        await _second_poll(account, stop)
        alive = asyncio.create_task(account_speed.run())
        stack.push_async_callback(cancel, alive)
        if interactive:
            await terminal.prompt(stop)
        else:
            await terminal.alone(stop, options.seconds)
    say("\n" + _("The demo is over. Nothing was kept."))


def _account(profile: Profile | None) -> SandboxClust:
    """Return a Clust account, as large as that of the profile if it is small."""
    token = secrets.token_urlsafe(16)
    if profile is None:
        account = SandboxClust(token=token, clock=lambda: datetime.now(UTC))
        account.populate(APPLICATIONS)
    else:
        account = ProfiledClust(profile, token=token, clock=lambda: datetime.now(UTC))
        account.populate(min(APPLICATIONS, profile.applications))
    return account


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach a server on `host`."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _second_poll(account: SandboxClust, stop: asyncio.Event) -> None:
    """Wait until the first poll, the baseline, is over. Changes are announced from then on."""
    polls = 2
    while sum(one.path == "/dossiers" for one in account.requests) < polls and not stop.is_set():  # noqa: ASYNC110  asked by the bot
        await asyncio.sleep(0.05)
