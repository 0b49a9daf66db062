"""`export`: one file for the person alone, and who, what and how much in the audit log."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.sandbox.slack.stand_in import SandboxSlack
from bot.slack.listeners.applications import exporting
from bot.store.engine.tables import audit
from tests.slack.conftest import Account, RunningBot, Start

FORMULA = '=HYPERLINK("https://evil.example","Acme, Ltd")\nsecond line'


def rows_of(slack: SandboxSlack) -> list[dict[str, str]]:
    """Return the rows of the newest file."""
    content = [*slack.state.files.values()][-1].content or b""
    return [*csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))]


async def test_an_export_has_the_matching_applications(start: Start, account: Account) -> None:
    """The rows of a filter, formulas as text, as a file in the person's direct messages. An admin gets contacts."""
    account.add(title=FORMULA)
    account.make_late(4)
    account.make_late(1)
    bot = await start(poll_interval=3600)
    await bot.baseline()
    answer = await bot.say("export late:yes", user="adrien")
    assert answer.text == "✅ 2 applications exported. The file is in your direct messages with Clust.\nFilter: *late*"
    (message,) = bot.slack.direct_messages("adrien")
    assert message.files
    rows = rows_of(bot.slack)
    assert {row["Title"] for row in rows} == {"Acme", f"'{FORMULA}"}
    assert {row["Late"] for row in rows} == {"yes"}
    assert all("@" in row["Email"] for row in rows)
    (entry,) = await bot.rows(sa.select(audit).where(audit.c.action == "export"))
    assert entry["outcome"] == "ok"
    assert entry["detail"] == "rows:2 columns:19 contacts:yes late:yes"
    assert "rows:2" in (await bot.say("audit action:export", user="adrien")).text


async def test_contacts_are_for_admins(idle_bot: RunningBot) -> None:
    """A member gets everything but email addresses and phone numbers, and reads so."""
    answer = await idle_bot.say("export", user="mei")
    assert answer.text.startswith("✅ 3 applications exported.")
    assert "Only admins and people they allow can export those." in answer.text
    assert not {"Email", "Phone number"} & {*rows_of(idle_bot.slack)[0]}
    (file,) = idle_bot.slack.state.files.values()
    assert b"@" not in (file.content or b"")


async def test_an_export_without_matches_sends_no_file(idle_bot: RunningBot) -> None:
    """The answer says so, with the filter, and nothing is in the audit log."""
    answer = await idle_bot.say("export title:nobody", user="mei")
    assert answer.text.startswith("No applications match, so there's no file.\nFilter: ")
    assert idle_bot.slack.state.files == {}
    assert await idle_bot.rows(sa.select(audit)) == []


async def test_a_wrong_filter_is_shown_at_its_place(idle_bot: RunningBot) -> None:
    """As in a list: an unknown key is named with those that exist."""
    assert "lates" in (await idle_bot.say("export lates:yes")).text


async def test_a_filter_says_what_it_could_not_judge(idle_bot: RunningBot) -> None:
    """F3: who exports learns how many applications may be left out."""
    text = (await idle_bot.say("export missing:>0")).text
    assert "I can't check 3 applications" in text


async def test_a_guest_exports_nothing(idle_bot: RunningBot) -> None:
    """W1: guests are refused until an admin gives them a role."""
    guest = idle_bot.slack.workspace.guest.id
    assert "Sorry" in (await idle_bot.say("export", user=guest)).text
    assert idle_bot.slack.state.files == {}


async def test_before_the_baseline_nothing_is_exported(start: Start, account: Account) -> None:
    """Half of the applications would look like all of them."""
    account.faults.down = True
    bot = await start(poll_interval=3600)
    assert "for the first time" in (await bot.say("export", user="adrien")).text


async def test_an_export_that_slack_refuses_is_reported_and_audited(idle_bot: RunningBot) -> None:
    """The audit log has the export from before it was sent, and that it failed."""
    idle_bot.slack.fail_next("files.completeUploadExternal", "file_not_found")
    assert (await idle_bot.say("export", user="mei")).text.startswith("⚠️ I couldn't send the file.")
    rows = await idle_bot.rows(sa.select(audit).order_by(audit.c.id))
    assert [row["outcome"] for row in rows] == ["ok", "failed"]


async def test_an_export_with_an_unclear_outcome_is_audited_as_unknown(idle_bot: RunningBot) -> None:
    """Slack took the file and didn't answer so: the audit log doesn't say that it failed."""
    idle_bot.slack.alter_next("files.completeUploadExternal", lambda _answer: ["no object"])
    assert "couldn't confirm" in (await idle_bot.say("export", user="mei")).text
    rows = await idle_bot.rows(sa.select(audit).order_by(audit.c.id))
    assert [row["outcome"] for row in rows] == ["ok", "unknown"]


async def test_an_export_without_disk_space_is_reported(
    idle_bot: RunningBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing is sent, and the person knows the admins to contact."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "not there"))
    assert "no space for temporary files" in (await idle_bot.say("export")).text
    assert idle_bot.slack.state.files == {}


async def test_a_slow_export_says_that_it_is_running(idle_bot: RunningBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line after three seconds, and then the answer."""
    monkeypatch.setattr(exporting, "PROGRESS_AFTER_SECONDS", 0.0)
    idle_bot.slack.faults.slow, idle_bot.slack.faults.delay_seconds = frozenset({"files.getUploadURLExternal"}), 0.5
    exchange = await idle_bot.ask("export")
    assert (await exchange.answer()).text.startswith("⏳ I'm still writing the file.")
    assert "3 applications exported" in (await exchange.answer(2)).text
