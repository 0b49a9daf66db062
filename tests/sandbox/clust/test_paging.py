"""The members of each kind of Laravel's paginators, as its documentation shows them."""

from __future__ import annotations

from typing import get_args

import pytest

from bot.core.profiles.profile import PagingShape
from bot.sandbox.clust.paging import CURSORS, MEMBERS, SILENT, PageOfRows, as_text, by_id, start_of

FIRST = PageOfRows("https://clust.test/api/dossiers", {"status": "late"}, 1, 1, 2, 3, 0, 2, has_more=True)
LAST = PageOfRows("https://clust.test/api/dossiers", {"status": "late"}, 2, 2, 2, 3, 2, 3, has_more=False)
SECOND_PAGE = "https://clust.test/api/dossiers?page=2"


def test_each_shape_has_its_members() -> None:
    """A row of the table for each shape that a profile can record."""
    assert set(MEMBERS) == set(get_args(PagingShape))


@pytest.mark.parametrize("shape", sorted(SILENT))
def test_a_silent_list_says_nothing_beside_its_rows(shape: PagingShape) -> None:
    """Neither a total nor a link."""
    assert MEMBERS[shape](FIRST) == {}


@pytest.mark.parametrize("shape", sorted(set(MEMBERS) - SILENT - {"meta"}))
def test_a_page_has_the_address_of_the_next_one(shape: PagingShape) -> None:
    """The last page has none. Only the link in `links.next` of Clust's own form keeps the other arguments."""

    def next_of(page: PageOfRows) -> object:
        members = MEMBERS[shape](page)
        return members["next_page_url"] if "next_page_url" in members else members["links"]["next"]

    expected = {
        "full": f"{FIRST.url}?status=late&page=2",
        "cursor": FIRST.next_cursor_page,
        "cursor_meta": FIRST.next_cursor_page,
    }
    assert next_of(FIRST) == expected.get(shape, SECOND_PAGE)
    assert next_of(LAST) is None


def test_a_page_counts_its_rows_from_one() -> None:
    """Where the total is known, so is the last page."""
    members = MEMBERS["flat"](LAST)
    assert (members["from"], members["to"], members["total"], members["last_page"]) == (3, 3, 3, 2)
    assert members["prev_page_url"] == "https://clust.test/api/dossiers?page=1"
    assert MEMBERS["simple"](FIRST)["prev_page_url"] is None
    beyond = PageOfRows(FIRST.url, {}, 9, 9, 2, 3, 16, 16, has_more=False)
    assert (MEMBERS["simple"](beyond)["from"], MEMBERS["simple"](beyond)["to"]) == (None, None)
    assert PageOfRows(FIRST.url, {}, 1, 1, 2, 0, 0, 0, has_more=False).last_page == 1


@pytest.mark.parametrize("shape", sorted(CURSORS))
def test_a_cursor_leads_to_the_row_after_the_page(shape: PagingShape) -> None:
    """It is opaque, and the last page has none."""
    members = MEMBERS[shape](FIRST)
    assert start_of(members.get("next_cursor") or members["meta"]["next_cursor"]) == FIRST.stop
    assert LAST.cursor is None


@pytest.mark.parametrize(
    "cursor", [None, "", "!", "bm8=", "e30=", "WzFd", "eyJhZnRlciI6ICJ4In0=", "eyJhZnRlciI6IC0xfQ=="]
)
def test_an_invalid_cursor_begins_again(cursor: str | None) -> None:
    """As in Laravel."""
    assert start_of(cursor) == 0


def test_numbers_as_text_and_rows_by_id() -> None:
    """Two ways in which PHP encodes what is usually otherwise."""
    assert as_text({"meta": {"total": 3}, "more": True, "next": None}) == {
        "meta": {"total": "3"},
        "more": True,
        "next": None,
    }
    assert by_id([b'{"id": 7}', b'{"id": "8"}']) == b'{"7": {"id": 7}, "8": {"id": "8"}}'
