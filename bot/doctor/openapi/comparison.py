"""Compare what the bot believes of Clust's API with Clust's description: from values to differences, without I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bot.core.api_urls import is_within_clust, same_origin
from bot.core.applications.status_rules import StatusRules
from bot.core.clust_api.beliefs import FIELDS, ITEMS, OPERATIONS, PARAMETERS, TEMPLATES
from bot.core.clust_api.dialect import SENT, ApiDialect, SentAs
from bot.core.errors import UsageError
from bot.core.language import _, all_of, one_of
from bot.doctor.openapi.description import BEARER, EACH, ApiDescription, DescribedField, Fields
from bot.doctor.openapi.difference import Difference, renamed
from bot.doctor.openapi.locating import (
    LocatedOperation,
    alike,
    located_field,
    normalized,
    operations_of,
    relative_paths,
    roots,
)
from bot.doctor.openapi.responses import compared_errors, compared_paging
from bot.doctor.openapi.values import compared_events, compared_statuses

_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9:/._~\[\]-]+")
"""An address that means the same in `.env`, whatever quotes and expands there."""

READ_TOO = {"progress_percentage": "progress", "count_missing_items": "missing", "count_eligible_items": "eligible"}
READ_TOO |= {"contact.phone": "contact.phone_number", ITEMS: "items", f"{ITEMS}.title": "name", f"{ITEMS}.type": "kind"}
"""Other names that the bot reads without any setting."""

NEEDED = ("template_id", "contact.firstname", "contact.lastname", "contact.email")
"""Fields without which the bot's form creates nothing."""

_TYPES = {"string": SentAs.TEXT, "integer": SentAs.NUMBER, "number": SentAs.NUMBER, "boolean": SentAs.BOOLEAN}
_USUAL = {"template_id": SentAs.NUMBER, "auto_emails": SentAs.NUMBER, "folder_id": SentAs.NUMBER}
"""The types in which the bot sends what isn't text."""


@dataclass(frozen=True, slots=True)
class Believed:
    """What the bot does at present: its address, its method of updates, its names and its status rules."""

    base_url: str
    update_method: str = "PUT"
    dialect: ApiDialect = field(default_factory=ApiDialect)
    rules: StatusRules = field(default_factory=StatusRules)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences, and the operations of the bot that were located, by their keys in OPERATIONS."""

    differences: tuple[Difference, ...]
    operations: dict[str, LocatedOperation]
    before: str = ""


def compare(description: ApiDescription, believed: Believed) -> Comparison:
    """Return where a description differs from what the bot does. Raises UsageError if it is of another product."""
    before, address = relative_paths(description, believed.base_url)
    operations = operations_of(description, before)
    if "list" not in operations and "read" not in operations:
        raise UsageError(
            _(
                "This describes “{title}”. None of its paths lists applications, so either it isn't Clust's "
                "API or I don't recognize it.",
                title=description.title or _("Untitled"),
            )
        )
    differences = [
        *_address(address, believed),
        *_token(description.tokens),
        *_paths(operations, believed.dialect),
        *_verbs(operations, believed.update_method),
        *_parameters(operations, believed.dialect),
        *_contents(operations, description.webhooks, believed),
        *compared_errors(operations, believed.dialect),
    ]
    return Comparison(tuple(map(_settable, differences)), operations, before)


def _settable(difference: Difference) -> Difference:
    """Return a difference without its setting if the bot would refuse the value."""
    part = {
        "CLUST_PATHS": "paths",
        "CLUST_PARAMETERS": "parameters",
        "CLUST_FIELDS": "fields",
        "CLUST_RESPONSES": "responses",
        "CLUST_WEBHOOK_EVENTS": "events",
    }.get(difference.setting)
    try:
        for ours, theirs in difference.pairs if part else ():
            ApiDialect.parse(**{str(part): f"{ours}={theirs}"})
    except UsageError as error:
        return Difference(difference.about, difference.bot, difference.clust, advice=error.sentence)
    return difference


def _address(address: str, believed: Believed) -> Iterator[Difference]:
    if not address:
        return
    bot = _("The bot calls {address}.", address=believed.base_url)
    clust = _("Clust says {address}.", address=address)
    if _PLAIN_ADDRESS.fullmatch(address) and _is_clusts(address, believed.base_url):
        yield Difference("address", bot, clust, "CLUST_API_URL", (("", address),))
    else:
        advice = _("Set CLUST_API_URL only if you trust this host: it gets your API token.")
        yield Difference("address", bot, clust, advice=advice)


def _token(tokens: tuple[str, ...]) -> Iterator[Difference]:
    if tokens and BEARER not in tokens:
        bot = _("The bot sends its token as `{place}`.", place=BEARER)
        clust = _("Clust says {places}.", places=one_of([f"`{token}`" for token in tokens]))
        yield Difference(
            "token",
            bot,
            clust,
            advice=_(
                "No setting changes this. If Clust rejects the token, report this to the person who maintains the bot."
            ),
        )


def _is_clusts(address: str, base_url: str) -> bool:
    """Return whether an API token may be sent to an address: Clust's own, or where it is sent now."""
    try:
        return same_origin(address, base_url) or is_within_clust(address)
    except UsageError:
        return False


