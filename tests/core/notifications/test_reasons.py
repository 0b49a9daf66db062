"""The codes of failed posts."""

from __future__ import annotations

import pytest

from bot.core.errors import ChannelRefused, DeliveryError, NotSent, OutcomeUnclear, SlackBroken, Throttled
from bot.core.notifications.reasons import reason_of


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
