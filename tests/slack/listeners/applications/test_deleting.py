"""Applications deleted by the real app: asked first, deleted once, and reported (rule M4)."""

from __future__ import annotations

import asyncio
import json

import sqlalchemy as sa

from bot.sandbox.slack.views import View
from bot.store.engine.tables import audit
from tests.patience import late
from tests.slack.conftest import RunningBot
from tests.slack.entry.test_buttons import REFUSED


def deletes(bot: RunningBot) -> list[str]:
    """Return the paths that Clust was asked to delete."""
    return [each.path for each in bot.account.requests if each.method == "DELETE"]


async def window_with(bot: RunningBot, word: str) -> View:
    """Wait until what the admin sees holds `word`."""
    admin = bot.slack.workspace.admin.id

    def there() -> View | None:
        view = bot.slack.views.of(admin)
        return view if view and word in json.dumps(view.sent, ensure_ascii=False) else None

    view = await bot.slack.wait_for(there)
    assert view
    return view


async def confirm_deletion(bot: RunningBot) -> View:
    """Ask for application 1 to be deleted and wait for the question."""
    await bot.ask("delete 1", user=bot.slack.workspace.admin)
    return await window_with(bot, "Recipient")


async def test_delete_asks_first_and_deletes_once(idle_bot: RunningBot) -> None:
    """M4: the question names the application. A second open question then finds it gone."""
    view = await confirm_deletion(idle_bot)
    assert "Acme" in json.dumps(view.sent)
    assert deletes(idle_bot) == []
    exchange = await idle_bot.slack.submit(view)
    assert exchange.view
    assert "Deleted *Acme*" in json.dumps(exchange.view.sent)
    assert deletes(idle_bot) == ["/dossiers/1"]
    (row,) = await idle_bot.rows(sa.select(audit))
    assert (row["action"], row["outcome"], row["target"], row["detail"]) == ("delete", "ok", "1", "default")
    await idle_bot.ask("delete 1", user=idle_bot.slack.workspace.admin)
    await window_with(idle_bot, "is no longer in Clust")
    assert deletes(idle_bot) == ["/dossiers/1"]


async def test_why_names_who_deleted_it(bot: RunningBot) -> None:
    """At once, and also when Clust has shown that it is gone. If it was deleted elsewhere, it names no one."""
    for _ in range(3):
        bot.account.add()  # where most are missing, the bot asks first whether that is still the same account
    await bot.until("why 6", "*Created*")
    await bot.slack.submit(await confirm_deletion(bot))
    bot.account.remove(2)
    who = f"deleted by <@{bot.slack.workspace.admin.id}>"
    assert who in (await bot.say("why 1")).text
    assert who not in await bot.until("why 2", "no longer in Clust")
    assert who in (await bot.say("why 1")).text


async def test_what_is_gone_when_the_question_is_answered(idle_bot: RunningBot) -> None:
    """M4: an application that someone else has deleted by then is already gone, which is not an error."""
    view = await confirm_deletion(idle_bot)
    idle_bot.account.remove(1)
    exchange = await idle_bot.slack.submit(view)
    assert exchange.view
    assert "is no longer in Clust" in json.dumps(exchange.view.sent)


async def test_an_unknown_outcome_is_asked_again(idle_bot: RunningBot) -> None:
    """M4: after a broken connection, trying again first checks, and finds that it was deleted."""
    view = await confirm_deletion(idle_bot)
    idle_bot.account.faults.disconnect = True
    exchange = await idle_bot.slack.submit(view)
    assert exchange.view
    idle_bot.account.faults.disconnect = False
    await idle_bot.press(exchange.view, "Try again")
    await window_with(idle_bot, "is no longer in Clust")
    assert deletes(idle_bot) == ["/dossiers/1"]


async def test_two_confirmations_delete_once(idle_bot: RunningBot) -> None:
    """M2: of two confirmations at once one is sent, and the other says where the result comes."""
    view = await confirm_deletion(idle_bot)
    idle_bot.account.faults.delay_seconds = 0.3
    first, second = await asyncio.gather(*(idle_bot.slack.submit(view) for _ in range(2)))
    content = json.dumps([each.view and each.view.sent for each in (first, second)])
    assert "Deleted *Acme*" in content or "confirmed already" in content
    assert deletes(idle_bot) == ["/dossiers/1"]


async def test_a_slow_deletion_says_what_it_does(idle_bot: RunningBot) -> None:
    """M1: while Clust is slow the window says that it is deleting, and then shows the result."""
    view = await confirm_deletion(idle_bot)
    with late(idle_bot.account):
        exchange = await idle_bot.slack.submit(view)
        assert exchange.view
        assert "*Deleting…*" in json.dumps(exchange.view.sent, ensure_ascii=False)
    await window_with(idle_bot, "Deleted *Acme*")


async def test_members_may_not_delete(idle_bot: RunningBot) -> None:
    """W1: deleting is for admins. A member gets that answer, and nothing opens."""
    assert "Sorry, only admins can do this." in (await idle_bot.say("delete 1")).text
    assert idle_bot.slack.called("views.open") == []


async def test_a_member_who_finds_delete_in_the_menu_of_a_card_is_refused_at_once(bot: RunningBot) -> None:
    """W1: everyone in a channel sees the same menu. The refusal is for the person who chose, and nothing opens."""
    await bot.say("subscribe all")
    bot.account.make_late(1)
    (card,) = await bot.posted("onboarding", "*Late*")
    bot.account.faults.delay_seconds = 60  # a refusal waits for nothing that Clust says
    answer = await bot.choose(card, "Delete…", user="bruno")
    assert answer.visible_to == bot.slack.workspace.second_member.id
    assert answer.text.startswith(REFUSED)
    assert "dmins" in answer.text
    assert bot.slack.called("views.open") == []
    assert deletes(bot) == []