def _paths(operations: dict[str, LocatedOperation], dialect: ApiDialect) -> Iterator[Difference]:
    for key, row in OPERATIONS.items():
        bot = _("The bot {what} at {path}.", what=_(row.purpose), path=dialect.path(key))
        located = operations.get(key)
        if located is None:
            advice = _("{loss} If Clust has another call for this, save it as an action.", loss=_(row.loss))
            yield Difference("paths", bot, _("Clust's description has nothing similar."), advice=advice)
        elif located.path != dialect.path(key):
            clust = _("Clust says {place}.", place=located.described.place)
            yield Difference("paths", bot, clust, "CLUST_PATHS", ((key, located.path),))


def _verbs(operations: dict[str, LocatedOperation], method: str) -> Iterator[Difference]:
    located = operations.get("update")
    methods = OPERATIONS["update"].methods
    if located and located.described.method != method and located.described.method in methods:
        bot = _("The bot updates with {method}.", method=method)
        clust = _("Clust says {place}.", place=located.described.place)
        yield Difference("verbs", bot, clust, "CLUST_UPDATE_METHOD", (("", located.described.method),))


def _parameters(operations: dict[str, LocatedOperation], dialect: ApiDialect) -> Iterator[Difference]:
    listed = operations.get("list")
    if listed is None:
        return
    by_name = {normalized(name): name for name in reversed([*listed.described.parameters])}
    for key, words in PARAMETERS.items():
        present = dialect.parameters.get(key, key)
        if present in listed.described.parameters:
            continue
        bot = _("The bot sends the parameter `{name}`.", name=present)
        theirs = next((by_name[word] for word in words.split() if word in by_name), "")
        if theirs:
            clust = _("Clust calls it `{name}`.", name=theirs)
            yield Difference("parameters", bot, clust, "CLUST_PARAMETERS", ((key, theirs),))
        elif listed.described.parameters:
            advice = (
                _("After a create that couldn't be confirmed, *Check* may not find the application.")
                if key == "search"
                else _("Links to further pages are followed anyway. Check that `list` shows all applications.")
            )
            yield Difference("parameters", bot, _("Clust's description has nothing similar."), advice=advice)


def _contents(
    operations: dict[str, LocatedOperation], webhooks: tuple[str, ...], believed: Believed
) -> Iterator[Difference]:
    """Compare lists, single reads and what is sent."""
    dialect = believed.dialect
    rows = single = ""
    listed, read = operations.get("list"), operations.get("read")
    list_fields = listed.described.returned if listed else {}
    read_fields = read.described.returned if read else {}
    if list_fields:
        rows = _likeliest(list_fields, [root for root in roots(list_fields) if root.endswith(EACH)])
        yield from _place_of_rows(rows.removesuffix(EACH), dialect)
        yield from compared_paging(list_fields, rows, dialect)
    if read_fields:
        single = _likeliest(read_fields, [root for root in roots(read_fields) if EACH not in root])
        if single not in ("", "data", dialect.place("one")):
            bot = _("The bot reads one application from `data`, or from the top level.")
            yield Difference("paging", bot, _("Clust has it in `{place}`.", place=single), *_response("one", single))
    create, update = operations.get("create"), operations.get("update")
    sent = {
        **(update.described.sent if update else {}),
        **(create.described.sent if create else {}),
    }
    yield from _fields_of_applications(_merged((read_fields, single), (list_fields, rows)), sent, dialect)
    yield from _templates(operations, dialect)
    yield from compared_statuses(_status(list_fields, rows, read_fields, single, listed), believed.rules)
    yield from compared_events(sent, webhooks, dialect)


