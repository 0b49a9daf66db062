"""`doctor --live`: sample messages in a small private channel, which are removed again however it ends."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from pathlib import Path
from signal import SIGINT
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import UsageError
from bot.doctor.sample_messages import sample_messages
from bot.doctor.sample_posting import show_live
from bot.sandbox.slack.stand_in import SandboxSlack
from tests.bot_process import PROJECT
from tests.conftest import NOON
from tests.doctor.conftest import Examined


@pytest.fixture
async def slack() -> AsyncIterator[SandboxSlack]:
    """A workspace in which messages may follow each other at once."""
    async with SandboxSlack() as slack:
        slack.state.rate_limits.between_messages = 0
        yield slack


def channel(slack: SandboxSlack, **fields: Any) -> str:
    """Return a private channel that the bot is in."""
    members = {slack.workspace.bot.id, slack.workspace.admin.id}
    return slack.workspace.add_channel("trial", **{"kind": "private", "members": members, **fields}).id


async def show(
    slack: SandboxSlack, channel_id: str, *, stop: asyncio.Event | None = None
) -> tuple[int, list[str], int]:
    """Run it. Returns how much went wrong, what was said, and how many messages stood there when it waited."""
    lines: list[str] = []
    count = 0

    async def looked() -> None:
        nonlocal count
        count = len(slack.messages(channel_id))

    client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
    wrong = await show_live(client, channel_id, sample_messages(NOON), looked, stop or asyncio.Event(), lines.append)
    return wrong, lines, count


async def test_all_is_posted_explained_and_removed(slack: SandboxSlack) -> None:
    """Each message has a line that says what to look at."""
    where = channel(slack)
    wrong, lines, count = await show(slack, where)
    number = len(list(sample_messages(NOON)))
    assert (wrong, count) == (0, number)
    assert len(lines) == number + 1
    assert lines[-1] == f"Messages removed: {number} of {number}."
    assert slack.messages(where) == []


@pytest.mark.parametrize("stopped_by", ["stop", "cancel"])
async def test_it_is_removed_after_ctrl_c_too(slack: SandboxSlack, stopped_by: str) -> None:
    """In the middle of posting, and while someone looks."""
    where, stop = channel(slack), asyncio.Event()
    task = asyncio.create_task(show(slack, where, stop=stop))
    await slack.wait_for(lambda: len(slack.messages(where)) >= 2)
    if stopped_by == "stop":
        stop.set()
        await task
    else:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert slack.messages(where) == []


async def test_channels_that_others_read_are_refused(slack: SandboxSlack) -> None:
    """Public, large, shared, or one that the bot isn't in: nothing is posted."""
    bot, admin = slack.workspace.bot.id, slack.workspace.admin.id
    many = {slack.workspace.add_user(f"person{number}").id for number in range(10)}
    wrong = {
        channel(slack, kind="public"): "isn't a private channel",
        channel(slack, members={bot, *many}): "more than 10 members",
        channel(slack, members={admin}): "I can't see channel",
        "C0NOSUCH": "I can't see channel",
    }
    shared = channel(slack)
    await slack.share_externally(shared)
    for where, words in {**wrong, shared: "is shared with another workspace"}.items():
        with pytest.raises(UsageError, match=words):
            await show(slack, where)
    assert not [call for call in slack.calls if call.method == "chat.postMessage"]


async def test_a_refused_sample_is_reported_and_the_others_are_posted(slack: SandboxSlack) -> None:
    """The charts of a report are posted as text where they are refused."""
    where = channel(slack)
    posted = [sample for sample in sample_messages(NOON) if sample.message.fallback]
    assert len(posted) == 1
    slack.workspace.channels[where].is_archived = True
    wrong, lines, count = await show(slack, where)
    number = len(list(sample_messages(NOON)))
    assert (wrong, count) == (number, 0)
    assert lines[0].startswith("1. Not posted.")


@pytest.mark.long
@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_the_command(examined: Examined, tmp_path: Path) -> None:
    """A wrong channel is one sentence. Enter removes the messages, and so does Ctrl-C."""
    examined.slack.state.rate_limits.between_messages = 0
    where = channel(examined.slack)
    for channel_id, typed, ends, words in (
        ("C0NO", b"", 2, "I can't see channel C0NO"),
        (where, b"\n", 0, "Messages removed"),
        (where, None, 0, "Messages removed"),
    ):
        command = (sys.executable, "-P", "-m", "bot", "doctor", "--live", channel_id)
        environment = {**examined.environment, "PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT)}
        process = await asyncio.create_subprocess_exec(
            *command, env=environment, cwd=tmp_path, stdin=PIPE, stdout=PIPE, stderr=STDOUT
        )
        if typed is None:
            await examined.slack.wait_for(lambda: len(examined.slack.messages(where)) >= 2)
            process.send_signal(SIGINT)
        output, _none = await asyncio.wait_for(process.communicate(typed or None), 90)
        assert (process.returncode, words in output.decode()) == (ends, True), output.decode()
        assert examined.slack.messages(where) == []
