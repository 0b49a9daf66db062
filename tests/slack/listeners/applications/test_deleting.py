"""Applications deleted by the real app: asked first, deleted once, and reported (rule M4)."""

from __future__ import annotations

import asyncio
import json

import sqlalchemy as sa

from bot.sandbox.slack.views import View
from bot.store.engine.tables import audit
from tests.patience import late
from tests.slack.conftest import World
from tests.slack.entry.test_buttons import REFUSED


def deletes(world: World) -> list[str]:
    """Return the paths that Clust was asked to delete."""
    return [each.path for each in world.account.requests if each.method == "DELETE"]


async def shown(world: World, word: str) -> View:
    """Wait until what the admin sees holds `word`."""
    admin = world.slack.workspace.admin.id

    def there() -> View | None:
        view = world.slack.views.of(admin)
        return view if view and word in json.dumps(view.sent, ensure_ascii=False) else None

    view = await world.slack.wait_for(there, timeout=15)
    assert view
    return view


async def asked(world: World) -> View:
    """Ask for application 1 to be deleted and wait for the question."""
    await world.ask("delete 1", user=world.slack.workspace.admin)
    return await shown(world, "Recipient")


async def test_delete_asks_first_and_deletes_once(calm: World) -> None:
    """M4: the question names the application; a second open question then finds it gone."""
    view = await asked(calm)
    assert "Acme" in json.dumps(view.sent)
    assert deletes(calm) == []
    exchange = await calm.slack.submit(view)
    assert exchange.view
    assert "Deleted *Acme*" in json.dumps(exchange.view.sent)
    assert deletes(calm) == ["/dossiers/1"]
    (row,) = await calm.rows(sa.select(audit))
    assert (row["action"], row["outcome"], row["target"], row["detail"]) == ("delete", "ok", "1", "default")
    await calm.ask("delete 1", user=calm.slack.workspace.admin)
    await shown(calm, "no longer exists in Clust")
    assert deletes(calm) == ["/dossiers/1"]


async def test_why_tells_who_deleted_it(world: World) -> None:
    """At once, and also when Clust has shown that it is gone; of one that was deleted elsewhere nobody is said."""
    for _ in range(3):
        world.account.add()  # where most are missing, the bot asks first whether that is still the same account
    await world.until("why 6", "*Created*")
    await world.slack.submit(await asked(world))
    world.account.remove(2)
    who = f"deleted by <@{world.slack.workspace.admin.id}>"
    assert who in (await world.say("why 1")).text
    assert who not in await world.until("why 2", "gone in Clust")
    assert who in (await world.say("why 1")).text


async def test_what_is_gone_when_the_question_is_answered(calm: World) -> None:
    """M4: an application that someone else deleted meanwhile is already gone, which is not an error."""
    view = await asked(calm)
    calm.account.remove(1)
    exchange = await calm.slack.submit(view)
    assert exchange.view
    assert "no longer exists in Clust" in json.dumps(exchange.view.sent)


async def test_an_unknown_outcome_is_asked_again(calm: World) -> None:
    """M4: after a broken connection, trying again first checks, and finds that it was deleted."""
    view = await asked(calm)
    calm.account.faults.disconnect = True
    exchange = await calm.slack.submit(view)
    assert exchange.view
    calm.account.faults.disconnect = False
    await calm.press(exchange.view, "Try again")
    await shown(calm, "no longer exists in Clust")
    assert deletes(calm) == ["/dossiers/1"]


async def test_two_confirmations_delete_once(calm: World) -> None:
    """M2: of two confirmations at once one is sent, and the other says where the result comes."""
    view = await asked(calm)
    calm.account.faults.delay = 0.3
    first, second = await asyncio.gather(*(calm.slack.submit(view) for _ in range(2)))
    said = json.dumps([each.view and each.view.sent for each in (first, second)])
    assert "Deleted *Acme*" in said or "confirmed already" in said
    assert deletes(calm) == ["/dossiers/1"]


async def test_a_slow_deletion_says_what_it_does(calm: World) -> None:
    """M1: while Clust is slow the window says that it is deleting, and then shows the result."""
    view = await asked(calm)
    with late(calm.account):
        exchange = await calm.slack.submit(view)
        assert exchange.view
        assert "*Deleting…*" in json.dumps(exchange.view.sent, ensure_ascii=False)
    await shown(calm, "Deleted *Acme*")


async def test_members_may_not_delete(calm: World) -> None:
    """W1: deleting is for admins; a member is told so, and nothing opens."""
    assert "Sorry, only admins can do this." in (await calm.say("delete 1")).text
    assert calm.slack.called("views.open") == []


async def test_a_member_who_finds_delete_in_the_menu_of_a_card_is_refused_at_once(world: World) -> None:
    """W1: everybody in a channel sees the same menu; the refusal is for who chose, and nothing is asked or opened."""
    await world.say("subscribe all")
    world.account.make_late(1)
    (card,) = await world.posted("onboarding", "*Late*")
    world.account.faults.delay = 60  # a refusal waits for nothing that Clust says
    answer = await world.choose(card, "Delete…", user="bruno")
    assert answer.visible_to == world.slack.workspace.second_member.id
    assert answer.text.startswith(REFUSED)
    assert "dmins" in answer.text
    assert world.slack.called("views.open") == []
    assert deletes(world) == []
