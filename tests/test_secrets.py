"""No secret in any line, answer, message, window, row or file: a whole run is searched for planted ones."""

from __future__ import annotations

import json
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from bot.sandbox.clust.serving import serve_clust
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.slack.views.building import ids
from tests.bot_process import PATIENT, bot_process
from tests.slack.conftest import Account

CLUST_TOKEN = "planted-clust+token/1"
SECRET_KEY = Fernet.generate_key().decode()
TYPED = "planted-by-mei"
"""Personal data that people type: shown to them alone, and stored sealed, but for what Clust tells of it."""

SEALED = "planted-and-sealed"
"""What people type that Clust's list does not tell again: queries, headers and bodies of calls, notes."""


@pytest.fixture
def account() -> Account:
    """An account whose token is planted."""
    account = Account()
    account.token = CLUST_TOKEN
    account.add(title="Acme")
    account.add(title="Birch")
    return account


async def busy(slack: SandboxSlack, account: Account) -> None:
    """Let people do all kinds of things, in fair weather and in foul."""

    async def say(text: str, user: str = "mei") -> None:
        await (await slack.command("/clust", text, user=user)).answer()

    async def fill_in(text: str, word: str, values: dict[str, Any], user: str = "mei") -> None:
        await slack.command("/clust", text, user=user)
        who = slack.workspace.user(user).id
        await slack.wait_for(lambda: (view := slack.views.of(who)) and word in json.dumps(view.sent))
        view = slack.views.of(who)
        assert view
        await slack.submit(view, values)
        question = slack.views.of(who)
        if question and question.sent.get("callback_id") == ids.CONSOLE_CONFIRM:
            await slack.submit(question)
        if open_view := slack.views.of(who):
            await slack.close_view(open_view, everything=True)

    needed = {"template_id": str(next(iter(account.templates))), "first_name": TYPED, "last_name": TYPED}
    for text in ("subscribe all", "list", "show 1", "status", "why 1", f"api /dossiers?search={SEALED}", "nonsense"):
        await say(text)
    await fill_in("create", "first_name", {**needed, "email": f"{TYPED}@acme.example", "custom": SEALED})
    await fill_in("update 1", "first_name", {"phone": "+351 555 0199", "external_id": TYPED})
    call = {"query": f"q={SEALED}", "headers": f"X-Own: {SEALED}"}
    await fill_in("api", "query", {"path": "/dossiers", **call}, "adrien")
    await fill_in("api post /templates", "query", {**call, "body": json.dumps({"title": SEALED})}, "adrien")
    await fill_in("delete 2", "Recipient", {}, "adrien")
    account.make_late(1)
    await slack.wait_for(lambda: slack.messages("onboarding"))
    slack.faults.down = True
    account.submit(1)
    account.faults.refuse_token = True
    slack.faults.down = False
    await say("api /dossiers/1")
    await say("show 1")
    account.faults.refuse_token, account.faults.html = False, True
    await say("show 1")
    account.faults.html = False
    await say("audit", "adrien")
    await say("roles", "adrien")


async def test_a_whole_run_logs_and_stores_no_secret(tmp_path: Path, account: Account) -> None:
    """Tokens, keys and secrets stand nowhere. What people typed stands in no line, no audit row and no file openly."""
    async with (
        SandboxSlack(bot_token="xoxb-planted-bot-token", signing_secret="planted-signing-secret") as slack,
        serve_clust(account) as clust_url,
    ):
        settings = {
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_URL": slack.api_url,
            "CLUST_API_TOKEN": account.token,
            "CLUST_API_URL": clust_url,
            "DATABASE_URL": f"sqlite:///{tmp_path}/clust.db",
            "SECRET_KEY": SECRET_KEY,
            "LISTEN_HOST": "127.0.0.1",
            "PORT": "0",
            "METRICS_PORT": "0",
            "POLL_INTERVAL": "0.1",
            "COMMANDS_PER_MINUTE": "1000000",
            "LOG_LEVEL": "DEBUG",
        }
        async with bot_process(tmp_path, "run", settings, module=PATIENT, checked=False) as bot:
            slack.events_url = f"http://127.0.0.1:{await bot.port()}/slack/events"
            await (await slack.command("/clust", "status")).answer()
            await busy(slack, account)
            bot.signal(signal.SIGTERM)
            assert await bot.ended() == 0
        files = _database(tmp_path)
        arguments = json.dumps([call.arguments for call in slack.calls], default=str, ensure_ascii=False)
        answers = " ".join(message.text for message in slack.ephemeral())
    secrets = (CLUST_TOKEN, SECRET_KEY, slack.bot_token, slack.signing_secret)
    for secret in secrets:
        assert secret not in bot.output
        assert secret not in arguments
        assert secret not in answers
        assert secret.encode() not in files
    assert "Acme" in arguments
    assert TYPED not in bot.output
    assert SEALED not in bot.output
    assert SEALED in [template.title for template in account.templates.values()]
    assert SEALED.encode() not in files
    entries = _audit(tmp_path)
    assert {"create", "update", "delete", "api", "subscribe"} <= {entry["action"] for entry in entries}
    assert "planted" not in json.dumps(entries)
    assert f"{TYPED}@acme.example".encode() not in _without_snapshots(files)


def _without_snapshots(files: bytes) -> bytes:
    """Leave out stored applications, which are kept as Clust sent them."""
    return files.replace(f'"email":"{TYPED}@acme.example"'.encode(), b"")


def _audit(folder: Path) -> list[dict[str, Any]]:
    """Return the rows of the audit log."""
    with closing(sqlite3.connect(folder / "clust.db")) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute("SELECT * FROM audit")]


def _database(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("clust.db*"))
