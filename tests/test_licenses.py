"""The licenses of what the bot needs: all of them let it be shipped with anything."""

from __future__ import annotations

import re
from importlib.metadata import metadata
from pathlib import Path

import pytest

LOCK = (Path(__file__).parents[1] / "requirements.txt").read_text()
NAMES = re.findall(r"^([A-Za-z0-9_.-]+)==[^;\\]*\\?$", LOCK, re.MULTILINE)
"""What is installed on every platform: lines without a condition."""

ALLOWED = {
    "MIT", "MIT License", "MIT-0", "BSD License", "BSD-2-Clause", "BSD-3-Clause", "ISC", "PSF-2.0",
    "Python Software Foundation License", "Apache-2.0", "Apache Software License",
    "Mozilla Public License 2.0 (MPL 2.0)",  # of certifi: its list is used as it is
}  # fmt: skip


def licenses(name: str) -> list[str]:
    """Return the licenses that a distribution names: its expression, else its classifiers, else the old field."""
    package = metadata(name)
    if expressions := package.get_all("License-Expression", []):
        return re.split(r" (?:AND|OR) ", expressions[0].strip("()"))
    names = [each.rpartition(" :: ")[2] for each in package.get_all("Classifier", []) if each.startswith("License ::")]
    return names or package.get_all("License", ["none is named"])


@pytest.mark.parametrize("name", NAMES)
def test_every_license_is_one_we_may_ship(name: str) -> None:
    """Each dependency of the lock names licenses that ask for no more than to be named."""
    assert set(licenses(name)) <= ALLOWED


def test_the_lock_is_read() -> None:
    """The names come from the lock: those one asked for are among them, and no half of it is missed."""
    assert {"httpx", "slack-bolt", "uvicorn", "pydantic"} <= set(NAMES)
    assert len(NAMES) > 30
