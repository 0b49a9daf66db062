"""`python -m bot doctor` as a whole: it names what is broken, changes nothing, and ends with the worst level."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from bot.doctor import Finding, Level, exit_code
from bot.doctor.examination import MAX_AT_ONCE, side_by_side
from bot.doctor.findings import warning
from tests.bot_process import bot_process
from tests.commands import run_command
from tests.doctor.conftest import Break, Examined, clust_faults, settings

READING = {"auth.test", "apps.connections.open", "users.info", "conversations.info"}
"""What the doctor calls of Slack."""


def _digest(url: str) -> str:
    return hashlib.sha256(Path(url.partition("///")[2]).read_bytes()).hexdigest()


async def test_all_is_well(examined: Examined) -> None:
    """Nothing but ok, and nothing was changed: of Clust it reads, of Slack it asks."""
    before = _digest(examined.settings["database_url"]) if "sqlite" in examined.settings["database_url"] else ""
    findings = await examined.findings()
    assert [finding for finding in findings if finding.level is not Level.OK] == []
    assert exit_code(findings) == 0
    assert {request.method for request in examined.account.requests} == {"GET"}
    assert {call.method for call in examined.slack.calls} <= READING
    if before:
        assert _digest(examined.settings["database_url"]) == before
    text = " ".join(finding.text for finding in findings)
    assert '0_not_started "Missing" (3): Open' in text
    assert "Filters that work: search, status, template_id, is_late" in text
    assert examined.account.token not in text
    assert "Acme" not in text


@pytest.mark.parametrize(
    ("breaks", "code", "faults"),
    [(None, 0, "0 faults"), (settings(secret_key=""), 1, "0 faults"), (clust_faults(down=True), 2, "1 fault")],
)
async def test_the_exit_code_is_the_worst(
    examined: Examined, tmp_path: Path, breaks: Break | None, code: int, faults: str
) -> None:
    """For scripts: 0 all is well, 1 warnings, 2 faults. The lines end with how many there are of each.

    None has a secret.
    """
    if breaks:
        breaks(examined)
    ended, output = await asyncio.to_thread(run_command, tmp_path, "doctor", settings=examined.environment)
    assert ended == code
    assert output.splitlines()[-1].endswith(faults)
    assert all(secret not in output for secret in (examined.account.token, examined.slack.bot_token))


@pytest.mark.long  # the same within this process is above: a warning of what lies about would fail it too
async def test_a_process_of_the_doctor_leaves_nothing_lying_about(examined: Examined, tmp_path: Path) -> None:
    """Where Clust is down it ends with 2, and tells no secret."""
    examined.account.faults.down = True
    async with bot_process(tmp_path, "doctor", examined.environment) as bot:
        assert await bot.ended() == 2
    assert bot.complaints == []
    assert bot.output.splitlines()[-1].endswith("1 fault")
    assert all(secret not in bot.output for secret in (examined.account.token, examined.slack.bot_token))


def test_wrong_settings_end_it_with_a_sentence(tmp_path: Path) -> None:
    """As for every command: each wrong one is named, and the code is 2."""
    code, output = run_command(tmp_path, "doctor", settings={"PORT": "http"})
    assert code == 2
    assert {"PORT", "SLACK_BOT_TOKEN"} <= {line.partition(":")[0] for line in output.splitlines()}


async def test_many_subjects_are_examined_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some at a time and in order. One that hangs ends with a fault, and delays the others no longer than its limit."""
    monkeypatch.setattr("bot.doctor.examination.MAX_SUBJECT_SECONDS", 0.05)
    under_way, most = 0, 0

    async def subject(number: int) -> AsyncIterator[Finding]:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await (asyncio.Event().wait() if number == 1 else asyncio.sleep(0))
        under_way -= 1
        yield warning(f"subject {number}", "", "")

    subjects = [partial(subject, number) for number in range(40)]
    findings = [finding async for finding in side_by_side(subjects, "slack")]
    assert [one.about for one in findings] == ["subject 0", "slack", *(f"subject {one}" for one in range(2, 40))]
    assert most == MAX_AT_ONCE
