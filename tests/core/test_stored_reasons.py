"""Stored reasons: a code, with a value behind a colon."""

from __future__ import annotations

import pytest

from bot.core.stored_reasons import StoredReason, read_reason


@pytest.mark.parametrize("reason", [StoredReason("muted"), StoredReason("unsubscribed", "U1")])
def test_a_stored_reason_is_read_back(reason: StoredReason) -> None:
    """With its value."""
    assert read_reason(str(reason)) == reason


@pytest.mark.parametrize("sentence", ["Slack asked us to wait.", "<@U1> unsubscribed.", "Slack didn't respond: 503"])
def test_sentences_of_older_versions_are_no_codes(sentence: str) -> None:
    """They are shown as they are."""
    assert read_reason(sentence) is None
