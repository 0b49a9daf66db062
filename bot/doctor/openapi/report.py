"""What `doctor --openapi` reports of one description: findings, and the files that follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import httpx

from bot.core.language import _, all_of, ngettext
from bot.doctor.findings import Finding, ok, warning
from bot.doctor.openapi import proposals
from bot.doctor.openapi.comparison import Believed, Comparison, compare
from bot.doctor.openapi.description import ApiDescription, describe
from bot.doctor.openapi.loading import load, parse

FRAGMENT_FILE = "clust-openapi.env"
ACTIONS_FILE = "clust-openapi-actions.json"

ABOUT = "openapi"


@dataclass(frozen=True, slots=True)
class DescriptionReport:
    """The findings, and the files that follow from them: their texts by name."""

    findings: tuple[Finding, ...]
    files: Mapping[str, str]


async def examine_description(
    source: str, believed: Believed, present: Mapping[str, str], transport: httpx.AsyncBaseTransport | None = None
) -> DescriptionReport:
    """Compare the description at an address or in a file with what the bot believes.

    `present` has the values of the settings that can follow. Raises UsageError if there is no such description.
    """
    return report(describe(parse(await load(source, transport))), believed, present)


def report(description: ApiDescription, believed: Believed, present: Mapping[str, str]) -> DescriptionReport:
    """Return what a description says beside what the bot believes."""
    comparison = compare(description, believed)
    actions = proposals.actions(description, comparison)
    names = [action.name for action in actions]
    files: dict[str, str] = {}
    if comparison.differences:
        files[FRAGMENT_FILE] = proposals.fragment(present, comparison.differences)
    if actions:
        files[ACTIONS_FILE] = proposals.as_import(actions)
    return DescriptionReport(tuple(_findings(description, comparison, names)), files)


def _findings(description: ApiDescription, comparison: Comparison, actions: list[str]) -> Iterator[Finding]:
    yield ok(
        ABOUT,
        ngettext(
            "Read “{title}”, with {count} operation.",
            "Read “{title}”, with {count:,} operations.",
            len(description.operations),
            title=description.title or _("Untitled"),
        ),
    )
    if description.external:
        yield warning(
            ABOUT,
            ngettext(
                "It refers to another file, which I don't read: {names}.",
                "It refers to other files, which I don't read: {names}.",
                len(description.external),
                names=all_of(description.external),
            ),
            _("Part of the description is missing here. Look for a description in one file."),
        )
    if description.is_partial:
        yield warning(
            ABOUT,
            _("It's so large that I didn't read all of it."),
            _("Differences may be missing here. Look for a smaller description."),
        )
    if description.circular:
        yield warning(
            ABOUT,
            _("Circular references: {names}.", names=all_of(description.circular)),
            _("Part of the description is missing here."),
        )
    yield from (difference.as_finding() for difference in comparison.differences)
    if not comparison.differences:
        yield ok(ABOUT, _("It agrees with what the bot does."))
    if actions:
        yield ok(ABOUT, _("It offers calls that you can import as actions: {names}.", names=all_of(actions)))
