"""The API console: turn what a person typed into a request to Clust, or into errors by field (rule M5).

A path is decoded until nothing changes and then checked. It may contain only characters that need no encoding, so
exactly what was checked is sent.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, TypeVar, get_args
from urllib.parse import unquote, urlencode

from bot.core.errors import UsageError
from bot.core.language import _, ngettext

Value = TypeVar("Value")
Pairs = tuple[tuple[str, str], ...]

NO_PAIRS: Pairs = ()

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
METHODS: tuple[Method, ...] = get_args(Method)

EXAMPLE = "GET /dossiers"
"""The placeholder of the form, from Clust's documentation."""

MAX_PATH_LENGTH = 2_000

MAX_DEPTH = 20
"""Nesting levels of JSON that are indented. Beyond it, a megabyte of brackets would become gigabytes of spaces."""

OURS = frozenset(
    {
        # Who asks, and which server.
        *("authorization", "proxy-authorization", "host", "cookie", "cookie2", "origin", "referer"),
        # The connection (RFC 9110, 7.6.1) and the length of the body.
        *("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"),
        *("content-length", "expect", "http2-settings", "accept-encoding", "content-encoding"),
        # What makes a server believe in another sender, address or method than the one that was confirmed.
        *("forwarded", "via", "x-real-ip", "x-original-url", "x-rewrite-url"),
        *("x-http-method", "x-http-method-override", "x-method-override"),
    }
)
"""Headers that are removed, in lower case. X-Forwarded-… are removed too."""

_DEFAULTS = (("Accept", "application/json"),)
_WITH_BODY = (("Content-Type", "application/json"),)

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
HEADER_VALUE = re.compile(r"[\x20-\x7e]*")
_PATH = re.compile(r"[A-Za-z0-9/._~,+=-]*")
SEGMENT = re.compile(r"[A-Za-z0-9._~,+=-]+")
"""One part of a path between slashes, though not all that it matches is one: `..` isn't."""
_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TEXTUAL = re.compile(r"text/|json|xml|javascript|csv|urlencoded|\A\s*\Z", re.IGNORECASE)


class ConsoleMistakes(UsageError):
    """The request is invalid. `fields` has a message for each wrong field of the form."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = dict(fields)


class FieldReader:
    """Reads the fields of a form one after the other, and collects a message for each that is wrong."""

    def __init__(self) -> None:
        self.mistakes: dict[str, str] = {}

    def read(self, name: str, reading: Callable[[str], Value], text: str, otherwise: Value) -> Value:
        """Return what `reading` makes of the text of a field. If it raises UsageError, return `otherwise`."""
        try:
            return reading(text)
        except UsageError as error:
            self.mistakes[name] = error.detail
            return otherwise

    def raise_mistakes(self) -> None:
        """Raise ConsoleMistakes if a field is wrong."""
        if self.mistakes:
            raise ConsoleMistakes(self.mistakes)


@dataclass(frozen=True, slots=True)
class ConsoleCall:
    """A valid request. `path` begins with a slash and is relative to the API's base URL."""

    method: str
    path: str
    query: Pairs = ()
    headers: Pairs = ()
    body: str | None = None

    @property
    def writes(self) -> bool:
        """Whether it may change something. Only admins can send it, after a confirmation."""
        return self.method != "GET"


@dataclass(frozen=True, slots=True)
class Typed:
    """The text after `/clust api`, or None or empty if there was none."""

    method: str | None
    path: str

    @property
    def runs_at_once(self) -> bool:
        """Whether it is a path with no method or with `GET`. Anything else opens the form."""
        return (self.method == "GET" and bool(self.path)) or (self.method is None and self.path.startswith("/"))


def typed(text: str) -> Typed:
    """Parse `[METHOD] [PATH]`. The method is returned in upper case, the path as typed."""
    first, _space, rest = text.strip().partition(" ")
    if first.upper() in METHODS:
        return Typed(first.upper(), rest.strip())
    return Typed(None, text.strip())


def judge(method: str, path: str, query_text: str = "", headers_text: str = "", body_text: str = "") -> ConsoleCall:
    """Return the request that was typed. Raises ConsoleMistakes with a message for each wrong field."""
    fields = FieldReader()
    path, question, in_path = path.partition("?")
    verb = fields.read("method", _method, method, "")
    place = fields.read("path", _path, path, "")
    pairs = fields.read("path", query_pairs, in_path, NO_PAIRS) if question else NO_PAIRS
    pairs += fields.read("query", query_pairs, query_text, NO_PAIRS)
    headers = fields.read("headers", _headers, headers_text, NO_PAIRS)
    body = fields.read("body", _body, body_text, None)
    if body is not None and verb == "GET":
        fields.mistakes["body"] = _("GET requests can't have a body. Clear this field or choose another method.")
    fields.raise_mistakes()
    named = {name.lower() for name, _value in headers}
    defaults = _DEFAULTS + (_WITH_BODY if body is not None else ())
    added = tuple(pair for pair in defaults if pair[0].lower() not in named)
    return ConsoleCall(verb, place, pairs, added + headers, body)


