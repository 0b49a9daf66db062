"""What a payload says can be stored and sent on, whatever JSON can name."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from bot.slack.entry.payloads import read

CLICK = {
    "type": "block_actions",
    "user": {"id": "U1"},
    "trigger_id": "1",
    "actions": [{"action_id": "a", "value": "x\ud800y\x00z", "\udfff": ["\ud83d"]}],
}


@pytest.mark.parametrize("form", [True, False], ids=["in a form", "by itself"])
def test_half_characters_and_nul_are_no_text(form: bool) -> None:
    """Neither could be stored, at any depth; a whole character in two escapes stays what it is."""
    told = json.dumps(CLICK | {"channel": {"id": "\U0001f600"}})
    payload = read(f"payload={quote(told)}" if form else told)
    assert payload
    assert payload["actions"] == [{"action_id": "a", "value": "x\ufffdyz", "\ufffd": ["\ufffd"]}]
    assert payload["channel"] == {"id": "\U0001f600"}


def test_a_command_has_no_nul() -> None:
    """Nor can it be typed."""
    assert read("command=/clust&text=li%00st&channel_id=C1%00") == {
        "command": "/clust",
        "text": "list",
        "channel_id": "C1",
    }
