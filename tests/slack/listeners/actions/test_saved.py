"""Saved actions as they are sent: at once or after a question, and never with a value that leaves its place."""

from __future__ import annotations

from bot.core.saved_actions.request_template import RequestTemplate
from bot.core.saved_actions.saved_action import SavedAction
from tests.slack.conftest import RunningBot
from tests.slack.listeners.actions.test_using import (
    APPROVE,
    acting,
    opened,
    save,
    writes,
)

__all__ = ["acting"]


async def test_an_action_without_a_question_is_done_at_once(acting: RunningBot) -> None:
    """The window shows the result, also if Clust rejects it."""
    await save(acting, APPROVE)
    await acting.ask("do 1 approve")
    await opened(acting, "Only a submitted dossier can be approved")
    acting.account.submit(2)
    await acting.ask("do 2 approve")
    await opened(acting, "Clust accepted it", "Approved")


async def test_a_value_that_would_change_the_request_is_refused(acting: RunningBot) -> None:
    """The error is shown below the field, and nothing is sent."""
    await save(acting, SavedAction("Move", RequestTemplate.parse("POST", "/dossiers/{id}/{text}")))
    await acting.ask("do 1 move")
    view = await opened(acting, "Acme")
    for typed in ("../users", "..", "%2f", "a/b"):
        exchange = await acting.slack.submit(view, {"text": typed})
        assert "can't be part of a path" in exchange.errors["text"]
    assert writes(acting) == []
