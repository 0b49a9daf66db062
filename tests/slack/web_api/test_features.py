"""Optional features: which scopes and events an app asks for with them, and what an installed one lacks."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import UsageError
from bot.slack.web_api.features import (
    OPTIONAL_FEATURES,
    OptionalFeature,
    default_features,
    events_for,
    features_with,
    lacking,
    part_lines,
    scopes_for,
    to_add_by_hand,
    with_domains,
)
from bot.slack.web_api.scopes import EVENTS, NEEDED

MENTIONS = next(feature for feature in OPTIONAL_FEATURES if feature.name == "mentions")


def test_each_feature_owns_what_nothing_else_needs() -> None:
    """Leaving one out breaks no other: names, scopes and events stand once."""
    names = [feature.name for feature in OPTIONAL_FEATURES]
    assert len(set(names)) == len(names)
    for feature in OPTIONAL_FEATURES:
        others = [one for one in OPTIONAL_FEATURES if one is not feature]
        assert feature.scopes <= NEEDED
        assert feature.events <= set(EVENTS)
        assert not feature.scopes & scopes_for(()).union(*(one.scopes for one in others))
        assert not feature.events & set(events_for(others))
        assert feature.off.endswith(".")


def test_by_default_those_that_are_on() -> None:
    """Without options the features are the default ones, and all of them are everything the bot uses."""
    assert features_with((), ()) == default_features()
    assert scopes_for(OPTIONAL_FEATURES) == NEEDED
    assert events_for(OPTIONAL_FEATURES) == list(EVENTS)


def test_a_feature_is_left_out_by_its_name() -> None:
    """In any case, and adding one that is on changes nothing."""
    assert MENTIONS not in features_with((), ["Mentions"])
    assert features_with(["mentions"], ()) == default_features()


def test_options_change_what_the_settings_say() -> None:
    """SLACK_FEATURES_OFF is where `--with` and `--without` begin."""
    settings = features_with(["workflows"], ["links", "mentions"])
    assert [one.name for one in features_with(["links"], ["messages"], settings)] == ["workflows", "links"]


def test_other_domains_take_nothing_away() -> None:
    """With CLUST_LINK_DOMAINS the feature of links still has its scopes and events."""
    elsewhere = with_domains(default_features(), ["clust.example"])
    assert (scopes_for(elsewhere), events_for(elsewhere)) == (
        scopes_for(default_features()),
        events_for(default_features()),
    )


@pytest.mark.parametrize(
    ("added", "left_out", "words"),
    [
        (["mention"], [], "--with: Unknown feature `mention`. Did you mean `mentions`?"),
        ([], ["x" * 90], "--without: Unknown feature `" + "x" * 60 + "`. Features: mentions"),
        (["mentions"], ["MENTIONS"], "Use `mentions` with either --with or --without, not both."),
    ],
)
def test_a_wrong_name_is_one_sentence(added: list[str], left_out: list[str], words: str) -> None:
    """It names the nearest feature, and all there are."""
    with pytest.raises(UsageError) as caught:
        features_with(added, left_out)
    assert words in caught.value.sentence


def test_what_lacks_a_scope_is_off() -> None:
    """A token without the scope of mentions lacks mentions alone."""
    assert lacking(NEEDED, OPTIONAL_FEATURES) == []
    assert lacking(NEEDED - {"app_mentions:read"}, OPTIONAL_FEATURES) == [MENTIONS]


def test_what_an_installed_app_needs_is_listed() -> None:
    """Scopes that are missing, with their reasons, and the events, which Slack tells no one about."""
    lines = to_add_by_hand(NEEDED - {"app_mentions:read"}, (MENTIONS,))
    assert lines[0] == "Under OAuth & Permissions > Bot Token Scopes, add:"
    assert lines[1].startswith("  app_mentions:read  # reads messages that mention the bot")
    assert lines[2] == "Under Event Subscriptions > Subscribe to bot events, add those that aren't there yet:"
    assert lines[3].startswith("  app_mention  # ")
    assert lines[-1].startswith("Then reinstall the app")
    parts = OptionalFeature("toy", "No toys.", parts=lambda: {"features": {"unfurl_domains": ["clust.example"]}})
    lines = to_add_by_hand(NEEDED, (parts,))
    assert lines[:2] == [
        "The token has all the scopes that these features need.",
        "Under App Manifest, add what isn't there yet:",
    ]
    assert lines[2:5] == ["  features:", "    unfurl_domains:", '      - "clust.example"']


_KEYS = st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True).map(lambda name: f"k_{name}")
_VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(), st.text(st.characters(categories=("L", "N", "P", "S", "Zs")))),
    lambda one: st.one_of(st.lists(one, max_size=3), st.dictionaries(_KEYS, one, max_size=3)),
    max_leaves=8,
)


@given(_VALUES)
def test_a_value_is_written_as_yaml(value: object) -> None:
    """Whatever a feature adds to the manifest is read back as it was."""
    assert yaml.safe_load("\n".join(part_lines(value))) == value
