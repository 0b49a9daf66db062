"""`manifest.yml` is written from the tables, which ask Slack for what the code uses and for nothing else."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import UsageError
from bot.core.forms.workflow_steps import declared_steps
from bot.core.language import Language, speaking
from bot.manifest import manifest, source
from bot.slack.entry.commands import COMMANDS
from bot.slack.entry.shortcuts import SHORTCUTS
from bot.slack.web_api.features import OptionalFeature, default_features, events_for, features_with, scopes_for
from bot.slack.web_api.scopes import EVENTS, NEEDED, SCOPE_REASONS, SCOPES, uses
from bot.wiring.translation_catalogues import read_languages

ROOT = Path(__file__).parents[1]
TEXT = source()
"""What `manifest.yml` has to be. Only one test reads the file, so that a file out of date fails that one alone."""

METHODS = {name: name.replace("_", ".") for name in dir(AsyncWebClient) if "_" in name.strip("_") and name[0] != "_"}
"""The library's methods by their names in Python: `views_open` is views.open."""

BY_NAME = {"api_call", "_call"}
"""What is called with a method's own name."""


def _manifest(text: str) -> dict[str, Any]:
    read = yaml.safe_load(text)
    assert isinstance(read, dict)
    return read


MANIFEST = _manifest(TEXT)
COMMAND_LIST: list[dict[str, Any]] = MANIFEST["features"]["slash_commands"]
BOT_SCOPES: list[str] = MANIFEST["oauth_config"]["scopes"]["bot"]
BOT_EVENTS: list[str] = MANIFEST["settings"]["event_subscriptions"]["bot_events"]


def _methods_called() -> Iterator[str]:
    """Yield each Web API method that the bot's own source names."""
    names = (*METHODS, *BY_NAME)
    sources = [path for path in (ROOT / "bot").rglob("*.py") if "sandbox" not in path.parts]
    for path in sources:
        text = path.read_text()
        # To parse each file would take a second.
        for node in ast.walk(ast.parse(text)) if any(f".{name}" in text for name in names) else ():
            if isinstance(node, ast.Attribute) and node.attr in METHODS and node.attr not in BY_NAME:
                yield METHODS[node.attr]
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in BY_NAME:
                yield _named(node, path)


def _named(call: ast.Call, path: Path) -> str:
    """Return the method that a call names. Only the one place where `_call` hands it on may do so by a variable."""
    first = call.args[0]
    if isinstance(first, ast.Constant):
        return str(first.value)
    assert isinstance(first, ast.Name), f"{path}:{call.lineno} hides which method it calls"
    assert (first.id, path.name) == ("method", "notifier.py"), f"{path}:{call.lineno} hides which method it calls"
    return "chat.postMessage"


@pytest.fixture(scope="module")
def called() -> list[str]:
    """Each Web API method that the bot calls: reading its source is not for every process of the tests."""
    return sorted(set(_methods_called()))


def test_the_source_is_read_at_all(called: list[str]) -> None:
    """Both ways of calling are found: by the library's method, and by name."""
    assert {"auth.test", "users.info", "views.open", "conversations.history", "chat.postMessage"} <= set(called)


def test_the_table_knows_what_is_called(called: list[str]) -> None:
    """A new call of the Web API is written down with the scopes it needs, and one that is gone is taken out."""
    assert sorted(SCOPES) == called


def test_it_is_what_the_tables_say() -> None:
    """The file in the repository is written from the tables."""
    assert (ROOT / "manifest.yml").read_text() == TEXT, "manifest.yml differs from the code: `make docs` writes it."


def test_each_scope_has_its_reason_and_its_use() -> None:
    """Nothing is asked for that nothing uses, and people who install it read why."""
    assert sorted(SCOPE_REASONS) == sorted(NEEDED)
    assert sorted(BOT_SCOPES) == sorted(scopes_for(default_features()))
    assert all(uses(scope) for scope in NEEDED)
    assert all(SCOPE_REASONS.values())
    assert all(event.reason for event in EVENTS.values())


@pytest.mark.parametrize(
    "text", [source(), manifest("https://a.example", by_socket=False), manifest(None, by_socket=True)]
)
def test_each_reason_is_a_comment(text: str) -> None:
    """A person who pastes it into Slack reads beside each scope and each event what it is for, in every form of it."""
    features = default_features()
    reasons = {scope: SCOPE_REASONS[scope] for scope in scopes_for(features)}
    reasons |= {name: EVENTS[name].reason for name in events_for(features)}
    assert dict(re.findall(r"^      - ([\w:.]+) # (.*)$", text, re.MULTILINE)) == reasons
    assert len(re.findall(r"^      - \w", text, re.MULTILINE)) == len(reasons)


