"""Applications created and updated by the real app: each test looks at what Clust received (rules M1 to M3)."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import sqlalchemy as sa

from bot.sandbox.slack_elements import elements
from bot.sandbox.slack_views import View
from bot.slack import ids
from bot.slack.views.blocks import button, section
from bot.store.tables import audit, drafts
from tests.slack.conftest import World

NEEDED = {"template_id": "1", "first_name": "Ana", "last_name": "Silva", "email": "ana@example.com"}


def text_of(view: View) -> str:
    """Return everything that stands in a view."""
    return json.dumps(view.sent, ensure_ascii=False)


def written(world: World) -> list[tuple[str, str, Any]]:
    """Return what Clust was asked to change, in order."""
    asked = [each for each in world.account.requests if each.method != "GET"]
    return [(each.method, each.path, json.loads(each.body) if each.body else None) for each in asked]


async def shown(world: World, *words: str) -> View:
    """Wait until what Mei sees holds all of `words`."""

    def there() -> View | None:
        view = world.slack.views.of(world.slack.workspace.member.id)
        return view if view and all(word in text_of(view) for word in words) else None

    view = await world.slack.wait_for(there, timeout=15)
    assert view
    return view


async def opened(world: World, text: str = "create") -> View:
    """Open a form by a command and wait until it is filled."""
    await world.ask(text)
    return await shown(world, "first_name")


def template(world: World) -> str:
    """Return the id of a template of the account."""
    return str(next(iter(world.account.templates)))


def needed(world: World, **more: Any) -> dict[str, Any]:
    """Return what a new application needs, and more."""
    return {**NEEDED, "template_id": template(world), **more}


async def test_create_with_every_field(calm: World) -> None:
    """Every field of the form arrives under the API's name, once, and the audit row holds none of its values."""
    view = await opened(calm)
    typed = needed(
        calm,
        phone="+351 210 555 010",
        title="Silva onboarding",
        external_id="CRM-7",
        auto_emails="1",
        folder_id="12",
        custom="A note",
        webhook_url="https://example.com/clust",
        webhook_events=["created", "late"],
    )
    exchange = await calm.slack.submit(view, typed)
    assert exchange.view
    assert "Created" in text_of(exchange.view)
    contact = {"firstname": "Ana", "lastname": "Silva", "email": "ana@example.com", "phone": "+351 210 555 010"}
    assert written(calm) == [
        (
            "POST",
            "/dossiers",
            {
                "template_id": int(template(calm)),
                "contact": contact,
                "title": "Silva onboarding",
                "external_id": "CRM-7",
                "auto_emails": 1,
                "folder_id": 12,
                "custom": "A note",
                "webhook": {"url": "https://example.com/clust", "events": ["created", "late"]},
            },
        )
    ]
    (row,) = await calm.rows(sa.select(audit))
    assert (row["action"], row["outcome"], row["target"], row["detail"]) == ("create", "ok", "4", "")


async def test_mistakes_stand_under_their_fields(calm: World) -> None:
    """What can't be right is told under its field, before anything is sent; put right, the same form is sent."""
    view = await opened(calm)
    exchange = await calm.slack.submit(view, needed(calm, email="ana@", webhook_url="http://example.com"))
    assert set(exchange.errors) == {"email", "webhook_url"}
    assert written(calm) == []
    await calm.slack.submit(view, needed(calm, webhook_url=None))
    assert len(written(calm)) == 1


async def test_a_refusal_stands_under_its_field(calm: World) -> None:
    """M1: what Clust refuses in time is told under the field that it means, by our name."""
    view = await opened(calm)
    exchange = await calm.slack.submit(view, needed(calm, first_name="x" * 255, custom="y" * 300))
    assert set(exchange.errors) == {"custom"}
    assert [row["outcome"] for row in await calm.rows(sa.select(audit))] == ["refused"]


async def test_a_new_template_is_made_once(calm: World) -> None:
    """M2: the template is asked for, made first, and made no second time when the application was refused."""
    view = await opened(calm)
    await calm.slack.click(view, "template_id", value="new")
    view = await shown(calm, "new_template")
    typed = needed(calm, template_id="new", new_template="KYC 2027")
    exchange = await calm.slack.submit(view, {**typed, "custom": "y" * 300})
    assert set(exchange.errors) == {"custom"}
    await calm.slack.submit(view, {**typed, "custom": "y"})
    assert [(path, body.get("title")) for _, path, body in written(calm)] == [
        ("/templates", "KYC 2027"),
        ("/dossiers", None),
        ("/dossiers", None),
    ]
    assert written(calm)[2][2]["template_id"] == max(calm.account.templates)


