"""What is asked of Clust and what its answers mean, without I/O (`clust-api`, Dossiers and Errors)."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.clust.json_rows import MAX_ROWS
from bot.clust.paging_formats import Paging
from bot.clust.protocol import (
    MAX_PARTS,
    ApiRequest,
    Page,
    RateLimit,
    decipher,
    decipher_application,
    decipher_page,
    get_dossier,
    list_dossiers,
    rate_limit,
)
from bot.core.applications.model import Application
from bot.core.errors import (
    ClustBroken,
    ClustBusy,
    ClustError,
    ClustForbidden,
    ClustNotFound,
    ClustRejected,
    ClustUnauthorized,
)

HTML = b"<!DOCTYPE html><html><body>We'll be right back</body></html>"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

UNPROCESSABLE = f"Status: 422 ({HTTPStatus(422).phrase})."
"""Python 3.13 has another phrase for it than 3.11."""


def refused(status: int, answer: Any, headers: Mapping[str, str] | None = None) -> ClustError:
    """Return the error that an answer means."""
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    with pytest.raises(ClustError) as error:
        decipher(status, headers or {}, body)
    return error.value


def test_requests_of_the_protocol() -> None:
    """A page is asked for by number and length, an application by its id."""
    assert list_dossiers(3) == ApiRequest("GET", "/dossiers", {"page": 3, "per_page": 100})
    assert get_dossier("12") == ApiRequest("GET", "/dossiers/12")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ClustRejected),
        (401, ClustUnauthorized),
        (403, ClustForbidden),
        (404, ClustNotFound),
        (405, ClustRejected),
        (410, ClustNotFound),
        (422, ClustRejected),
        (429, ClustBusy),
        (500, ClustBroken),
        (503, ClustBroken),
        (599, ClustBroken),
    ],
)
def test_every_refusal_says_what_clust_said(status: int, kind: type[ClustError]) -> None:
    """Each status has its error, with Clust's message for people."""
    error = refused(status, {"message": "Too bad."})
    assert type(error) is kind
    assert error.sentence == f"{kind().sentence} Message: Too bad."


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"errors": "first", "message": "second"}, "Message: first"),
        ({"errors": ["one", "two"], "message": "second"}, "Message: one; two"),
        ({"errors": {"contact": "contact_not_found"}, "message": "second"}, "Message: contact: contact_not_found"),
        ({"errors": {"a": ["b", "c"], "d": "e"}}, "Message: a: b; c; d: e"),
        ({"errors": {}, "message": "second", "error": "third"}, "Message: second"),
        ({"errors": [], "message": "", "error": "third", "type": "fourth"}, "Message: third"),
        ({"errors": None, "error": None, "type": "fourth"}, "Message: fourth"),
        ({"errors": 5, "message": ["a"]}, "Message: a"),
        ({"message": "with\n a\x00 break\u202e"}, "Message: with a break"),
        ({}, UNPROCESSABLE),
        ([], UNPROCESSABLE),
        (HTML, UNPROCESSABLE),
        (b"", UNPROCESSABLE),
    ],
)
def test_the_order_in_which_an_error_is_read(answer: Any, sentence: str) -> None:
    """`errors` in any shape comes first, then `message`, `error`, `type`, and at last what the status says."""
    assert refused(422, answer).detail == sentence


def test_unknown_http_statuses_are_named_by_their_number() -> None:
    """A status without a name is shown as a number."""
    assert refused(499, b"").detail == "Status: 499 (unknown status)."
    assert refused(799, b"").detail == "Status: 799 (unknown status)."


def test_fields_are_kept() -> None:
    """What is said of single fields is kept by field, as one line each."""
    error = refused(422, {"message": "No.", "errors": {"contact.email": ["Must be\nvalid.", "Or not."], "x": 5}})
    assert isinstance(error, ClustRejected)
    assert error.fields == {"contact.email": "Must be valid.; Or not."}


def test_what_clust_says_is_cut() -> None:
    """However much is said, a person reads a sentence."""
    assert len(refused(422, {"message": "x" * 10_000}).detail) == 300
    assert len(refused(422, {"errors": ["x" * 50] * 10_000}).detail) == 300
    deep: Any = "x"
    for _ in range(50):
        deep = [deep]
    assert refused(422, {"errors": deep, "message": "shallow"}).detail == "Message: shallow"


