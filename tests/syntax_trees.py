"""The syntax trees of the bot's modules. To parse them all takes a second: each is parsed once, and only if need be."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a module, to be read only."""
    return ast.parse(path.read_text(encoding="utf-8"))
