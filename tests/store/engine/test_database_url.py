"""Database URLs of platforms work as they are."""

from __future__ import annotations

import pytest

from bot.core.errors import UsageError
from bot.store.engine.database_url import database_url


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("sqlite:///clust-bot.db", "sqlite+aiosqlite:///clust-bot.db"),
        ("postgres://u:p@host:5432/name", "postgresql+asyncpg://u:p@host:5432/name"),
        ("postgresql://u:p@host/name?sslmode=require", "postgresql+asyncpg://u:p@host/name?ssl=require"),
        ("postgresql://u:p@host/name?channel_binding=require", "postgresql+asyncpg://u:p@host/name"),
    ],
)
def test_addresses_of_platforms_work_as_they_are(given: str, used: str) -> None:
    """Heroku's `postgres://` and libpq's `sslmode` need no editing."""
    assert database_url(given).render_as_string(hide_password=False) == used


@pytest.mark.parametrize("given", ["mysql://u:p@host/name", "not an address"])
def test_another_database_is_refused_in_words(given: str) -> None:
    """The sentence says what would be right, and shows no password."""
    with pytest.raises(UsageError, match="sqlite\\+aiosqlite") as refused:
        database_url(given)
    assert "p@host" not in refused.value.sentence
