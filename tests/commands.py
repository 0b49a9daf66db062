"""Commands of the bot in this process: where its process is not the subject, starting one takes a second of CPU."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
import structlog

from bot.cli import main
from bot.observability.logs import QUIET


def run_command(folder: Path, *words: str, settings: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run a command in `folder` with these settings and no others. Returns its exit code and all that it printed.

    It has an event loop of its own: a test that has one calls this in a thread.
    """
    printed = StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        logging_restored(),
        redirect_stdout(printed),
        redirect_stderr(printed),
    ):
        patch.chdir(folder)
        for name in list(os.environ):
            if name.startswith(("SLACK_", "CLUST_", "DATABASE")):
                patch.delenv(name)
        for name, value in (settings or {}).items():
            patch.setenv(name, value)
        code = main(words)
    return code, printed.getvalue()


@contextmanager
def logging_restored() -> Iterator[None]:
    """Leave logging as it was found."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in QUIET}
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, one in levels.items():
        logging.getLogger(name).setLevel(one)
