"""The command line: bad settings are one clear sentence each, and exit code 2.

What runs until it is stopped is a process of its own here, as an operator has it.
"""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from signal import SIGTERM

import pytest
import yaml

from bot.cli import main
from bot.sandbox.clust.serving import serve_clust
from bot.sandbox.slack.stand_in import SandboxSlack
from tests.bot_process import PATIENT, PROJECT, bot_process
from tests.commands import run_command
from tests.processes import held
from tests.slack.conftest import Account

MEANINGLESS = {
    "SLACK_BOT_TOKEN": "xoxb-1-secret",
    "SLACK_SIGNING_SECRET": "signing-secret",
    "CLUST_API_TOKEN": "clust-token",
    "SLACK_API_URL": "http://127.0.0.1:9/api/",
    "LISTEN_HOST": "127.0.0.1",
    "METRICS_PORT": "0",
}
"""Settings that are well formed, and lead nowhere."""


def test_all_wrong_settings_are_reported_together(tmp_path: Path) -> None:
    """Each wrong or missing setting is one sentence that names it and what it should be, and never its value."""
    code, output = run_command(
        tmp_path,
        "run",
        settings={
            "SLACK_BOT_TOKEN": "xapp-secret-in-the-wrong-place",
            "PORT": "http",
            "POLL_INTERVAL": "-1",
            "CLUST_API_URL": "clust",
            "CLUST_STATUS_RULES": "7_signed",
            "DATABASE_URL": "mysql://root:hunter2@host/name",
            "LOG_LEVEL": "loud",
        },
    )
    lines = {line.partition(":")[0]: line for line in output.splitlines()}
    assert code == 2
    assert set(lines) == {
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
        "CLUST_API_TOKEN",
        "PORT",
        "POLL_INTERVAL",
        "CLUST_API_URL",
        "CLUST_STATUS_RULES",
        "DATABASE_URL",
        "LOG_LEVEL",
    }
    assert "Use the bot token, which starts with `xoxb-`." in lines["SLACK_BOT_TOKEN"]
    assert "It isn't set" in lines["CLUST_API_TOKEN"]
    assert "secret-in-the-wrong-place" not in output
    assert "hunter2" not in output


def test_settings_are_read_from_a_file_too(tmp_path: Path) -> None:
    """`.env` in the folder counts, the environment before it."""
    (tmp_path / ".env").write_text(
        "SLACK_BOT_TOKEN=xoxb-1-secret\nCLUST_API_TOKEN=clust-token\nPORT=http\nLOG_LEVEL=INFO\n"
    )
    code, output = run_command(tmp_path, "web", settings={"LOG_LEVEL": "loud"})
    assert code == 2
    assert [line.partition(":")[0] for line in output.splitlines()] == ["SLACK_SIGNING_SECRET", "PORT", "LOG_LEVEL"]


def test_a_database_of_a_newer_version(tmp_path: Path, sqlite_url: str) -> None:
    """An older bot does not write to a newer one's database, and says what to install."""
    with closing(sqlite3.connect(sqlite_url.partition("///")[2])) as newer, newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    for command in ("migrate", "run"):
        code, output = run_command(tmp_path, command, settings={**MEANINGLESS, "DATABASE_URL": sqlite_url})
        assert (code, "The database is at revision 9999, which is newer than this bot" in output) == (2, True)


def test_a_database_that_can_not_be_opened(tmp_path: Path) -> None:
    """A folder that is not there is one sentence, not a traceback."""
    url = f"sqlite+aiosqlite:///{tmp_path}/nowhere/bot.db"
    code, output = run_command(tmp_path, "migrate", settings={**MEANINGLESS, "DATABASE_URL": url})
    assert (code, "DATABASE_URL" in output, "Traceback" in output) == (2, True, False)


def test_migrate_brings_the_database_up_to_date_once(tmp_path: Path) -> None:
    """`migrate` says what it did, and needs neither Slack nor Clust."""
    url = f"sqlite+aiosqlite:///{tmp_path}/new.db"
    for sentence in ("Upgraded the database.", "The database is up to date."):
        code, output = run_command(tmp_path, "migrate", settings={**MEANINGLESS, "DATABASE_URL": url})
        assert (code, sentence in output) == (0, True)


