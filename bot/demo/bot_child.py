"""`python -m bot.demo.bot_child LOCALE`: the bot of the demo, which ends when the demo does, however that ended.

The names of its saved actions are in the language of the locale.

Its standard input is a pipe that the demo holds and never writes to. When it closes without the demo having stopped
the bot first, the demo was killed: the bot stops, and takes away the folder that the demo no longer can.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import threading
from pathlib import Path

from bot.core.errors import USAGE_EXIT, UsageError
from bot.core.language import speaking
from bot.demo.saved_actions import demo_actions
from bot.sandbox.slack.workspace import BOT_USER_ID, TEAM_ID
from bot.wiring.process import read_settings, run_bot
from bot.wiring.saved_actions import save_first_actions
from bot.wiring.translation_catalogues import read_languages

LAST_SECONDS = 12.0
"""How long the bot may take to stop. After that, it is ended in the middle of what it does."""


def run_child(locale: str) -> int:
    """Run `python -m bot run` in the working folder. Returns its exit code."""
    folder, alone = Path.cwd(), threading.Event()

    def watch() -> None:
        sys.stdin.buffer.read()
        alone.set()
        threading.Timer(LAST_SECONDS, _end_now, [folder]).start()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
    try:
        settings = read_settings()
        with speaking(read_languages().of(locale)):
            asyncio.run(save_first_actions(settings, TEAM_ID, demo_actions(), BOT_USER_ID))
        code = asyncio.run(run_bot(settings, web=True, worker=True))
    except UsageError as error:
        sys.stderr.write(f"{error.sentence}\n")
        code = USAGE_EXIT
    if alone.is_set():
        _end_now(folder)
    return code


def _end_now(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(run_child(sys.argv[1]))
