"""A process of the bot: reads the settings, runs the bot, and stops on a signal."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Awaitable, Callable

from bot.observability.logs import configure_logging
from bot.settings import Settings

THREAD_SWITCH_SECONDS = 0.0005
"""How long a thread computes while another one waits (`sys.setswitchinterval`).

SQLite's threads take turns with the event loop several times for each statement. With Python's 5 milliseconds, someone
else's long list makes a notification wait ten times as long as otherwise (the *heaviest filter* in docs/benchmarks.md).
"""

FULL_COLLECTION_AFTER = 300
"""Collections of the middle generation after which Python's garbage collector looks through all (`gc.set_threshold`).

With Python's 10, the first poll of 100,000 applications is interrupted eleven times, at last for 0.7 seconds, to look
through objects of which none is garbage. With so many it has ended before.
"""

BOLT_READS = ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET")
"""Environment variables that Bolt reads by itself, with other effects than the settings have."""


def read_settings() -> Settings:
    """Return the settings, and set up logging. Raises UsageError for an invalid one."""
    settings = Settings.read()
    configure_logging(settings.log_level, settings.log_format, settings.secrets())
    for name in BOLT_READS:
        os.environ.pop(name, None)
    return settings


async def run_bot(settings: Settings, *, web: bool, worker: bool, fd: int | None = None) -> int:
    """Run the bot until the process is stopped. Returns the exit code.

    `fd` is the file descriptor of a listening socket to use instead of LISTEN_HOST and PORT. Raises UsageError for
    settings that don't work.
    """
    gc.disable()  # while modules are imported: looking for garbage takes a tenth of the start
    from bot.http.server import inherited  # noqa: PLC0415  see above
    from bot.wiring.composition import run  # noqa: PLC0415  see above

    spare_the_collector()
    gc.enable()
    sys.setswitchinterval(THREAD_SWITCH_SECONDS)
    listening = None if fd is None else inherited(fd)
    return await until_stopped(lambda stop: run(settings, stop, web=web, worker=worker, listening=listening))


def spare_the_collector() -> None:
    """Let the garbage collector ignore what exists by now, which stays, and look through everything less often."""
    gc.freeze()
    young, middle, _old = gc.get_threshold()
    gc.set_threshold(young, middle, FULL_COLLECTION_AFTER)


async def until_stopped(work: Callable[[asyncio.Event], Awaitable[None]]) -> int:
    """Run `work` until it ends, or until SIGTERM or SIGINT. A second signal ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_signal(number: int) -> None:
        if stop.is_set():
            os._exit(128 + number)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal, number)
    await work(stop)
    return 0
