"""Which requests are Slack's: what is signed by it, lately, and for the first time (rule W5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.entry.request_verification import MAX_SIGNATURE_AGE_SECONDS, TRIGGER, ReplayGuard, RequestRefused, verify
from tests.slack.entry.signed import BODY, NOW, SECRET, headers


@given(st.dictionaries(st.sampled_from(["x-slack-request-timestamp", "x-slack-signature"]), st.text()), st.binary())
def test_unsigned_requests_are_always_refused(sent: dict[str, str], body: bytes) -> None:
    """Without the secret nothing gets in, and nothing but a refusal with 401 comes out (W5)."""
    with pytest.raises(RequestRefused) as refused:
        verify(SECRET, sent, body, NOW)
    assert refused.value.status == 401


def test_without_a_secret_nothing_verifies() -> None:
    """An empty secret is none: what is signed with it is refused."""
    with pytest.raises(RequestRefused):
        verify("", headers(secret=""), BODY, NOW)


def test_accepted_requests_are_remembered_while_their_signature_is_valid() -> None:
    """W5: also for a timestamp that lay ahead. Afterwards nothing of it is kept, and its age refuses it."""
    guard = ReplayGuard()
    guard.accept("a", TRIGGER, NOW)
    with pytest.raises(RequestRefused):
        guard.accept("a", TRIGGER, NOW + 2 * MAX_SIGNATURE_AGE_SECONDS)
    guard.accept("a", TRIGGER, NOW + 2 * MAX_SIGNATURE_AGE_SECONDS + 1)
