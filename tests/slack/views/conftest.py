"""`read` validates what a view made and returns it as lines that a person can compare. The rest are sample values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import pytest

from bot.core.applications.model import Application, StatusClass
from bot.sandbox.slack.block_kit.validation import validate_message, validate_view
from bot.slack.views.building.blocks import Message
from tests.slack.views.examples import ACME, NOW

Read = Callable[[Message | Mapping[str, Any]], list[str]]


def _element(element: Mapping[str, Any]) -> str:
    kind = "!" if element.get("style") == "danger" else "?" if "confirm" in element else ""
    if element["type"] != "button":
        return f"[… {element['action_id']}]"
    target = element.get("url") or element.get("value")
    return f"[{element['text']['text']}{kind} {element['action_id']} {target}]"


def _lines(block: Mapping[str, Any]) -> Iterator[str]:
    match block["type"]:
        case "section":
            if "text" in block:
                yield from block["text"]["text"].splitlines()
            yield from (field["text"] for field in block.get("fields", ()))
            if "accessory" in block:
                yield _element(block["accessory"])
        case "context":
            yield from (f"  {element['text']}" for element in block["elements"])
        case "header":
            yield f"# {block['text']['text']}"
        case "divider":
            yield "----"
        case "actions":
            yield from map(_element, block["elements"])
        case other:
            yield f"a block of type {other}"


@pytest.fixture(scope="session")
def read() -> Read:
    """Return a function that asserts that Slack would take a message or modal, and returns its lines."""

    def lines(surface: Message | Mapping[str, Any]) -> list[str]:
        if isinstance(surface, Message):
            assert validate_message(surface.payload()) == []
            blocks: Any = surface.blocks
        else:
            assert validate_view(surface) == []
            blocks = surface["blocks"]
        return [line for block in blocks for line in _lines(block)]

    return lines


@pytest.fixture(scope="session")
def now() -> datetime:
    """Return the moment at which the views are looked at."""
    return NOW


@pytest.fixture(scope="session")
def acme() -> Application:
    """Return an application of which everything is known."""
    return ACME


@pytest.fixture(scope="session")
def open_class() -> StatusClass:
    """Return the class of `acme`."""
    return StatusClass.OPEN