@pytest.mark.parametrize("errors", ["no", ["no"], {"contact": "no"}, {"contact": ["no"]}])
@pytest.mark.parametrize("read", [decipher, decipher_application, decipher_page])
def test_errors_in_a_200_are_an_error(errors: Any, read: Callable[..., Any]) -> None:
    """An answer with `errors` is a refusal, whatever its status and whatever else it holds."""
    body = json.dumps({"data": [{"id": 1}], "errors": errors}).encode()
    with pytest.raises(ClustRejected) as error:
        read(200, {}, body)
    assert error.value.detail.endswith("no")


@pytest.mark.parametrize("errors", [None, [], {}, "", False])
def test_no_errors_are_none(errors: Any) -> None:
    """Empty `errors` are no refusal."""
    body = json.dumps({"data": [{"id": 1}], "errors": errors}).encode()
    assert decipher_page(200, {}, body).rows == (Application(id="1"),)


def test_a_429_knows_how_long() -> None:
    """The error of a 429 has the seconds that its header asks for, and none without it."""
    busy, other = refused(429, b"", {"RETRY-AFTER": "7"}), refused(429, b"")
    assert isinstance(busy, ClustBusy)
    assert isinstance(other, ClustBusy)
    assert (busy.retry_after, other.retry_after) == (7, None)


@pytest.mark.parametrize(
    ("headers", "limit"),
    [
        ({"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "59"}, RateLimit(60, 59)),
        ({"x-ratelimit-limit": "60", "x-ratelimit-remaining": "0"}, RateLimit(60, 0)),
        ({"X-RateLimit-Limit": "60"}, None),
        ({"X-RateLimit-Remaining": "60"}, None),
        ({"X-RateLimit-Limit": "0", "X-RateLimit-Remaining": "0"}, None),
        ({"X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "few"}, None),
        ({}, None),
    ],
)
def test_the_rate_limit_is_read_from_headers(headers: dict[str, str], limit: RateLimit | None) -> None:
    """Both headers together tell of a limit, but without either of them none is assumed (R3)."""
    assert rate_limit(headers) == limit


@pytest.mark.parametrize(
    ("body", "headers", "sentence"),
    [
        (HTML, {"Content-Type": "text/html; charset=utf-8"}, "a web page. Check CLUST_API_URL"),
        (b"\n <html>", {}, "a web page. Check CLUST_API_URL"),
        (b"Hello", {"content-type": "TEXT/HTML"}, "a web page. Check CLUST_API_URL"),
        (
            b'{"data": [{"id": 1}, {"i',
            {"content-type": "application/json"},
            "invalid or incomplete JSON",
        ),
        (b"\xff\xfe", {}, "invalid or incomplete JSON"),
        (b"[" * 100_000, {}, "invalid or incomplete JSON"),
    ],
)
@pytest.mark.parametrize("read", [decipher, decipher_application, decipher_page])
def test_an_answer_that_is_no_json(
    body: bytes, headers: dict[str, str], sentence: str, read: Callable[..., Any]
) -> None:
    """A web page is reported as a web page, with the setting to check. Incomplete JSON is reported without it."""
    with pytest.raises(ClustBroken) as error:
        read(200, headers, body)
    assert error.value.detail == f"The response is {sentence}."


@pytest.mark.parametrize("status", [301, 302, 304, 307])
def test_a_redirect_is_not_followed(status: int) -> None:
    """A redirect would carry the token elsewhere, so it is an error."""
    assert refused(status, HTML).detail == f"The response is a redirect ({status}). Check CLUST_API_URL."


@pytest.mark.parametrize(("status", "body"), [(200, b""), (202, b" \n"), (204, b"")])
def test_an_empty_response_is_a_success_only_for_writes(status: int, body: bytes) -> None:
    """No body is a success where nothing is expected, and an error where an application or a list is."""
    assert decipher(status, {}, body) is None
    with pytest.raises(ClustBroken, match="has no application"):
        decipher_application(status, {}, body)
    with pytest.raises(ClustBroken, match="has no list"):
        decipher_page(status, {}, body)


@pytest.mark.parametrize("answer", [{"id": 7, "title": "T"}, {"data": {"id": 7, "title": "T"}}])
def test_an_application_bare_or_in_data(answer: dict[str, Any]) -> None:
    """One application is the object itself or stands in `data`."""
    assert decipher_application(200, {}, json.dumps(answer).encode()) == Application(id="7", title="T")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"data": {"title": "T"}}, "an application without an ID"),
        ({}, "an application without an ID"),
        ({"data": None}, "an application without an ID"),
        ([], "has no application"),
        ([{"id": 7}], "has no application"),
        ("7", "has no application"),
        (None, "has no application"),
    ],
)
def test_what_is_no_application(answer: Any, sentence: str) -> None:
    """An answer without an application says so."""
    with pytest.raises(ClustBroken, match=sentence):
        decipher_application(200, {}, json.dumps(answer).encode())


