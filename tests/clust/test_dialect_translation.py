"""Requests and responses between the bot's names and those of another dialect."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clust import ClustClient, application_fields, protocol
from bot.clust.dialect_translation import DialectTranslation, operation_of
from bot.clust.protocol import ApiRequest
from bot.core.clust_api.dialect import ApiDialect
from bot.core.clust_api.wire_names import WIRE
from bot.core.errors import ClustRejected
from tests.clust.conftest import TOKEN, URL, Script
from tests.clust.conftest import answered as answered_with

DIALECT = ApiDialect.parse(
    paths="list=/v3/applications,read=/v3/applications/{id},update=/v3/applications/{id}/data",
    parameters="page=p,per_page=limit,search=q",
    fields="id=uuid,title=subject,status=state.code,status_string=state.label,contact.firstname=client.givenName,"
    "contact.email=client.mail,sent.contact.email=mail,template_id=templateId:text,auto_emails=notify:boolean,"
    "folder_id=folder:number,dossier_items=steps,dossier_items.title=label,templates.title=label,templates.id=code,"
    "webhook.events=hook.topics",
    responses="rows=results,one=application,total=paging.count,last_page=paging.pages,next=paging.next,"
    "errors=error.violations,message=error.detail,field=field,text=reason",
    events="late=application.overdue,pending submission=application.ready",
)
TRANSLATION = DialectTranslation(DIALECT)
LIST = protocol.list_dossiers(2)
READ = protocol.get_dossier("a-7")


def answered(request: ApiRequest, value: Any) -> Any:
    """Return a response in the bot's names."""
    return json.loads(TRANSLATION.response(request, json.dumps(value).encode()))


def leaf(body: Any) -> Any:
    """Return the only value in nested objects with one key each."""
    while isinstance(body, dict):
        (body,) = body.values()
    return body


@pytest.mark.parametrize(
    ("request_", "operation"),
    [
        (LIST, "list"),
        (READ, "read"),
        (application_fields.create({}), "create"),
        (application_fields.update("7", {}, "PUT"), "update"),
        (application_fields.update("7", {}, "PATCH"), "update"),
        (application_fields.update("7", {}, "POST"), "update"),
        (application_fields.delete("7"), "delete"),
        (application_fields.list_templates(1, 5), "templates"),
        (application_fields.create_template("KYC"), "create_template"),
        (ApiRequest("GET", "/users"), None),
        (ApiRequest("POST", "/dossiers/7/close"), None),
    ],
)
def test_each_request_of_the_bot_is_an_operation(request_: ApiRequest, operation: str | None) -> None:
    """Every request that the client makes has its row, but one of the console has none, and stays as it is."""
    assert operation_of(request_) == operation
    if operation is None:
        assert TRANSLATION.request(request_) is request_
        assert TRANSLATION.response(request_, b'{"results": []}') == b'{"results": []}'


def test_without_settings_nothing_is_touched() -> None:
    """The usual client sends and reads the same bytes as without a translation."""
    usual = DialectTranslation(ApiDialect.parse())
    assert usual.request(LIST) is LIST
    body = b'{ "data": [] }'
    assert usual.response(LIST, body) is body


def test_paths_and_parameters() -> None:
    """A path has the ID in its place, and parameters have their names, those of a link too."""
    assert TRANSLATION.request(LIST) == ApiRequest("GET", "/v3/applications", {"p": 2, "limit": 100})
    assert TRANSLATION.request(READ).path == "/v3/applications/a-7"
    assert TRANSLATION.request(application_fields.search("Ana", 5)).query == {"q": "Ana", "p": 1, "limit": 5}
    assert TRANSLATION.request(protocol.list_dossiers(2, 5, "?cursor=x")).query == {"cursor": "x", "limit": 5}


def test_a_body_has_other_names_and_types() -> None:
    """Fields go to their places, in their types, and what has no other name keeps its own."""
    values = {
        "template_id": 7,
        "first_name": "Ana",
        "last_name": "Silva",
        "email": "ana@example.com",
        "auto_emails": "1",
        "folder_id": "12",
        "title": None,
        "webhook_events": ("late", "created"),
    }
    assert TRANSLATION.request(application_fields.create(values)).body == {
        "templateId": "7",
        "client": {"givenName": "Ana"},
        "contact": {"lastname": "Silva"},
        "mail": "ana@example.com",
        "notify": True,
        "folder": 12,
        "subject": None,
        "hook": {"topics": ["application.overdue", "created"]},
    }
    assert TRANSLATION.request(application_fields.create_template("KYC")).body == {"label": "KYC"}
    number = DialectTranslation(ApiDialect.parse(fields="external_id=ref:number"))
    assert number.request(application_fields.update("7", {"external_id": "12"}, "PUT")).body == {"ref": 12}
    assert number.request(application_fields.update("7", {"external_id": "a"}, "PUT")).body == {"ref": "a"}