def request_text(call: ConsoleCall) -> str:
    """Return the request as text, exactly as it will be sent but without our Authorization header."""
    query = urlencode(call.query)
    lines = [
        f"{call.method} {call.path}{'?' * bool(query)}{query}",
        *(f"{name}: {value}" for name, value in call.headers),
    ]
    return "\n".join(lines if call.body is None else [*lines, "", call.body])


def pretty(body: bytes, content_type: str = "") -> str:
    """Return a response body for people: JSON indented, other text as it is, anything else as its size."""
    try:
        indented = _indented(json.loads(body))
    except (ValueError, RecursionError):
        if b"\0" in body or not _TEXTUAL.search(content_type):
            return ngettext("({count:,} byte, not text)", "({count:,} bytes, not text)", len(body))
        return body.decode(errors="replace")
    return indented.encode(errors="replace").decode()  # JSON can name half a character


def _indented(value: Any) -> str:
    """Return JSON with indentation. Raises ValueError if it is nested too deeply."""
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
        raise UsageError(_("Choose one of: {options}.", options=", ".join(METHODS)))
    return method


def _path(text: str) -> str:
    """Return the decoded path, relative to the API's base URL."""
    path = decoded(text.strip(" "))
    if not path.strip("/"):
        raise UsageError(_("Enter a path, such as `/dossiers`."))
    if len(path) > MAX_PATH_LENGTH:
        raise UsageError(_("A path can have at most {limit:,} characters.", limit=MAX_PATH_LENGTH))
    if _unseen(path):
        raise UsageError(_("A path can't contain line breaks or control characters."))
    if "://" in path or path.startswith("//"):
        raise UsageError(
            _("Enter only the path, such as `/dossiers`. The address of Clust's API is added automatically.")
        )
    if not _PATH.fullmatch(path):
        raise UsageError(
            _("A path can only contain letters, digits, `/` and `. _ ~ , + = -`. Put other text in the query.")
        )
    segments = path.removeprefix("/").removesuffix("/").split("/")
    if any(not segment.strip(".") for segment in segments):
        raise UsageError(_("A path can't contain `.`, `..` or an empty part between slashes."))
    return path if path.startswith("/") else f"/{path}"


def query_pairs(text: str) -> Pairs:
    """Parse `a=b&c=d` or one pair per line. `%20` is decoded, but `+` stays a plus, as in a phone number."""
    return tuple(_pair(part) for part in re.split(r"\r\n|[\n&]", text) if part.strip(" "))


def _pair(part: str) -> tuple[str, str]:
    name, equals, value = part.strip(" ").partition("=")
    if not name or not equals:
        raise UsageError(_("Write the query as `name=value` pairs, separated by `&` or line breaks."))
    if _unseen(decoded(part)):
        raise UsageError(_("A query can't contain control characters."))
    name, value = unquote(name), unquote(value)
    if name.lower() == "api_token":
        raise UsageError(_("I add the API token. Leave out `api_token`."))
    return name, value


def _headers(text: str) -> Pairs:
    """Parse `Name: value` lines, without the headers that are ours."""
    return tuple(pair for pair in header_pairs(text) if not is_ours(pair[0]))


def is_ours(name: str) -> bool:
    """Return whether a header is removed: the bot or the connection sets it."""
    plain = name.lower().replace("_", "-")  # servers read X_Forwarded_For as the other
    return plain in OURS or plain.startswith("x-forwarded-")


def header_pairs(text: str) -> Pairs:
    """Parse `Name: value` lines. Raises UsageError that names the line."""
    pairs = []
    for number, line in enumerate(re.split(r"\r\n|\n", text), 1):
        if not line.strip(" "):
            continue
        name, colon, value = line.partition(":")
        name, value = name.strip(" "), value.strip(" ")
        if not colon or not _HEADER_NAME.fullmatch(name):
            raise UsageError(_("Line {number}: write a header as `Name: value`.", number=number))
        if not HEADER_VALUE.fullmatch(value):
            raise UsageError(
                _(
                    "Line {number}: a header can only contain printable ASCII characters.",
                    number=number,
                )
            )
        pairs.append((name, value))
    return tuple(pairs)


def _body(text: str) -> str | None:
    """Return a JSON text as typed, or None if there is none."""
    if not text.strip():
        return None
    try:
        json.loads(text, parse_constant=_no_constant)
        text.encode()
    except json.JSONDecodeError as error:
        raise UsageError(
            _(
                "Invalid JSON at line {line}, column {column}: {reason}.",
                line=error.lineno,
                column=error.colno,
                reason=error.msg,
            )
        ) from error
    except (ValueError, RecursionError) as error:
        raise UsageError(
            _("This JSON is nested too deeply or has values that can't be sent. Simplify it and try again.")
        ) from error
    return text


def _no_constant(_name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON.")


def decoded(text: str) -> str:
    """Percent-decode until nothing changes (rule M5). Invalid UTF-8, such as an overlong slash, becomes U+FFFD."""
    while (shorter := unquote(text, errors="replace")) != text:
        text = shorter
    return text


def _unseen(text: str) -> bool:
    """Return whether a text contains control characters, line breaks or undecodable bytes."""
    return any(one == "\ufffd" or unicodedata.category(one) in _UNSEEN for one in text)
