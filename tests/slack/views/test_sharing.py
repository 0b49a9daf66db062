"""*Share here* asks for confirmation before personal data is posted to a channel (fault B12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import Snapshot
from bot.slack.views.applications.form_outcomes import created
from bot.slack.views.applications.lists import ListPage, application_list
from bot.slack.views.building.blocks import message
from bot.slack.views.channels.subscriptions import confirm_shared_list, confirm_shared_response
from bot.slack.views.console import CallAnswer, answered

Read = Callable[[Any], list[str]]


def questions(shared: Any) -> list[str]:
    """Return the confirmation texts of a message's buttons."""
    every = [one for block in shared.blocks if block["type"] == "actions" for one in block["elements"]]
    return [one["confirm"]["text"]["text"] for one in every if "confirm" in one]


@pytest.mark.parametrize("path", ["/contacts", "/dossiers?search=" + "x" * 3000, "/<!channel>"])
def test_sharing_an_answer_of_the_console_asks(read: Read, path: str) -> None:
    """B12: the confirmation names the content, the channel, and possible email addresses and phone numbers."""
    answer = answered(CallAnswer("GET", path, 200, 0.1, "{}", 2, truncated=False), "d1")
    assert read(answer)[-1] == "[Share here? api.share d1]"
    (question,) = questions(answer)
    assert question.startswith(f"Everyone in the channel where you asked will see Clust's response to GET {path[:80]}")
    assert question.endswith("It may contain email addresses, phone numbers and other personal data.")


@pytest.mark.parametrize(
    ("filter_text", "asks"),
    [
        ("recipient:ana@acme.example", True),
        ('"+351 555 0100"', True),
        ("late:yes", False),
        ("created:<7d", False),
        ("", False),
    ],
)
def test_sharing_a_list_asks_if_its_filter_has_personal_data(
    read: Read, now: datetime, acme: Application, filter_text: str, asks: bool
) -> None:
    """B12: it asks only if the filter in the heading contains personal data, since rows show names alone."""
    page = ListPage((Snapshot(acme, StatusClass.OPEN),), 1, now, filter_text=filter_text, explained=filter_text)
    assert ("[Share here?" in read(application_list(page))[-1]) is asks
    assert [filter_text in question for question in questions(application_list(page))] == [True] * asks


def test_what_was_created_is_shared_without_personal_data(read: Read, acme: Application) -> None:
    """B12: the shared card has no email address or phone number, so nothing is asked."""
    assert questions(created(acme, "d1")) == []
    assert any(line.startswith("[Share here application.share") for line in read(created(acme, "d1")))


def test_an_admin_is_warned_before_another_organization_reads_a_response() -> None:
    """B12, W2: in a shared channel, the confirmation for a response warns of more than the one for a list."""
    assert "email addresses" in questions(confirm_shared_response("C1", "call d1"))[0]
    assert "email addresses" not in questions(message(*confirm_shared_list("C1", "share x").blocks))[0]