@pytest.mark.parametrize(
    ("option", "complaint"),
    [
        ("--seconds=nan", "isn't a number of seconds"),
        ("--seconds=-1", "isn't a number of seconds"),
        ("--seconds=soon", "isn't a number of seconds"),
        ("--port=99999", "isn't a port"),
        ("--port=-1", "isn't a port"),
        ("--language=any one", "isn't a language"),
    ],
)
def test_an_impossible_option_of_the_demo(option: str, complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A time or a port that can't be is one line, before anything starts."""
    with pytest.raises(SystemExit) as ended:
        main(["demo", option])
    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err


def test_a_port_that_is_taken(tmp_path: Path, sqlite_url: str) -> None:
    """A port that someone listens on is named."""
    with socket.create_server(("127.0.0.1", 0)) as busy_socket:
        port = str(busy_socket.getsockname()[1])
        settings = {**MEANINGLESS, "DATABASE_URL": sqlite_url, "PORT": port}
        code, output = run_command(tmp_path, "run", settings=settings)
        assert (code, f"PORT: Can't listen on 127.0.0.1:{port}" in output) == (2, True)


@pytest.fixture
async def slack() -> AsyncIterator[SandboxSlack]:
    """Serve a workspace."""
    async with SandboxSlack() as slack:
        yield slack


@pytest.mark.long  # tests/wiring/test_composition.py has the same within this process
async def test_a_token_that_slack_refuses(tmp_path: Path, slack: SandboxSlack, sqlite_url: str) -> None:
    """A well-formed wrong token is reported as soon as Slack refuses it. The token is never shown."""
    wrong = {"SLACK_BOT_TOKEN": "xoxb-wrong", "SLACK_API_URL": slack.api_url, "PORT": "0"}
    async with bot_process(tmp_path, "run", {**MEANINGLESS, "DATABASE_URL": sqlite_url, **wrong}) as bot:
        assert await bot.ended() == 2
    assert bot.complaints == []
    assert "SLACK_BOT_TOKEN: Slack doesn't accept it (invalid_auth)." in bot.output
    assert "xoxb-wrong" not in bot.output


async def test_web_and_worker_apart(tmp_path: Path, slack: SandboxSlack, sqlite_url: str) -> None:
    """D4: `web` and `worker` as two processes on one SQLite file: one answers commands, the other posts.

    E1: a socket that is handed down is listened on as it is, and the log says which port 0 became. A test that starts a
    process with PORT=0 finds it by its log (`BotProcess.port`).
    """
    account = Account()
    account.add(title="Acme")
    async with serve_clust(account) as clust_url:
        settings = {
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_URL": slack.api_url,
            "CLUST_API_TOKEN": account.token,
            "CLUST_API_URL": clust_url,
            "DATABASE_URL": sqlite_url,
            "LISTEN_HOST": "127.0.0.1",
            "PORT": "0",
            "METRICS_PORT": "0",
            "POLL_INTERVAL": "0.2",
        }
        with held() as listening:
            async with (
                bot_process(tmp_path, "web", settings, listening, module=PATIENT) as web,
                bot_process(tmp_path, "worker", settings, module=PATIENT) as worker,
            ):
                assert await web.port() == listening.port
                assert await web.port("metrics") not in (0, listening.port)
                slack.events_url = listening.events_url
                answered = await slack.command("/clust-subscribe", "late")
                assert "is now subscribed to *late*" in (await answered.answer()).text
                await account.read(3)
                account.make_late(1)
                (card,) = await slack.wait_for(lambda: slack.messages("onboarding"))
                assert "Acme" in card.text
                for bot in (web, worker):
                    bot.signal(SIGTERM)
                    assert await bot.ended() == 0
                    assert bot.complaints == []


def test_the_manifest_is_printed_without_any_settings(tmp_path: Path) -> None:
    """`manifest` needs no token, wherever it is started, and without an address it says what is missing."""
    for words, code, output in (
        (["--url", "https://clust.example.com"], 0, "request_url: https://clust.example.com/slack/events"),
        (["--socket"], 0, "socket_mode_enabled: true"),
        (["--write"], 0, "Wrote manifest.yml."),
        ([], 2, "--url: Enter the https address"),
    ):
        ended, printed = run_command(tmp_path, "manifest", *words)
        assert (ended, output in printed) == (code, True)
    assert (tmp_path / "manifest.yml").read_text() == (PROJECT / "manifest.yml").read_text()


def test_a_profile_that_was_edited_wrongly_is_named(tmp_path: Path) -> None:
    """The demo doesn't start with a profile that it can't play: one sentence says what is wrong with it."""
    file = tmp_path / "profile.json"
    for content, words in (
        (None, "I can't read"),
        (b'{"applications": "many"}', "`applications` in the profile isn't valid"),
        (b"<html>", "The profile isn't valid. Invalid JSON"),
        (b"\xff\xfe", "isn't a UTF-8 text file"),
    ):
        if content is not None:
            file.write_bytes(content)
        code, printed = run_command(tmp_path, "demo", "--profile", str(file))
        assert (code, printed.count("\n")) == (2, 1)
        assert words in printed
    assert run_command(tmp_path, "demo", "--profile", str(tmp_path))[0] == 2


def test_the_manifest_in_another_language(tmp_path: Path) -> None:
    """`--language fr` is French, and a language without a catalogue is English."""
    for language, name in (("fr", "Nouveau dossier"), ("xx", "New application")):
        ended, printed = run_command(tmp_path, "manifest", "--socket", "--language", language)
        assert (ended, yaml.safe_load(printed)["features"]["shortcuts"][0]["name"]) == (0, name)


def test_the_manifest_names_the_domains_of_links(tmp_path: Path) -> None:
    """Slack reports links of CLUST_LINK_DOMAINS, not of clustdoc.com then. A wrong one is one sentence."""
    chosen = {"CLUST_LINK_DOMAINS": "clust.acme.example, files.acme.example"}
    ended, printed = run_command(tmp_path, "manifest", "--socket", settings=chosen)
    assert (ended, yaml.safe_load(printed)["features"]["unfurl_domains"]) == (
        0,
        chosen["CLUST_LINK_DOMAINS"].split(", "),
    )
    assert "links:read" in printed
    ended, printed = run_command(
        tmp_path, "manifest", "--socket", settings={"CLUST_LINK_DOMAINS": "https://clust.acme.example/"}
    )
    assert (ended, "CLUST_LINK_DOMAINS" in printed, "unfurl_domains" in printed) == (2, True, False)


def test_the_manifest_leaves_out_what_the_settings_do(tmp_path: Path) -> None:
    """SLACK_FEATURES_OFF is as `--without`, and `--with` adds it for once. A wrong name is one sentence."""

    def printed(off: str, *options: str) -> tuple[int, bool]:
        ended, text = run_command(tmp_path, "manifest", "--socket", *options, settings={"SLACK_FEATURES_OFF": off})
        return ended, "links:read" in text

    assert [printed(""), printed("links"), printed("links", "--with", "links")] == [(0, True), (0, False), (0, True)]
    assert printed("link") == (2, False)
