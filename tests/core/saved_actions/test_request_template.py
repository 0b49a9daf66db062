"""The call of a saved action: what is filled in stays where it belongs, whatever it is (issue 19, Bad input)."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.applications.model import Application, Recipient
from bot.core.errors import UsageError
from bot.core.forms.console_request import OURS, ConsoleMistakes
from bot.core.saved_actions.placeholders import Use
from bot.core.saved_actions.request_template import MAX_DEPTH, MAX_TEXT_LENGTH, RequestTemplate
from tests.core.saved_actions import safety

ANA = Application(id="7", external_id="A-1", recipient=Recipient(email="ana@example.com"))


def use(text: str = "", application: Application = ANA) -> Use:
    """Return a use by Mei."""
    return Use(application, "Mei", text, "2026-12-01")


def mistakes(*fields: str) -> dict[str, str]:
    """Return the sentences about a call that can't be saved."""
    with pytest.raises(ConsoleMistakes) as error:
        RequestTemplate.parse(*fields)
    return error.value.fields


def test_values_stand_in_each_part() -> None:
    """Path, query, headers and body are filled in. JSON is parsed first, and a lone number becomes one."""
    call = RequestTemplate.parse(
        "post",
        "/dossiers/{id}/remind?by={user}",
        "until={date}",
        "X-Reference: {external_id}",
        '{"to": "{email}", "text": "Hello: {text}", "dossier": "{id:number}", "set": "{{1}", "n": [1.5, null, true]}',
    ).filled(use('a "b" \\ {id}\nc'))
    assert (call.method, call.path) == ("POST", "/dossiers/7/remind")
    assert call.query == (("by", "Mei"), ("until", "2026-12-01"))
    assert ("X-Reference", "A-1") in call.headers
    assert json.loads(call.body or "") == {
        "to": "ana@example.com",
        "text": 'Hello: a "b" \\ {id}\nc',
        "dossier": 7,
        "set": "{1}",
        "n": [1.5, None, True],
    }


def test_which_placeholders_the_window_asks_for() -> None:
    """The window asks for a text and a date if one part has them."""
    assert RequestTemplate.parse("POST", "/a", "", "", '{"a": ["{date}", "{text}"]}').asks == ("text", "date")
    assert RequestTemplate.parse("POST", "/a/{id}").asks == ()


def test_a_call_is_shown_as_it_was_typed() -> None:
    """With its placeholders, and its query in one line."""
    assert RequestTemplate.parse("post", "/dossiers/{id}/close").as_text() == "POST /dossiers/{id}/close"
    whole = RequestTemplate.parse("PUT", "/dossiers/{id}", "a={text}\nb=2", "X-Reason: c", '{"d": 1}')
    assert whole.as_text() == 'PUT /dossiers/{id}?a={text}&b=2\nX-Reason: c\n{"d": 1}'


def test_what_may_hold_secrets_is_known() -> None:
    """Whatever stands beside the path may be a password or someone's data, so it is only stored encrypted."""
    assert not RequestTemplate.parse("POST", "/dossiers/{id}/close").is_secret
    for parts in (("a=1",), ("", "X-Reason: b"), ("", "", '{"c": 1}')):
        assert RequestTemplate.parse("POST", "/dossiers/{id}/close", *parts).is_secret


@pytest.mark.parametrize(
    "value", ["../users", ".", "..", "...", "", "%2f", "%2e%2e", "a/b", "a\\b", "a?b", "a#b", "ä", " "]
)
def test_a_value_in_a_path_is_one_segment(value: str) -> None:
    """Whatever would be less or more than a part of one segment is refused before anything is sent."""
    template = RequestTemplate.parse("POST", "/dossiers/{text}/close")
    with pytest.raises(UsageError):
        template.filled(use(value))


@pytest.mark.parametrize("identifier", ["../users", ".", "..", "", "%2f", "7/../users"])
def test_an_id_from_clust_is_one_segment(identifier: str) -> None:
    """An ID that Clust sends is trusted no more than what a person types."""
    with pytest.raises(UsageError):
        RequestTemplate.parse("POST", "/dossiers/{id}").filled(
            use(application=Application.model_construct(id=identifier))
        )


def test_a_path_is_decoded_before_it_is_parsed() -> None:
    """Half an escape can't be completed by a value."""
    assert "path" in mistakes("POST", "/dossiers/%2{id}")
    assert RequestTemplate.parse("POST", "/dossiers/%7Bid%7D").filled(use()).path == "/dossiers/7"


