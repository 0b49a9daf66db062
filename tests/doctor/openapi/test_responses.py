"""What lists say of their pages, and the shapes of errors."""

from __future__ import annotations

import pytest

from bot.core.clust_api.dialect import ApiDialect
from bot.doctor.openapi.difference import Difference
from bot.doctor.openapi.locating import LocatedOperation
from bot.doctor.openapi.responses import compared_errors, compared_paging
from tests.doctor.openapi.examples import below, fields, operation

USUAL = ApiDialect()


def pairs(differences: list[Difference]) -> dict[str, str]:
    """Return the pairs of differences, all of which are for one setting."""
    assert all(each.setting == "CLUST_RESPONSES" for each in differences)
    return {ours: theirs for each in differences for ours, theirs in each.pairs}


@pytest.mark.parametrize(
    ("types", "follows"),
    [
        ({"meta__total": "integer", "meta__last_page": "integer", "links__next": "string"}, {}),
        ({"total": "integer", "next_page_url": "string"}, {}),
        ({"pagination__total_pages": "integer"}, {}),
        ({"next_cursor": "string"}, {}),
        (
            {"paging__count": "integer", "paging__pages": "integer"},
            {"total": "paging.count", "last_page": "paging.pages"},
        ),
        ({"page_info__nextUrl": "string"}, {"next": "page_info.nextUrl"}),
        ({"pageNumber": "integer", "pageSize": "integer"}, {"current_page": "pageNumber", "per_page": "pageSize"}),
        ({"count": "object"}, {}),
        ({}, {}),
    ],
)
def test_names_of_paging(types: dict[str, str], follows: dict[str, str]) -> None:
    """Laravel's paginators need no setting. Other names have one, whatever their place and case."""
    listed = {**below("data[]", fields(total="integer")), **fields(**types)}
    assert pairs(list(compared_paging(listed, "data[]", USUAL))) == follows


def test_paging_that_was_set() -> None:
    """A name that a setting has is what the bot reads."""
    dialect = ApiDialect.parse(responses="total=paging.count")
    assert list(compared_paging(fields(paging__count="integer"), "data[]", dialect)) == []


@pytest.mark.parametrize(
    ("types", "follows"),
    [
        ({"message": "string", "errors": "object"}, {}),
        ({"error": "string"}, {}),
        ({"errors": "array", "errors_each": "string", "message": "string"}, {}),
        ({}, {}),
        ({"error": "object", "error__message": "string"}, {"message": "error.message"}),
        ({"detail": "string", "title": "string"}, {"message": "detail"}),
        (
            {"message": "string", "errors": "array", "errors_each__field": "string", "errors_each__message": "string"},
            {"field": "field", "text": "message"},
        ),
        (
            {
                "detail": "string",
                "violations": "array",
                "violations_each__path": "string",
                "violations_each__title": "",
            },
            {"message": "detail", "errors": "violations", "field": "path", "text": "title"},
        ),
    ],
)
def test_shapes_of_errors(types: dict[str, str], follows: dict[str, str]) -> None:
    """Laravel's shape needs no setting. A list of errors, and a message elsewhere, have one."""
    located = LocatedOperation(operation("POST /dossiers", failures=fields(**types)), "/dossiers")
    assert pairs(list(compared_errors({"create": located}, USUAL))) == follows


def test_errors_that_were_set() -> None:
    """The places that settings have are what the bot reads."""
    dialect = ApiDialect.parse(responses="message=detail,errors=list,field=name,text=reason")
    types = {"detail": "string", "list": "array", "list_each__name": "string", "list_each__reason": "string"}
    located = LocatedOperation(operation("GET /dossiers", failures=fields(**types)), "/dossiers")
    assert list(compared_errors({"list": located}, dialect)) == []
    assert list(compared_errors({}, dialect)) == []