@pytest.mark.parametrize(
    ("answer", "page"),
    [
        ({"data": []}, Page(())),
        ([], Page(())),
        ([{"id": 1}], Page((Application(id="1"),))),
        ({"data": [{"id": 1}, {"id": "2"}]}, Page((Application(id="1"), Application(id="2")))),
        (
            {"data": [], "meta": {"total": 5, "per_page": 25}, "links": {"next": "x"}},
            Page((), Paging(5, 25, has_next=True, next_link="x")),
        ),
        (
            {"data": [], "meta": {"total": "5", "per_page": "25"}, "links": {"next": None}},
            Page((), Paging(5, 25, is_last=True)),
        ),
        ({"data": [], "meta": {"total": "many"}, "links": []}, Page(())),
        ({"data": [], "meta": [], "links": {"next": ""}}, Page((), Paging(is_last=True))),
        ({"data": [{"title": "x"}, None, 5, {"id": 1}]}, Page((Application(id="1"),), unreadable=3)),
        ({"data": [{"id": 1, "title": [1], "is_late": True}]}, Page((Application(id="1", is_late=True),))),
    ],
)
def test_a_page_of_a_list_is_read(answer: Any, page: Page[Application]) -> None:
    """A list, bare or in `data`, is read with its paging. Rows without an ID are counted and left out."""
    assert decipher_page(200, {}, json.dumps(answer).encode()) == page


@pytest.mark.parametrize("answer", [{"data": {"id": 1}}, {"data": None}, {"id": 1}, "x", 5, None, {}])
def test_what_is_no_page(answer: Any) -> None:
    """An answer without a list is an error, or it would look like an empty one."""
    with pytest.raises(ClustBroken, match="has no list"):
        decipher_page(200, {}, json.dumps(answer).encode())


@pytest.mark.parametrize("number", [-1, -100, 0.5, True, 10**30, "-3"])
def test_a_senseless_count_is_none(number: Any) -> None:
    """An impossible total or page length counts as unknown, on either path."""
    titles: list[Any] = ["as it should be", []]
    for title in titles:
        answer = {"data": [{"id": 1, "title": title}], "meta": {"total": number, "per_page": number}}
        page = decipher_page(200, {}, json.dumps(answer).encode())
        assert (page.paging.total, page.paging.per_page) == (None, None)


def test_a_list_in_which_nothing_has_an_id_is_not_an_empty_list() -> None:
    """B1: rows without IDs are an invalid answer, never an account without applications."""
    with pytest.raises(ClustBroken, match="No row in the list has an ID"):
        decipher_page(200, {}, b'{"data": [{"title": "x"}, {"title": "y"}]}')


def test_a_dossier_that_is_not_found_is_so_with_status_200_too() -> None:
    """B5: Clustdoc may answer 200 with its code, and it means what others answer 404 for."""
    with pytest.raises(ClustNotFound):
        decipher_application(200, {}, b'{"errors": {"dossier": "dossier_not_found"}}')


values = st.none() | st.booleans() | st.integers(-5, 200) | st.floats() | st.text(max_size=8) | st.just("2026-03-02")
rows = st.dictionaries(
    st.sampled_from(["title", "status", "is_late", "progress_percentage", "count_missing_items", "created_at"]), values
)
ids = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=3)
"""What is left of an id once it can be stored is never empty: a NUL or half a character is none."""
contacts = st.dictionaries(st.sampled_from(["firstname", "email", "phone", "phone_number"]), values)


