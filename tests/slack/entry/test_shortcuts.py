"""Shortcuts, anywhere in Slack and on messages, in the real app."""

from __future__ import annotations

from cryptography.fernet import Fernet

from bot.slack.entry.commands import WORDS
from bot.slack.entry.shortcuts import SHORTCUTS
from bot.slack.views.building import ids
from tests.slack.conftest import Account, RunningBot, Start


def test_each_fits_slack() -> None:
    """Slack: App manifest reference: at most ten, with short names. A global one runs a command that there is."""
    assert len(SHORTCUTS) <= 10
    for row in SHORTCUTS.values():
        assert 1 <= len(row.name) <= 24
        assert 1 <= len(row.description) <= 150
        assert bool(row.command) != bool(row.handler)
        assert row.kind == ("message" if row.handler else "global")
        assert not row.command or row.command in WORDS


async def test_a_global_one_opens_the_form_of_its_command(idle_bot: RunningBot) -> None:
    """Wherever the person is."""
    for callback_id, form in (("shortcut.create", ids.CREATE), ("shortcut.api", ids.CONSOLE)):
        assert (await idle_bot.slack.shortcut(callback_id)).is_acknowledged
        await idle_bot.window("mei", form)


async def test_without_the_right_or_an_account_a_window_says_so(start: Start, account: Account) -> None:
    """W1: guests create nothing. Without an account it says what an admin can do. An unknown shortcut is ignored."""
    bot = await start(clust_api_token=None, secret_key=Fernet.generate_key().decode(), poll_interval=3600)
    await bot.slack.shortcut("shortcut.create", user="gustav")
    await bot.window("gustav", "only members of this workspace")
    await bot.slack.shortcut("shortcut.create")
    await bot.window("mei", "/clust connect")
    await bot.slack.shortcut("shortcut.of.another.version")
    bot.slack.fail_next("views.open", "expired_trigger_id")
    await bot.slack.shortcut("shortcut.create", user="bruno")
    await bot.direct_messages("bruno", "/clust connect")
    assert not account.requests
