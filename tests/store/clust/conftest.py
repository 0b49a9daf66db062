"""The outbox of the tests of delivery, with an account whose polls fill it."""

from __future__ import annotations

from tests.delivery.conftest import outbox, slack

__all__ = ["outbox", "slack"]
