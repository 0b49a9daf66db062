"""`doctor`: examine the setup, post samples, record an account, or compare Clust's description."""

from __future__ import annotations

import argparse
import asyncio
import sys
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path

from bot.core.errors import ClustError, UsageError
from bot.core.language import _
from bot.core.typed_text import fold
from bot.doctor import as_lines, exit_code, summary
from bot.doctor.openapi.loading import PUBLISHED_AT
from bot.doctor.openapi.report import ACTIONS_FILE, FRAGMENT_FILE
from bot.settings import Settings
from bot.wiring.diagnosing import compare_description, diagnose, record, show_samples
from bot.wiring.process import read_settings, until_stopped


async def doctor(chosen: argparse.Namespace) -> int:
    """Examine the setup, or do what another option asks for. Returns the exit code. Raises UsageError."""
    settings = read_settings()
    if chosen.live is not None:
        return await _live(settings, chosen)
    if chosen.record is not None:
        return await _record(settings, chosen)
    if chosen.openapi is not None:
        return await _openapi(settings, chosen)
    if chosen.write:
        raise UsageError(_("--write needs --openapi."))
    findings = []
    async for finding in diagnose(settings, chosen.workspace):
        findings.append(finding)
        print("\n".join(as_lines(finding)), flush=True)
    print(summary(findings))
    return exit_code(findings)


async def _live(settings: Settings, chosen: argparse.Namespace) -> int:
    """Post a message of each kind, wait for Enter or a signal, and remove them."""
    wrong = 0

    async def work(stop: asyncio.Event) -> None:
        nonlocal wrong
        wrong = await show_samples(settings, chosen.workspace, chosen.live, partial(_looked, stop), stop)

    await until_stopped(work)
    return 1 if wrong else 0


async def _looked(stop: asyncio.Event) -> None:
    """Wait until Enter is pressed, or `stop` is set."""
    loop = asyncio.get_running_loop()

    def read() -> None:
        sys.stdin.readline()
        with suppress(RuntimeError):  # the process is ending
            loop.call_soon_threadsafe(stop.set)

    print(_("Press Enter to remove these messages."), flush=True)
    threading.Thread(target=read, daemon=True).start()
    await stop.wait()


async def _record(settings: Settings, chosen: argparse.Namespace) -> int:
    """Read an account, show its profile, and write it to a new file once that was confirmed."""
    await asyncio.to_thread(_must_be_new, path := Path(chosen.record))
    try:
        profile = (await record(settings, chosen.workspace, chosen.account)).as_text()
    except ClustError as error:
        raise UsageError(error.sentence) from error
    print(profile)
    print(
        _("This is everything that would be written. It shouldn't contain personal data. Check it before you share it.")
    )
    print(_("Write it to {path}? Type yes:", path=path), flush=True)
    if fold(sys.stdin.readline()).strip() not in {"y", fold(_("yes"))}:
        print(_("Nothing was written."))
        return 0
    await asyncio.to_thread(_write_new, path, profile)
    print(_("Wrote {file}.", file=path))
    return 0


async def _openapi(settings: Settings, chosen: argparse.Namespace) -> int:
    """Print what differs from Clust's description, and write what follows to new files if that was asked for."""
    for name in (FRAGMENT_FILE, ACTIONS_FILE) if chosen.write else ():
        await asyncio.to_thread(_must_be_new, Path(name))
    report = await compare_description(settings, chosen.openapi or PUBLISHED_AT)
    for finding in report.findings:
        print("\n".join(as_lines(finding)))
    print(summary(report.findings))
    for name, text in report.files.items() if chosen.write else ():
        await asyncio.to_thread(_write_new, Path(name), text)
        print(_("Wrote {file}.", file=name))
    return exit_code(report.findings)


def _must_be_new(path: Path) -> None:
    """Raise UsageError if a file can't be made there, before anything is read."""
    if path.exists() or not path.parent.is_dir():
        raise UsageError(_("{path} must be a new file in an existing folder. Choose another name.", path=path))


def _write_new(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(_("I can't write {path}: {why}.", path=path, why=error.strerror)) from error
