"""The demo at a terminal: prints each notification as it is posted, and runs typed commands."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import datetime
from typing import Any

from bot.core.language import _
from bot.sandbox.slack.block_kit.plain_text import lines, names_of, view_lines
from bot.sandbox.slack.messages import Change, PostedMessage
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.sandbox.slack.views import View

LIST_AFTER_SECONDS = 30.0
"""When the demo runs a list command by itself if no one is at the terminal."""


class Terminal:
    """Prints what happens in Slack, and lets Mei type commands in #onboarding."""

    def __init__(self, slack: SandboxSlack) -> None:
        self._slack = slack
        slack.on_change.append(self._on_change)

    async def prompt(self, stop: asyncio.Event) -> None:
        """Read commands and print their answers, until Ctrl-D or Ctrl-C."""
        say(_("Type a command, such as `/clust list late:yes` or `/clust help`. Press Ctrl-D to end the demo.") + "\n")
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        transport, _protocol = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                reading = asyncio.create_task(reader.readline())
                await asyncio.wait({reading, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if not reading.done():
                    await cancel(reading)
                    return
                typed = reading.result().decode(errors="replace")
                if not typed:
                    return
                if typed.strip():
                    await self.type(typed.strip())
        finally:
            await cancel(stopping)
            transport.close()

    async def alone(self, stop: asyncio.Event, seconds: float | None) -> None:
        """Run without input: print notifications as they come, and once a list of late applications.

        Ends when `stop` is set, or after `seconds` (None: never).
        """
        if seconds is None:
            say(
                _(
                    "There's no terminal, so the demo runs until you stop it (Ctrl-C). "
                    "Use --seconds 60 to end it after a minute."
                )
            )
        else:
            say(_("The demo ends after {seconds:g} s.", seconds=seconds))
        before_list = LIST_AFTER_SECONDS if seconds is None else min(LIST_AFTER_SECONDS, seconds / 2)
        if not await _is_set_within(stop, before_list):
            await self.type("/clust list late:yes")
            await _is_set_within(stop, None if seconds is None else seconds - before_list)

    async def type(self, typed: str) -> None:
        """Let Mei type a command, and print the answer that she alone sees."""
        slack = self._slack
        command, _space, text = typed.partition(" ")
        say("\n" + _("Mei types in #onboarding: {text}", text=typed))
        if not command.startswith("/clust"):
            _note(_("That isn't a command. Try `/clust help`."))
            return
        mei = slack.workspace.member.id
        before = slack.views.of(mei)

        def opened() -> View | None:
            """Return the window of this command. One that was open before is a visitor's, on the page."""
            view = slack.views.of(mei)
            return None if view and before and view.id == before.id else view

        interaction = await slack.command(command, text)
        try:
            await slack.wait_for(lambda: interaction.answers or _filled(opened()))
        except TimeoutError:
            _note(_("No response within 5 seconds."))
            return
        for answer in interaction.answers:
            self._print(_("only visible to Mei"), answer)
        if view := opened():
            text_lines = view_lines(view.to_dict(), styled=sys.stdout.isatty(), names=names_of(self._slack.workspace))
            say("\n".join(["\n" + _("A window opens for Mei:"), *(f"  {line}" for line in text_lines)]))
            _note(_("In a terminal you can only look at it, so I closed it."))
            await slack.close_view(view, everything=True)

    def _on_change(self, change: Change) -> None:
        """Print the bot's posts, but not what people write to each other on the page."""
        message = change.subject
        if change.kind != "posted" or not isinstance(message, PostedMessage) or message.is_ephemeral:
            return
        if message.user != self._slack.workspace.bot.id:
            return
        channel = self._slack.workspace.channel(message.channel)
        where = _("direct message") if channel.is_im else f"#{channel.name}"
        self._print(where, message)

    def _print(self, where: str, message: PostedMessage) -> None:
        clock = datetime.now().astimezone().strftime("%H:%M:%S")
        text_lines = lines(message.to_dict(), styled=sys.stdout.isatty(), names=names_of(self._slack.workspace))
        say("\n".join([f"\n{clock}  {where} · Clust", *(f"  {line}" for line in text_lines)]))


def say(text: str) -> None:
    """Print at once, also into a pipe."""
    print(text, flush=True)  # noqa: T201  the demo's output


def _note(sentence: str) -> None:
    """Print a sentence about the terminal itself."""
    say(f"  ({sentence})")


async def cancel(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait for its end."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _is_set_within(event: asyncio.Event, seconds: float | None) -> bool:
    """Wait up to `seconds` (None: without limit) for an event. Returns False if it was not set by then."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False


def _filled(view: View | None) -> bool:
    """Return whether a window is open that no longer waits for Clust."""
    return view is not None and _("Reading from Clust…") not in json.dumps(view.sent, ensure_ascii=False)
