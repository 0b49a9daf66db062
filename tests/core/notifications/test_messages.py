"""The content of a card that decides whether it is redrawn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.core.applications.model import Application, Recipient, StatusClass
from bot.core.notifications.channel_settings import MessageStyle, gate_of
from bot.core.notifications.messages import Card

APPLICATION = Application(id="1", title="Acme", recipient=Recipient(full_name="Ana", email="ana@example.com"))
CARD = Card("late", APPLICATION, StatusClass.OPEN, MessageStyle())


@pytest.mark.parametrize(
    "different",
    [
        {"trigger": "created"},
        {"application": APPLICATION.model_copy(update={"title": "Birch"})},
        {"status_class": StatusClass.CLOSED},
        {"style": MessageStyle(full=True)},
        {"style": MessageStyle(personal_data=True)},
        {"assignee": "U1"},
        {"gone": True},
        {"follows": "1.2"},
    ],
)
def test_what_a_reader_sees_decides(different: dict[str, Any]) -> None:
    """Whatever a reader would see otherwise makes another card, and the same again makes the same."""
    assert replace(CARD).fingerprint() == CARD.fingerprint()
    assert replace(CARD, **different).fingerprint() != CARD.fingerprint()


def test_what_no_reader_sees_decides_nothing() -> None:
    """An email address and dates are no part of a card that does not show them, a mention of the first posting."""
    contact = Recipient(full_name="Ana", email="other@example.com")
    unseen = APPLICATION.model_copy(update={"recipient": contact, "external_id": "A-1"})
    assert replace(CARD, application=unseen, mention="U1").fingerprint() == CARD.fingerprint()


def test_a_card_of_a_trigger_of_a_newer_version_names_nothing() -> None:
    """It is left as it is, and stops no other card from being redrawn."""
    assert not replace(CARD, trigger="of_tomorrow", item_names=True).lacks_items


def test_a_card_that_leaves_something_out_misleads_nobody() -> None:
    """Only what it says otherwise does."""
    fuller = replace(CARD, application=APPLICATION.model_copy(update={"progress": 50.0}))
    assert not CARD.contradicts(fuller)
    assert fuller.contradicts(replace(fuller, application=APPLICATION.model_copy(update={"progress": 60.0})))
    assert CARD.contradicts(replace(CARD, gone=True))


@pytest.mark.parametrize(
    ("gate", "largest", "allowed"), [(20, None, 20), (20, 50, 50), (20, 5, 20), (None, 50, None), (3, None, 3)]
)
def test_how_many_may_wait(gate: int | None, largest: int | None, allowed: int | None) -> None:
    """S4: the larger of the channel's gate and its largest limit, or any number without a gate."""
    assert gate_of(MessageStyle(gate=gate), largest) == allowed
