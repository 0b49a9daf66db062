"""Tag messages and modals with the Clust account that they are about.

Applications of two accounts can have the same ID. So the value of each button, and a modal's private metadata, gets the
connection's ID and a tilde in front, as in `5~123`, right before it is sent. `request.payload_parts` removes it from
what arrives. It grants nothing: its reader checks that the workspace has that connection.
"""

from __future__ import annotations

import re
from typing import Any

from bot.slack.views.building import ids
from bot.slack.views.building.blocks import Block, Message

_TAG = re.compile(r"([0-9]{1,9})~")


def tagged(message: Message, account: int | None) -> Message:
    """Return the message with the values of its buttons and menus tagged. Unchanged without an account."""
    if account is None:
        return message
    fallback = message.fallback and tagged(message.fallback, account)
    return Message(message.text, tuple(_tagged(block, account) for block in message.blocks), fallback)


def tagged_view(view: Block, account: int | None) -> Block:
    """Return the modal or Home tab with its private metadata tagged, for clicks in it."""
    if account is None:
        return view
    return {**view, "private_metadata": f"{account}~{view.get('private_metadata', '')}"}


def untagged(value: str) -> tuple[int | None, str]:
    """Return the account of a value (None without a tag), and the value itself."""
    match = _TAG.match(value)
    return (int(match[1]), value[match.end() :]) if match else (None, value)


def _tagged(part: Any, account: int) -> Any:
    """Return blocks, elements or options with tagged values. A form's own fields stay as they are."""
    if isinstance(part, list):
        return [_tagged(each, account) for each in part]
    if not isinstance(part, dict):
        return part
    if part.get("type") == "input" or part.get("action_id") == ids.VALUE:
        return part
    marked = {name: _tagged(each, account) for name, each in part.items()}
    if isinstance(part.get("value"), str):
        marked["value"] = f"{account}~{part['value']}"
    return marked
