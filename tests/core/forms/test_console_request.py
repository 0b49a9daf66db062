"""The console's judgment: which calls may be sent, and why the others can't (M5, `product` The console)."""

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.forms.console_request import (
    EXAMPLE,
    MAX_DEPTH,
    MAX_PATH_LENGTH,
    METHODS,
    ConsoleCall,
    ConsoleMistakes,
    Typed,
    judge,
    pretty,
    request_text,
    typed,
)

ATTACKS = [
    "",
    "/",
    "//",
    "https://evil.example/dossiers",
    "HTTP://evil.example",
    "//evil.example/dossiers",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example\\x",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "user:password@evil.example/x",
    "@evil.example",
    "/dossiers/../users",
    "..",
    "/./dossiers",
    "/...",
    "/dossiers//1",
    "/..;/admin",
    "/dossiers\\..\\users",
    "/dossiers\r\nX-Evil: 1",
    "/dossiers\n",
    "/dossiers\t",
    "/dossiers\x00",
    "/dossiers\x7f",
    "/dossiers\u2028x",
    "/dossiers#x",
    "/dossiers /1",
    "/dossiers%3Fa=b",
    "/dossiers%23a",
    "/\uff0e\uff0e/users",
    "/dossiers\uff0f..\uff0fusers",
    "/dossiers\u2215\u2025",
    "//\u0435vil.example",
    "/dossiers\u3002\u3002/x",
    "/%c0%ae%c0%ae/users",
    "/dossiers%c0%af1",
    "/%e0%80%ae%e0%80%ae/users",
    "/dossiers%u002e",
    "/dossiers/100%",
    "/dossiers\ud800",
    "/" + "a" * MAX_PATH_LENGTH,
]


def encoded(text: str, times: int) -> str:
    """Percent-encode every byte of a text, so many times."""
    for _ in range(times):
        text = "".join(f"%{byte:02X}" for byte in text.encode(errors="replace"))
    return text


@pytest.mark.parametrize("path", ATTACKS)
def test_a_path_that_leaves_the_base_is_refused(path: str) -> None:
    """Hosts, schemes, userinfo, dots, backslashes and control characters are refused, with a sentence of the path."""
    with pytest.raises(ConsoleMistakes) as error:
        judge("GET", path)
    assert set(error.value.fields) == {"path"}
    assert error.value.detail.endswith(".")


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("path", ["//evil.example", "/../users", "/\\x", "/a\r\nb", "/a\x00", "https://evil.example"])
def test_no_encoding_hides_anything(path: str, times: int) -> None:
    """M5: what is refused is refused encoded once, twice and three times."""
    with pytest.raises(ConsoleMistakes):
        judge("GET", encoded(path, times))


@pytest.mark.parametrize(
    "path", ["/%2e%2e/users", "/dossiers%2f%2e%2e%2fusers", "/%252E%252e%252fusers", "/%25252e./x"]
)
def test_half_an_encoding_hides_nothing(path: str) -> None:
    """M5: mixed and nested encodings of dots and slashes are seen through."""
    with pytest.raises(ConsoleMistakes):
        judge("GET", path)


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/dossiers", "/dossiers"),
        ("dossiers", "/dossiers"),
        (" /dossiers/12/ ", "/dossiers/12/"),
        ("/%64ossiers%2F12", "/dossiers/12"),
        ("/data-fields/a_b.c~d,e+f=g", "/data-fields/a_b.c~d,e+f=g"),
    ],
)
def test_a_path_is_sent_as_it_was_judged(path: str, sent: str) -> None:
    """M5: what needs no encoding is left of a path, and it begins with one slash."""
    assert judge("GET", path).path == sent


def test_the_example_runs() -> None:
    """`GET /dossiers`, the integration documentation's example, runs as it is."""
    given_ = typed(EXAMPLE)
    assert (given_, given_.runs_at_once) == (Typed("GET", "/dossiers"), True)
    assert judge(given_.method or "", given_.path) == ConsoleCall(
        "GET", "/dossiers", headers=(("Accept", "application/json"),)
    )


