"""Stored reasons: a code, with a value behind a colon."""

from __future__ import annotations

import pytest

from bot.core.errors import ChannelRefused, DeliveryError, NotSent, OutcomeUnclear, SlackBroken, Throttled
from bot.core.notifications.reasons import StoredReason, read_reason, reason_of


@pytest.mark.parametrize("reason", [StoredReason("muted"), StoredReason("unsubscribed", "U1")])
def test_a_stored_reason_is_read_back(reason: StoredReason) -> None:
    """With its value."""
    assert read_reason(str(reason)) == reason


@pytest.mark.parametrize("sentence", ["Slack asked us to wait.", "<@U1> unsubscribed.", "Slack didn't respond: 503"])
def test_sentences_of_older_versions_are_no_codes(sentence: str) -> None:
    """They are shown as they are."""
    assert read_reason(sentence) is None


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ChannelRefused("is_archived", "The channel is archived."), "is_archived"),
        (Throttled(3), "throttled"),
        (NotSent("The connection was lost."), "not_sent"),
        (OutcomeUnclear("(internal_error)"), "outcome_unclear"),
        (SlackBroken("(HTTP 500)"), "slack_broken"),
    ],
)
def test_each_failure_has_a_code(error: DeliveryError, code: str) -> None:
    """Slack's own where it gave one."""
    assert reason_of(error) == code
