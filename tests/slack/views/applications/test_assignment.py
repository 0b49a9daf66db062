"""Assigning an application: the window, and what everyone concerned reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.core.applications.model import Application, StatusClass
from bot.slack.views.applications import assignment
from bot.slack.views.building import ids

Read = Callable[[Any], list[str]]


@pytest.mark.parametrize("assignee", [None, "U7"])
def test_the_window_names_the_application_and_who_has_it(read: Read, acme: Application, assignee: str | None) -> None:
    """An empty field unassigns, so it is optional."""
    view = assignment.assign_form(acme, assignee)
    assert "Acme &amp; Sons" in read(view)[0]
    (field,) = [block for block in view["blocks"] if block["type"] == "input"]
    assert (view["callback_id"], view["private_metadata"], field["optional"]) == (ids.ASSIGN, "123", True)
    assert field["element"].get("initial_user") == assignee


@pytest.mark.parametrize(
    ("before", "first"),
    [
        (None, "👤 Assigned to you. You'll be"),
        ("U1", "👤 Assigned to you. You'll be"),
        ("U2", "👤 Assigned to you. It was assigned to <@U2> before. You'll be"),
    ],
)
def test_the_assignee_reads_who_had_it(read: Read, before: str | None, first: str) -> None:
    """With a button that turns mentions off, or on again."""
    lines = read(assignment.assigned("U1", before, wants_mentions=True))
    assert lines[0].startswith(first)
    assert lines[1] == "[Turn mentions off person.mentions off]"
    assert read(assignment.assigned("U1", before, wants_mentions=False))[1] == "[Mention me person.mentions on]"


def test_someone_else_reads_who_assigned_what(read: Read, acme: Application) -> None:
    """With everything that can be done."""
    lines = read(assignment.assigned_by("U1", acme, StatusClass.OPEN))
    assert lines[0] == "👤 <@U1> assigned this to you."
    assert lines[1].endswith("|Acme &amp; Sons>* · Ana Silva")
    assert "[Details application.details 123]" in lines
    assert read(assignment.assigned_to("U7")) == ["👤 Assigned to <@U7>. I'll let them know."]


def test_an_unassigned_application_names_the_previous_assignee(read: Read) -> None:
    """And who had it."""
    assert read(assignment.unassigned("U1")) == ["Unassigned. It was assigned to <@U1> before."]
    assert read(assignment.unassigned(None)) == ["This application isn't assigned to anyone."]
