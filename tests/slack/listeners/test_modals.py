"""Windows: the outcome of a form finds the person, whatever became of the window (rule M1)."""

from __future__ import annotations

import asyncio

import pytest

from tests.patience import late
from tests.slack.conftest import World
from tests.slack.listeners.windows import needed, opened


def back(world: World) -> None:
    """Let Clust work again."""
    knobs = world.account.faults
    knobs.refuse_token = knobs.down = knobs.disconnect = False
    knobs.rate_limit, knobs.delay = None, 0


async def test_a_window_closed_while_it_is_sent(calm: World) -> None:
    """C3: if the window is closed before Clust responds, a success or failure comes by direct message."""
    for is_refused, words in ((False, ["Created"]), (True, ["Created", "kept for a day"])):
        view = await opened(calm)
        calm.account.faults.delay, calm.account.faults.refuse_token = 20, is_refused
        before = len(calm.account.requests)
        sending = asyncio.create_task(calm.slack.submit(view, needed(calm)))
        while len(calm.account.requests) == before:  # noqa: ASYNC110  the account tells nobody
            await asyncio.sleep(0)
        await calm.slack.close_view(view)
        back(calm)
        await sending
        await calm.told("mei", *words)


@pytest.mark.parametrize("code", ["not_found", "internal_error", "fatal_error"])
async def test_a_window_that_slack_does_not_update(calm: World, code: str) -> None:
    """C3: an outcome that can't be shown in the window comes by message, whatever views.update returns."""
    view = await opened(calm)
    with late(calm.account):
        await calm.slack.submit(view, needed(calm))
        calm.slack.fail_next("views.update", code)
    await calm.told("mei", "Created")


async def test_a_late_update_and_a_late_deletion_are_told_by_direct_message(calm: World) -> None:
    """M1: whoever closed the window while Clust was slow gets the outcome by direct message."""
    view = await opened(calm, "update 1")
    with late(calm.account):
        exchange = await calm.slack.submit(view, {"title": "Acme 2"})
        assert exchange.view
        await calm.slack.close_view(exchange.view)
    await calm.told("mei", "Acme → Acme 2")
    admin = calm.slack.workspace.admin
    await calm.ask("delete 2", user=admin)
    await calm.window("adrien", "Recipient")
    question = calm.slack.views.of(admin.id)
    assert question
    with late(calm.account):
        exchange = await calm.slack.submit(question)
        assert exchange.view
        await calm.slack.close_view(exchange.view)
    await calm.told("adrien", "Deleted *Birch*")


async def test_what_has_no_response_url_is_answered_in_a_window(calm: World) -> None:
    """C5: *Why this?* and *Mute* in Details are answered above them; a mute is for a channel, so it says where."""
    for words, said in (("Why this?", "*Why?*"), ("Mute this application", "Mutes apply to one channel.")):
        await calm.press(await calm.say("list id:1"), "Details")
        await calm.window("mei", "Read from Clust")
        view = calm.slack.views.of(calm.slack.workspace.member.id)
        assert view
        await calm.press(view, words)
        await calm.window("mei", said)
        top = calm.slack.views.of(calm.slack.workspace.member.id)
        assert top
        await calm.slack.close_view(top, everything=True)
