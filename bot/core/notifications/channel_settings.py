"""How a channel wants its notices to look: switches that are stored as JSON and read tolerantly."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from bot.core.applications.triggers import TRIGGERS

USUAL_GATE = 20
"""Notices that may wait for a channel at once before it is asked what to do with them (rule S4)."""


def _valid_triggers(value: Any) -> Any:
    """Leave out events that this version does not know."""
    return tuple(name for name in value if name in TRIGGERS) if isinstance(value, list | tuple) else value


class MessageStyle(BaseModel):
    """A channel's switches. `gate` None is off; `reminder_days` None reminds of nothing."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    full: bool = False
    update: bool = True
    thread: bool = True
    also_to_channel: Annotated[tuple[str, ...], BeforeValidator(_valid_triggers)] = ("late",)
    personal_data: bool = False
    gate: int | None = USUAL_GATE
    reminder_days: int | None = None


def gate_of(style: MessageStyle, largest_limit: int | None) -> int | None:
    """Return how many notices may wait for a channel at once, None where any number may (rule S4)."""
    return None if style.gate is None else max(style.gate, largest_limit or 0)
