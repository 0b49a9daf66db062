"""Why something isn't posted, in its reader's language."""

from __future__ import annotations

import pytest

from bot.core.language import speaking
from bot.core.notifications import reasons
from bot.core.stored_reasons import StoredReason
from bot.slack.views.building.delivery_reasons import in_words
from tests.pseudo_language import pseudo

OWN = {value for name, value in vars(reasons).items() if name.isupper() and isinstance(value, str)}
VALUES = {
    reasons.SCHEDULED: '{"rhythm":"daily"}',
    **dict.fromkeys((reasons.UNSUBSCRIBED, reasons.DISCONNECTED, reasons.MARKED_AS_SEEN), "U1"),
}


@pytest.mark.parametrize("code", sorted({*OWN, "is_archived", "maker_gone"}))
def test_each_code_has_its_words_in_the_readers_language(code: str) -> None:
    """No reader sees a code of the bot's own."""
    with speaking(pseudo("xx")):
        words = in_words(str(StoredReason(code, VALUES.get(code, ""))))
    assert "⟦" in words
    assert f"`{code}`" not in words


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("Slack asked us to wait.", "Slack asked us to wait."),
        ("<@U1> unsubscribed.", "<@U1> unsubscribed."),
        ("marked_as_seen:U1", "<@U1> marked it as seen."),
        ("new_code", "Slack refuses messages there (`new_code`)."),
    ],
)
def test_a_reason_in_words(reason: str, words: str) -> None:
    """Sentences of older versions are shown as they are, unknown codes of Slack's by themselves."""
    assert in_words(reason) == words
