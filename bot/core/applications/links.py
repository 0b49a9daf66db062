"""Links that people paste: which application one leads to, and which leads to a client's page.

Links are compared in a normal form, since they are copied in many ways: with another case, a trailing dot, a host in
punycode, and with or without query and fragment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from urllib.parse import urlsplit

from bot.core.applications.model import Application
from bot.core.errors import UsageError
from bot.core.language import _
from bot.core.typed_text import straighten

MAX_LINK_LENGTH = 3000
"""Characters of a link that is looked at (Slack: Block Kit, `url`)."""

MAX_LINKS = 50
"""Links of one message that are looked at, in their order."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_BEHIND_A_LINK = ".,;:!?)>'\"…"
_ID = r"(?P<id>[A-Za-z0-9_-]{1,100})"
_MARK = "idididididid"
"""Stands for the ID while the address around it is brought into its normal form."""

# People copy it from the browser, which may leave out the scheme: then a dot says that a host comes first.
_TYPED_LINK = re.compile(
    r"(?:https?://[^\s/?#]+|[^\s/?#]+\.[^\s/?#]+)/(?:[^\s?]*/)?([0-9]{1,100})/?(?:[?#]\S*)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class LinkPattern:
    """An address of applications in Clust, with `{id}` in place of the ID."""

    text: str

    @classmethod
    def parse(cls, text: str) -> LinkPattern:
        """Return a pattern of CLUST_LINK_PATTERNS. Raises UsageError that says what is wrong."""
        forms = _normal_forms(text.replace("{id}", "0"))
        if text.count("{id}") != 1 or not forms or "{id}" in urlsplit(text).netloc:
            raise UsageError(
                _(
                    "`{pattern}` isn't a link pattern. Write the address of an application with `{{id}}` once in "
                    "place of its ID, such as `https://app.example.com/applications/{{id}}`.",
                    pattern=text[:100],
                )
            )
        return cls(text)

    def id_in(self, url: str) -> str | None:
        """Return the ID of the application that a link leads to, None if it doesn't fit."""
        own_form = _normal_forms(self.text.replace("{id}", _MARK))[0]
        pattern = re.compile(re.escape(own_form).replace(_MARK, _ID), re.IGNORECASE)
        return next((match["id"] for form in _normal_forms(url) if (match := pattern.fullmatch(form))), None)


@dataclass(frozen=True, slots=True)
class LinkedApplication:
    """An application of a workspace's account that a pasted link may lead to."""

    connection_id: int
    application: Application


@dataclass(frozen=True, slots=True)
class RecognizedLinks:
    """What pasted links lead to: applications by the link as it was pasted, and whether one is a client's page."""

    applications: Mapping[str, LinkedApplication] = field(default_factory=dict)
    has_client_page: bool = False


def link_key(url: str | None) -> int | None:
    """Return a 64-bit number by which a link is found, the same in every process. None if it isn't a web address."""
    return next(map(_key, _normal_forms(url or "")), None)


def link_keys(url: str) -> tuple[int, ...]:
    """Return the keys under which a pasted link may be stored: of all of it, then without fragment, then query."""
    return tuple(dict.fromkeys(map(_key, _normal_forms(url))))


def ids_in(url: str, patterns: Iterable[LinkPattern]) -> frozenset[str]:
    """Return the IDs of applications that a link names by these patterns."""
    return frozenset(one for pattern in patterns if (one := pattern.id_in(url)) is not None)


def recognized(
    urls: Iterable[str],
    stored: Sequence[LinkedApplication],
    patterns: Sequence[LinkPattern] = (),
    meant: int | None = None,
) -> RecognizedLinks:
    """Return what these links lead to, each once, in their order.

    `stored` are the applications that they may lead to. If several fit, the one of the account `meant` counts, and
    without it none: a link never shows an application by guessing. A client's page is never an application.
    """
    applications: dict[str, LinkedApplication] = {}
    has_client_page = False
    for url in dict.fromkeys(urls):
        keys = frozenset(link_keys(url))
        if any(link_key(each.application.public_url) in keys for each in stored):
            has_client_page = True
            continue
        fitting = [each for each in stored if link_key(each.application.secured_list_url) in keys]
        fitting = fitting or [each for each in stored if each.application.id in ids_in(url, patterns)]
        exact = [each for each in fitting if each.application.secured_list_url == url]
        of_account = [each for each in fitting if each.connection_id == meant]
        for some in (exact, of_account, fitting):
            if len(some) == 1:
                applications[url] = some[0]
                break
    return RecognizedLinks(applications, has_client_page)


def _key(form: str) -> int:
    return int.from_bytes(
        blake2b(form.casefold().encode("utf-8", "replace"), digest_size=8).digest(), "big", signed=True
    )


def _normal_forms(url: str) -> tuple[str, ...]:
    """Return a link's normal forms, the most specific first, or none if it isn't a web address.

    An address with a user name doesn't count: it leads elsewhere than it seems to.
    """
    try:
        parts = urlsplit(url.strip()[:MAX_LINK_LENGTH].rstrip(_BEHIND_A_LINK))
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return ()
    if parts.scheme not in _DEFAULT_PORTS or not host or "@" in parts.netloc:
        return ()
    try:
        host = host.encode("idna").decode()
    except UnicodeError:
        host = host.casefold()
    place = host if port in {None, _DEFAULT_PORTS[parts.scheme]} else f"{host}:{port}"
    bare = f"{place}{parts.path.rstrip('/' + _BEHIND_A_LINK)}"
    with_query = f"{bare}?{parts.query}" if parts.query else bare
    whole = f"{with_query}#{parts.fragment}" if parts.fragment else with_query
    return tuple(dict.fromkeys((whole, with_query, bare)))


def clust_id(text: str) -> str | None:
    """Return the application id in what a person typed: `123`, `#123`, or a Clust link whose path ends with it."""
    text = straighten(text).strip()
    if match := re.fullmatch(r"#?([A-Za-z0-9_-]{1,100})", text):
        return match[1]
    match = _TYPED_LINK.fullmatch(text)
    return match[1] if match else None