@pytest.mark.parametrize("name", WIRE)
def test_each_field_that_forms_send_can_have_another_name(name: str) -> None:
    """An operator can correct any of them, also one that is never read."""
    plain = application_fields.create({name: "1"})
    renamed = DialectTranslation(ApiDialect.parse(fields=f"sent.{WIRE[name].path}=somewhere.else"))
    assert renamed.request(plain).body == {"somewhere": {"else": leaf(plain.body)}}


def test_the_title_of_a_new_template_can_have_another_name() -> None:
    """It is sent apart from the fields of an application, which keep theirs."""
    renamed = DialectTranslation(ApiDialect.parse(fields="sent.templates.title=name"))
    assert renamed.request(application_fields.create_template("KYC")).body == {"name": "KYC"}
    assert renamed.request(application_fields.create({"title": "KYC"})).body == {"title": "KYC"}


def test_a_list_is_translated() -> None:
    """Rows stand in `data`, their ID first, and page numbers are where the bot looks."""
    rows = [{"subject": "Acme", "state": {"code": "9_x", "label": "X"}, "title": "Mrs", "uuid": "u1"}, 3]
    paging = {"count": 31, "pages": 4, "next": "https://x.invalid/v3/applications?p=3&limit=10"}
    value = answered(LIST, {"results": rows, "paging": paging})
    assert value["data"] == [
        {"id": "u1", "subject": "Acme", "title": "Acme", "uuid": "u1"}
        | {"state": {"code": "9_x", "label": "X"}, "status": "9_x", "status_string": "X"},
        3,
    ]
    assert next(iter(value["data"][0])) == "id"
    page = protocol.decipher_page(200, {}, json.dumps({**value, "data": value["data"][:1]}).encode())
    assert (page.paging.total, page.paging.last_page, page.paging.next_link) == (31, 4, "?page=3&per_page=10")


@pytest.mark.parametrize(
    ("value", "link"),
    [
        ({"links": {"next": "?p=3"}}, "?page=3"),
        ({"links": {"next": {"href": "/x?p=3"}}}, "?page=3"),
        ({"links": {"next": "/x"}}, "/x"),
        ({"links": {"next": 3}}, "?page=3"),
        ({"links": {"next": "http://[x?p=3"}}, "http://[x?p=3"),
        ({"next_page_url": "?p=3&cursor=a"}, "?page=3&cursor=a"),
    ],
)
def test_links_of_the_bots_own_places_have_its_parameters(value: dict[str, Any], link: str) -> None:
    """A link is read by the bot's names, wherever it stands, and one that can't be read stays as it is."""
    body = json.dumps(answered(LIST, {**value, "results": []})).encode()
    assert protocol.decipher_page(200, {}, body).paging.next_link == link


def test_lists_in_other_shapes() -> None:
    """A bare list, rows by ID, and rows in `data` although another name is set, are read too."""
    assert answered(LIST, [{"uuid": "1"}])["data"] == [{"id": "1", "uuid": "1"}]
    assert answered(LIST, {"results": {"1": {"uuid": "1"}}})["data"] == {"1": {"id": "1", "uuid": "1"}}
    assert answered(LIST, {"data": [{"uuid": "1"}]})["data"] == [{"id": "1", "uuid": "1"}]
    assert answered(LIST, {"meta": {"per_page": 5}, "paging": {"count": 1}, "results": []})["meta"] == {
        "per_page": 5,
        "total": 1,
    }
    templates = application_fields.list_templates(1, 5)
    assert answered(templates, {"results": [{"code": "t1", "label": "KYC"}]})["data"][0].items() >= {
        ("id", "t1"),
        ("title", "KYC"),
    }


