"""Applications created by the real app: each test checks what Clust received (rules M1, M2)."""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.engine.tables import audit
from tests.patience import late
from tests.slack.conftest import World
from tests.slack.listeners.windows import needed, opened, shown, template, text_of, written


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


async def test_a_refusal_stands_under_its_field(calm: World) -> None:
    """M1: Clust's refusal is shown in time under its field, by our name."""
    view = await opened(calm)
    exchange = await calm.slack.submit(view, needed(calm, first_name="x" * 255, custom="y" * 300))
    assert set(exchange.errors) == {"custom"}
    assert [row["outcome"] for row in await calm.rows(sa.select(audit))] == ["refused"]


async def test_a_new_template_is_made_once(calm: World) -> None:
    """M2: a new template is created first, and not a second time after the application was refused."""
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


async def test_a_late_refusal_shows_what_was_typed(calm: World) -> None:
    """M1: the form says that it is saving; a late refusal shows it again with what was typed and the error."""
    view = await opened(calm)
    with late(calm.account):
        exchange = await calm.slack.submit(view, needed(calm, custom="y" * 300))
        assert exchange.view
        assert "Saving" in text_of(exchange.view)
    view = await shown(calm, "custom field")
    assert "ana@example.com" in text_of(view)
    await calm.slack.submit(view, {"custom": "short"})
    assert written(calm)[-1][2]["contact"]["email"] == "ana@example.com"
    assert len(written(calm)) == 2


async def test_a_closed_form_is_resumed_from_a_direct_message(calm: World) -> None:
    """M1: after closing the form the person gets a direct message, and Resume opens it with what was typed."""
    view = await opened(calm)
    with late(calm.account):
        exchange = await calm.slack.submit(view, needed(calm, custom="y" * 300))
        assert exchange.view
        await calm.slack.close_view(exchange.view)
    (message,) = await calm.told("mei", "What you typed is kept for a day.")
    await calm.press(message, "Resume", user="mei")
    view = await shown(calm, "ana@example.com")
    await calm.slack.submit(view, {"custom": "short"})
    assert len(written(calm)) == 2


async def test_an_unknown_outcome_is_looked_for_and_found(calm: World) -> None:
    """M1: after an unknown outcome nothing is sent again; Check finds what was created."""
    view = await opened(calm)
    calm.account.faults.disconnect = True
    exchange = await calm.slack.submit(view, needed(calm, title="Silva"))
    assert exchange.view
    calm.account.faults.disconnect = False
    await calm.press(exchange.view, "Check")
    await shown(calm, "Created")
    assert len(written(calm)) == 1
    assert [row["outcome"] for row in await calm.rows(sa.select(audit).order_by(audit.c.id))] == ["unknown", "ok"]


async def test_an_unknown_outcome_that_is_not_found_is_sent_again(calm: World) -> None:
    """M1: if Check finds nothing, the person can send again exactly what was typed."""
    view = await opened(calm)
    calm.account.faults.disconnect = True
    exchange = await calm.slack.submit(view, needed(calm, title="Silva"))
    assert exchange.view
    calm.account.faults.disconnect = False
    calm.account.remove(4)
    await calm.press(exchange.view, "Check")
    view = await shown(calm, "Send again")
    await calm.press(view, "Send again")
    await shown(calm, "Created")
    first, second = written(calm)
    assert first == second


async def test_back_to_the_form_where_check_found_nothing(calm: World) -> None:
    """M1: instead of sending again the person can go back, change something and submit."""
    view = await opened(calm)
    calm.account.faults.disconnect = True
    exchange = await calm.slack.submit(view, needed(calm, title="Silva"))
    assert exchange.view
    calm.account.faults.disconnect = False
    calm.account.remove(4)
    await calm.press(exchange.view, "Check")
    await calm.press(await shown(calm, "Send again"), "Back to the form")
    view = await shown(calm, "first_name", "ana@example.com")
    await calm.slack.submit(view, {"title": "Silva 2"})
    await shown(calm, "Created")
    assert [body["title"] for _, _, body in written(calm)] == ["Silva", "Silva 2"]


async def test_a_template_whose_creation_nobody_knows(calm: World) -> None:
    """M2: a template that may exist is not created a second time, and no application is created with it."""
    view = await opened(calm)
    await calm.slack.click(view, "template_id", value="new")
    view = await shown(calm, "New template title")
    calm.account.faults.disconnect = True
    exchange = await calm.slack.submit(view, needed(calm, template_id="new", new_template="KYC 2"))
    assert exchange.view
    calm.account.faults.disconnect = False
    assert [(method, path) for method, path, _ in written(calm)] == [("POST", "/templates")]
    await calm.press(exchange.view, "Check")
    await calm.press(await shown(calm, "Send again"), "Send again")
    await shown(calm, "Created")
    assert [(method, path) for method, path, _ in written(calm)] == [("POST", "/templates"), ("POST", "/dossiers")]


async def test_check_takes_nothing_for_its_own_that_was_there_before(calm: World) -> None:
    """M1: an older application of the same recipient is not taken for the new one."""
    calm.account.change(1, contact={"email": "ana@example.com"})
    view = await opened(calm)
    calm.account.faults.disconnect = True
    exchange = await calm.slack.submit(view, needed(calm))
    assert exchange.view
    calm.account.faults.disconnect = False
    calm.account.remove(4)
    await calm.press(exchange.view, "Check")
    await shown(calm, "Send again")
