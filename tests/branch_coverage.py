"""Which branches of the core, the protocol and delivery are taken by the tests that mirror them: all of them.

A pytest plugin: `make check` asks for it. Only those tests are measured, each while it runs and on SQLite alone:
measuring all would take half as long again.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import coverage
import pytest

MIRRORS = ("tests/core/", "tests/clust/", "tests/delivery/", "tests/store/notifications/")
SETTINGS = str(Path(__file__).parents[1] / "pyproject.toml")
ALL = 100
"""Percent."""


# From here on, before any test's module imports what is measured. That is before any test in each process, whichever
# runs tests.
measured = coverage.Coverage(data_suffix=True, config_file=SETTINGS)
measured.start()


def pytest_collection_finish() -> None:
    """Everything is imported: what runs from now on is a test's."""
    measured.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Measure a test, and its fixtures with it."""
    if not item.nodeid.startswith(MIRRORS) or "postgresql" in item.name:
        return (yield)
    measured.start()
    try:
        return (yield)
    finally:
        measured.stop()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Keep what was measured.

    In the process that outlives the others, report what was never taken, which is a failure.
    """
    measured.stop()
    measured.save()
    if hasattr(session.config, "workerinput"):
        return
    whole = coverage.Coverage(config_file=SETTINGS)
    whole.combine()
    if whole.report() < ALL and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
