"""A workspace, and a bot that speaks with an account whose API is another than the bot believes."""

from __future__ import annotations

import pytest

from tests.doctor.openapi.foreign_account import ForeignAccount
from tests.slack.conftest import slack, start

__all__ = ["slack", "start"]


@pytest.fixture
def account() -> ForeignAccount:
    """An account with three applications."""
    account = ForeignAccount()
    for title in ("Acme", "Birch", "Cedar"):
        account.add(title=title)
    return account
