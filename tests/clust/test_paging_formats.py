"""The paging of a list's answer, in every known form (rule R4)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clust.paging_formats import MAX_LINK_LENGTH, Paging, count, query_of, read_paging
from bot.clust.protocol import decipher_page, list_dossiers
from bot.core.errors import ClustBroken

LINK = "https://clust.invalid/api/dossiers?page=2"


@pytest.mark.parametrize(
    ("members", "paging"),
    [
        ({}, Paging()),
        (
            {
                "current_page": 1,
                "last_page": 3,
                "per_page": 2,
                "total": 5,
                "next_page_url": LINK,
                "links": [{"url": 1}],
            },
            Paging(5, 2, 1, 3, has_next=True, next_link=LINK),
        ),
        ({"current_page": 2, "per_page": 2, "next_page_url": None}, Paging(None, 2, 2, is_last=True)),
        (
            {"meta": {"current_page": 1, "per_page": 2}, "links": {"first": "x", "last": None, "next": LINK}},
            Paging(None, 2, 1, has_next=True, next_link=LINK),
        ),
        (
            {"meta": {"per_page": 2, "next_cursor": "a="}, "links": {"next": None}},
            Paging(None, 2, has_next=True, next_link="?cursor=a%3D"),
        ),
        ({"next_cursor": 7}, Paging(has_next=True, next_link="?cursor=7")),
        ({"next_cursor": None}, Paging(is_last=True)),
        (
            {"meta": {"pagination": {"total": 9, "per_page": 3, "current_page": 1, "total_pages": 3, "links": {}}}},
            Paging(9, 3, 1, 3, has_next=True),
        ),
        ({"current_page": "1", "last_page": "2", "total": " 1,250 "}, Paging(1250, None, 1, 2, has_next=True)),
        ({"current_page": 2, "last_page": 2, "next_page_url": None}, Paging(None, None, 2, 2, is_last=True)),
        ({"current_page": 1, "last_page": 2, "next_page_url": None}, Paging(None, None, 1, 2, has_next=True)),
        ({"links": {"next": {"href": LINK}}}, Paging(has_next=True, next_link=LINK)),
        ({"links": {"next": 2}}, Paging(has_next=True, next_link="?page=2")),
        ({"links": {"next": True}}, Paging(has_next=True)),
        ({"links": {"next": "x" * (MAX_LINK_LENGTH + 1)}}, Paging(has_next=True)),
        ({"meta": [], "links": "x", "total": [5], "per_page": None, "last_page": -1}, Paging()),
    ],
)
def test_every_known_form_of_paging_is_read(members: dict[str, Any], paging: Paging) -> None:
    """A9: totals, lengths, numbers and the next page are read wherever a paginator of Laravel's puts them."""
    assert read_paging(members) == paging


@pytest.mark.parametrize(
    ("value", "number"),
    [(5, 5), ("5", 5), (" 5 ", 5), (5.0, 5), ("1 250", 1250), ("1'250'000", 1_250_000), ("12,50", None), (5.5, None)],
)
def test_a_count_may_be_a_text(value: object, number: int | None) -> None:
    """A9: a number counts as one, as text and with its thousands apart, but what could be another number doesn't."""
    assert count(value) == number


@pytest.mark.parametrize(
    ("link", "query"),
    [
        (LINK, {"page": "2"}),
        ("?cursor=a%3D&per_page=15", {"cursor": "a="}),
        ("x", {}),
        ("https://[", {}),
        ("", {}),
    ],
)
def test_a_link_is_its_query(link: str, query: dict[str, str]) -> None:
    """A9: of a link only the query counts, without the page's length, which is ours."""
    assert query_of(link) == query
    expected: dict[str, str | int] = {**query} if query else {"page": 2}
    assert list_dossiers(2, link=link).query == {**expected, "per_page": 100}


values = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=3)
names = st.sampled_from(["total", "per_page", "current_page", "last_page", "next_page_url", "next_cursor", "next"])
objects = st.dictionaries(names, values)


@given(objects, objects | values, objects | values)
def test_any_paging_is_understood_or_left_out(top: dict[str, Any], meta: Any, links: Any) -> None:
    """Whatever stands there, it is read without an error, and nothing is promised and denied at once."""
    paging = read_paging({**top, "meta": meta, "links": links})
    assert not (paging.has_next and paging.is_last)
    assert paging.has_next or not paging.next_link
    query_of(paging.next_link)


def page(answer: Any) -> list[str]:
    """Return the ids of the applications in an answer."""
    return [row.id for row in decipher_page(200, {}, json.dumps(answer).encode()).rows]


@pytest.mark.parametrize(
    "answer",
    [
        [{"id": 4}, {"id": 5}],
        {"data": [{"id": 4}, {"id": 5}]},
        {"data": {"4": {"id": 4}, "5": {"id": 5}}},
        {"data": {"0": {"id": 4}, "2": {"id": 5}}},
        {"data": {"4": {"title": "a"}, "5": {}}},
        {"data": {"data": [{"id": 4}, {"id": 5}], "total": 2}},
        {"data": {"data": {"4": {"id": 4}, "5": {"id": 5}}, "total": 2}},
    ],
)
def test_rows_stand_in_many_places(answer: Any) -> None:
    """A9: bare, in `data`, there by their ids or by PHP's numbers, or in an answer inside `data`."""
    assert page(answer) == ["4", "5"]


def test_paging_inside_data_is_read() -> None:
    """A9: what stands beside the rows is read where they are."""
    answer = {"data": {"data": [{"id": 1}], "total": 3, "current_page": 1}}
    assert decipher_page(200, {}, json.dumps(answer).encode()).paging == Paging(3, None, 1)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"dossiers": [{"id": 1}], "meta": {}}, "The response has no list. It only has: dossiers, meta."),
        ({"data": {"id": 1, "title": "a"}}, "The response has no list."),
        ({"data": {"contact": {"id": 1}}}, "The response has no list."),
        ({"data": {"data": {"data": []}}}, "The response has no list."),
        ({"data": "none", "total": 0}, "The response has no list. It only has: total."),
    ],
)
def test_what_is_no_list_says_what_it_is(answer: Any, sentence: str) -> None:
    """A9: an answer whose rows can't be found is an error that says what is there, and never an empty list."""
    with pytest.raises(ClustBroken) as failed:
        page(answer)
    assert failed.value.detail == sentence
