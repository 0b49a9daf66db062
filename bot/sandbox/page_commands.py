"""What the composer completes: the slash commands of `manifest.yml`, with what they do and how they are used."""

from __future__ import annotations

import re
from pathlib import Path

MANIFEST = Path(__file__).parents[2] / "manifest.yml"

_COMMAND = re.compile(r"^\s*- command:\s*(\S+)\s*$")
_TEXT = re.compile(r"^\s*(description|usage_hint):\s*(.+?)\s*$")

UNKNOWN = [{"command": "/clust", "description": "Clust for Slack", "usage_hint": "help"}]
"""What is completed where there is no manifest, as in an installed package."""


def commands(manifest: Path = MANIFEST) -> list[dict[str, str]]:
    """Return the commands in their order, each with `command`, `description` and `usage_hint` (which may be empty).

    Only these few lines are read, as they are written there: the bot itself needs no YAML.
    """
    try:
        lines = manifest.read_text(encoding="utf-8").splitlines()
    except OSError:
        return UNKNOWN
    found: list[dict[str, str]] = []
    for line in _section(lines):
        if named := _COMMAND.match(line):
            found.append({"command": _unquoted(named[1]), "description": "", "usage_hint": ""})
        elif found and (told := _TEXT.match(line)):
            found[-1][told[1]] = _unquoted(told[2])
    return found or UNKNOWN


def _section(lines: list[str]) -> list[str]:
    """Return the lines below `slash_commands:`, up to the next key that stands no deeper."""
    inside: list[str] = []
    depth: int | None = None
    for line in lines:
        indented = len(line) - len(line.lstrip())
        if depth is None:
            depth = indented if line.strip() == "slash_commands:" else None
        elif line.strip() and not line.lstrip().startswith("#"):
            if indented <= depth and not line.lstrip().startswith("- "):
                break
            inside.append(line)
    return inside


def _unquoted(text: str) -> str:
    for quote in ('"', "'"):
        if len(text) > 1 and text.startswith(quote) and text.endswith(quote):
            return text[1:-1]
    return text
