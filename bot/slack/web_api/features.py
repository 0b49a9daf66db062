"""`OPTIONAL_FEATURES`: parts of the Slack app that an installation can do without, with their scopes and events.

`manifest.yml` asks for those that are on by default. `status` and `doctor` say what is off because the token lacks its
scopes, and `python -m bot manifest --diff` what an app that is installed already needs for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from bot.core.errors import UsageError
from bot.core.forms.workflow_steps import declared_steps
from bot.core.language import N_, _
from bot.core.suggestions import did_you_mean, suggest
from bot.core.typed_text import fold, sentences
from bot.slack.web_api.scopes import DIRECT_MESSAGE, EVENTS, LINKS_SHARED, MENTION, NEEDED, PANE_OPENED, SCOPE_REASONS


@dataclass(frozen=True, slots=True)
class OptionalFeature:
    """A part of the Slack app that can be left out.

    `off` is a sentence about what doesn't work without it. `scopes` and `events` are those that nothing else needs.
    What needs a paid plan or an organization is not `is_default`. `parts` returns the keys that it adds to sections of
    the manifest, such as `{"features": {"unfurl_domains": ["clustdoc.com"]}}` (Slack: App manifest reference), with
    texts in the current language.
    """

    name: str
    off: str
    scopes: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()
    is_default: bool = True
    parts: Callable[[], Mapping[str, Mapping[str, object]]] = dict


OPTIONAL_FEATURES: tuple[OptionalFeature, ...] = (
    OptionalFeature(
        "mentions",
        N_("I don't answer when you mention me."),
        frozenset({"app_mentions:read"}),
        frozenset({MENTION}),
    ),
    OptionalFeature("messages", N_("I don't answer direct messages."), events=frozenset({DIRECT_MESSAGE})),
    OptionalFeature(
        "workflows",
        N_("My steps aren't in Workflow Builder."),
        is_default=False,
        parts=lambda: {
            "settings": {"org_deploy_enabled": True, "function_runtime": "remote"},
            "functions": declared_steps(),
        },
    ),
    OptionalFeature(
        "links",
        N_("I don't show cards for pasted links."),
        frozenset({"links:read", "links:write"}),
        frozenset({LINKS_SHARED, PANE_OPENED}),
        parts=lambda: {
            "features": {
                "unfurl_domains": ["clustdoc.com"],
                "rich_previews": {"is_active": True, "entity_types": ["slack#/entities/task"]},
            }
        },
    ),
)


def with_domains(features: Iterable[OptionalFeature], domains: Sequence[str]) -> tuple[OptionalFeature, ...]:
    """Return the features with the domains whose links Slack reports (CLUST_LINK_DOMAINS)."""
    return tuple(
        replace(feature, parts=partial(_parts_with_domains, feature, domains))
        if LINKS_SHARED in feature.events
        else feature
        for feature in features
    )


def _parts_with_domains(feature: OptionalFeature, domains: Sequence[str]) -> Mapping[str, Mapping[str, object]]:
    return {"features": {**feature.parts()["features"], "unfurl_domains": list(domains)}}


def default_features() -> tuple[OptionalFeature, ...]:
    """Return the features that `manifest.yml` asks for."""
    return tuple(feature for feature in OPTIONAL_FEATURES if feature.is_default)


def features_with(
    added: Iterable[str], left_out: Iterable[str], start: Collection[OptionalFeature] | None = None
) -> tuple[OptionalFeature, ...]:
    """Return the features `start`, by default those that are on by default, with and without those named.

    Raises UsageError for an unknown name, and for one in both.
    """
    with_names, without_names = _names("--with", added), _names("--without", left_out)
    if both := with_names & without_names:
        raise UsageError(_("Use `{name}` with either --with or --without, not both.", name=min(both)))
    begun = default_features() if start is None else start
    return tuple(
        feature
        for feature in OPTIONAL_FEATURES
        if feature.name not in without_names and (feature in begun or feature.name in with_names)
    )


def scopes_for(features: Collection[OptionalFeature]) -> frozenset[str]:
    """Return all scopes that an app with these optional features asks for."""
    return NEEDED.difference(*(one.scopes for one in _others_than(features)))


def events_for(features: Collection[OptionalFeature]) -> Sequence[str]:
    """Return the events that an app with these optional features subscribes to, in the order of `EVENTS`."""
    left_out = frozenset[str]().union(*(one.events for one in _others_than(features)))
    return [name for name in EVENTS if name not in left_out]


def _others_than(features: Iterable[OptionalFeature]) -> list[OptionalFeature]:
    """Return the features that are left out. They are known by their names: `with_domains` changes their parts."""
    names = {feature.name for feature in features}
    return [feature for feature in OPTIONAL_FEATURES if feature.name not in names]


def lacking(granted: Collection[str], features: Collection[OptionalFeature]) -> list[OptionalFeature]:
    """Return those of the features that don't work with the scopes a token was granted."""
    return [feature for feature in features if not feature.scopes <= frozenset(granted)]


def to_add_by_hand(granted: Collection[str], features: Collection[OptionalFeature]) -> list[str]:
    """Return what to change in the settings of an installed app, in lines.

    Only scopes can be compared: Slack doesn't return an app's events, nor the rest of its manifest.
    """
    missing = scopes_for(features) - frozenset(granted)
    lines = [_("The token has all the scopes that these features need.")]
    if missing:
        lines = [
            _("Under OAuth & Permissions > Bot Token Scopes, add:"),
            *(f"  {scope}  # {reason}" for scope, reason in SCOPE_REASONS.items() if scope in missing),
        ]
    events = [name for name in events_for(features) if any(name in one.events for one in features)]
    if events:
        lines += [
            _("Under Event Subscriptions > Subscribe to bot events, add those that aren't there yet:"),
            *(f"  {name}  # {EVENTS[name].reason}" for name in events),
        ]
    if parts := [line for one in features for line in part_lines(one.parts())]:
        lines += [_("Under App Manifest, add what isn't there yet:"), *(f"  {line}" for line in parts)]
    return [*lines, _("Then reinstall the app and restart the bot.")]


def part_lines(value: object) -> list[str]:
    """Return a value of the manifest as lines of YAML in block style. Texts are quoted as in JSON."""
    if isinstance(value, Mapping) and value:
        return [line for key, one in value.items() for line in _entry(f"{key}:", part_lines(one), one)]
    if isinstance(value, (list, tuple)) and value:
        return [f"{'  ' if number else '- '}{line}" for one in value for number, line in enumerate(part_lines(one))]
    return [json.dumps(value, ensure_ascii=False)]


def _entry(key: str, lines: list[str], value: object) -> list[str]:
    if isinstance(value, (Mapping, list, tuple)) and value:
        return [key, *(f"  {line}" for line in lines)]
    return [f"{key} {lines[0]}"]


def feature_names(given: Iterable[str]) -> frozenset[str]:
    """Return names of features as the table has them. Raises UsageError for an unknown one."""
    names = [feature.name for feature in OPTIONAL_FEATURES]
    for name in given:
        if fold(name) not in names:
            unknown = _("Unknown feature `{name}`.", name=name[:60])
            available = _("Features: {names}.", names=", ".join(names))
            raise UsageError(sentences(unknown, did_you_mean(suggest(name, names)), available))
    return frozenset(map(fold, given))


def _names(option: str, given: Iterable[str]) -> frozenset[str]:
    try:
        return feature_names(given)
    except UsageError as error:
        raise UsageError(_("{option}: {problem}", option=option, problem=error.sentence)) from error
