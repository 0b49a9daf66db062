"""The API console: what a person typed becomes a call of Clust's API, or messages by field (`product`, The console).

A path is decoded until nothing changes before it is judged (rule M5), and may then hold only characters that need no
encoding: what was judged is, letter for letter, what is sent.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar
from urllib.parse import unquote, urlencode

from bot.core.errors import UsageError

Value = TypeVar("Value")
Pairs = tuple[tuple[str, str], ...]

NO_PAIRS: Pairs = ()

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

EXAMPLE = "GET /dossiers"
"""The integration documentation's own; the placeholder of the form."""

MAX_PATH_LENGTH = 2_000

MAX_DEPTH = 20
"""Levels of JSON that are indented: beyond, a megabyte of brackets would become gigabytes of spaces."""

OURS = frozenset(
    {
        # Who asks, and of whom.
        *("authorization", "proxy-authorization", "host", "cookie", "cookie2", "origin", "referer"),
        # The connection (RFC 9110, 7.6.1) and the length of the body.
        *("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"),
        *("content-length", "expect", "http2-settings", "accept-encoding", "content-encoding"),
        # What makes a server believe in another sender, address or method than the one that was confirmed.
        *("forwarded", "via", "x-real-ip", "x-original-url", "x-rewrite-url"),
        *("x-http-method", "x-http-method-override", "x-method-override"),
    }
)
"""Headers that are stripped, in lower case; so are X-Forwarded-…"""

_DEFAULTS = (("Accept", "application/json"),)
_WITH_BODY = (("Content-Type", "application/json"),)

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\x20-\x7e]*")
_PATH = re.compile(r"[A-Za-z0-9/._~,+=-]*")
_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TEXTUAL = re.compile(r"text/|json|xml|javascript|csv|urlencoded|\A\s*\Z", re.IGNORECASE)


class ConsoleMistakes(UsageError):
    """What was typed is no call of the API; `fields` has a message for each field of the form."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = dict(fields)


@dataclass(frozen=True, slots=True)
class ConsoleCall:
    """One call that may be sent; `path` begins with a slash and is relative to the API's base."""

    method: str
    path: str
    query: Pairs = ()
    headers: Pairs = ()
    body: str | None = None

    @property
    def writes(self) -> bool:
        """Whether it may change something: then it is for admins, after a confirmation."""
        return self.method != "GET"


@dataclass(frozen=True, slots=True)
class Typed:
    """What stood after `/clust api`; None and empty where nothing did."""

    method: str | None
    path: str

    @property
    def runs_at_once(self) -> bool:
        """Whether it is a path alone, or `GET` with one; anything else fills the form in."""
        return (self.method == "GET" and bool(self.path)) or (self.method is None and self.path.startswith("/"))


def typed(text: str) -> Typed:
    """Return the method and the path of `[METHOD] [PATH]`, as typed but for the method's case."""
    first, _, rest = text.strip().partition(" ")
    if first.upper() in METHODS:
        return Typed(first.upper(), rest.strip())
    return Typed(None, text.strip())


def judge(method: str, path: str, query_text: str = "", headers_text: str = "", body_text: str = "") -> ConsoleCall:
    """Return the call that was typed. Raises ConsoleMistakes with a message for each wrong field."""
    mistakes: dict[str, str] = {}

    def read(name: str, reading: Callable[[str], Value], text: str, otherwise: Value) -> Value:
        try:
            return reading(text)
        except UsageError as error:
            mistakes[name] = error.detail
            return otherwise

    path, question, in_path = path.partition("?")
    verb = read("method", _method, method, "")
    place = read("path", _path, path, "")
    pairs = read("path", _query, in_path, NO_PAIRS) if question else NO_PAIRS
    pairs += read("query", _query, query_text, NO_PAIRS)
    headers = read("headers", _headers, headers_text, NO_PAIRS)
    body = read("body", _body, body_text, None)
    if body is not None and verb == "GET":
        mistakes["body"] = "A GET has no body: empty this field, or choose another method."
    if mistakes:
        raise ConsoleMistakes(mistakes)
    named = {name.lower() for name, _ in headers}
    defaults = _DEFAULTS + (_WITH_BODY if body is not None else ())
    added = tuple(pair for pair in defaults if pair[0].lower() not in named)
    return ConsoleCall(verb, place, pairs, added + headers, body)


def request_text(call: ConsoleCall) -> str:
    """Return exactly what will be sent, as text; our own Authorization is left out."""
    query = urlencode(call.query)
    lines = [
        f"{call.method} {call.path}{'?' * bool(query)}{query}",
        *(f"{name}: {value}" for name, value in call.headers),
    ]
    return "\n".join(lines if call.body is None else [*lines, "", call.body])