@pytest.mark.parametrize(
    ("text", "method", "path", "at_once"),
    [
        ("", None, "", False),
        ("get", "GET", "", False),
        ("/dossiers", None, "/dossiers", True),
        ("dossiers", None, "dossiers", False),
        ("  get   /dossiers?search=a b ", "GET", "/dossiers?search=a b", True),
        ("delete /dossiers/1", "DELETE", "/dossiers/1", False),
        ("fetch /dossiers", None, "fetch /dossiers", False),
    ],
)
def test_what_stands_after_the_command(text: str, *, method: str | None, path: str, at_once: bool) -> None:
    """`/clust api [METHOD] [PATH]` fills the form in, and `GET` with a path alone runs at once."""
    request = typed(text)
    assert (request, request.runs_at_once) == (Typed(method, path), at_once)


@pytest.mark.parametrize("method", METHODS)
def test_only_a_get_reads(method: str) -> None:
    """Every method but GET may write, in whatever case it is typed."""
    assert judge(f" {method.lower()} ", "/dossiers").writes is (method != "GET")


@pytest.mark.parametrize("method", ["", "HEAD", "OPTIONS", "TRACE", "CONNECT", "GET\r\n", "GET /", "\uff27ET"])
def test_other_methods_are_refused(method: str) -> None:
    """There are five methods."""
    with pytest.raises(ConsoleMistakes) as error:
        judge(method, "/dossiers")
    assert set(error.value.fields) == {"method"}


def test_a_query_is_pairs_of_the_path_and_of_the_field() -> None:
    """A query inside the path comes first, and the field takes `&` and lines. `%20` is decoded, a plus stays."""
    call = judge("GET", "/dossiers?page=2&search=a%20b", "status=0_not_started&c=\r\n\n phone=+33 1\nd=e=%2526")
    assert call.query == (
        ("page", "2"),
        ("search", "a b"),
        ("status", "0_not_started"),
        ("c", ""),
        ("phone", "+33 1"),
        ("d", "e=%26"),
    )


@pytest.mark.parametrize(
    "query", ["a", "=b", "a=\rb", "a=%0d%0ab", "a=%250D", "a=%00", "a=%ff", "a=\ud800", "api_token=x", "API%5FTOKEN=x"]
)
def test_a_wrong_query_is_refused(query: str) -> None:
    """Names without values, control characters in any encoding and keys of another account are refused."""
    for path, text, field in (("/dossiers", query, "query"), (f"/dossiers?{query}", "", "path")):
        with pytest.raises(ConsoleMistakes) as error:
            judge("GET", path, text)
        assert set(error.value.fields) == {field}


def test_headers_that_are_ours_are_stripped() -> None:
    """Authorization, Host, Cookie, hop-by-hop headers and what misleads a server go, but the others stay in order."""
    lines = """Authorization: Bearer stolen
        HOST: evil.example
        Cookie: a=b
        Connection: close
        Transfer-Encoding: chunked
        content_length: 5
        Proxy-Authorization: x
        X-Forwarded-Host: evil.example
        X_Forwarded_For: 10.0.0.1
        X-HTTP-Method-Override: DELETE
        X-Original-URL: /admin
        X-Trace: a: b
        accept : text/csv
        X-Empty:"""
    call = judge("GET", "/dossiers", headers_text=lines)
    assert call.headers == (("X-Trace", "a: b"), ("accept", "text/csv"), ("X-Empty", ""))


@pytest.mark.parametrize(
    "line",
    ["X-A", ": b", "X A: b", "X-A: \u00e9", "X-A: a\rX-B: c", "X-A: a\x00", "X-A\t: b", "\uff38: b", "X-A: \x7f"],
)
def test_a_wrong_header_names_its_line(line: str) -> None:
    """A header that is none, or has control characters, is refused with its line."""
    with pytest.raises(ConsoleMistakes) as error:
        judge("GET", "/dossiers", headers_text=f"X-Good: 1\n{line}")
    assert error.value.fields["headers"].startswith("Line 2: ")


def test_a_body_is_sent_as_it_was_typed() -> None:
    """JSON stays letter for letter, with its content type, and a blank text is none."""
    call = judge("POST", "/templates", body_text='{"title":  "\u00e9"}\n')
    assert call.body == '{"title":  "\u00e9"}\n'
    assert ("Content-Type", "application/json") in call.headers
    assert judge("POST", "/templates", body_text=" \n").body is None
    typed_one = judge("POST", "/x", headers_text="content-type: application/vnd.api+json", body_text="1")
    assert typed_one.headers == (("Accept", "application/json"), ("content-type", "application/vnd.api+json"))