def test_the_events_are_those_of_the_table() -> None:
    """Slack tells what the bot has a listener for."""
    assert events_for(default_features()) == BOT_EVENTS


def test_the_registered_commands_are_those_of_the_table() -> None:
    """`/clust` with all its words, and each command that is registered by a name of its own, with its usage."""
    registered = {command.registered: command.usage for command in COMMANDS if command.registered}
    assert [row["command"] for row in COMMAND_LIST] == ["/clust", *registered]
    assert COMMAND_LIST[0]["usage_hint"].split(" | ") == [command.word for command in COMMANDS]
    hints = {row["command"]: row.get("usage_hint", "") for row in COMMAND_LIST[1:]}
    assert all(usage.endswith(hints[name]) for name, usage in registered.items())


def test_the_shortcuts_are_those_of_the_table() -> None:
    """Each with its name, where it is chosen, and the id that comes back."""
    rows = [(row["name"], row["type"], row["callback_id"]) for row in MANIFEST["features"]["shortcuts"]]
    assert rows == [(row.name, row.kind, row.callback_id) for row in SHORTCUTS.values()]


def test_every_command_is_escaped() -> None:
    """Rule X1: people and channels arrive with their ids."""
    assert all(row["should_escape"] is True for row in COMMAND_LIST)


def test_it_keeps_within_slacks_sizes() -> None:
    """Slack: App manifest reference."""
    display = MANIFEST["display_information"]
    assert 1 <= len(display["name"]) <= 35
    assert 1 <= len(display["description"]) <= 140
    assert 175 <= len(display.get("long_description", "-" * 175)) <= 4000
    assert re.fullmatch(r"#[0-9a-f]{6}", display["background_color"])
    assert 1 <= len(MANIFEST["features"]["bot_user"]["display_name"]) <= 80
    assert len(COMMAND_LIST) <= 50
    for row in COMMAND_LIST:
        assert re.fullmatch(r"/[a-z0-9_-]{1,31}", row["command"])
        assert 1 <= len(row["description"]) <= 2000
        assert len(row.get("usage_hint", "")) <= 1000


def test_people_can_be_written_to() -> None:
    """Without the Messages tab Slack refuses direct messages to people (`messages_tab_disabled`)."""
    assert MANIFEST["features"]["app_home"]["messages_tab_enabled"] is True


def test_it_is_made_for_socket_mode() -> None:
    """As it is, it asks for no address."""
    assert MANIFEST["settings"]["socket_mode_enabled"] is True
    assert "YOUR-HOST" not in str(MANIFEST)


def test_its_comments_make_it_whole_for_http() -> None:
    """Filled in, each surface has the address at which the bot listens, and nothing else is different."""
    text = manifest("https://clust.example.com/", by_socket=False)
    over_http = _manifest(text)
    assert "YOUR-HOST" not in text
    reasons = [line for line in TEXT.partition("_metadata")[2].splitlines() if "# " in line and "YOUR-HOST" not in line]
    assert [line for line in text.splitlines()[1:] if "# " in line] == reasons
    address = "https://clust.example.com/slack/events"
    assert [row.pop("url") for row in over_http["features"]["slash_commands"]] == [address] * len(COMMAND_LIST)
    assert over_http["settings"]["event_subscriptions"].pop("request_url") == address
    assert over_http["settings"]["interactivity"].pop("request_url") == address
    # Slack: external selects, without which no application could be picked.
    assert over_http["settings"]["interactivity"].pop("message_menu_options_url") == address
    assert over_http["settings"]["socket_mode_enabled"] is False
    assert over_http == {**MANIFEST, "settings": {**MANIFEST["settings"], "socket_mode_enabled": False}}


@pytest.mark.parametrize("url", [None, "https://clust.example.com:8443"])
def test_for_socket_mode_it_is_as_it_stands(url: str | None) -> None:
    """No address for requests is asked for, and none is left to fill in."""
    assert _manifest(manifest(url, by_socket=True)) == MANIFEST
    assert "YOUR-HOST" not in manifest("https://clust.example.com", by_socket=True)


@pytest.mark.parametrize("by_socket", [True, False])
def test_slacks_own_schema_takes_it(by_socket: bool) -> None:
    """`manifest.schema.json` is Slack's (MIT), for the major version that the manifest names.

    It is older than Work Objects and knows no `rich_previews`, which Slack's documentation wants: they are taken out.
    """
    schema = json.loads((ROOT / "tests" / "manifest.schema.json").read_text())
    filled_in = _manifest(manifest("https://clust.example.com", by_socket=by_socket))
    assert filled_in["_metadata"]["major_version"] == 1
    filled_in["features"].pop("rich_previews", None)
    jsonschema.Draft7Validator(schema).validate(filled_in)