def pretty(body: bytes, content_type: str = "") -> str:
    """Return an answer's body for people: JSON with indents, other text as it is, of anything else its length."""
    try:
        indented = _indented(json.loads(body))
    except (ValueError, RecursionError):
        if b"\0" in body or not _TEXTUAL.search(content_type):
            return f"({len(body):,} bytes that are no text)"
        return body.decode(errors="replace")
    return indented.encode(errors="replace").decode()  # JSON can name half a character


def _indented(value: Any) -> str:
    """Return JSON with indents. Raises ValueError where it is so deep that the indents would be most of it."""
    layer, depth = [value], 0
    while layer := [inner for one in layer for inner in _inside(one)]:
        depth += 1
        if depth > MAX_DEPTH:
            raise ValueError("Nested too deeply.")
    return json.dumps(value, indent=2, ensure_ascii=False)


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _method(text: str) -> str:
    method = text.strip(" ").upper()
    if method not in METHODS:
        raise UsageError(f"Choose one of {', '.join(METHODS)}.")
    return method


def _path(text: str) -> str:
    """Return a path below the API's base, decoded."""
    path = _decoded(text.strip(" "))
    if not path.strip("/"):
        raise UsageError("Write a path, as in `/dossiers`.")
    if len(path) > MAX_PATH_LENGTH:
        raise UsageError(f"A path has at most {MAX_PATH_LENGTH:,} characters.")
    if _unseen(path):
        raise UsageError("A path has no line breaks or control characters.")
    if "://" in path or path.startswith("//"):
        raise UsageError(
            "Write the path alone, as in `/dossiers`: the address of Clust's API comes before it by itself."
        )
    if not _PATH.fullmatch(path):
        raise UsageError(
            "A path has plain letters, digits, `/` and `. _ ~ , + = -` only; other text goes in the query."
        )
    segments = path.removeprefix("/").removesuffix("/").split("/")
    if any(not segment.strip(".") for segment in segments):
        raise UsageError("A path has no `.`, no `..` and nothing empty between slashes.")
    return path if path.startswith("/") else f"/{path}"


def _query(text: str) -> Pairs:
    """Return the pairs of `a=b&c=d` or of lines. `%20` is decoded, `+` stays a plus, as in a phone number."""
    return tuple(_pair(part) for part in re.split(r"\r\n|[\n&]", text) if part.strip(" "))


def _pair(part: str) -> tuple[str, str]:
    name, equals, value = part.strip(" ").partition("=")
    if not name or not equals:
        raise UsageError("Write the query as `name=value`, with `&` or a new line between two.")
    if _unseen(_decoded(part)):
        raise UsageError("A query has no control characters.")
    name, value = unquote(name), unquote(value)
    if name.lower() == "api_token":
        raise UsageError("The API key is sent by the bot; leave `api_token` out.")
    return name, value


def _headers(text: str) -> Pairs:
    """Return the headers of `Name: value` lines, without those that are ours."""
    pairs = []
    for number, line in enumerate(re.split(r"\r\n|\n", text), 1):
        if not line.strip(" "):
            continue
        name, colon, value = line.partition(":")
        name, value = name.strip(" "), value.strip(" ")
        if not colon or not _HEADER_NAME.fullmatch(name):
            raise UsageError(f"Line {number}: write a header as `Name: value`.")
        if not _HEADER_VALUE.fullmatch(value):
            raise UsageError(f"Line {number}: a header has plain letters (ASCII) and no control characters.")
        plain = name.lower().replace("_", "-")  # servers read X_Forwarded_For as the other
        if plain not in OURS and not plain.startswith("x-forwarded-"):
            pairs.append((name, value))
    return tuple(pairs)


def _body(text: str) -> str | None:
    """Return a JSON text as it was typed, None where there is none."""
    if not text.strip():
        return None
    try:
        json.loads(text, parse_constant=_no_constant)
        text.encode()
    except json.JSONDecodeError as error:
        raise UsageError(f"This is no JSON: line {error.lineno}, column {error.colno}: {error.msg}.") from error
    except (ValueError, RecursionError) as error:
        raise UsageError("This is JSON that can't be sent.") from error
    return text


def _no_constant(_name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON.")


def _decoded(text: str) -> str:
    """Decode until nothing changes (rule M5); what is no UTF-8, such as an overlong slash, becomes U+FFFD."""
    while (decoded := unquote(text, errors="replace")) != text:
        text = decoded
    return text


def _unseen(text: str) -> bool:
    """Tell whether a text has control characters, line breaks, or what could not be decoded."""
    return any(one == "\ufffd" or unicodedata.category(one) in _UNSEEN for one in text)
