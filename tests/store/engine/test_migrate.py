"""Migrations make exactly the tables that the code declares, once, and refuse a newer database."""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations

from bot.core.errors import UsageError
from bot.store import Store, open_store
from bot.store.engine import migrate
from bot.store.engine.tables import applications, connections, metadata
from tests.databases import create, migrated


async def test_the_migrations_make_the_declared_tables(store: Store) -> None:
    """Nothing is declared that no migration makes, and the other way round."""

    def differences(connection: sa.Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))

    async with store.database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_an_up_to_date_database_is_left_alone(store: Store) -> None:
    """A second start finds nothing to do."""
    assert await migrate.migrate(store.database) is False


async def test_migrating_may_take_longer_than_anything_else(
    postgresql_host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large database is not left as it was because that takes its time."""
    url = await create(postgresql_host, "large", "template1")
    upgrade, limit_seconds = migrate._upgrade, 1  # noqa: SLF001  what takes longer than the limit

    def slow(connection: sa.Connection) -> None:
        connection.execute(sa.text(f"SELECT pg_sleep({limit_seconds + 0.5})"))
        upgrade(connection)

    monkeypatch.setattr(migrate, "_upgrade", slow)
    monkeypatch.setattr("bot.store.engine.postgresql.TRANSACTION_TIMEOUT_MILLISECONDS", 1_000 * limit_seconds)
    await migrated(url)


async def test_a_newer_database_is_refused(store: Store) -> None:
    """An older bot says that the database is newer, and what to do, and touches nothing."""
    async with store.database.write() as tx:
        await tx.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UsageError, match="9999, which is newer than this bot"):
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


async def test_a_server_without_the_database_is_one_sentence(postgresql_url: str) -> None:
    """Errors that the driver raises while connecting are reported like any other database error."""
    opened = open_store(postgresql_url.replace("/test_", "/no_such_"), posts_per_minute=300)
    with pytest.raises(UsageError, match=r"DATABASE_URL: The database can't be used .*does not exist"):
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


async def test_a_database_of_the_first_release_keeps_what_it_holds(store: Store) -> None:
    """D3: 0002 adds to what 0001 made. What was gone already counts as found gone now."""
    await _first_release(store)
    assert await migrate.migrate(store.database) is True
    async with store.database.read() as tx:
        rows = (await tx.execute(sa.select(applications).order_by(applications.c.id))).mappings().all()
    assert [(row["id"], row["gone"], row["snapshot"]) for row in rows] == [
        ("1", False, '{"id": "1"}'),
        ("2", True, '{"id": "2"}'),
    ]
    assert rows[0]["gone_at"] is None
    assert datetime.now(UTC) - rows[1]["gone_at"] < timedelta(minutes=1)


async def _first_release(store: Store) -> None:
    """Make the database what the first release left, with one application that is there and one that is gone."""

    def made(connection: sa.Connection) -> None:
        with Operations.context(MigrationContext.configure(connection)):
            import_module("bot.store.engine.migrations.versions.0001_first").upgrade()

    common = {"connection_id": 1, "fingerprint": 7, "late": False, "occurrences": {}, "absent": 0, "discovered": False}
    async with store.database.write() as tx:
        await tx.run_sync(metadata.drop_all)
        await tx.run_sync(made)
        await tx.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
        await tx.execute(
            connections.insert().values(id=1, team_id="T1", name="default", base_url="http://clust", credential="0")
        )
        for key, gone in (("1", False), ("2", True)):
            snapshot = f'{{"id": "{key}"}}'
            await tx.execute(applications.insert().values(id=key, gone=gone, snapshot=snapshot, **common))
