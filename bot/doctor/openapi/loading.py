"""Load Clust's published description from an address or a file, within bounds, and parse it into plain values.

YAML is read event by event: no tag builds anything, an alias refers to what is already there, and nodes, aliases and
depth are counted. The API token is never sent.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import yaml

from bot.clust.bounded_decoding import ASKED_FOR, unpacked
from bot.core.api_urls import same_origin
from bot.core.errors import UsageError
from bot.core.language import N_, _

PUBLISHED_AT = "https://app.clustdoc.com/api-documentation/clustdoc-openapi.yaml"
"""Where Clust publishes its description, as third parties say."""

MAX_BYTES = 10 * 1024 * 1024
MAX_NODES = 1_000_000
MAX_ALIASES = 10_000
MAX_DEPTH = 100
MAX_REDIRECTS = 3
MAX_SECONDS = 30.0

_TOO_DEEP = N_("The description is nested more than {limit} levels deep.")
_CIRCULAR = N_("The description is circular: `*{name}` on line {line} is part of itself.")
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


async def load(source: str, transport: httpx.AsyncBaseTransport | None = None) -> bytes:
    """Return the description at an address or in a file. Raises UsageError that says why there is none."""
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*://", source):
        return await _fetched(source, transport)
    return await asyncio.to_thread(_from_file, Path(source))


def _from_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(_("I can't read {path}: {why}.", path=path, why=error.strerror or error)) from error
    return _bounded(content)


def _bounded(content: bytes) -> bytes:
    if len(content) > MAX_BYTES:
        raise UsageError(_("The description is larger than {limit} MB.", limit=MAX_BYTES // 1024 // 1024))
    return content


async def _fetched(url: str, transport: httpx.AsyncBaseTransport | None) -> bytes:
    """Return what an address answers, following redirects that stay on its host."""
    try:
        async with (
            asyncio.timeout(MAX_SECONDS),
            httpx.AsyncClient(transport=transport, trust_env=False, headers={"Accept-Encoding": ASKED_FOR}) as http,
        ):
            for _time in range(MAX_REDIRECTS + 1):
                async with http.stream("GET", url) as response:
                    if not response.has_redirect_location:
                        if response.status_code != HTTPStatus.OK:
                            raise UsageError(
                                _(
                                    "{url} responded with status {status}. Download the description in a browser, and "
                                    "use the file instead.",
                                    url=url,
                                    status=response.status_code,
                                )
                            )
                        return _bounded(bytes(await unpacked(response, MAX_BYTES)))
                    url = _redirected(url, response.headers["location"])
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        raise UsageError(
            _(
                "I can't reach {url} ({why}). Download the description in a browser, and use the file instead.",
                url=url,
                why=str(error) or type(error).__name__,
            )
        ) from error
    raise UsageError(
        _(
            "{url} redirects more than {limit} times. Download the description in a browser, and use the file instead.",
            url=url,
            limit=MAX_REDIRECTS,
        )
    )


def _redirected(url: str, location: str) -> str:
    target = urljoin(url, location)
    if not same_origin(url.partition("?")[0], target.partition("?")[0]):
        raise UsageError(
            _(
                "{url} redirects to another host, {target}. If you trust it, use that address instead.",
                url=url,
                target=target[:200],
            )
        )
    return target


def parse(content: bytes) -> dict[str, Any]:
    """Return a description as plain values. Raises UsageError that says what it is instead, or where it is broken."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(_("The description isn't UTF-8 text.")) from error
    start = text.lstrip()[:1]
    if not start:
        raise UsageError(_("The description is empty."))
    if start == "<":
        raise UsageError(
            _("This is a web page or XML, not an OpenAPI description. Look for a link to a file in YAML or JSON.")
        )
    tree = _from_json(text) if start in "{[" else _Builder(_events(text)).whole()
    return _checked(tree)


