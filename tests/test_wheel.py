"""The wheel: it holds `bot` alone, and what it installs runs wherever it is started."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from email import message_from_string
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.bot_process import PROJECT
from tests.test_cli import MEANINGLESS

DEMO_SECONDS = 20


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build it, with the build backend of the lock."""
    folder = tmp_path_factory.mktemp("dist")
    _run(PROJECT, sys.executable, "-P", "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder))
    (built,) = folder.iterdir()
    return built


def _run(folder: Path, *command: str, **settings: str) -> str:
    """Run a command to its end in `folder`, and return what it printed."""
    env = {"PATH": os.environ["PATH"], **settings} if settings else None
    ended = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)  # noqa: S603  our own commands
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_it_holds_the_bot_alone(wheel: Path) -> None:
    """Every file of the package, those it reads as it runs among them, but no test, and nothing of the repository's."""
    with ZipFile(wheel) as opened:
        held = {name for name in opened.namelist() if ".dist-info/" not in name}
    files = (path for path in (PROJECT / "bot").rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    assert held == {path.relative_to(PROJECT).as_posix() for path in files}
    assert "bot/py.typed" in held
    assert {Path(name).suffix for name in held} >= {".html", ".css", ".js", ".svg", ".mako", ".po"}


def test_it_says_what_it_is(wheel: Path) -> None:
    """Its license is in it, the README describes it, and `clust-bot` is installed with it."""
    with ZipFile(wheel) as opened:
        (metadata,) = (name for name in opened.namelist() if name.endswith(".dist-info/METADATA"))
        package = message_from_string(opened.read(metadata).decode())
        assert opened.read(metadata.replace("METADATA", "licenses/LICENSE")) == (PROJECT / "LICENSE").read_bytes()
        assert b"clust-bot = bot.cli:main" in opened.read(metadata.replace("METADATA", "entry_points.txt"))
    assert (package["Name"], package["License-Expression"]) == ("clust-for-slack", "MIT")
    assert package.get_payload() == (PROJECT / "README.md").read_text()


@pytest.mark.long
def test_it_runs_beside_another_bot(wheel: Path, tmp_path: Path) -> None:
    """Installed into an environment of its own, each command is ours in a folder with a `bot.py` of someone else."""
    fresh, elsewhere = tmp_path / "fresh", tmp_path / "elsewhere"
    venv.create(fresh, with_pip=True)
    python = str(fresh / "bin" / "python")
    lock = str(PROJECT / "requirements.txt")
    _run(tmp_path, python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock)
    _run(tmp_path, python, "-m", "pip", "install", "--quiet", "--no-deps", str(wheel))
    _run(tmp_path, python, "-m", "pip", "check")
    elsewhere.mkdir()
    (elsewhere / "bot.py").write_text("raise SystemExit('This is not the bot that was installed.')\n")
    clust_bot = str(fresh / "bin" / "clust-bot")

    assert "socket_mode_enabled: true" in _run(elsewhere, clust_bot, "manifest", "--socket")
    settings = {**MEANINGLESS, "DATABASE_URL": "sqlite+aiosqlite:///new.db"}
    assert "Upgraded the database." in _run(elsewhere, clust_bot, "migrate", **settings)
    printed = _run(elsewhere, clust_bot, "demo", "--seconds", str(DEMO_SECONDS), TMPDIR=str(tmp_path))
    assert f"The demo ends after {DEMO_SECONDS} s." in printed
    assert "#onboarding · Clust" in printed
    assert "Nothing was kept" in printed
