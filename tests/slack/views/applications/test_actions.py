"""The same actions wherever an application is shown (fault C5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.core.applications.actions import actions_for
from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import Snapshot
from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.messages import Card
from bot.core.permissions import Role
from bot.sandbox.slack.block_kit.elements import elements
from bot.slack.views.admin.status_troubles import StatusReport
from bot.slack.views.applications.cards import event_card
from bot.slack.views.applications.details import ApplicationView, application_answer, application_details
from bot.slack.views.applications.form_outcomes import created, shared_application
from bot.slack.views.applications.lists import ListPage, application_list
from bot.slack.views.building import ids
from bot.slack.views.home import HomeView, home

Read = Callable[[Any], list[str]]
Place = Callable[[Application, datetime, Role, str | None], Any]


def view_of(acme: Application, now: datetime, role: Role, assignee: str | None) -> ApplicationView:
    """Return what `show` and Details show."""
    return ApplicationView(acme, StatusClass.OPEN, now, role=role, assignee=assignee)


def home_of(acme: Application, now: datetime, role: Role, assignee: str | None) -> Any:
    """Return a Home with one late application."""
    snapshot = Snapshot(acme, StatusClass.OPEN, assignee=assignee)
    return home(
        HomeView(StatusReport(now, clust_reachable=True, poll_interval=timedelta(seconds=60)), role, [(snapshot, now)])
    )


def list_of(acme: Application, now: datetime, role: Role | None, assignee: str | None) -> Any:
    """Return a list of one application."""
    return application_list(ListPage((Snapshot(acme, StatusClass.OPEN, assignee=assignee),), 1, now, role=role))


def card_of(acme: Application, _now: datetime, _role: Role, assignee: str | None) -> Any:
    """Return the card in a channel."""
    return event_card(Card("late", acme, StatusClass.OPEN, MessageStyle(), assignee), lambda _: "https://slack.example")


FOR_ONE: Mapping[str, Place] = {
    "show": lambda *arguments: application_answer(view_of(*arguments)),
    "Details": lambda *arguments: application_details(view_of(*arguments)),
    "list": list_of,
    "Home": home_of,
    "created": lambda acme, _now, role, _assignee: created(acme, "d1", role),
}
FOR_ALL: Mapping[str, Place] = {
    "card": card_of,
    "shared list": lambda acme, now, _role, assignee: list_of(acme, now, None, assignee),
    "shared application": lambda acme, _now, _role, _assignee: shared_application(acme, "U1"),
}
HAS_TITLE_LINK = ("list", "Home", "shared list")
"""Where the title opens Clust, so that no button does."""


def offered(surface: Any) -> set[str]:
    """Return the names of what a message or view lets one do with application 123."""
    names = set()
    by_id = {ids.DETAILS: "details", ids.UPDATE: "update", ids.OPEN_IN_CLUST: "open", ids.DELETE: "delete"}
    for _, one in elements(surface["blocks"] if isinstance(surface, dict) else surface.blocks):
        if name := by_id.get(one["action_id"]):
            names.add(name)
        if ids.kind(one["action_id"]) == ids.MORE:
            values = [each["value"] for each in one.get("options", [one])]
            assert all(value.endswith(" 123") for value in values)
            names |= {value.partition(" ")[0] for value in values}
    return names


@pytest.mark.parametrize("place", [*FOR_ONE, *FOR_ALL])
@pytest.mark.parametrize("role", list(Role)[1:])
@pytest.mark.parametrize("assignee", [None, "U7"])
def test_every_place_offers_the_same(
    read: Read, acme: Application, now: datetime, place: str, role: Role, assignee: str | None
) -> None:
    """C5: to one person what their role allows, to a channel everything. Details are not offered in Details."""
    surface = {**FOR_ONE, **FOR_ALL}[place](acme, now, role, assignee)
    assert read(surface)
    knows_taker = place not in {"created", "shared application"}
    of_whom = None if place in FOR_ALL else role
    expected = {row.name for row in actions_for(of_whom, StatusClass.OPEN, assigned=bool(assignee) and knows_taker)}
    expected -= {"details"} if place in {"show", "Details"} else set()
    expected -= {"open"} if place in HAS_TITLE_LINK else set()
    assert offered(surface) == expected
    assert acme.secured_list_url
    assert "clust.example/dossiers/123" in "".join(read(surface)), "it opens in Clust"


@pytest.mark.parametrize(
    "place", [name for name in (*FOR_ONE, *FOR_ALL) if name not in {"created", "shared application"}]
)
def test_every_place_names_the_assignee(read: Read, acme: Application, now: datetime, place: str) -> None:
    """C5: Details and `show` did not."""
    surface = {**FOR_ONE, **FOR_ALL}[place](acme, now, Role.EDITOR, "U7")
    assert "<@U7>" in "".join(read(surface))
