"""Which error each refusal of Slack is, by what the call did (rule P3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import (
    CallRefused,
    ChannelRefused,
    MessageLost,
    MessageRefused,
    OutcomeUnclear,
    SlackBroken,
    SlackRefused,
    ThreadRefused,
    TokenRefused,
    ViewGone,
)
from bot.core.notifications.slack_error_codes import CODES, is_in_info
from bot.core.notifications.slack_exceptions import Doing, refusal


@pytest.mark.parametrize(
    ("code", "posting", "changing", "asking"),
    [
        ("restricted_action_thread_locked", ThreadRefused, MessageLost, ThreadRefused),
        ("restricted_action_non_threadable_channel", ThreadRefused, MessageLost, ThreadRefused),
        ("thread_not_found", ThreadRefused, MessageLost, ThreadRefused),
        ("cannot_reply_to_message", ThreadRefused, MessageLost, ThreadRefused),
        ("message_not_found", ThreadRefused, MessageLost, MessageLost),
        ("restricted_action_thread_only_channel", ChannelRefused, ChannelRefused, ChannelRefused),
        ("restricted_action_read_only_channel", ChannelRefused, ChannelRefused, ChannelRefused),
        ("team_access_not_granted", ChannelRefused, ChannelRefused, CallRefused),
        ("ekm_access_denied", ChannelRefused, ChannelRefused, ChannelRefused),
        ("missing_scope", ChannelRefused, ChannelRefused, CallRefused),
        ("token_revoked", TokenRefused, TokenRefused, TokenRefused),
        ("invalid_blocks", MessageRefused, MessageRefused, CallRefused),
        ("hash_conflict", ChannelRefused, MessageLost, ViewGone),
        ("internal_error", OutcomeUnclear, SlackBroken, SlackBroken),
        ("a_new_code", ChannelRefused, MessageLost, CallRefused),
    ],
)
def test_what_a_code_means(code: str, posting: type, changing: type, asking: type) -> None:
    """A6, D6: a code about a reply is not about the channel, and one of a question is about that question alone."""
    kinds = (Doing.POSTING, posting), (Doing.CHANGING, changing), (Doing.ASKING, asking)
    assert [type(refusal(code, doing)) for doing, _ in kinds] == [kind for _, kind in kinds]


@given(st.text(min_size=1), st.sampled_from(Doing))
def test_a_code_that_is_not_listed_is_said_as_it_is(code: str, doing: Doing) -> None:
    """P3, D6: nothing is made up about a code that no one knows, and only of a post it is about the channel."""
    error = refusal(code, doing)
    if code in CODES:
        return
    assert isinstance(error, SlackRefused)
    assert error.sentence.endswith(f"({code})")
    assert isinstance(error, ChannelRefused) is (doing is Doing.POSTING)
    assert not is_in_info(code)
