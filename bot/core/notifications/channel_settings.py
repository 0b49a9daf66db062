"""How a channel's messages look: switches that are stored as JSON and read tolerantly."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from bot.core.applications.triggers import TRIGGERS

USUAL_GATE = 20
"""Default number of notifications that may be due in a channel at once.

Above it, the bot asks in the channel (rule S4).
"""


def _valid_triggers(value: Any) -> Any:
    """Drop events that this version doesn't know."""
    return tuple(name for name in value if name in TRIGGERS) if isinstance(value, list | tuple) else value


class MessageStyle(BaseModel):
    """A channel's switches. `gate` None: never ask about floods. `reminder_days` None: no reminders.

    `action_replies`: the card's thread says who used a saved action. `shared_item_names`: an admin allowed that people
    of other organizations read the names of items in the channel. `language`: the code of the language of its
    notifications. None: the language of the person who subscribed it first, or who installed the app.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    full: bool = False
    update: bool = True
    thread: bool = True
    also_to_channel: Annotated[tuple[str, ...], BeforeValidator(_valid_triggers)] = ("late",)
    personal_data: bool = False
    gate: int | None = USUAL_GATE
    reminder_days: int | None = None
    shared_item_names: bool = False
    action_replies: bool = True
    language: str | None = None

    def allows_item_names(self, *, is_shared: bool | None) -> bool:
        """Return whether the names of items can be posted in the channel.

        An unknown channel (None) counts as shared.
        """
        return is_shared is False or self.shared_item_names


def gate_of(style: MessageStyle, largest_limit: int | None) -> int | None:
    """Return how many notifications may be due in a channel at once, or None if there is no limit (rule S4)."""
    return None if style.gate is None else max(style.gate, largest_limit or 0)