def _response(key: str, place: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    return "CLUST_RESPONSES", ((key, place),)


def _place_of_rows(place: str, dialect: ApiDialect) -> Iterator[Difference]:
    if place not in ("", "data", "data.data", dialect.place("rows")):
        bot = _("The bot reads a list's rows from `{place}`.", place=dialect.place("rows"))
        yield Difference("paging", bot, _("Clust has them in `{place}`.", place=place), *_response("rows", place))


def _likeliest(fields: Fields, places: Iterable[str]) -> str:
    return max(places, key=lambda root: alike(fields, root), default="")


def _merged(*parts: tuple[Fields, str]) -> dict[str, DescribedField]:
    """Return the fields of an application, relative to it. Those of later parts count more."""
    merged: dict[str, DescribedField] = {}
    for fields, root in parts:
        before = f"{root}." if root else ""
        merged |= {path.removeprefix(before): row for path, row in fields.items() if path.startswith(before)}
    return merged


def _status(
    list_fields: Fields, rows: str, read_fields: Fields, single: str, listed: LocatedOperation | None
) -> DescribedField:
    """Return the status, from wherever its values are listed."""
    places = [(list_fields, rows), (read_fields, single)]
    described = [
        fields[f"{root}.{name}" if root else name]
        for fields, root in places
        if (name := located_field(fields, root, "status"))
    ]
    if listed and (name := located_field(listed.described.parameters, "", "status")):
        described.append(listed.described.parameters[name])
    return next((each for each in described if each.values), DescribedField())


def _fields_of_applications(returned: Fields, sent: Fields, dialect: ApiDialect) -> Iterator[Difference]:
    root = _likeliest(sent, [each for each in roots(sent) if EACH not in each]) if sent else ""
    before = f"{root}." if root else ""
    ignored: list[str] = []
    for name, row in FIELDS.items():
        if name.startswith(f"{TEMPLATES}."):
            continue
        own = name.removeprefix(f"{ITEMS}.")
        theirs, present = _read_name(returned, name), dialect.fields.get(name, own)
        bot = (
            _("The bot reads `{name}`.", name=present)
            if own == name
            else _("The bot reads an item's `{name}`.", name=present)
        )
        if returned and not theirs and row.loss:
            yield Difference("fields", bot, _("Clust's description has nothing similar."), advice=_(row.loss))
        if theirs in ("", READ_TOO.get(name)):
            theirs = present
        if theirs != present:
            yield renamed(bot, name, theirs)
        if row.is_sent and sent:
            sent_as = located_field(sent, root, name)
            ignored += [] if sent_as or name in NEEDED else [name]
            yield from _sent(name, before + sent_as if sent_as else "", theirs, sent, dialect)
    if ignored:
        bot = _("The forms can send {names}.", names=all_of([f"`{name}`" for name in ignored]))
        advice = _("Clust may ignore what is typed there. Try it once.")
        yield Difference("fields", bot, _("Clust's description has nothing similar."), advice=advice)


def _read_name(returned: Fields, name: str) -> str:
    """Return what Clust calls a field that is read, relative to its item if it has one. Empty if it is nothing."""
    if not name.startswith(f"{ITEMS}."):
        return located_field(returned, "", name)
    items = located_field(returned, "", ITEMS)
    return located_field(returned, f"{items}{EACH}", name) if items else ""


def _sent(name: str, sent_as: str, read_as: str, sent: Fields, dialect: ApiDialect) -> Iterator[Difference]:
    present = dialect.sent.get(name)
    is_own = present is not None and present.path != dialect.fields.get(name)
    path = present.path if present and is_own else read_as
    if not sent_as:
        if name in NEEDED:
            bot = _("The bot sends `{name}`.", name=path)
            yield Difference(
                "fields", bot, _("Clust's description has nothing similar."), advice=_("Try creating an application.")
            )
        return
    kind = present.type if present else None
    clust_type, usual = _TYPES.get(sent[sent_as].type), kind or _USUAL.get(name, SentAs.TEXT)
    ours = name if read_as == sent_as else f"{SENT}{name}"
    if clust_type and clust_type != usual and name != "webhook.events":
        bot = _("The bot sends `{name}` as {type}.", name=path, type=usual)
        clust = _("Clust says {type}.", type=clust_type)
        yield Difference("types", bot, clust, "CLUST_FIELDS", ((ours, f"{sent_as}:{clust_type}"),))
    elif sent_as != path:
        value = f"{sent_as}:{kind}" if kind else sent_as
        yield renamed(_("The bot sends `{name}`.", name=path), ours, sent_as, value)


def _templates(operations: dict[str, LocatedOperation], dialect: ApiDialect) -> Iterator[Difference]:
    templates = operations.get("templates")
    fields = templates.described.returned if templates else {}
    places = [root for root in roots(fields) if root.endswith(EACH)]
    names = [name for name in FIELDS if name.startswith(f"{TEMPLATES}.")]
    root = max(places, key=lambda each: sum(bool(located_field(fields, each, name)) for name in names), default="")
    for name in names if root else ():
        theirs, own = located_field(fields, root, name), name.removeprefix(f"{TEMPLATES}.")
        present = dialect.fields.get(name, own)
        if theirs and theirs != present:
            yield renamed(_("The bot reads a template's `{name}`.", name=present), name, theirs)
