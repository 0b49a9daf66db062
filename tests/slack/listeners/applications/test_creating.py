"""Applications created by the real app: each test checks what Clust received (rules M1, M2)."""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.engine.tables import audit
from tests.patience import late
from tests.slack.conftest import RunningBot
from tests.slack.listeners.windows import needed, opened, template, text_of, window_with, written


async def test_create_with_every_field(idle_bot: RunningBot) -> None:
    """Every field of the form arrives under the API's name, once, and the audit row holds none of its values."""
    view = await opened(idle_bot)
    typed = needed(
        idle_bot,
        phone="+351 210 555 010",
        title="Silva onboarding",
        external_id="CRM-7",
        auto_emails="1",
        folder_id="12",
        custom="A note",
        webhook_url="https://example.com/clust",
        webhook_events=["created", "late"],
    )
    exchange = await idle_bot.slack.submit(view, typed)
    assert exchange.view
    assert "Created" in text_of(exchange.view)
    contact = {"firstname": "Ana", "lastname": "Silva", "email": "ana@example.com", "phone": "+351 210 555 010"}
    assert written(idle_bot) == [
        (
            "POST",
            "/dossiers",
            {
                "template_id": int(template(idle_bot)),
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
    (row,) = await idle_bot.rows(sa.select(audit))
    assert (row["action"], row["outcome"], row["target"], row["detail"]) == ("create", "ok", "4", "")


async def test_a_refusal_stands_under_its_field(idle_bot: RunningBot) -> None:
    """M1: Clust's refusal is shown in time under its field, by our name."""
    view = await opened(idle_bot)
    exchange = await idle_bot.slack.submit(view, needed(idle_bot, first_name="x" * 255, custom="y" * 300))
    assert set(exchange.errors) == {"custom"}
    assert [row["outcome"] for row in await idle_bot.rows(sa.select(audit))] == ["refused"]


async def test_a_new_template_is_made_once(idle_bot: RunningBot) -> None:
    """M2: a new template is created first, and not a second time after the application was refused."""
    view = await opened(idle_bot)
    await idle_bot.slack.click(view, "template_id", value="new")
    view = await window_with(idle_bot, "new_template")
    typed = needed(idle_bot, template_id="new", new_template="KYC 2027")
    exchange = await idle_bot.slack.submit(view, {**typed, "custom": "y" * 300})
    assert set(exchange.errors) == {"custom"}
    await idle_bot.slack.submit(view, {**typed, "custom": "y"})
    assert [(path, body.get("title")) for _, path, body in written(idle_bot)] == [
        ("/templates", "KYC 2027"),
        ("/dossiers", None),
        ("/dossiers", None),
    ]
    assert written(idle_bot)[2][2]["template_id"] == max(idle_bot.account.templates)


async def test_a_late_refusal_shows_what_was_typed(idle_bot: RunningBot) -> None:
    """M1: the form says that it is saving, and a late refusal shows it again with what was typed and the error."""
    view = await opened(idle_bot)
    with late(idle_bot.account):
        exchange = await idle_bot.slack.submit(view, needed(idle_bot, custom="y" * 300))
        assert exchange.view
        assert "Saving" in text_of(exchange.view)
    view = await window_with(idle_bot, "custom field")
    assert "ana@example.com" in text_of(view)
    await idle_bot.slack.submit(view, {"custom": "short"})
    assert written(idle_bot)[-1][2]["contact"]["email"] == "ana@example.com"
    assert len(written(idle_bot)) == 2


async def test_a_closed_form_is_resumed_from_a_direct_message(idle_bot: RunningBot) -> None:
    """M1: after closing the form the person gets a direct message, and Resume opens it with what was typed."""
    view = await opened(idle_bot)
    with late(idle_bot.account):
        exchange = await idle_bot.slack.submit(view, needed(idle_bot, custom="y" * 300))
        assert exchange.view
        await idle_bot.slack.close_view(exchange.view)
    (message,) = await idle_bot.direct_messages("mei", "What you typed is kept for a day.")
    await idle_bot.press(message, "Resume", user="mei")
    view = await window_with(idle_bot, "ana@example.com")
    await idle_bot.slack.submit(view, {"custom": "short"})
    assert len(written(idle_bot)) == 2


async def test_an_unknown_outcome_is_looked_for_and_found(idle_bot: RunningBot) -> None:
    """M1: after an unknown outcome nothing is sent again, but Check finds what was created."""
    view = await opened(idle_bot)
    idle_bot.account.faults.disconnect = True
    exchange = await idle_bot.slack.submit(view, needed(idle_bot, title="Silva"))
    assert exchange.view
    idle_bot.account.faults.disconnect = False
    await idle_bot.press(exchange.view, "Check")
    await window_with(idle_bot, "Created")
    assert len(written(idle_bot)) == 1
    assert [row["outcome"] for row in await idle_bot.rows(sa.select(audit).order_by(audit.c.id))] == ["unknown", "ok"]


async def test_an_unknown_outcome_that_is_not_found_is_sent_again(idle_bot: RunningBot) -> None:
    """M1: if Check finds nothing, the person can send again exactly what was typed."""
    view = await opened(idle_bot)
    idle_bot.account.faults.disconnect = True
    exchange = await idle_bot.slack.submit(view, needed(idle_bot, title="Silva"))
    assert exchange.view
    idle_bot.account.faults.disconnect = False
    idle_bot.account.remove(4)
    await idle_bot.press(exchange.view, "Check")
    view = await window_with(idle_bot, "Send again")
    await idle_bot.press(view, "Send again")
    await window_with(idle_bot, "Created")
    first, second = written(idle_bot)
    assert first == second


async def test_back_to_the_form_where_check_found_nothing(idle_bot: RunningBot) -> None:
    """M1: instead of sending again the person can go back, change something and submit."""
    view = await opened(idle_bot)
    idle_bot.account.faults.disconnect = True
    exchange = await idle_bot.slack.submit(view, needed(idle_bot, title="Silva"))
    assert exchange.view
    idle_bot.account.faults.disconnect = False
    idle_bot.account.remove(4)
    await idle_bot.press(exchange.view, "Check")
    await idle_bot.press(await window_with(idle_bot, "Send again"), "Back to the form")
    view = await window_with(idle_bot, "first_name", "ana@example.com")
    await idle_bot.slack.submit(view, {"title": "Silva 2"})
    await window_with(idle_bot, "Created")
    assert [body["title"] for _, _, body in written(idle_bot)] == ["Silva", "Silva 2"]


async def test_a_template_with_an_unknown_outcome_is_not_created_again(idle_bot: RunningBot) -> None:
    """M2: a template that may exist is not created a second time, and no application is created with it."""
    view = await opened(idle_bot)
    await idle_bot.slack.click(view, "template_id", value="new")
    view = await window_with(idle_bot, "New template title")
    idle_bot.account.faults.disconnect = True
    exchange = await idle_bot.slack.submit(view, needed(idle_bot, template_id="new", new_template="KYC 2"))
    assert exchange.view
    idle_bot.account.faults.disconnect = False
    assert [(method, path) for method, path, _ in written(idle_bot)] == [("POST", "/templates")]
    await idle_bot.press(exchange.view, "Check")
    await idle_bot.press(await window_with(idle_bot, "Send again"), "Send again")
    await window_with(idle_bot, "Created")
    assert [(method, path) for method, path, _ in written(idle_bot)] == [("POST", "/templates"), ("POST", "/dossiers")]


async def test_check_ignores_applications_from_before(idle_bot: RunningBot) -> None:
    """M1: an older application of the same recipient is not taken for the new one."""
    idle_bot.account.change(1, contact={"email": "ana@example.com"})
    view = await opened(idle_bot)
    idle_bot.account.faults.disconnect = True
    exchange = await idle_bot.slack.submit(view, needed(idle_bot))
    assert exchange.view
    idle_bot.account.faults.disconnect = False
    idle_bot.account.remove(4)
    await idle_bot.press(exchange.view, "Check")
    await window_with(idle_bot, "Send again")