def _checked(tree: Any) -> dict[str, Any]:
    """Return a tree that is an OpenAPI description with paths."""
    version = str(tree.get("openapi") or tree.get("swagger") or "") if isinstance(tree, dict) else ""
    if not isinstance(tree, dict) or not version:
        raise UsageError(
            _("This isn't an OpenAPI description: it has neither `openapi` nor `swagger` at its beginning.")
        )
    if not re.match(r"3\.|2\.0$", version):
        raise UsageError(_("I can read OpenAPI 2 and 3. This is version {version}.", version=version[:20]))
    if not isinstance(tree.get("paths"), dict) or not tree["paths"]:
        raise UsageError(_("The description has no paths."))
    return tree


def _from_json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(_("The description isn't valid JSON. See line {line}.", line=error.lineno)) from error
    except ValueError as error:
        raise UsageError(_("The description has a number that is too long.")) from error
    except RecursionError as error:
        raise UsageError(_(_TOO_DEEP, limit=MAX_DEPTH)) from error


def _events(text: str) -> Iterator[Any]:
    try:
        yield from yaml.parse(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise UsageError(_("The description isn't valid YAML. See line {line}.", line=line)) from error


class _Builder:
    """Builds plain values from the events of YAML, without recursion. Keys are texts."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._nodes = self._aliases = 0
        self._anchors: dict[str, Any] = {}
        self._root: Any = None
        self._open: list[tuple[Callable[[Any], None], str | None, Any]] = []
        """The containers around the present place, from the outside: how each takes a value, its anchor and itself."""

    def whole(self) -> Any:
        """Return the first document."""
        for event in self._events:
            match event:
                case yaml.DocumentEndEvent():
                    break
                case yaml.MappingStartEvent():
                    self._begin(_Mapping(), event)
                case yaml.SequenceStartEvent():
                    self._begin([], event)
                case yaml.CollectionEndEvent():
                    _take, anchor, container = self._open.pop()
                    self._value(dict(container) if isinstance(container, _Mapping) else container, anchor)
                case yaml.ScalarEvent():
                    self._value(_scalar(event), event.anchor)
                case yaml.AliasEvent():
                    self._value(self._referred(event), None)
        return self._root

    def _begin(self, container: Any, event: Any) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise UsageError(_(_TOO_DEEP, limit=MAX_DEPTH))
        take = container.take if isinstance(container, _Mapping) else container.append
        self._open.append((take, event.anchor, container))

    def _value(self, value: Any, anchor: str | None) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise UsageError(_("The description has more than {limit:,} values.", limit=MAX_NODES))
        if anchor:
            self._anchors[anchor] = value
        if self._open:
            self._open[-1][0](value)
        else:
            self._root = value

    def _referred(self, event: Any) -> Any:
        self._aliases += 1
        line = event.start_mark.line + 1
        if self._aliases > MAX_ALIASES:
            raise UsageError(_("The description has more than {limit:,} aliases.", limit=MAX_ALIASES))
        if any(anchor == event.anchor for _take, anchor, _container in self._open):
            raise UsageError(_(_CIRCULAR, name=event.anchor, line=line))
        if event.anchor not in self._anchors:
            raise UsageError(_("The description isn't valid YAML. See line {line}.", line=line))
        return self._anchors[event.anchor]


class _Mapping(dict[str, Any]):
    """A mapping whose keys and values come in turn."""

    _key: str | None = None

    def take(self, value: Any) -> None:
        """Take the next key or value. A key that is a mapping or a list is kept as text that nothing asks for."""
        if self._key is None:
            self._key = value if isinstance(value, str) else json.dumps(value, default=str)[:100]
        else:
            self[self._key], self._key = value, None


def _scalar(event: Any) -> Any:
    """Return a scalar: a plain word of YAML's core schema is what it means, anything else its text."""
    text = event.value
    if not event.implicit[0]:
        return text
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _INTEGER.fullmatch(text) else text
