"""The forms of applications: they open while Clust is slow, keep their errors, and are sent once (rules M1, M2)."""

from __future__ import annotations

import asyncio

import pytest

from tests.patience import late
from tests.slack.conftest import RunningBot
from tests.slack.listeners.windows import needed, opened, text_of, window_with, written


async def test_the_form_opens_while_clust_is_slow(idle_bot: RunningBot) -> None:
    """The window opens at once, and is filled in when Clust responds."""
    with late(idle_bot.account):
        await idle_bot.ask("create", command="/clust")
        await window_with(idle_bot, "Reading from Clust")
    await window_with(idle_bot, "first_name")


async def test_retry_fills_a_form_that_could_not_be_filled(idle_bot: RunningBot) -> None:
    """L1: the window says what could not be read, and *Try again* fills it in."""
    idle_bot.account.faults.refuse_token = True
    await idle_bot.ask("update 1")
    view = await window_with(idle_bot, "Try again")
    idle_bot.account.faults.refuse_token = False
    await idle_bot.press(view, "Try again")
    assert "Acme" in text_of(await window_with(idle_bot, "first_name"))


async def test_mistakes_stand_under_their_fields(idle_bot: RunningBot) -> None:
    """Invalid values are shown under their fields before anything is sent, and the corrected form is sent."""
    view = await opened(idle_bot)
    exchange = await idle_bot.slack.submit(view, needed(idle_bot, email="ana@", webhook_url="http://example.com"))
    assert set(exchange.errors) == {"email", "webhook_url"}
    assert written(idle_bot) == []
    await idle_bot.slack.submit(view, needed(idle_bot, webhook_url=None))
    assert len(written(idle_bot)) == 1


async def test_two_submissions_create_once(idle_bot: RunningBot) -> None:
    """M2: two submissions of one view are one draft, which is sent once."""
    view = await opened(idle_bot)
    idle_bot.account.faults.delay_seconds = 0.3
    await asyncio.gather(*(idle_bot.slack.submit(view, needed(idle_bot)) for _ in range(2)))
    assert len(written(idle_bot)) == 1


async def test_more_templates_than_a_select_holds(idle_bot: RunningBot) -> None:
    """More than 100 templates are searched, and the form takes what was chosen."""
    for number in range(150):
        idle_bot.account.add_template(f"Template {number:03}")
    view = await opened(idle_bot)
    (select,) = [block["element"] for block in view.blocks if block.get("block_id") == "template_id"]
    assert select["type"] == "external_select"
    offered = await idle_bot.slack.options(view, "template_id", "template 149")
    option = next(each for each in offered if each["text"]["text"] == "Template 149")
    assert offered[-1]["value"] == "new"
    assert len(await idle_bot.slack.options(view, "template_id", "")) == 100
    exchange = await idle_bot.slack.submit(view, needed(idle_bot, template_id=option))
    assert exchange.view
    assert "Created" in text_of(exchange.view)
    assert str(written(idle_bot)[0][2]["template_id"]) == option["value"]


async def test_words_after_create_are_the_title(idle_bot: RunningBot) -> None:
    """It stands in the form, and can be changed there."""
    for typed in ("create Acme Ltd", 'create title:"Acme Ltd"', "new Acme Ltd"):
        await idle_bot.ask(typed)
        await idle_bot.window("mei", "Acme Ltd", "first_name")
        view = idle_bot.slack.views.of(idle_bot.slack.workspace.member.id)
        assert view, typed
        await idle_bot.slack.close_view(view, everything=True)


async def test_the_typed_title_is_kept_on_retry(idle_bot: RunningBot) -> None:
    """Clust can't be reached when the form opens: what was typed is not typed again, and it can be shared there."""
    idle_bot.account.faults.unreachable = True
    await idle_bot.ask("create Acme Ltd")
    view = await window_with(idle_bot, "Try again")
    idle_bot.account.faults.unreachable = False
    await idle_bot.press(view, "Try again")
    view = await window_with(idle_bot, "Acme Ltd", "first_name")
    exchange = await idle_bot.slack.submit(view, needed(idle_bot))
    assert exchange.view
    assert "Share here" in text_of(exchange.view)


@pytest.mark.parametrize("command", ["update", "delete"])
async def test_an_unknown_number_is_not_called_deleted(idle_bot: RunningBot, command: str) -> None:
    """A number that was mistyped reads like one in `show`, but one that the bot has seen no longer exists."""
    await idle_bot.ask(f"{command} 999", user="adrien")
    await idle_bot.window("adrien", "Clust has no application `999`. Use `/clust list` to see them all.")
    del idle_bot.account.dossiers[1]
    await idle_bot.ask(f"{command} 1", user="adrien")
    await idle_bot.window("adrien", "Application `1` is no longer in Clust")
