"""Filters that nothing matches, so that a person who subscribes with one is warned.

A contradiction is certain: an application that isn't there yet may come, a contradiction never goes away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from itertools import combinations, product

from bot.core.applications.model import Application, StatusClass, Template
from bot.core.applications.triggers import TRIGGERS
from bot.core.filters.keys import status_regions
from bot.core.filters.language import Filter, Term
from bot.core.filters.regions import Region, one_of
from bot.core.filters.values import Facts
from bot.core.language import _, all_of
from bot.core.suggestions import did_you_mean, suggest
from bot.core.typed_text import fold, sentences


def contradiction(parsed: Filter, events: Collection[str], connection: str) -> str:
    """Return a sentence that says why nothing can ever match, empty if something may.

    `events` are those of the subscription, and `connection` is the name of its account.
    """
    for one, other in combinations(parsed.terms, 2):
        if _exclude(one, other):
            return _(
                "Nothing can match this filter. {one} and {other} are never true together.",
                one=_quoted(one),
                other=_quoted(other),
            )
    account = [one_of("connection", fold(connection))]
    for term in parsed.terms:
        if not term.excluded and _are_apart(term, account):
            return _(
                "Nothing can match this filter. The subscription is for the account `{name}`, so {term} is never true.",
                name=connection.replace("`", "'"),
                term=_quoted(term),
            )
        if events and all(_is_never_true(term, TRIGGERS[name].status_class) for name in events):
            return _(
                "Nothing can match this filter. {term} is never true for {events} events.",
                term=_quoted(term),
                events=all_of([_(row.title).lower() for name, row in TRIGGERS.items() if name in events]),
            )
    return ""


def unlisted_templates(parsed: Filter, templates: Iterable[tuple[str, str]]) -> str:
    """Return a sentence about a template that a filter asks for and that Clust doesn't list, or an empty text.

    `templates` are the ids and titles of those that Clust lists.
    """
    listed = list(templates)
    for term in parsed.terms:
        if term.key.name == "template" and not term.excluded and not any(_is_of(term, *each) for each in listed):
            near = suggest(term.values[0].text, [title for _id, title in listed])
            return sentences(
                _("No template in Clust matches {term} right now.", term=_quoted(term)), did_you_mean(near)
            )
    return ""


def asks_for_template(parsed: Filter) -> bool:
    """Return whether a filter asks for a template, so that `unlisted_templates` needs to know them."""
    return any(term.key.name == "template" and not term.excluded for term in parsed.terms)


def _is_of(term: Term, template_id: str, title: str) -> bool:
    template = Template(id=template_id, title=title)
    facts = Facts(Application(id="0", template_id=template_id, template=template), None)
    return term.matches(facts, datetime.min.replace(tzinfo=UTC))


def _exclude(one: Term, other: Term) -> bool:
    """Return whether two terms can't both match."""
    if one.excluded is not other.excluded:
        allowed, denied = (other, one) if one.excluded else (one, other)
        return allowed.key == denied.key and set(allowed.values) <= set(denied.values)
    return not one.excluded and all(
        _overlap_nowhere(value.regions, each.regions) for value, each in product(one.values, other.values)
    )


def _is_never_true(term: Term, status_class: StatusClass | None) -> bool:
    """Return whether a term matches no application of a class. None is any class."""
    if status_class is None:
        return False
    if term.excluded:
        return term.key.name == "status" and status_class.word in {value.text for value in term.values}
    return _are_apart(term, status_regions(status_class))


def _are_apart(term: Term, regions: Sequence[Region]) -> bool:
    """Return whether none of the values of a term can match what lies in all of these regions."""
    return all(_overlap_nowhere(value.regions, regions) for value in term.values)


def _overlap_nowhere(some: Iterable[Region], others: Sequence[Region]) -> bool:
    return any(region.excludes(other) for region in some for other in others)


def _quoted(term: Term) -> str:
    """Return a term as it can be typed, as code for a sentence."""
    return f"`{term.normalized().replace('`', chr(39))}`"
