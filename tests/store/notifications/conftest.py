"""The outbox of the tests of delivery: many tables are best tested through what fills them."""

from __future__ import annotations

from tests.delivery.conftest import card, outbox, slack

__all__ = ["card", "outbox", "slack"]