def test_a_single_read_is_translated() -> None:
    """One application in its own wrapping, in `data` or bare, with its items and the events of its webhook."""
    row = {
        "uuid": "u1",
        "client": {"givenName": "Ana", "mail": "ana@example.com"},
        "contact": "old",
        "steps": [{"label": "Passport", "status": "missing"}, "x"],
        "hook": {"topics": ["application.ready", "other", 1]},
    }
    for value in ({"application": row}, {"data": row}, row):
        read = answered(READ, value)["data"]
        assert read["contact"] == {"firstname": "Ana", "email": "ana@example.com"}
        assert read["dossier_items"] == [{"label": "Passport", "status": "missing", "title": "Passport"}, "x"]
        assert read["webhook"] == {"events": ["pending submission", "other", 1]}


def test_a_name_that_means_something_else_there_is_not_read() -> None:
    """Where an operator gave a field another name, what stands under the bot's name is something else."""
    moved = DialectTranslation(ApiDialect.parse(fields="contact.email=mail,title=name"))
    value = json.loads(moved.response(READ, b'{"id": 1, "title": "Mrs", "contact": {"email": "x", "phone": "1"}}'))
    assert value == {"data": {"id": 1, "contact": {"phone": "1"}}}


def test_errors_by_our_names() -> None:
    """A list of errors becomes one by field, by the bot's names, so that forms show them below their fields."""
    violations = [{"field": "mail", "reason": "is wrong"}, {"field": "hook.topics.0", "reason": "is odd"}, "x"]
    body = json.dumps({"error": {"detail": "Bad", "violations": violations}}).encode()
    request = application_fields.create({})
    with pytest.raises(ClustRejected) as refused:
        application_fields.decipher_raw(400, {}, TRANSLATION.response(request, body))
    assert refused.value.fields == {"email": "is wrong", "webhook_events": "is odd"}
    named = answered(application_fields.create_template(""), {"errors": {"label": ["needed"]}})
    assert named["errors"] == {"label": ["needed"]}
    by_field = DialectTranslation(ApiDialect.parse(fields="templates.title=label"))
    body = by_field.response(application_fields.create_template(""), b'{"errors": {"label": ["needed"], "x": 1}}')
    assert json.loads(body)["errors"] == {"title": ["needed"], "x": 1}
    assert answered(LIST, {"error": {"detail": "Slow down"}})["message"] == "Slow down"


@pytest.mark.parametrize("body", [b"", b" ", b"<html>", b'{"results": [', b"[" * 100_000, b"3", b'"x"', b"null"])
def test_what_is_not_readable_stays(body: bytes) -> None:
    """What isn't the JSON of a list or an application is left to those who say so."""
    for request in (LIST, READ, application_fields.delete("7")):
        assert TRANSLATION.response(request, body) == body


def test_too_much_is_not_parsed() -> None:
    """A response of more parts than the bot reads isn't read twice."""
    body = b"[" + b"1," * (protocol.MAX_PARTS + 1) + b"1]"
    assert TRANSLATION.response(LIST, body) is body


async def test_the_client_speaks_the_dialect() -> None:
    """What is sent has Clust's names and what is read the bot's, and the console sends what was typed."""
    script = Script(
        answered_with(200, {"results": [{"uuid": "u1", "subject": "Acme"}]}),
        answered_with(200),
        answered_with(200, {"results": [{"uuid": "u1"}]}),
        answered_with(200, {"results": []}),
    )
    async with ClustClient(URL, TOKEN, transport=script, dialect=DIALECT) as client:
        page = await client.page(1, 5)
        assert [(row.id, row.title) for row in page.rows] == [("u1", "Acme")]
        await client.update("u1", {"title": "New"}, "POST")
        assert json.loads((await client.observe(LIST)).body)["data"] == [{"id": "u1", "uuid": "u1"}]
        assert (await client.call("GET", "/dossiers")).body == b'{"results":[]}'
    sent = [(request.method, request.url.raw_path.decode()) for request in script.requests]
    assert sent == [
        ("GET", "/api/v3/applications?p=1&limit=5"),
        ("POST", "/api/v3/applications/u1/data"),
        ("GET", "/api/v3/applications?p=2&limit=100"),
        ("GET", "/api/dossiers"),
    ]
    assert json.loads(script.requests[1].content) == {"subject": "New"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["results", "data", "error", "violations", "paging", "next", "uuid", "steps", "hook", "topics"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_answer_is_translated(value: Any) -> None:
    """Whatever Clust answers, the translation is JSON."""
    for request in (LIST, READ, application_fields.create_template("x"), application_fields.list_templates(1, 5)):
        json.loads(TRANSLATION.response(request, json.dumps(value).encode()))
