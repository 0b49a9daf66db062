"""What the doctor says of settings that are allowed and unwise, and of each state of the database."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.doctor import Level
from bot.store import open_store
from tests.doctor.conftest import Break, Examined, assert_named, settings

BROKEN: dict[str, tuple[Break, Level, str, str]] = {
    "no secret key": (settings(secret_key=""), Level.WARNING, "settings", "SECRET_KEY isn't set"),
    "two ways in": (settings(slack_signing_secret="signing-secret"), Level.WARNING, "settings", "Both SLACK_APP_TOKEN"),
}


@pytest.mark.parametrize("broken", BROKEN)
async def test_what_is_broken_is_named(examined: Examined, broken: str) -> None:
    """Each unwise setting is a warning with what to do about it."""
    await assert_named(examined, *BROKEN[broken])


@pytest.mark.parametrize(
    ("revision", "level", "words"), [("0001", Level.WARNING, "earlier version"), ("9999", Level.FAULT, "newer version")]
)
async def test_a_database_of_another_version(examined: Examined, revision: str, level: Level, words: str) -> None:
    """It is named, and left as it is. What stands in it is not looked at."""
    store = open_store(examined.settings["database_url"], posts_per_minute=300)
    async with store.database.write() as tx:
        await tx.execute(sa.text(f"UPDATE alembic_version SET version_num = '{revision}'"))  # noqa: S608  a constant
    findings = await examined.findings()
    assert [(finding.about, finding.level) for finding in findings if words in finding.text] == [("database", level)]
    assert not [finding for finding in findings if finding.about == "channels"]
    async with store.database.read() as tx:
        assert (await tx.execute(sa.text("SELECT version_num FROM alembic_version"))).scalar_one() == revision
    await store.database.close()


async def test_a_database_that_can_not_be_used(examined: Examined, tmp_path: Path) -> None:
    """A missing folder, a file that is no database, a server that is away: one fault each, and nothing is made."""
    (tmp_path / "letter.txt").write_text("Dear all, " * 200)
    for database_url, words in (
        (f"sqlite:///{tmp_path}/nowhere/bot.db", "The folder of"),
        (f"sqlite:///{tmp_path}/letter.txt", "can't be used"),
        (f"postgresql://bot:hunter2@{examined.nowhere}/name", "can't be used"),
    ):
        examined.settings["database_url"] = database_url
        findings = await examined.findings()
        (named,) = [finding for finding in findings if finding.about == "database"]
        assert (named.level, words in named.text) == (Level.FAULT, True)
        assert "hunter2" not in named.text
    examined.settings["database_url"] = f"sqlite:///{tmp_path}/new.db"
    assert "The bot creates it when it starts" in " ".join(finding.text for finding in await examined.findings())
    assert not (tmp_path / "new.db").exists()


async def test_a_database_for_reading_takes_no_write(url: str) -> None:
    """A connection that is opened like this can change nothing, on either database."""
    store = open_store(url, posts_per_minute=300, read_only=True)
    with pytest.raises(sa.exc.DBAPIError, match=r"readonly|read-only"):
        await store.connections.ensure("T1", "default", "http://clust", "x")
    await store.database.close()