@given(
    st.lists(
        st.tuples(st.integers(1, 9) | ids, rows, contacts),
        min_size=1,
        max_size=4,
    ),
    st.fixed_dictionaries({}, optional={"total": values, "per_page": values}),
    st.fixed_dictionaries({}, optional={"next": st.none() | st.text(max_size=3)}),
)
def test_both_ways_of_reading_a_page_agree(
    answer: list[tuple[Any, dict[str, Any], dict[str, Any]]], meta: dict[str, Any], links: dict[str, Any]
) -> None:
    """The tolerant path, taken for a row that the fast one can't read, reads all the others as the fast one does."""
    data = [{"id": number, **row, "contact": contact} for number, row, contact in answer]
    fast = decipher_page(200, {}, json.dumps({"data": data, "meta": meta, "links": links}).encode())
    slow = decipher_page(200, {}, json.dumps({"data": [*data, {}], "meta": meta, "links": links}).encode())
    assert slow.rows == fast.rows == tuple(decipher_application(200, {}, json.dumps(row).encode()) for row in data)
    assert slow.paging == fast.paging
    assert slow.unreadable == fast.unreadable + 1


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=[])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["data", "errors", "message", "id", "meta", "links", "next", "total", "contact", "created_at"]
            )
            | st.text(max_size=2),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
any_body = st.binary(max_size=40) | anything.map(lambda answer: json.dumps(answer).encode())
header_values = st.text(max_size=30) | st.datetimes().map("{:%a, %d %b %Y %H:%M:%S} +1400".format)


@given(
    st.integers(100, 999) | st.sampled_from([200, 422, 429]),
    st.dictionaries(st.sampled_from(["Retry-After", "X-RateLimit-Limit", "Content-Type"]), header_values),
    any_body,
)
@example(200, {}, b'{"data": [{"id": 1, "created_at": "0001-01-01T00:00:00+14:00"}]}')
@example(200, {}, b'{"data": {"id": 1, "updated_at": "9999-12-31T23:59:59-14:00"}}')
@example(200, {}, b'{"data": [{"id": ' + b"9" * 5000 + b"}]}")
@example(200, {}, b'{"data": [{"id": 1, "title": "\\ud800"}], "errors": "\\udfff"}')
@example(200, {}, b'{"data": [{"id": 1, "progress_percentage": NaN}]}')
@example(200, {}, b'{"data": ' + b"[" * 2000 + b"]" * 2000 + b"}")
@example(200, {}, b'{"id": 1, "contact": ' + b"[" * 100_000)
@example(429, {"Retry-After": "Mon, 99 Foo 99999 99:99:99 +9999"}, b"")
@example(429, {"Retry-After": "Mon, 01 Jan 0001 00:00:00 +1400"}, b"")
def test_whatever_clust_answers_is_a_value_or_its_error(status: int, headers: dict[str, str], body: bytes) -> None:
    """No status, header or body raises anything but a ClustError, whose sentence is one that can be shown."""
    for read in (decipher, decipher_application, decipher_page):
        sentence = ""
        try:
            read(status, headers, body)
        except ClustError as error:
            sentence = error.sentence
        assert sentence.isprintable()
        assert len(sentence) < 500
    limit = rate_limit(headers)
    assert limit is None or limit.limit > 0


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"data": [' + b",".join([b"{}"] * (MAX_PARTS // 2)) + b"]}", id="nothing"),
        pytest.param(b'{"data": [' + b",".join([b"1"] * MAX_PARTS) + b"]}", id="numbers"),
        pytest.param(b'{"data": [' + b",".join([b'{"id": 1}'] * (MAX_ROWS + 1)) + b"]}", id="applications"),
        pytest.param(b'{"data": [{}, ' + b",".join([b'{"id": 1}'] * MAX_ROWS) + b"]}", id="row by row"),
        pytest.param(b'{"id": 1, "x": [' + b",".join([b"1"] * MAX_PARTS) + b"]}", id="parts of an application"),
        pytest.param(b"[" * 100_000, id="open brackets"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, id="brackets"),
        pytest.param(b'{"data": [{"id": 1, "title": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]}", id="deep in a row"),
        pytest.param(b'{"data": [{"id": ' + b"9" * 100_000 + b"}]}", id="a long number"),
    ],
)
@pytest.mark.parametrize("decipher", [decipher_page, decipher_application])
def test_no_answer_takes_all_there_is(decipher: Callable[..., object], body: bytes) -> None:
    """What would take seconds to read, or a thousand times its size in memory, is an error like half an answer."""
    with pytest.raises(ClustBroken):
        decipher(200, {}, body)


def test_a_server_without_pages_may_hold_many() -> None:
    """A list of as many rows as one answer may have is read whole."""
    body = b'{"data": [' + b",".join(b'{"id": %d, "title": "Acme"}' % number for number in range(MAX_ROWS)) + b"]}"
    assert len(decipher_page(200, {}, body).rows) == MAX_ROWS
