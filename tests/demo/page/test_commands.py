"""What the composer completes is what stands in the manifest."""

from __future__ import annotations

import yaml

from bot.demo.page.commands import commands, shortcuts
from bot.manifest import source


def test_they_are_those_of_the_manifest() -> None:
    """Every command of `manifest.yml`, in its order, with what it does and its hint: as a reader of YAML reads it."""
    rows = yaml.safe_load(source())["features"]["slash_commands"]
    assert commands() == [{key: row.get(key, "") for key in ("command", "description", "usage_hint")} for row in rows]


def test_the_shortcuts_are_those_of_the_manifest() -> None:
    """Each with its name and where it is chosen."""
    rows = yaml.safe_load(source())["features"]["shortcuts"]
    assert shortcuts() == [{key: row[key] for key in ("callback_id", "name", "type")} for row in rows]
