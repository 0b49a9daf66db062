"""Migrations make exactly the tables that the code declares, once, and refuse a newer database."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bot.core.errors import UsageError
from bot.store import Store, migrate
from bot.store.tables import metadata


async def test_the_migrations_make_the_declared_tables(store: Store) -> None:
    """Nothing is declared that no migration makes, and the other way round."""

    def differences(connection: sa.Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))

    async with store.database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_an_up_to_date_database_is_left_alone(store: Store) -> None:
    """A second start finds nothing to do."""
    assert await migrate.migrate(store.database) is False


async def test_a_newer_database_is_refused(store: Store) -> None:
    """An older bot says that the database is newer, and what to do, and touches nothing."""
    async with store.database.write() as tx:
        await tx.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UsageError, match="9999, which is newer than this bot knows"):
        await migrate.migrate(store.database)


def test_every_revision_is_known() -> None:
    """`REVISIONS` lists the files in `migrations/versions`, so that no start needs Alembic to know the newest."""
    folder = Path(migrate.__file__).parent / "migrations" / "versions"
    assert sorted(path.name[:4] for path in folder.glob("*.py")) == list(migrate.REVISIONS)