async def test_two_submissions_create_once(calm: World) -> None:
    """M2: the same view submitted twice at once is one draft, and is sent once."""
    view = await opened(calm)
    calm.account.knobs.delay = 0.3
    await asyncio.gather(*(calm.slack.submit(view, needed(calm)) for _ in range(2)))
    assert len(written(calm)) == 1


async def test_a_late_refusal_shows_what_was_typed(calm: World) -> None:
    """M1: the form says that it is saving; a late refusal shows it again with what was typed and the sentence."""
    view = await opened(calm)
    calm.account.knobs.delay = 2.5
    exchange = await calm.slack.submit(view, needed(calm, custom="y" * 300))
    assert exchange.view
    assert "Saving" in text_of(exchange.view)
    calm.account.knobs.delay = 0
    view = await shown(calm, "custom field")
    assert "ana@example.com" in text_of(view)
    await calm.slack.submit(view, {"custom": "short"})
    assert written(calm)[-1][2]["contact"]["email"] == "ana@example.com"
    assert len(written(calm)) == 2


async def test_a_closed_form_is_resumed_from_a_direct_message(calm: World) -> None:
    """M1: whoever closed the form is told by direct message, and Resume opens it with what was typed."""
    view = await opened(calm)
    calm.account.knobs.delay = 2.5
    exchange = await calm.slack.submit(view, needed(calm, custom="y" * 300))
    assert exchange.view
    await calm.slack.close_view(exchange.view)
    calm.account.knobs.delay = 0
    (message,) = await calm.told("mei", "What you typed is kept for a day.")
    await calm.press(message, "Resume", user="mei")
    view = await shown(calm, "ana@example.com")
    await calm.slack.submit(view, {"custom": "short"})
    assert len(written(calm)) == 2


async def test_an_unknown_outcome_is_looked_for_and_found(calm: World) -> None:
    """M1: where nobody knows, nothing is sent again: Check finds what was created."""
    view = await opened(calm)
    calm.account.knobs.disconnect = True
    exchange = await calm.slack.submit(view, needed(calm, title="Silva"))
    assert exchange.view
    calm.account.knobs.disconnect = False
    await calm.press(exchange.view, "Check")
    await shown(calm, "Created")
    assert len(written(calm)) == 1
    assert [row["outcome"] for row in await calm.rows(sa.select(audit).order_by(audit.c.id))] == ["unknown", "ok"]


async def test_an_unknown_outcome_that_is_not_found_is_sent_again(calm: World) -> None:
    """M1: where Check finds nothing the person may send again, which sends exactly what was typed."""
    view = await opened(calm)
    calm.account.knobs.disconnect = True
    exchange = await calm.slack.submit(view, needed(calm, title="Silva"))
    assert exchange.view
    calm.account.knobs.disconnect = False
    calm.account.remove(4)
    await calm.press(exchange.view, "Check")
    view = await shown(calm, "Send again")
    await calm.press(view, "Send again")
    await shown(calm, "Created")
    first, second = written(calm)
    assert first == second


async def test_the_form_opens_while_clust_is_slow(calm: World) -> None:
    """The window is there while Clust takes 6 s for its templates, and is filled afterwards."""
    calm.account.knobs.delay = 6
    await calm.ask("create", command="/clust")
    await shown(calm, "One moment")
    calm.account.knobs.delay = 0
    await shown(calm, "first_name")


async def test_retry_fills_a_form_that_could_not_be_filled(calm: World) -> None:
    """L1: what could not be fetched is told in the window, and Retry fills that window."""
    calm.account.knobs.refuse_token = True
    await calm.ask("update 1")
    view = await shown(calm, "Retry")
    calm.account.knobs.refuse_token = False
    await calm.press(view, "Retry")
    assert "Acme" in text_of(await shown(calm, "first_name"))


async def test_an_update_sends_what_changed(calm: World) -> None:
    """M3: one field changed is one field sent; the summary shows old and new, the audit row the name alone."""
    view = await opened(calm, "update 1")
    exchange = await calm.slack.submit(view, {"title": "Acme 2"})
    assert exchange.view
    assert "Acme → Acme 2" in text_of(exchange.view)
    assert written(calm) == [("PUT", "/dossiers/1", {"title": "Acme 2"})]
    (row,) = await calm.rows(sa.select(audit))
    assert (row["action"], row["target"], row["detail"]) == ("update", "1", "title")


