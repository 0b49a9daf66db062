"""`manifest.yml`, generated from the tables: slash commands, scopes and events, each with its reason.

`python -m bot manifest --write` writes the file in the repository. There the lines for HTTP are comments with
`YOUR-HOST`. Printed for HTTP they have the URL, and for Socket Mode they are left out. What optional features need
(`OPTIONAL_FEATURES`) is in it only with them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

from bot.core.errors import UsageError
from bot.core.language import _
from bot.slack.entry.commands import SlashCommand, slash_commands
from bot.slack.entry.shortcuts import SHORTCUTS, Shortcut
from bot.slack.web_api.features import OptionalFeature, default_features, events_for, part_lines, scopes_for
from bot.slack.web_api.scopes import EVENTS, SCOPE_REASONS

FILE_NAME = "manifest.yml"

PLACEHOLDER = "https://YOUR-HOST"

HEAD = '# The Slack app: api.slack.com/apps, "Create New App", "From a manifest".\n'

_ABOUT_THE_FILE = """\
#
# By default, the app uses Socket Mode, so Slack needs no address of yours and a laptop is enough. For HTTP,
# `python -m bot manifest --url https://your.host` prints it with socket_mode_enabled set to false, every line with
# YOUR-HOST uncommented, and your host filled in.
# Written by `python -m bot manifest --write`, from the tables in bot/slack.
"""

_TEMPLATE = """\
_metadata:
  major_version: 1
  minor_version: 1

display_information:
  name: Clust
  description: {description}
  background_color: "#1f3a5f"

features:
  app_home:
    home_tab_enabled: true
    # Without this, the bot can't send direct messages, such as why a subscription stopped.
    messages_tab_enabled: true
    # Commands also work there.
    messages_tab_read_only_enabled: false
  bot_user:
    display_name: Clust
    always_online: true
  slash_commands:
    # should_escape: names of people and channels arrive with their ids.
{slash_commands}  shortcuts:
{shortcuts}{features}
oauth_config:
  scopes:
    bot:
{scopes}
settings:
  event_subscriptions:
    # request_url: {placeholder}/slack/events
    bot_events:
{events}  interactivity:
    is_enabled: true # buttons and modals
    # request_url: {placeholder}/slack/events
    # message_menu_options_url: {placeholder}/slack/events
  org_deploy_enabled: {org_deploy_enabled}
  socket_mode_enabled: true
  token_rotation_enabled: false
{settings}{others}"""


def source(features: Collection[OptionalFeature] | None = None) -> str:
    """Return the text of `manifest.yml`, in the repository with the default features."""
    return f"{HEAD}{_ABOUT_THE_FILE}{_body(default_features() if features is None else features)}"


def manifest(url: str | None, *, by_socket: bool, features: Collection[OptionalFeature] | None = None) -> str:
    """Return the manifest for HTTP at `url`, or for Socket Mode without one. Raises UsageError.

    `features` are the optional features in it, by default those that are on by default.
    """
    if not (url or by_socket):
        raise UsageError(
            _("--url: Enter the https address where Slack reaches the bot, or use --socket for Socket Mode.")
        )
    base = _base(url) if url else PLACEHOLDER
    lines = []
    for line in _body(default_features() if features is None else features).splitlines():
        is_for_http = line.lstrip().startswith("#") and PLACEHOLDER in line
        if is_for_http and not by_socket:
            lines.append(line.replace("# ", "", 1).replace(PLACEHOLDER, base))
        elif not is_for_http:
            lines.append(line)
    body = "\n".join(lines)
    if not by_socket:
        body = body.replace("socket_mode_enabled: true", "socket_mode_enabled: false")
    return f"{HEAD}{body}\n"


def _body(features: Collection[OptionalFeature]) -> str:
    parts: dict[str, dict[str, object]] = {}
    for feature in features:
        for section, keys in feature.parts().items():
            parts.setdefault(section, {}).update(keys)
    settings = parts.pop("settings", {})
    scopes = scopes_for(features)
    return _TEMPLATE.format(
        placeholder=PLACEHOLDER,
        description=_quoted(_("Notifications about client applications, and commands to manage them.")),
        shortcuts="".join(line for shortcut in SHORTCUTS.values() for line in _shortcut(shortcut)),
        features=_indented(parts.pop("features", {})),
        org_deploy_enabled=str(settings.pop("org_deploy_enabled", False)).lower(),
        settings=_indented(settings),
        others="".join(f"{line}\n" for line in part_lines(parts)) if parts else "",
        slash_commands="".join(line for command in slash_commands() for line in _slash_command(command)),
        scopes="".join(f"      - {scope} # {reason}\n" for scope, reason in SCOPE_REASONS.items() if scope in scopes),
        events="".join(f"      - {name} # {EVENTS[name].reason}\n" for name in events_for(features)),
    )


def _indented(keys: dict[str, object]) -> str:
    return "".join(f"  {line}\n" for line in part_lines(keys)) if keys else ""


def _slash_command(command: SlashCommand) -> Iterator[str]:
    yield f"    - command: {command.name}\n"
    yield f"      description: {_quoted(command.description)}\n"
    if command.usage_hint:
        yield f"      usage_hint: {_quoted(command.usage_hint)}\n"
    yield "      should_escape: true\n"
    yield f"      # url: {PLACEHOLDER}/slack/events\n"


def _shortcut(shortcut: Shortcut) -> Iterator[str]:
    yield f"    - name: {_quoted(_(shortcut.name))}\n"
    yield f"      type: {shortcut.kind}\n"
    yield f"      callback_id: {shortcut.callback_id}\n"
    yield f"      description: {_quoted(_(shortcut.description))}\n"


def _quoted(text: str) -> str:
    """Return a text as a double-quoted scalar of YAML."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _base(url: str) -> str:
    try:
        parts = urlsplit(url.rstrip("/"))
        right = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        right = False
    else:
        right = right and not (parts.path or parts.query or parts.fragment or parts.username)
    if not right or re.search(r"[\s\"'#\\]", url):
        raise UsageError(
            _("--url: Enter the https address where Slack reaches the bot, such as `https://clust.example.com`.")
        )
    return url.rstrip("/")
