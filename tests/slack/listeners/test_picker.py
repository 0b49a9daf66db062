"""`show`, `update` and `delete` without an ID ask which application, in a select that searches the store."""

from __future__ import annotations

import json

from bot.sandbox.slack.views import View
from tests.patience import late
from tests.slack.conftest import Account, RunningBot, Start


async def window_with(bot: RunningBot, word: str, *, admin: bool = False) -> View:
    """Wait until what a person sees holds `word`."""
    people = bot.slack.workspace
    who = people.admin if admin else people.member

    def there() -> View | None:
        view = bot.slack.views.of(who.id)
        return view if view and word in json.dumps(view.sent, ensure_ascii=False) else None

    view = await bot.slack.wait_for(there)
    assert view
    return view


async def test_applications_are_searched_by_title_recipient_and_id(idle_bot: RunningBot) -> None:
    """L1: titles, recipients and ids are searched in the store, with any number of words, in any case."""
    await idle_bot.ask("show")
    view = await window_with(idle_bot, "Title, recipient or number")
    offered = await idle_bot.slack.options(view, "application", "BIR")
    assert [(option["value"], option["text"]["text"]) for option in offered] == [("2", "Birch (2)")]
    assert len(await idle_bot.slack.options(view, "application", "(")) == 3
    assert await idle_bot.slack.options(view, "application", "nothing like it") == []


async def test_names_are_found_by_plain_letters(start: Start, account: Account) -> None:
    """A12, F4: a name is found by its plain spelling, an application also by `#` and its number."""
    account.rename(2, "Łódź Œuvre")
    bot = await start(poll_interval=3600)
    await bot.baseline()
    await bot.ask("show")
    view = await window_with(bot, "Title, recipient or number")
    for typed in ("lodz oeuvre", "ŁÓDŹ", "\uff032"):
        offered = await bot.slack.options(view, "application", typed)
        assert [option["value"] for option in offered] == ["2"]


async def test_the_chosen_action_continues_in_the_same_window(idle_bot: RunningBot) -> None:
    """The chosen application is shown, its form opened, its deletion or what to do asked, in the same window."""
    next_windows = {"show": "Read from Clust", "update": "first_name", "delete": "Recipient:", "do": "Choose an action"}
    for word, title in next_windows.items():
        await idle_bot.ask(word, user=idle_bot.slack.workspace.admin)
        view = await window_with(idle_bot, "Title, recipient or number", admin=True)
        (option,) = await idle_bot.slack.options(view, "application", "birch")
        await idle_bot.slack.submit(view, {"application": option})
        assert "Birch" in json.dumps((await window_with(idle_bot, title, admin=True)).sent)


async def test_a_slow_choice_brings_its_result_later(idle_bot: RunningBot) -> None:
    """M1: a choice waits for Clust no longer than a submission may, and the result comes later."""
    await idle_bot.ask("update")
    view = await window_with(idle_bot, "Title, recipient or number")
    (option,) = await idle_bot.slack.options(view, "application", "birch")
    with late(idle_bot.account):
        exchange = await idle_bot.slack.submit(view, {"application": option})
        assert exchange.view
        assert "Reading from Clust" in json.dumps(exchange.view.sent)
    assert "Birch" in json.dumps((await window_with(idle_bot, "first_name")).sent)


async def test_a_view_for_deleting_is_no_right_to_delete(idle_bot: RunningBot) -> None:
    """W1: the purpose that a window carries is a claim: the role is checked at submission."""
    await idle_bot.ask("show")
    view = await window_with(idle_bot, "Title, recipient or number")
    (option,) = await idle_bot.slack.options(view, "application", "birch")
    view.sent = {**view.sent, "private_metadata": "delete"}
    exchange = await idle_bot.slack.submit(view, {"application": option})
    assert exchange.view
    assert "Sorry, only" in json.dumps(exchange.view.sent)


async def test_before_the_first_baseline_clusts_first_page_is_searched(start: Start, account: Account) -> None:
    """L1: the options are live, and labeled so."""
    account.faults.cap_per_page, account.faults.cut_page = 2, 2
    bot = await start(poll_interval=3600)
    await bot.ask("show")
    view = await window_with(bot, "Title, recipient or number")
    (option,) = await bot.slack.options(view, "application", "cedar")
    assert option["description"]["text"] == "From Clust's first page (still reading the rest)"