async def test_nothing_changed_sends_nothing(calm: World) -> None:
    """M3: a form that is submitted as it opened sends nothing."""
    exchange = await calm.slack.submit(await opened(calm, "update 1"))
    assert exchange.view
    assert "Nothing was changed" in text_of(exchange.view)
    assert written(calm) == []


async def test_a_conflict_is_settled_by_the_person(calm: World) -> None:
    """M3: what others changed meanwhile is overwritten only when the person says so."""
    for choice, title in (("Overwrite", "Mine"), ("Keep theirs", "Theirs")):
        view = await opened(calm, "update 1")
        calm.account.rename(1, "Theirs")
        exchange = await calm.slack.submit(view, {"title": "Mine", "external_id": choice})
        assert exchange.view
        assert "Changed meanwhile" in text_of(exchange.view)
        assert calm.account.dossiers[1].title == "Theirs"
        await calm.press(exchange.view, choice)
        await shown(calm, "Updated")
        assert (calm.account.dossiers[1].title, calm.account.dossiers[1].external_id) == (title, choice)
        calm.account.rename(1, "Acme")


async def test_a_put_that_erases_is_reported(calm: World) -> None:
    """M3: what we did not send and that changed all the same is told at once, with the setting that may mend it."""
    calm.account.change(1, external_id="CRM-1")
    calm.account.knobs.put_replaces = True
    exchange = await calm.slack.submit(await opened(calm, "update 1"), {"title": "Acme 2"})
    assert exchange.view
    assert "CLUST_UPDATE_METHOD" in text_of(exchange.view)


async def test_rights_are_checked_when_a_form_is_submitted(calm: World) -> None:
    """W1: who lost the role while filling in the form is refused, and nothing is sent."""
    view = await opened(calm)
    await calm.say(f"roles set @{calm.slack.workspace.member.id} viewer", user=calm.slack.workspace.admin)
    exchange = await calm.slack.submit(view, needed(calm))
    assert exchange.view
    assert "you may not do this" in text_of(exchange.view)
    assert written(calm) == []


async def test_rights_are_checked_at_each_button_of_a_window(calm: World) -> None:
    """W1: a button in a window that was opened with rights does nothing without them, and the window says so."""
    view = await opened(calm)
    calm.account.knobs.disconnect = True
    exchange = await calm.slack.submit(view, needed(calm))
    assert exchange.view
    calm.account.knobs.disconnect = False
    await calm.say(f"roles set @{calm.slack.workspace.member.id} viewer", user=calm.slack.workspace.admin)
    await calm.press(exchange.view, "Check")
    await shown(calm, "you may not do this")


async def test_a_form_of_somebody_else_is_not_sent(calm: World) -> None:
    """M2: an id in a view proves nothing: a draft is sent by the person who opened it, and by nobody else."""
    mine = await opened(calm)
    await calm.ask("create", user="bruno")
    bruno = calm.slack.workspace.user("bruno").id

    def there() -> View | None:
        found = calm.slack.views.of(bruno)
        return found if found and "first_name" in text_of(found) else None

    other = await calm.slack.wait_for(there)
    assert other
    other.sent = {**other.sent, "private_metadata": mine.sent["private_metadata"]}
    exchange = await calm.slack.submit(other, needed(calm))
    assert exchange.view
    assert "it is not yours" in text_of(exchange.view)
    assert written(calm) == []


async def test_share_here(calm: World) -> None:
    """W2, V2: what was created is shared in the channel of the command: without e-mail, phone or client's page."""
    await calm.slack.invite_bot("onboarding")
    view = await opened(calm)
    exchange = await calm.slack.submit(view, needed(calm, title="Silva"))
    assert exchange.view
    await calm.press(exchange.view, "Share here")
    await shown(calm, "Shared with everybody")
    shared = calm.slack.messages("onboarding")[-1]
    assert "Silva" in shared.text
    assert "ana@example.com" not in json.dumps(shared.blocks)
    assert "/c/" not in json.dumps(shared.blocks)


async def test_share_here_where_others_read_along(calm: World) -> None:
    """W2: in a channel shared with another organisation nothing is posted from a window."""
    await calm.ask("create", channel="with-partner")
    exchange = await calm.slack.submit(await shown(calm, "first_name"), needed(calm, title="Silva"))
    assert exchange.view
    await calm.press(exchange.view, "Share here")
    await shown(calm, "I can't post it there")
    assert calm.slack.messages("with-partner") == []


