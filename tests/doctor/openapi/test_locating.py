"""Operations and fields are recognized by other words, and in another case."""

from __future__ import annotations

import pytest

from bot.core.clust_api.beliefs import OPERATIONS
from bot.doctor.openapi.description import DescribedField
from bot.doctor.openapi.locating import located_field, normalized, operations_of, relative_paths
from tests.doctor.openapi.examples import AS_BELIEVED, ROW, api, below, fields, operation


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("firstName", "first_name"),
        ("first-name", "first_name"),
        ("FIRST_NAME", "first_name"),
        ("publicURL", "public_url"),
        ("state.Code", "state.code"),
        ("_id", "id"),
    ],
)
def test_names_are_compared_in_one_form(name: str, form: str) -> None:
    """Case, hyphens and camels don't matter."""
    assert normalized(name) == form


@pytest.mark.parametrize(
    ("servers", "path", "outcome"),
    [
        ((), "/dossiers", ("", "")),
        ((), "/api/dossiers", ("/api", "")),
        (("https://x.invalid/api",), "/dossiers", ("", "")),
        (("https://x.invalid",), "/api/dossiers", ("/api", "")),
        (("/api",), "/dossiers", ("", "")),
        (("https://x.invalid/api/v2",), "/dossiers", ("", "https://x.invalid/api/v2")),
        (("https://y.invalid/api",), "/dossiers", ("", "https://y.invalid/api")),
        (("/v3/",), "/dossiers", ("", "https://x.invalid/v3")),
        (("http://[", "https://x.invalid/api"), "/dossiers", ("", "")),
    ],
)
def test_where_paths_begin(servers: tuple[str, ...], path: str, outcome: tuple[str, str]) -> None:
    """Paths are below CLUST_API_URL, whether the description has its path in the server or in each path."""
    assert relative_paths(api(operation(f"GET {path}"), servers=servers), "https://x.invalid/api") == outcome


def test_the_bots_own_paths_are_recognized() -> None:
    """What is as the bot believes is located under the bot's own paths."""
    located = operations_of(api(*AS_BELIEVED), "")
    assert {key: each.path for key, each in located.items()} == {key: row.path for key, row in OPERATIONS.items()}


@pytest.mark.parametrize(
    ("place", "key", "path"),
    [
        ("GET /v2/applications", "list", "/v2/applications"),
        ("GET /applications/all", "list", "/applications/all"),
        ("POST /dossier/create", "create", "/dossier/create"),
        ("POST /dossiers/{id}/update", "update", "/dossiers/{id}/update"),
        ("PATCH /cases/{case_id}", "update", "/cases/{id}"),
        ("GET /procedures", "templates", "/procedures"),
        ("POST /models/new", "create_template", "/models/new"),
    ],
)
def test_other_words_for_the_same(place: str, key: str, path: str) -> None:
    """An operation is recognized by the last word of its path, which may say what is done."""
    located = operations_of(api(operation("GET /dossiers/{id}"), operation(place)), "")
    assert located[key].path == path


@pytest.mark.parametrize(
    "place",
    ["GET /teams/{team}/dossiers", "GET /dossiers/{id}/items", "POST /dossiers/{id}/close", "GET /users", "POST /"],
)
def test_what_is_something_else(place: str) -> None:
    """Lists within something, and what is done with one application, are none of the bot's operations."""
    assert operations_of(api(operation(place)), "") == {}


def test_the_bots_own_word_comes_first() -> None:
    """Where several resources could be meant, the likeliest word decides, and the method that the bot prefers."""
    located = operations_of(
        api(operation("GET /cases"), operation("GET /dossiers"), operation("POST /dossiers/{x}"), *AS_BELIEVED), ""
    )
    assert (located["list"].path, located["update"].described.method) == ("/dossiers", "PUT")


def test_an_unknown_word_is_recognized_by_its_rows() -> None:
    """A list whose rows look like applications is theirs, whatever it is called."""
    located = operations_of(
        api(
            operation("GET /users", below("data[]", fields(id="integer", title="string"))),
            operation("GET /folios", below("data[]", ROW)),
            operation("GET /folios/{folio}"),
        ),
        "",
    )
    assert {key: each.path for key, each in located.items()} == {"list": "/folios", "read": "/folios/{id}"}


@pytest.mark.parametrize(
    ("types", "name", "path"),
    [
        ({"title": "string", "subject": "string"}, "title", "title"),
        ({"subject": "string"}, "title", "subject"),
        ({"isLate": "boolean"}, "is_late", "isLate"),
        ({"status": "object", "status__code": "string"}, "status", "status.code"),
        ({"recipient__givenName": "string"}, "contact.firstname", "recipient.givenName"),
        ({"client_first_name": "string"}, "contact.firstname", "client_first_name"),
        ({"email": "string"}, "contact.email", "email"),
        ({"name": "string"}, "contact.full_name", ""),
        ({"steps": "array"}, "dossier_items", "steps"),
        ({"steps": "string"}, "dossier_items", ""),
        ({}, "title", ""),
    ],
)
def test_fields_by_other_words(types: dict[str, str], name: str, path: str) -> None:
    """A field is recognized by its own name first, then by another word for it in the right place and of its kind."""
    assert located_field(fields(**types), "", name) == path


def test_fields_are_below_a_place() -> None:
    """Only what is inside an object counts, and not what is inside its lists."""
    inside = below("data[]", {**fields(subject="string"), "rows[].title": DescribedField("string")})
    assert located_field(inside, "data[]", "title") == "subject"
    assert located_field(inside, "", "title") == ""
