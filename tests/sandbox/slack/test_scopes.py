"""Tests for the stand-in's table of scopes, against the bot's."""

from __future__ import annotations

from bot.sandbox.slack import scopes
from bot.slack.web_api.scopes import NEEDED, SCOPES

UPLOAD = "files.upload.v2"
"""The library makes several calls of it."""


def test_both_tables_say_the_same_of_each_method() -> None:
    """What the bot believes that a method needs is what the stand-in asks for."""
    bots = {method: needed for method, needed in SCOPES.items() if method != UPLOAD}
    assert bots == {method: scopes.SCOPES.get(method, frozenset()) for method in bots}
    uploads = {needed for method, needed in scopes.SCOPES.items() if method.startswith("files.")}
    assert uploads == {SCOPES[UPLOAD]}


def test_the_token_has_what_the_manifest_asks_for() -> None:
    """The stand-in grants each scope that the bot asks for, and no other."""
    assert scopes.GRANTED == NEEDED
