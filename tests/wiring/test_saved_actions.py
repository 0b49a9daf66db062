"""`python -m bot actions export` and `import`: shown first, imported when that is confirmed, tried in Slack."""

from __future__ import annotations

import io
import json

import pytest
from cryptography.fernet import Fernet

from bot import cli
from bot.cli import saved_actions
from bot.core.errors import UsageError
from bot.core.saved_actions.saved_action import ActionState
from bot.core.saved_actions.transfer import exported
from bot.settings import Settings
from bot.wiring.saved_actions import export_actions, import_actions, opened_store
from tests.core.saved_actions.test_saving_form import CLOSE, REMIND


@pytest.fixture
async def settings(sqlite_url: str) -> Settings:
    """Settings of a bot with one account."""
    settings = Settings(
        _env_file=None,
        database_url=sqlite_url,
        secret_key=Fernet.generate_key().decode(),
        slack_bot_token="xoxb-for-tests",
        slack_signing_secret="for-tests-only",
        clust_api_token="for-tests-only",
    )
    async with opened_store(settings) as store:
        await store.connections.ensure("T1", "default", "http://clust", "token")
    return settings


async def test_what_is_imported_is_exported_as_it_was(settings: Settings) -> None:
    """But that it asks first, and has to be tried."""
    await import_actions(settings, "T1", "default", [CLOSE, REMIND])
    async with opened_store(settings) as store:
        (account,) = await store.connections.of_team("T1")
        assert {each.state for each in await store.saved_actions.of(account.id)} == {ActionState.UNTRIED}
    assert '"asks": "0"' not in await export_actions(settings, "T1", "Default")


async def test_an_account_that_is_not_there_is_named(settings: Settings) -> None:
    """With those that are."""
    with pytest.raises(UsageError, match="Its accounts: default"):
        await export_actions(settings, "T1", "emea")
    with pytest.raises(UsageError, match="Its accounts: none"):
        await import_actions(settings, "T2", "default", [CLOSE])


def test_an_import_of_ten_thousand_is_refused_whole(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line that says how many there can be, without a traceback, and nothing is imported."""
    monkeypatch.setattr(saved_actions, "read_settings", lambda: settings)
    where = ["--workspace", "T1", "--account", "default"]
    row = {"name": "", "method": "GET", "path": "/"}
    short = json.dumps({"actions": [{**row, "name": f"A{number}"} for number in range(10_000)]})
    for text, words in ((short, "at most 80 actions"), (exported([CLOSE, REMIND] * 5_000), "1,000,000 characters")):
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        assert cli.main(["actions", "import", *where, "--yes"]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert words in printed.err
        assert printed.err.count("\n") == 1
    assert cli.main(["actions", "export", *where]) == 0
    assert json.loads(capsys.readouterr().out) == {"actions": []}


def test_an_import_is_shown_and_keeps_nothing_without_yes(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every call with its headers and body, and `--yes` imports them."""
    monkeypatch.setattr(saved_actions, "read_settings", lambda: settings)
    where = ["--workspace", "T1", "--account", "default"]
    for arguments, words in ((where, "Nothing was imported"), ([*where, "--yes"], "Imported 2 actions")):
        monkeypatch.setattr("sys.stdin", io.StringIO(exported([CLOSE, REMIND])))
        assert cli.main(["actions", "import", *arguments]) == 0
        printed = capsys.readouterr().out
        assert "POST /dossiers/{id}/close" in printed
        assert '{"message": "{text}"}' in printed
        assert words in printed
        assert cli.main(["actions", "export", *where]) == 0
        assert ('"Close"' in capsys.readouterr().out) == ("--yes" in arguments)
