"""What the composer completes is what stands in the manifest."""

from __future__ import annotations

from pathlib import Path

import yaml

from bot.sandbox.page_commands import MANIFEST, UNKNOWN, commands


def test_they_are_those_of_the_manifest() -> None:
    """Every command of `manifest.yml`, in its order, with what it does and its hint: as a reader of YAML reads it."""
    rows = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))["features"]["slash_commands"]
    expected = [{key: row.get(key, "") for key in ("command", "description", "usage_hint")} for row in rows]
    assert commands() == expected
    assert len(expected) > 3


def test_without_a_manifest(tmp_path: Path) -> None:
    """Where there is none, or none that can be read, the one command that is surely there is completed."""
    assert commands(tmp_path / "manifest.yml") == UNKNOWN
    (tmp_path / "manifest.yml").write_text("features: {}\n")
    assert commands(tmp_path / "manifest.yml") == UNKNOWN
