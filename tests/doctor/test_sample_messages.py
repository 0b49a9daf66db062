"""The sample messages of `doctor --live`."""

from __future__ import annotations

from bot.doctor.sample_messages import sample_messages
from bot.sandbox.slack.block_kit.validation import validate_message
from tests.conftest import NOON


def test_each_sample_is_a_message_that_slack_takes() -> None:
    """With the hostile titles as text: no one is mentioned."""
    samples = list(sample_messages(NOON))
    assert len(samples) >= 11
    for sample in samples:
        for message in filter(None, (sample.message, sample.message.fallback)):
            assert validate_message(message.payload()) == []
            assert "<!" not in message.text.replace("<!date^", "")
            assert "<@U0000>" not in message.text
    assert any("&lt;!channel&gt;" in sample.message.text for sample in samples)
