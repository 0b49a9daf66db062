"""Migrations make exactly the tables that the code declares, once, and refuse a newer database."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bot.core.errors import UsageError
from bot.store import Store, migrate, open_store
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


async def test_a_database_that_cannot_be_opened_is_one_sentence(tmp_path: Path) -> None:
    """A wrong path names the setting and what went wrong."""
    opened = open_store(f"sqlite+aiosqlite:///{tmp_path}/no/such/folder/bot.db", posts_per_minute=300)
    with pytest.raises(UsageError, match="DATABASE_URL: The database can't be used"):
        await migrate.migrate(opened.database)
    await opened.database.close()


async def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    """Something else under the path is left as it is."""
    path = tmp_path / "bot.db"
    path.write_text("not a database, but someone's notes" * 50)
    before = path.read_bytes()
    opened = open_store(f"sqlite+aiosqlite:///{path}", posts_per_minute=300)
    with pytest.raises(UsageError, match="DATABASE_URL"):
        await migrate.migrate(opened.database)
    await opened.database.close()
    assert path.read_bytes() == before
