"""`python -m bot demo`: the real bot, as in production, between a stand-in Clust and a stand-in Slack.

The bot runs as a process of its own with nothing but settings; everything it keeps is in a folder that goes away.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.core.errors import UsageError
from bot.sandbox.clust import SandboxClust
from bot.sandbox.clust_serving import serve_clust
from bot.sandbox.life import Life
from bot.sandbox.reading import lines, names_of, view_lines
from bot.sandbox.slack import SandboxSlack
from bot.sandbox.slack_messages import Change, Message
from bot.sandbox.slack_views import View

APPLICATIONS = 60
STEP_SECONDS = 3.0
"""Between two changes in the account; the bot polls more often, so that each is seen."""

POLL_SECONDS = 1.0
ALONE_SECONDS = 60.0
"""How long the demo runs where nobody is at the terminal."""

START_SECONDS = 30.0
STOP_SECONDS = 12.0

WELCOME = """\
Clust for Slack, demo.
  Real:      the bot: its commands, polling, database (SQLite, in a temporary folder) and delivery.
  Stand-in:  Clust (an account with {applications} applications that lives on) and Slack (a workspace), on this machine.
             No token, no account, and nothing leaves this machine.
"""


async def demo(stop: asyncio.Event, seconds: float | None) -> None:
    """Run until `stop` is set, or for so many seconds; alone, where there is no terminal, for a minute.

    Raises UsageError when the bot does not start.
    """
    interactive = sys.stdin.isatty() and sys.stdout.isatty() and seconds is None
    account = SandboxClust(clock=lambda: datetime.now(UTC))
    account.populate(APPLICATIONS)
    say(WELCOME.format(applications=APPLICATIONS))
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clust-demo-")))
        slack = await stack.enter_async_context(SandboxSlack())
        clust_url = await stack.enter_async_context(serve_clust(account))
        await stack.enter_async_context(running_bot(slack, clust_url, account.token, folder))
        slack.on_change.append(_printer(slack))
        await _type(slack, "/clust subscribe all")
        await _second_poll(account)
        living = asyncio.create_task(_live(account))
        stack.push_async_callback(_cancel, living)
        if interactive:
            await _prompt(slack, stop)
        else:
            await _alone(slack, stop, ALONE_SECONDS if seconds is None else seconds)
    say("\nThe demo is over; it has kept nothing.")


@asynccontextmanager
async def running_bot(slack: SandboxSlack, clust_url: str, clust_token: str, folder: Path) -> AsyncIterator[None]:
    """Run `python -m bot run` between the two until the context ends. Raises UsageError when it does not start."""
    port = _free_port()
    slack.events_url = f"http://127.0.0.1:{port}/slack/events"
    # Nothing else of the person's environment, so that the demo is the same everywhere.
    kept = {
        name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "SYSTEMROOT") if name in os.environ
    }
    settings = {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "CLUST_API_TOKEN": clust_token,
        "CLUST_API_URL": clust_url,
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'clust-bot.db'}",
        "LISTEN_HOST": "127.0.0.1",
        "PORT": str(port),
        "POLL_INTERVAL": str(POLL_SECONDS),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    log = folder / "bot.log"
    with log.open("wb") as output:
        # Its own folder, so that no `.env` of the person's is read.
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", env=kept | settings, cwd=folder, stdout=output, stderr=output
        )
    try:
        await _listening(process, port, log)
        yield
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()


async def _listening(process: asyncio.subprocess.Process, port: int, log: Path) -> None:
    async with asyncio.timeout(START_SECONDS):
        while process.returncode is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                await writer.wait_closed()
                return
    raise UsageError(f"The bot did not start:\n{_tail(log)}")


def _tail(log: Path) -> str:
    return log.read_text()[-2000:]


async def _second_poll(account: SandboxClust) -> None:
    """Wait until the first poll, the baseline, is over: what changes from now on is announced."""
    polls = 2
    while sum(one.path == "/dossiers" for one in account.requests) < polls:  # noqa: ASYNC110  asked by the bot
        await asyncio.sleep(0.05)


async def _live(account: SandboxClust) -> None:
    life = Life(account)
    while True:
        life.step()
        await asyncio.sleep(STEP_SECONDS)


async def _prompt(slack: SandboxSlack, stop: asyncio.Event) -> None:
    """Take commands from the terminal and print their answers, until Ctrl-D or Ctrl-C."""
    say("Type a command, such as `/clust list late:yes` or `/clust help`; Ctrl-D ends the demo.\n")
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    stopping = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            reading = asyncio.create_task(reader.readline())
            await asyncio.wait({reading, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                await _cancel(reading)
                return
            typed = reading.result().decode(errors="replace")
            if not typed:
                return
            if typed.strip():
                await _type(slack, typed.strip())
    finally:
        await _cancel(stopping)
        transport.close()


async def _alone(slack: SandboxSlack, stop: asyncio.Event, seconds: float) -> None:
    """Show the main job without anybody: notices as they come, and a list of what is late halfway through."""
    for text in ("/clust list late:yes", None):
        try:
            async with asyncio.timeout(seconds / 2):
                await stop.wait()
                return
        except TimeoutError:
            if text:
                await _type(slack, text)


async def _type(slack: SandboxSlack, typed: str) -> None:
    """Let Mei type a command in #onboarding, and print the answer that she alone sees."""
    command, _, text = typed.partition(" ")
    say(f"\nmei types in #onboarding: {typed}")
    if not command.startswith("/clust"):
        say("  (that is no command: try /clust help)")
        return
    exchange = await slack.command(command, text)
    mei = slack.workspace.member.id
    try:
        await slack.wait_for(lambda: exchange.answers or _filled(slack.views.of(mei)))
    except TimeoutError:
        say("  (no answer within 5 seconds)")
        return
    for answer in exchange.answers:
        _print(slack, "only visible to mei", answer)
    if view := slack.views.of(mei):
        shown = view_lines(view.told(), styled=sys.stdout.isatty(), names=names_of(slack.workspace))
        say("\n".join(["\nA window opens for mei:", *(f"  {line}" for line in shown)]))
        say("  (At a terminal it can only be looked at; it is closed again.)")
        await slack.close_view(view, everything=True)


def _filled(view: View | None) -> bool:
    """Tell whether a window stands open that waits for Clust no more."""
    return view is not None and "One moment" not in json.dumps(view.sent)


def _printer(slack: SandboxSlack) -> Callable[[Change], None]:
    def on_change(change: Change) -> None:
        if change.kind == "posted" and isinstance(change.what, Message) and not change.what.is_ephemeral:
            channel = slack.workspace.channel(change.what.channel)
            where = f"direct message to {channel.name or 'someone'}" if channel.is_im else f"#{channel.name}"
            _print(slack, where, change.what)

    return on_change


def _print(slack: SandboxSlack, where: str, message: Message) -> None:
    clock = datetime.now().astimezone().strftime("%H:%M:%S")
    shown = lines(message.told(), styled=sys.stdout.isatty(), names=names_of(slack.workspace))
    say("\n".join([f"\n{clock}  {where} · Clust", *(f"  {line}" for line in shown)]))


def say(text: str) -> None:
    """Print at once, also into a pipe."""
    print(text, flush=True)  # noqa: T201  the demo's output


async def _cancel(task: asyncio.Task[object]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port