async def test_an_update_whose_outcome_nobody_knows(calm: World) -> None:
    """M1: the connection broke after it was sent: it is not sent again, and the person is told to look."""
    view = await opened(calm, "update 1")
    calm.account.knobs.disconnect_writes = True
    exchange = await calm.slack.submit(view, {"title": "Acme 2"})
    assert exchange.view
    assert "may or may not have done this" in text_of(exchange.view)
    assert written(calm) == [("PUT", "/dossiers/1", {"title": "Acme 2"})]
    assert [row["outcome"] for row in await calm.rows(sa.select(audit))] == ["unknown"]


async def test_a_second_conflict_while_overwriting(calm: World) -> None:
    """M3: overwriting is for what the person has seen; what changed since is shown before it is overwritten."""
    view = await opened(calm, "update 1")
    calm.account.rename(1, "Theirs")
    exchange = await calm.slack.submit(view, {"title": "Mine"})
    assert exchange.view
    calm.account.rename(1, "Theirs again")
    await calm.press(exchange.view, "Overwrite")
    view = await shown(calm, "Theirs again")
    assert calm.account.dossiers[1].title == "Theirs again"
    await calm.press(view, "Overwrite")
    await shown(calm, "Updated")
    assert calm.account.dossiers[1].title == "Mine"


async def test_more_templates_than_a_select_holds(calm: World) -> None:
    """Beyond 100 they are searched as one types, and the form takes what was chosen."""
    for number in range(150):
        calm.account.add_template(f"Template {number:03}")
    view = await opened(calm)
    (select,) = [block["element"] for block in view.blocks if block.get("block_id") == "template_id"]
    assert select["type"] == "external_select"
    offered = await calm.slack.options(view, "template_id", "template 149")
    option = next(each for each in offered if each["text"]["text"] == "Template 149")
    assert offered[-1]["value"] == "new"
    assert len(await calm.slack.options(view, "template_id", "")) == 100
    exchange = await calm.slack.submit(view, needed(calm, template_id=option))
    assert exchange.view
    assert "Created" in text_of(exchange.view)
    assert str(written(calm)[0][2]["template_id"]) == option["value"]


async def test_back_to_the_form_where_check_found_nothing(calm: World) -> None:
    """M1: instead of sending again the person may go back, change something and submit."""
    view = await opened(calm)
    calm.account.knobs.disconnect = True
    exchange = await calm.slack.submit(view, needed(calm, title="Silva"))
    assert exchange.view
    calm.account.knobs.disconnect = False
    calm.account.remove(4)
    await calm.press(exchange.view, "Check")
    await calm.press(await shown(calm, "Send again"), "Back to the form")
    view = await shown(calm, "first_name", "ana@example.com")
    await calm.slack.submit(view, {"title": "Silva 2"})
    await shown(calm, "Created")
    assert [body["title"] for _, _, body in written(calm)] == ["Silva", "Silva 2"]


async def test_a_template_whose_creation_nobody_knows(calm: World) -> None:
    """M2: a new template that may exist is not made a second time by itself, and nothing is created with it."""
    view = await opened(calm)
    await calm.slack.click(view, "template_id", value="new")
    view = await shown(calm, "Title of the new template")
    calm.account.knobs.disconnect = True
    exchange = await calm.slack.submit(view, needed(calm, template_id="new", new_template="KYC 2"))
    assert exchange.view
    calm.account.knobs.disconnect = False
    assert [(method, path) for method, path, _ in written(calm)] == [("POST", "/templates")]
    await calm.press(exchange.view, "Check")
    await calm.press(await shown(calm, "Send again"), "Send again")
    await shown(calm, "Created")
    assert [(method, path) for method, path, _ in written(calm)] == [("POST", "/templates"), ("POST", "/dossiers")]


async def test_a_late_update_and_a_late_deletion_are_told_by_direct_message(calm: World) -> None:
    """M1: whoever closed the window while Clust took its time learns what became of it."""
    view = await opened(calm, "update 1")
    calm.account.knobs.delay = 2.5
    exchange = await calm.slack.submit(view, {"title": "Acme 2"})
    assert exchange.view
    await calm.slack.close_view(exchange.view)
    await calm.told("mei", "Acme → Acme 2")
    calm.account.knobs.delay = 0
    admin = calm.slack.workspace.admin
    await calm.ask("delete 2", user=admin)
    await calm.window("adrien", "Recipient")
    question = calm.slack.views.of(admin.id)
    assert question
    calm.account.knobs.delay = 2.5
    exchange = await calm.slack.submit(question)
    assert exchange.view
    await calm.slack.close_view(exchange.view)
    await calm.told("adrien", "Deleted *Birch*")


