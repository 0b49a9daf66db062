"""Mark messages and windows with the Clust account that they are about.

Applications of two accounts can have the same number. So each button's value, and a window's private metadata, is
prefixed with the connection's id and a tilde, as in `5~123`, just before it is sent. `request.payloads` removes it from
what arrives, so that no listener sees it. It grants nothing: its reader checks that the workspace has such a
connection.
"""

from __future__ import annotations

import re
from typing import Any

from bot.slack.views.building import ids
from bot.slack.views.building.blocks import Block, Message

_STAMP = re.compile(r"([0-9]{1,9})~")


def tagged(message: Message, account: int | None) -> Message:
    """Return the message with every value of its buttons and menus tagged; as it is where there is no account."""
    if account is None:
        return message
    return Message(message.text, tuple(_tagged(block, account) for block in message.blocks))


def tagged_view(view: Block, account: int | None) -> Block:
    """Return the window, or Home tab, with its private metadata tagged: a click in it carries that too."""
    if account is None:
        return view
    return {**view, "private_metadata": f"{account}~{view.get('private_metadata', '')}"}


def untagged(value: str) -> tuple[int | None, str]:
    """Return the account of a value, None where it has no stamp, and the value itself."""
    match = _STAMP.match(value)
    return (int(match[1]), value[match.end() :]) if match else (None, value)


def _tagged(part: Any, account: int) -> Any:
    """Return blocks, elements or options with their values tagged; a form's own fields keep theirs."""
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
