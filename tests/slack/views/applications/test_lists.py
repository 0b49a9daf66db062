"""A page of applications."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import Snapshot
from bot.slack.views.applications.lists import MAX_ROWS, ListPage, application_list
from bot.slack.views.building import ids

Read = Callable[[Any], list[str]]

LINK = "<https://clust.example/dossiers/123?a=1&amp;b=2|Acme &amp; Sons>"


@pytest.fixture
def acme_row(acme: Application) -> Snapshot:
    """Return the row of which everything is known."""
    return Snapshot(acme, StatusClass.OPEN)


def test_a_page_in_the_middle(read: Read, now: datetime, acme_row: Snapshot) -> None:
    """Each row has its Details. The buttons lead back and on, and carry filter, limit and page."""
    rows = (acme_row, Snapshot(Application(id="5"), gone=True))
    page = ListPage(rows, 26, now, 1, None, "late:yes", "late", now - timedelta(minutes=2))
    assert read(application_list(page)) == [
        "26 applications match, newest changes first",
        "Filter: *late*",
        f"{LINK} · Ana Silva",
        "#123 · ⏰ late · Ongoing · 4 of 7 items done",
        "[Assign to me card.more:take take 123]",
        "[Details application.details 123]",
        "[Update application.update 123]",
        "[… card.more]",
        "Application 5",
        "#5 · no longer in Clust",
        "[Details application.details 5]",
        "[… card.more]",
        "  Page 2 of 3 · Updated 2 minutes ago",
        '[Previous list.page:previous {"filter":"late:yes","limit":null,"page":0}]',
        '[Next list.page:next {"filter":"late:yes","limit":null,"page":2}]',
        '[Share here list.share {"filter":"late:yes","limit":null,"page":1}]',
    ]
    assert ids.kind("list.page:next") == ids.LIST_PAGE


@pytest.mark.parametrize(
    ("limit", "total", "page", "heading", "where", "turns"),
    [
        (None, 25, 2, "25 applications, newest", "Page 3 of 3", ["previous"]),
        (15, 120, 0, "First 15 of 120 applications, newest", "", []),
        (25, 120, 0, "First 25 of 120 applications, newest", "Page 1 of 3", ["next"]),
        (25, 120, 1, "First 25 of 120 applications, newest", "Page 2 of 3", ["previous", "next"]),
        (25, 120, 2, "First 25 of 120 applications, newest", "Page 3 of 3", ["previous"]),
        (1000, 1200, 98, "First 1,000 of 1,200 applications, newest", "Page 99 of 100", ["previous", "next"]),
        (1000, 1200, 99, "First 1,000 of 1,200 applications, newest", "Page 100 of 100", ["previous"]),
        (20, 20, 0, "20 applications, newest", "", []),
        (50, 12, 1, "12 applications, newest", "Page 2 of 2", ["previous"]),
        (1, 2, 0, "First 1 of 2 applications, newest", "", []),
    ],
)
def test_a_limit_bounds_the_whole_list(
    read: Read,
    now: datetime,
    acme_row: Snapshot,
    limit: int | None,
    total: int,
    page: int,
    heading: str,
    where: str,
    turns: list[str],
) -> None:
    """C13: the heading says so, Next stops there, and each button carries it."""
    lines = read(application_list(ListPage((acme_row,), total, now, page, limit)))
    assert lines[0].startswith(heading)
    assert where in lines[7]
    assert ("Page" in lines[7]) is bool(where)
    assert [line.split(":")[1].split(" ")[0] for line in lines if "list.page:" in line] == turns
    assert all(f'"limit":{limit or "null"},' in line for line in lines if "list." in line)


def test_a_single_page_leads_nowhere(read: Read, now: datetime, acme_row: Snapshot) -> None:
    """Without a filter and without other pages there is only Share here."""
    lines = read(application_list(ListPage((acme_row,), 1, now, read_at=now)))
    assert lines[0] == "1 application in total"
    assert lines[-2:] == ["  Updated just now", '[Share here list.share {"filter":"","limit":null,"page":0}]']


def test_a_shared_page_has_the_buttons_of_a_card_and_turns_no_pages(
    read: Read, now: datetime, acme_row: Snapshot
) -> None:
    """It says who shared it, and holds no contact data beyond the name."""
    page = ListPage(
        (acme_row,), 30, now, limit=25, filter_text="late:yes", explained="late", read_at=now, shared_by="U123"
    )
    lines = read(application_list(page))
    assert lines == [
        "First 25 of 30 applications that match, newest changes first",
        "Filter: *late*",
        f"{LINK} · Ana Silva",
        "#123 · ⏰ late · Ongoing · 4 of 7 items done",
        "[Assign to me card.more:take take 123]",
        "[Details application.details 123]",
        "[Update application.update 123]",
        "[… card.more]",
        "  Page 1 of 3 · Updated just now · Shared by <@U123>",
    ]


@pytest.mark.parametrize(
    ("page", "lines"),
    [
        (
            {"total": 0, "filter_text": "late:yes", "explained": "late"},
            [
                "No applications match.",
                "Filter: *late*",
                "Try `/clust list` without a filter or with a broader one, such as `/clust list status:open`.",
                "  Updated just now",
            ],
        ),
        (
            {"total": 0},
            [
                "No applications yet.",
                "As soon as one is created in Clust, `/clust list` will show it.",
                "  Updated just now",
            ],
        ),
        (
            {"total": 12, "page": 4},
            [
                "12 applications, newest changes first",
                "This page is empty because the list got shorter.",
                "  Updated just now",
                '[Previous list.page:previous {"filter":"","limit":null,"page":1}]',
            ],
        ),
    ],
)
def test_an_empty_list_says_what_to_try(read: Read, now: datetime, page: dict[str, Any], lines: list[str]) -> None:
    """Nothing matches, nothing is there, or the page is past the end."""
    assert read(application_list(ListPage((), now=now, read_at=now, **page))) == lines


@pytest.mark.parametrize(
    ("live", "age"),
    [
        (True, "Clust's first page, read just now. I'm still reading everything for the first time."),
        (False, "Not read from Clust yet"),
    ],
)
def test_a_list_before_the_baseline_is_labeled(
    read: Read, now: datetime, acme_row: Snapshot, live: bool, age: str
) -> None:
    """Page 1 of Clust says that it is that (rule L1)."""
    assert f"  {age}" in read(application_list(ListPage((acme_row,), 1, now, live=live)))


def test_twenty_rows_of_the_longest_texts_fit(read: Read, now: datetime) -> None:
    """Long titles, names and addresses are cut or left to Details. Slack takes the page."""
    url = "https://clust.example/" + "x" * 228
    raw = {"id": "9" * 100, "title": "T" * 10_000, "status_string": "S" * 500, "contact": {"full_name": "N" * 300}}
    row = Snapshot(Application.model_validate({**raw, "secured_list_url": url, "is_late": True}), None)
    page = ListPage((row,) * 30, 90, now, 0, MAX_ROWS, "f" * 500, "e" * 2000, now)
    assert sum(line.startswith("[Details") for line in read(application_list(page))) == MAX_ROWS


def test_a_row_with_a_very_long_address_has_no_link(read: Read, now: datetime) -> None:
    """Twenty of them would not fit into one message."""
    application = Application(id="5", title="Acme", secured_list_url="https://clust.example/" + "x" * 300)
    assert read(application_list(ListPage((Snapshot(application),), 1, now)))[1] == "Acme"


def test_a_button_never_carries_more_than_slack_takes(read: Read, now: datetime, acme_row: Snapshot) -> None:
    """A filter too long for a value leaves the buttons out, but one that fits comes back as it was."""
    filter_text = 'title:"KYC été" -late:yes'
    value = ListPage((), 0, now, filter_text=filter_text).value(3)
    assert json.loads(value or "") == {"filter": filter_text, "limit": None, "page": 3}
    long = ListPage((acme_row,), 60, now, 1, filter_text="x" * 2000, explained="x")
    assert read(application_list(long))[-1] == "  Page 2 of 6 · Not read from Clust yet"


def test_finished_work_is_not_late_in_a_list(read: Read, now: datetime, acme: Application) -> None:
    """C4: Clust's flag stays when the work is done."""
    lines = read(application_list(ListPage((Snapshot(acme, StatusClass.CLOSED),), 1, now)))
    assert "#123 · Ongoing · 4 of 7 items done" in lines