@pytest.mark.parametrize(
    "path", ["//evil.example/{id}", "https://evil.example/{id}", "/../{id}", "/a/./{id}", "", "/{ids}"]
)
def test_a_path_that_leaves_the_base_is_refused(path: str) -> None:
    """The console's rules hold for what is saved (rule M5)."""
    assert "path" in mistakes("POST", path)


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("method", ("TRACE", "/a")),
        ("body", ("POST", "/a", "", "", "{not json")),
        ("body", ("POST", "/a", "", "", '{"a": "{unknown}"}')),
        ("body", ("POST", "/a", "", "", '{"{id}": 1}')),
        ("body", ("POST", "/a", "", "", '{"a": "no {id:number}"}')),
        ("body", ("POST", "/a", "", "", "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))),
        ("body", ("POST", "/a", "", "", f'"{"a" * MAX_TEXT_LENGTH}"')),
        ("body", ("GET", "/a", "", "", "{}")),
        ("path", ("POST", "/a/{id:number}")),
        ("query", ("POST", "/a", "api_token=1")),
        ("query", ("POST", "/a", "access_token={text}")),
        ("query", ("POST", "/a", "{id}=1")),
        ("path", ("POST", "/a?token=1")),
        ("headers", ("POST", "/a", "", "no header")),
        ("headers", ("POST", "/a", "", "X-A: {nobody}")),
    ],
)
def test_what_cannot_be_saved(field: str, fields: tuple[str, ...]) -> None:
    """The sentence stands below the field that is wrong."""
    assert field in mistakes(*fields)


@pytest.mark.parametrize(
    "header",
    ["Authorization: x", "X-Api-Key: x", "x_auth_token: x", "Cookie: a=b", "X-Client-Secret: x", "X-Y: Bearer abc"]
    + [f"{name}: x" for name in sorted(OURS)]
    + ["X-Forwarded-For: x", "X_Forwarded_Host: x"],
)
def test_credentials_and_our_headers_are_refused(header: str) -> None:
    """No action holds a credential, or a header that is the bot's."""
    assert "headers" in mistakes("POST", "/a", "", header)


@pytest.mark.parametrize("value", ["a\nHost: evil", "a\r\nX: y", "é", "\x00"])
def test_a_value_stays_on_the_line_of_its_header(value: str) -> None:
    """No value adds a header."""
    with pytest.raises(UsageError):
        RequestTemplate.parse("POST", "/a", "", "X-Note: {text}").filled(use(value))


@given(st.text(), st.text(), st.text(min_size=1))
def test_whatever_is_filled_in_stays_in_its_place(identifier: str, external_id: str, text: str) -> None:
    """The path keeps its segments, the query its names, the headers theirs, and the body its shape."""
    template = RequestTemplate.parse(
        "PATCH", "/dossiers/{id}/x-{external_id}", "q={text}&r=1", "X-Note: {external_id}", '{"a": ["{text}"], "b": 1}'
    )
    application = Application.model_construct(id=identifier, external_id=external_id)
    try:
        call = template.filled(Use(application, "Mei", text))
    except UsageError:
        return
    assert call.path == f"/dossiers/{identifier}/x-{external_id}"
    assert call.path.count("/") == 3
    assert call.query == (("q", text), ("r", "1"))
    assert [name for name, _value in call.headers] == ["Accept", "Content-Type", "X-Note"]
    assert json.loads(call.body or "") == {"a": [text], "b": 1}


METHODS = ("POST", "PUT", "GET", "DELETE")
PATHS = ("/dossiers/{id}/close", "/a/{external_id}-{id}", "/{text}", "{id}", "/a/{email}?x={text}", "/a%2f{id}")
QUERIES = ("", "a={text}", "a={id}&b=%26{date}", "{id}=1", "api_token=1", "a=b\nc={user}")
HEADERS = ("", "X-Note: {text}", "X-Id: {id}\nAccept: text/csv", "Host: {id}", "Authorization: x", "x_forwarded_a: b")
BODY_TEMPLATES = ("", '{"a": "{text}", "n": "{id:number}"}', '["{date}", {"b": "{{{email}"}]', "{", '{"{id}": 1}')
PIECES = (
    *("7", "123", "A-1", "..", ".", "/", "\\", "%2f", "%2e%2e", "%", "?", "#", "@", ":", "//evil.example", "{id}"),
    *("{{", "\n", "\r\nHost: evil", "\x00", " ", "\u202e", "é", "\u2215", "\uff0e", "&", "=", "+", ";", ",", "~"),
    *("a" * 300, ""),
)


@pytest.mark.long
def test_a_hundred_thousand_random_actions_stay_where_they_belong() -> None:
    """No request leaves the base, has another number of segments, or carries a header that isn't allowed."""
    random, sent = Random(19), 0
    kinds = (METHODS, PATHS, QUERIES, HEADERS, BODY_TEMPLATES)
    for _ in range(100_000):
        # Two in three of each kind are such as can be saved, so that many are sent.
        call = [random.choice(kind[:2] if random.randrange(3) else kind) for kind in kinds]
        spoilt = random.randrange(12)
        if spoilt < len(call):
            at = random.randrange(len(call[spoilt]) + 1)
            call[spoilt] = call[spoilt][:at] + random.choice(PIECES) + call[spoilt][at:]
        values = ["".join(random.choices(PIECES[:3] if random.randrange(3) else PIECES, k=2)) for _value in range(3)]
        sent += safety.check([*call, *values])
    assert sent > 5_000


def test_some_random_actions_are_sent() -> None:
    """What the long test tries is sent where it may be."""
    assert safety.check(["POST", PATHS[0], QUERIES[1], HEADERS[1], BODY_TEMPLATES[1], "7", "A-1", "x"])
    assert not safety.check(["POST", PATHS[0], "", "", "", "../users", "", ""])