async def test_nobody_reopens_the_draft_of_somebody_else(calm: World) -> None:
    """M2: a button with another person's draft is refused, and that draft is as unsure as it was."""
    view = await opened(calm)
    draft_id = view.sent["private_metadata"]
    calm.account.knobs.disconnect = True
    await calm.slack.submit(view, needed(calm))
    calm.account.knobs.disconnect = False
    for kind in (ids.BACK_TO_FORM, ids.SEND_AGAIN, ids.CHECK, ids.RESUME, ids.OVERWRITE, ids.KEEP_THEIRS):
        message = calm.put(section("x", button("Click", kind, draft_id)))
        assert "it is not yours" in (await calm.click(message, "Click", user="bruno")).text
    assert [row["state"] for row in await calm.rows(sa.select(drafts))] == ["unknown"]
    assert len(written(calm)) == 1


async def test_check_takes_nothing_for_its_own_that_was_there_before(calm: World) -> None:
    """M1: an application of the same recipient that the bot knew before is not what the form made."""
    calm.account.change(1, contact={"email": "ana@example.com"})
    view = await opened(calm)
    calm.account.knobs.disconnect = True
    exchange = await calm.slack.submit(view, needed(calm))
    assert exchange.view
    calm.account.knobs.disconnect = False
    calm.account.remove(4)
    await calm.press(exchange.view, "Check")
    await shown(calm, "Send again")


async def test_an_update_makes_its_new_template_once(calm: World) -> None:
    """M2: where nobody knows whether the template was made, the next submission looks for it first."""
    view = await opened(calm, "update 1")
    await calm.slack.click(view, "template_id", value="new")
    view = await shown(calm, "Title of the new template")
    calm.account.knobs.disconnect_writes = True
    exchange = await calm.slack.submit(view, {"template_id": "new", "new_template": "KYC 2"})
    assert exchange.view
    assert "not changed twice" in text_of(exchange.view)
    calm.account.knobs.disconnect_writes = False
    exchange = await calm.slack.submit(exchange.view)
    assert exchange.view
    assert "→ KYC 2" in text_of(exchange.view)
    assert [(method, path) for method, path, _ in written(calm)] == [("POST", "/templates"), ("PUT", "/dossiers/1")]


async def test_share_here_from_a_direct_message(calm: World) -> None:
    """M1, W2: whoever closed the form shares from the message that told of it, into the channel of the command."""
    await calm.slack.invite_bot("onboarding")
    view = await opened(calm)
    calm.account.knobs.delay = 2.5
    exchange = await calm.slack.submit(view, needed(calm, title="Silva"))
    assert exchange.view
    await calm.slack.close_view(exchange.view)
    calm.account.knobs.delay = 0
    (message,) = await calm.told("mei", "Created")
    assert "Shared with everybody" in (await calm.click(message, "Share here", user="mei")).text
    assert "Silva" in calm.slack.messages("onboarding")[-1].text


async def test_share_here_is_for_what_one_has_created(calm: World) -> None:
    """W2: a button that lies about its draft or its application posts nothing."""
    await calm.slack.invite_bot("onboarding")
    exchange = await calm.slack.submit(await opened(calm), needed(calm, title="Silva"))
    assert exchange.view
    (share,) = [one for _, one in elements(exchange.view.blocks) if one.get("action_id") == ids.SHARE_APPLICATION]
    draft_id = share["value"].partition(" ")[0]
    for value, user in ((f"{draft_id} 1", "mei"), (share["value"], "bruno"), ("1 4", "mei"), (" ", "mei")):
        message = calm.put(section("x", button("Click", ids.SHARE_APPLICATION, value)), visible_to=user)
        assert "can be shared from here for a day" in (await calm.click(message, "Click")).text
    assert calm.slack.messages("onboarding") == []


async def test_an_id_in_a_button_reaches_no_other_path(calm: World) -> None:
    """Whatever a button carries as an application, Clust is asked for applications alone."""
    admin, before = calm.slack.workspace.admin, len(calm.account.requests)

    def filled() -> View | None:
        view = calm.slack.views.of(admin.id)
        return view if view and "One moment" not in text_of(view) else None

    for kind in (ids.DETAILS, ids.UPDATE, ids.DELETE):
        for value in ("../users", "1/../../users", "..", "%2e%2e/users", "1?a=b", "1#x"):
            message = calm.put(section("x", button("Click", kind, value)))
            await calm.press(message, "Click", user=admin)
            view = await calm.slack.wait_for(filled)
            assert view
            await calm.slack.close_view(view, everything=True)
    asked = {each.path.partition("/dossiers")[0] for each in list(calm.account.requests)[before:]}
    assert asked <= {"", "/templates"}
    assert written(calm) == []