def test_a_wrong_body_points_at_the_place() -> None:
    """The message names line and column."""
    with pytest.raises(ConsoleMistakes) as error:
        judge("POST", "/templates", body_text='{\n  "title": oops\n}')
    assert "line 2, column 12" in error.value.fields["body"]


@pytest.mark.parametrize("body", ["NaN", "[Infinity]", '"\ud800"', "[" * 100_000, "9" * 5_000])
def test_a_body_that_only_python_reads_is_refused(body: str) -> None:
    """A body that isn't valid JSON for others, or can't be encoded, gets an error under the body."""
    with pytest.raises(ConsoleMistakes) as error:
        judge("POST", "/templates", body_text=body)
    assert set(error.value.fields) == {"body"}


def test_every_wrong_field_has_a_message() -> None:
    """Each wrong field has its message, and no message repeats what was typed."""
    with pytest.raises(ConsoleMistakes) as error:
        judge("secret1", "//secret2", "secret3", "secret4", "secret5")
    assert set(error.value.fields) == {"method", "path", "query", "headers", "body"}
    assert "secret" not in str(error.value)
    with pytest.raises(ConsoleMistakes, match="GET requests can't have a body"):
        judge("GET", "/dossiers", body_text="{}")


def test_what_is_shown_is_what_is_sent() -> None:
    """The confirmation has method, path, query, headers and body, and no key."""
    call = judge("PUT", "/dossiers/1?a=b c", "d=\u00e9", "X-Trace: 1\nAuthorization: Bearer stolen", '{"title": "T"}')
    assert request_text(call) == (
        "PUT /dossiers/1?a=b+c&d=%C3%A9\nAccept: application/json\nContent-Type: application/json\nX-Trace: 1\n\n"
        '{"title": "T"}'
    )


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        (b'{"a":[1,"\xc3\xa9"]}', "application/json", '{\n  "a": [\n    1,\n    "\u00e9"\n  ]\n}'),
        (b'{"a":1}', "", '{\n  "a": 1\n}'),
        (b'{"a":', "application/json", '{"a":'),
        (b"<h1>No</h1>", "text/html; charset=utf-8", "<h1>No</h1>"),
        (b'"\\ud800"', "application/json", '"?"'),
        (b"", "", ""),
        (b"%PDF-1.7 ...", "application/pdf", "(12 bytes, not text)"),
        (b"a\0b", "text/plain", "(3 bytes, not text)"),
        (b"\xff", "text/plain", "\ufffd"),
    ],
)
def test_an_answer_is_made_readable(body: bytes, kind: str, text: str) -> None:
    """JSON is indented, text stays, and anything else is replaced by its length."""
    assert pretty(body, kind) == text


@given(st.binary(), st.text())
def test_any_answer_can_be_shown(body: bytes, kind: str) -> None:
    """Whatever comes is shown as text that can be sent on."""
    pretty(body, kind).encode()


@given(st.recursive(st.none() | st.text() | st.integers(), st.lists))
def test_pretty_keeps_what_json_means(value: object) -> None:
    """Indents change no value."""
    assert json.loads(pretty(json.dumps(value).encode(), "application/json")) == value


@given(st.text(), st.text(), st.text(), st.text(), st.sampled_from(METHODS))
def test_any_text_is_judged(path: str, query: str, headers: str, body: str, method: str) -> None:
    """Whatever is typed gives a call or messages, and a call has only what can be sent."""
    try:
        call = judge(method, path, query, headers, body)
    except ConsoleMistakes:
        return
    assert call.path == quote(call.path, safe="/~,+=")
    assert all(f"{name}{value}".isprintable() for name, value in call.headers)
    request_text(call).encode()


@pytest.mark.parametrize("body", [b"[" * 400 + b"1" + b"]" * 400, b'{"a":' * 400 + b"{}" + b"}" * 400])
def test_what_is_nested_too_deeply_is_shown_as_it_came(body: bytes) -> None:
    """Indents grow with the square of the depth: a megabyte of brackets must not become a gigabyte of spaces."""
    many = b"[" + b",".join([body] * 500) + b"]"
    assert pretty(many, "application/json") == many.decode()


@given(st.text(alphabet='[]{},:1"ax\\ ', max_size=200))
def test_no_body_grows_out_of_hand(body: str) -> None:
    """Whatever brackets an answer has, what is shown is a small multiple of it."""
    assert len(pretty(body.encode(), "application/json")) <= (MAX_DEPTH * 2 + 4) * (len(body) + 1)
