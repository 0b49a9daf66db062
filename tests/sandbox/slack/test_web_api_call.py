"""The arguments of a call, as text of a form or as JSON, and what a refusal says."""

from __future__ import annotations

import pytest

from bot.sandbox.slack.block_kit.validation import Fault
from bot.sandbox.slack.web_api_call import Arguments, WebApiRefusal, refuse_faults

FORM = Arguments({"limit": "20", "inclusive": "1", "blocks": '[{"type": "divider"}]', "cursor": "", "users": None})
BODY = Arguments({"limit": 20, "inclusive": True, "blocks": [{"type": "divider"}], "cursor": "", "users": None})


@pytest.mark.parametrize("arguments", [FORM, BODY], ids=["form", "json"])
def test_arguments_mean_the_same_however_they_are_sent(arguments: Arguments) -> None:
    """Numbers, flags and lists."""
    assert arguments.number("limit", 100) == 20
    assert arguments.flag("inclusive")
    assert arguments.json("blocks") == [{"type": "divider"}]
    assert "limit" in arguments
    assert "users" not in arguments


def test_what_was_not_sent_has_a_default() -> None:
    """An empty text is one that was sent."""
    assert (BODY.text("users", "U1"), BODY.text("cursor", "x"), BODY.number("page", 1)) == ("U1", "", 1)
    assert (BODY.flag("exclude"), BODY.flag("exclude", default=True), BODY.json("metadata")) == (False, True, None)
    assert BODY.json("cursor") is None


def test_what_is_wrong_is_refused_with_a_code() -> None:
    """A method names its own code where Slack's page does."""
    wrong = Arguments({"limit": "-1", "blocks": "[", "deep": "[" * 100_000})
    refusals = (
        (lambda: wrong.number("limit", 1), "invalid_arguments"),
        (lambda: wrong.needed("channel", "channel_not_found"), "channel_not_found"),
        (lambda: wrong.json("blocks", "invalid_blocks_format"), "invalid_blocks_format"),
        (lambda: wrong.json("deep"), "invalid_arguments"),
    )
    for read, code in refusals:
        with pytest.raises(WebApiRefusal) as caught:
            read()
        assert caught.value.to_dict() == {"ok": False, "error": code}


def test_a_refusal_says_where_the_faults_are() -> None:
    """The code is that of the first one."""
    faults = [Fault("invalid_blocks", "/blocks/0", "missing text"), Fault("msg_too_long", "/text", "too long")]
    with pytest.raises(WebApiRefusal) as caught:
        refuse_faults(faults)
    messages = caught.value.to_dict()["response_metadata"]["messages"]
    assert (caught.value.code, len(messages)) == ("invalid_blocks", 2)
    assert messages[0] == "[ERROR] missing text [json-pointer:/blocks/0]"
    refuse_faults([])
