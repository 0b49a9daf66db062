"""`demo`: run the bot between the stand-ins."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from bot.core.errors import UsageError
from bot.core.language import _
from bot.core.profiles.profile import MAX_PROFILE_CHARACTERS, Profile, read_profile
from bot.demo.run import Options, demo
from bot.wiring.process import until_stopped


def run_demo(chosen: argparse.Namespace) -> int:
    """Run the demo until it is stopped. Returns the exit code. Raises UsageError for a profile that can't be read."""
    profile = _profile(Path(chosen.profile)) if chosen.profile is not None else None
    how = (chosen.seconds, chosen.open, chosen.socket, chosen.host, chosen.port)
    options = Options(*how, profile, chosen.language)
    return asyncio.run(until_stopped(lambda stop: demo(stop, options)))


def _profile(path: Path) -> Profile:
    """Read a profile from a file. Raises UsageError that names the file and the first mistake."""
    try:
        with path.open(encoding="utf-8") as file:
            return read_profile(file.read(MAX_PROFILE_CHARACTERS + 1))
    except OSError as error:
        raise UsageError(_("I can't read {path}: {why}.", path=path, why=error.strerror)) from error
    except UnicodeDecodeError as error:
        raise UsageError(_("{path} isn't a UTF-8 text file.", path=path)) from error
