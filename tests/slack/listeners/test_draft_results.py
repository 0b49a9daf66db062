"""What became of a form whose window was closed reaches the person once, in a direct message (rules M1, M2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.slack.listeners import draft_results
from bot.store import open_store
from bot.store.people import form_drafts
from bot.store.people.draft_contents import DraftContents
from tests.patience import late
from tests.slack.conftest import RunningBot, Start, buttons
from tests.slack.listeners.windows import needed, opened, text_of, window_with, written

KEY = "A" * 43 + "="


TYPED = '"initial_value": "Silva"'
"""In a form with what `needed` types."""


AWAY: dict[str, Callable[[RunningBot], None]] = {
    "refuses the token": lambda bot: setattr(bot.account.faults, "refuse_token", True),
    "answers 503": lambda bot: setattr(bot.account.faults, "down", True),
    "is too busy": lambda bot: setattr(bot.account.faults, "rate_limit", 0),
    "hangs up": lambda bot: setattr(bot.account.faults, "disconnect", True),
    "refuses a field": lambda _bot: None,
}
"""How Clust fails a form."""


def back(bot: RunningBot) -> None:
    """Let Clust work again."""
    faults = bot.account.faults
    faults.refuse_token = faults.down = faults.disconnect = False
    faults.rate_limit, faults.delay_seconds = None, 0


@pytest.mark.parametrize("how", AWAY)
async def test_a_form_that_failed_is_resumed_after_its_window_was_closed(idle_bot: RunningBot, how: str) -> None:
    """C3: whatever Clust does, the window closed afterwards, the person gets a message that leads on, once."""
    view = await opened(idle_bot)
    AWAY[how](idle_bot)
    await idle_bot.slack.submit(view, needed(idle_bot, custom="y" * (300 if how == "refuses a field" else 3)))
    await idle_bot.slack.close_view(view)
    (message,) = await idle_bot.direct_messages("mei", "")
    assert len({"Resume", "Check"} & set(buttons(message))) == 1
    back(idle_bot)
    if "Resume" in buttons(message):
        await idle_bot.press(message, "Resume", user="mei")
        view = await window_with(idle_bot, TYPED)
        exchange = await idle_bot.slack.submit(view, {"custom": "short"})
        assert exchange.view
        assert "Created" in text_of(exchange.view)
    assert len(await idle_bot.direct_messages("mei", "")) == 1


async def test_a_result_that_slack_did_not_take_is_sent_later(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """C3: a message that could not be sent is owed, and sent when Slack takes it. Nothing is sent to Clust again."""
    monkeypatch.setattr(draft_results, "LOOK_EVERY_SECONDS", 0.1)
    bot = await start(poll_interval=3600)
    await bot.baseline()
    view = await opened(bot)
    with late(bot.account):
        exchange = await bot.slack.submit(view, needed(bot))
        assert exchange.view
        bot.slack.fail_next("conversations.open", "internal_error")
        await bot.slack.close_view(exchange.view)
    await bot.slack.wait_for(lambda: bot.slack.called("conversations.open"))
    monkeypatch.setattr(form_drafts, "SILENT", timedelta(0))
    await bot.direct_messages("mei", "was created")
    assert [call.answer.get("error") for call in bot.slack.calls if call.method == "conversations.open"] == [
        "internal_error",
        None,
    ]
    assert len(written(bot)) == 1


async def test_a_process_that_died_in_the_middle(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """C3: another process sends the unknown outcome once, with *Check*. Nothing is sent to Clust by itself."""
    monkeypatch.setattr(form_drafts, "SILENT", timedelta(seconds=1))
    monkeypatch.setattr(draft_results, "LOOK_EVERY_SECONDS", 0.1)
    bot = await start(secret_key=[KEY], poll_interval=3600)
    await bot.baseline()
    view = await opened(bot)
    draft_id = str(view.sent["private_metadata"]).partition("~")[2]
    dead = open_store(bot.settings.database_url, posts_per_minute=300, secret_keys=[KEY])
    now = datetime.now(UTC)
    await dead.form_drafts.keep(draft_id, DraftContents(typed=needed(bot)), now, view.id)
    assert await dead.form_drafts.begin_sending(draft_id, now, view.id)
    await dead.database.close()
    (message,) = await bot.direct_messages("mei", "couldn't confirm")
    await bot.press(message, "Check", user="mei")
    message = await bot.shows(message, "Send again")
    assert written(bot) == []
    await bot.press(message, "Back to the form", user="mei")
    await window_with(bot, TYPED)
    assert len(await bot.direct_messages("mei", "")) == 1
