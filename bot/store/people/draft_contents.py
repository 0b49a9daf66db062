"""What a form draft holds: one frozen value, and the JSON that is encrypted and stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from pydantic import TypeAdapter

from bot.core.applications.model import Application


@dataclass(frozen=True, slots=True)
class DraftContents:
    """What a person typed into a form, and what the form has to know until it is carried out.

    `channel`: the id of the channel where it was opened, empty where there is none.
    `start`: values that it began with, for example those read from a message, by the names of the form's fields.
    `typed`: values by the names of the form's fields, None until it was submitted once.
    `opened`: the application as Clust had it when the form of an update opened, by the names of our fields.
    `seen`: the same, as it was when the person last read what others had changed. None if nothing was read.
    `unknown`: an update was sent whose outcome isn't known, so a template that it needs may have been made.
    `application`: what a deletion is about.
    `answer`: Clust's answer to a call of the console, for *Share here*.
    `in_pane`: the application is edited in the pane of a pasted link, so `opened` has only what that shows.
    """

    channel: str = ""
    start: Mapping[str, Any] | None = None
    typed: Mapping[str, Any] | None = None
    opened: Mapping[str, Any] | None = None
    seen: Mapping[str, Any] | None = None
    unknown: bool = False
    application: Application | None = None
    answer: Mapping[str, Any] | None = None
    in_pane: bool = False


_ADAPTER = TypeAdapter(DraftContents)
_NAMES = frozenset(field.name for field in fields(DraftContents))


def written(contents: DraftContents) -> str:
    """Return contents as JSON."""
    return _ADAPTER.dump_json(contents, exclude_defaults=True).decode()


def read(text: str) -> DraftContents:
    """Return the contents that JSON holds, also as written by earlier versions of the bot.

    Those stored what was typed into a call or a subscription beside the channel, not below `typed`.
    """
    stored = TypeAdapter(dict[str, Any]).validate_json(text)
    if stored.keys() - _NAMES and "typed" not in stored:
        stored = {"channel": stored.get("channel"), "typed": stored}
    return _ADAPTER.validate_python({name: value for name, value in stored.items() if value is not None})


def followed(contents: DraftContents, old: str, new: str) -> DraftContents:
    """Return contents that are about a channel's new id where they were about its old one."""
    channel, typed = contents.channel, contents.typed
    if typed and typed.get("channel") == old:
        typed = {**typed, "channel": new}
    return replace(contents, channel=new if channel == old else channel, typed=typed)