@pytest.mark.parametrize("language", read_languages().by_code.values(), ids=lambda language: language.code)
def test_in_another_language_only_its_words_differ(language: Language) -> None:
    """Slack's schema takes them, so none is too long."""
    schema = json.loads((ROOT / "tests" / "manifest.schema.json").read_text())
    features = features_with(["workflows"], [])
    english = _manifest(manifest(None, by_socket=True, features=features))
    with speaking(language):
        translated = _manifest(manifest(None, by_socket=True, features=features))
    assert _without_words(translated) == _without_words(english)
    assert translated != english
    translated["features"].pop("rich_previews")  # the schema is older
    jsonschema.Draft7Validator(schema).validate(translated)


def _without_words(value: Any) -> Any:
    """Return a value of the manifest without what Slack shows of it."""
    if isinstance(value, list):
        return [_without_words(each) for each in value]
    if not isinstance(value, dict):
        return value
    words = {"title", "description"} | ({"name"} if "callback_id" in value else set())
    return {key: _without_words(each) for key, each in value.items() if key not in words or isinstance(each, dict)}


def test_steps_of_workflows_are_there_when_they_are_asked_for() -> None:
    """They need an app for organizations, which no other app is, and Slack's schema takes them."""
    schema = json.loads((ROOT / "tests" / "manifest.schema.json").read_text())
    with_steps = _manifest(manifest(None, by_socket=True, features=features_with(["workflows"], [])))
    with_steps["features"].pop("rich_previews")  # the schema is older
    jsonschema.Draft7Validator(schema).validate(with_steps)
    assert (with_steps["settings"]["org_deploy_enabled"], with_steps["settings"]["function_runtime"]) == (
        True,
        "remote",
    )
    assert with_steps["functions"] == declared_steps()
    assert "functions" not in MANIFEST
    assert MANIFEST["settings"]["org_deploy_enabled"] is False


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "clust.example.com",
        "http://clust.example.com",
        "https://",
        "https://clust.example.com/slack",
        "https://clust.example.com?x",
        "https://me@clust.example.com",
        'https://clust.example.com"\nx: y',
        "https://[clust",
    ],
)
def test_a_wrong_address_is_one_sentence(url: str | None) -> None:
    """It says what is right, and nothing half filled in is printed."""
    with pytest.raises(UsageError, match="--url"):
        manifest(url, by_socket=False)


def test_a_feature_that_is_left_out_is_in_no_line() -> None:
    """`--without mentions` asks for neither its scope nor its event, and for everything else as before."""
    without = _manifest(manifest(None, by_socket=True, features=features_with((), ["mentions"])))
    assert without["oauth_config"]["scopes"]["bot"] == [one for one in BOT_SCOPES if one != "app_mentions:read"]
    events = without["settings"]["event_subscriptions"]["bot_events"]
    assert events == [one for one in BOT_EVENTS if one != "app_mention"]
    assert source(features_with((), ["mentions"])) != TEXT


def test_the_default_asks_for_no_paid_plan_and_no_organization() -> None:
    """Anyone can install it as it is: workflow steps, a remote runtime and an organization are added by name alone."""
    assert "functions" not in MANIFEST
    assert "function_runtime" not in MANIFEST["settings"]
    assert MANIFEST["settings"]["org_deploy_enabled"] is False


TOY = OptionalFeature(
    "toy",
    "No toys.",
    parts=lambda: {
        "features": {"unfurl_domains": ["clust.example"], "rich_previews": {"is_active": True, "entity_types": ["a"]}},
        "settings": {"org_deploy_enabled": True, "function_runtime": "remote"},
        "functions": {"make": {"title": 'Make: "one"', "input_parameters": {}}},
    },
)


def test_a_feature_adds_its_parts_to_the_manifest() -> None:
    """Sections that are there get its keys, others are added, and what it sets wins. Nothing else is different."""
    expected = _manifest(manifest(None, by_socket=True))
    expected["features"] |= TOY.parts()["features"]
    expected["settings"] |= TOY.parts()["settings"]
    expected["functions"] = TOY.parts()["functions"]
    features = (*default_features(), TOY)
    assert _manifest(manifest(None, by_socket=True, features=features)) == expected
    over_http = _manifest(manifest("https://a.example", by_socket=False, features=features))
    assert over_http["functions"] == TOY.parts()["functions"]
