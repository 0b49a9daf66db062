"""The tables and the state diagram in docs/, and all of `.env.example`, written from the code: `make docs`.

A page marks where a table goes by two comments, `<!-- table: NAME -->` and `<!-- end -->`. What stands between them is
replaced. To add a table, add a row to `TABLES` and the two comments to one page. `tests/test_docs.py` compares.
"""

from __future__ import annotations

import re
import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from pydantic.fields import FieldInfo

from bot.core.applications.triggers import TRIGGERS
from bot.core.clust_api.beliefs import EVENTS as EVENT_WORDS
from bot.core.clust_api.beliefs import FIELDS, OPERATIONS, PARAMETERS, RESPONSES
from bot.core.clust_api.wire_names import WIRE
from bot.core.clust_failures import REMEDIES
from bot.core.errors import BotError
from bot.core.filters.language import KEYS
from bot.core.forms.application_forms import CreateForm
from bot.core.forms.validation import asked_of, is_needed
from bot.core.notifications.slack_error_codes import CODES, About
from bot.core.notifications.states import OVER, TRANSITIONS, State
from bot.core.permissions import PERMISSIONS, Role
from bot.core.saved_actions.placeholders import PLACEHOLDERS, Placeholder
from bot.observability.metrics import METRICS
from bot.settings import Settings
from bot.slack.entry.commands import COMMANDS
from bot.slack.entry.shortcuts import SHORTCUTS
from bot.slack.web_api.features import OPTIONAL_FEATURES
from bot.slack.web_api.scopes import EVENTS, SCOPE_REASONS, uses
from tests.dashboard_panels import DASHBOARD, dashboard_with_all_metrics

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs"
ENV_EXAMPLE = ROOT / ".env.example"

MARKED = re.compile(r"(<!-- table: ([\w-]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
"""A place for a table: the comment before it, the table's name, what stands there, and the comment after it."""

PREFIXES = {"slack": "SLACK_", "clust": "CLUST_"}
"""The settings of each group begin so. The rest are the group `bot`."""

TO_FILL_IN = ("slack_bot_token", "slack_app_token", "clust_api_token", "secret_key")
"""Settings that one needs for a start by Socket Mode: they aren't commented out in `.env.example`."""

Row = Sequence[str]


def table(head: Row, rows: Iterable[Row]) -> str:
    """Return rows of cells as a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def default_of(field: FieldInfo) -> str | None:
    """Return a setting's default as one types it: empty for none, None where it depends on the surroundings."""
    if field.default_factory is not None:
        return "" if not field.get_default(call_default_factory=True, validated_data={}) else None
    return "" if field.default is None else str(field.default)


def settings_of(group: str) -> dict[str, FieldInfo]:
    """Return the settings of a group by their names in lower case."""
    return {name: field for name, field in Settings.model_fields.items() if _group(name) == group}


def _group(name: str) -> str:
    return next((group for group, prefix in PREFIXES.items() if name.upper().startswith(prefix)), "bot")


def _settings(group: str) -> str:
    rows = [
        [f"`{name.upper()}`", f"`{default}`" if (default := default_of(field)) else "", field.description or ""]
        for name, field in settings_of(group).items()
    ]
    return table(["name", "default", "what it is"], rows)


def _commands() -> str:
    rows = []
    for command in COMMANDS:
        also = " ".join(f"`{word}`" for word in (*command.also, *filter(None, [command.registered])))
        example = f"`/clust {command.examples[-1]}`"
        rows.append([f"`/clust {command.usage}`", also, command.description, example, f"{command.role.word}s"])
    return table(["command", "also", "what it does", "for example", "who"], rows)


def _filter_keys() -> str:
    return table(
        ["key", "in French", "what it looks at", "example"],
        [
            [f"`{key.name}`", f"`{key.french}`" if key.french else "", _sentence(key.help), f"`{key.example}`"]
            for key in KEYS
        ],
    )


def _triggers() -> str:
    rows = [[f"`{name}`", f"{row.emoji} {row.title}", row.help] for name, row in TRIGGERS.items()]
    return table(["word", "posted as", "when"], rows)


def _permissions() -> str:
    roles = [role for role in Role if role is not Role.NOBODY]
    rows = [[row.description, *("yes" if role >= row.role else "" for role in roles)] for row in PERMISSIONS]
    return table(["what", *(role.word for role in roles)], rows)


def _placeholders() -> str:
    rows = [[f"`{Placeholder(name)}`", row.help] for name, row in PLACEHOLDERS.items()]
    return table(["placeholder", "what it becomes"], rows)


def _metrics() -> str:
    rows = [
        [
            f"`{row.name}_total`" if row.kind == "counter" else f"`{row.name}`",
            row.kind,
            ", ".join(row.labels),
            row.description,
        ]
        for row in METRICS
    ]
    return table(["metric", "kind", "labels", "what it is"], rows)


def _scopes() -> str:
    rows = [
        [
            f"`{scope}`",
            _sentence(reason),
            ", ".join(f"`{use}`" if "." in use or "_" in use else use for use in sorted(uses(scope))),
        ]
        for scope, reason in SCOPE_REASONS.items()
    ]
    return table(["scope", "what for", "methods and events that need it"], rows)


def _features() -> str:
    rows = [
        [
            f"`{feature.name}`",
            "on" if feature.is_default else "off",
            feature.off,
            ", ".join(f"`{name}`" for name in sorted(feature.scopes | feature.events)),
        ]
        for feature in OPTIONAL_FEATURES
    ]
    return table(["feature", "by default", "without it", "its own scopes and events"], rows)


def _shortcuts() -> str:
    where = {"global": "anywhere in Slack", "message": "on a message"}
    rows = [
        [f"*{row.name}*", where[row.kind], f"{row.description}.", f"{row.role.word}s"] for row in SHORTCUTS.values()
    ]
    return table(["shortcut", "where", "what it does", "who"], rows)


def _events() -> str:
    rows = [[f"`{name}`", _sentence(row.reason)] for name, row in EVENTS.items()]
    return table(["event", "why the bot listens"], rows)


def _error_codes(*kinds: About) -> str:
    """Return Slack's error codes, those with the same words in one row."""
    by_words: dict[tuple[About, str, str], list[str]] = defaultdict(list)
    for code, row in CODES.items():
        if row.about in kinds:
            by_words[row.about, row.problem, row.remedy].append(f"`{code}`")
    rows = [
        [about.name.lower(), ", ".join(codes), problem, remedy] for (about, problem, remedy), codes in by_words.items()
    ]
    return table(["about", "code", "what is wrong", "what to do"], rows)


def _errors() -> str:
    rows = [
        [f"`{kind.__name__}`", kind.summary, "yes" if kind.retry else ""]
        for kind in _kinds_of(BotError)
        if kind.__module__ == BotError.__module__
    ]
    return table(["error", "what a person reads", "tried again"], rows)


def _kinds_of(kind: type[BotError]) -> Iterator[type[BotError]]:
    for one in kind.__subclasses__():
        yield one
        yield from _kinds_of(one)


def _clust_failures() -> str:
    rows = [[f"`{way.value}`", remedy.soon, remedy.lasting] for way, remedy in REMEDIES.items()]
    return table(["failure", "at first", "after an hour"], rows)


def _transitions() -> str:
    rows = [[before, after, _sentence(why)] for before, ways in TRANSITIONS.items() for after, why in ways.items()]
    return table(["from", "to", "when"], rows)


def _transition_diagram() -> str:
    edges = [f"{before} --> {after}" for before, ways in TRANSITIONS.items() for after in ways]
    lines = [f"[*] --> {State.HELD}", *edges, *(f"{state} --> [*]" for state in OVER)]
    return "".join(f"{line}\n" for line in ["```mermaid", "stateDiagram-v2", *(f"    {line}" for line in lines), "```"])


def _fields() -> str:
    fields = asked_of(CreateForm)
    rows = [
        [fields[name].label, f"`{name}`", f"`{wire.path}`", "yes" if is_needed(CreateForm, name) else ""]
        for name, wire in WIRE.items()
    ]
    return table(["field", "in the bot", "in Clust's API", "needed to create"], rows)


def _dialect() -> str:
    """Return the names that each setting of a dialect knows, with what the bot takes them for."""
    fields = ", ".join(f"`{name}`" for name in FIELDS)
    sent = ", ".join(f"`{name}`" for name, row in FIELDS.items() if row.is_sent)
    paths = ", ".join(f"`{name}` ({row.methods[0]} `{row.path}`)" for name, row in OPERATIONS.items())
    responses = ", ".join(f"`{name}` (`{place}`)" if place else f"`{name}`" for name, place in RESPONSES.items())
    rows = [
        ["`CLUST_PATHS`", paths],
        ["`CLUST_PARAMETERS`", ", ".join(f"`{name}`" for name in PARAMETERS)],
        ["`CLUST_FIELDS`", fields],
        ["`CLUST_FIELDS`, after `sent.`", sent],
        ["`CLUST_RESPONSES`", responses],
        ["`CLUST_WEBHOOK_EVENTS`", ", ".join(f"`{name}`" for name in EVENT_WORDS)],
    ]
    return table(["setting", "the bot's names"], rows)


TABLES: Mapping[str, Callable[[], str]] = {
    "commands": _commands,
    "filter-keys": _filter_keys,
    "triggers": _triggers,
    "permissions": _permissions,
    "settings-slack": partial(_settings, "slack"),
    "settings-clust": partial(_settings, "clust"),
    "settings-bot": partial(_settings, "bot"),
    "placeholders": _placeholders,
    "metrics": _metrics,
    "scopes": _scopes,
    "events": _events,
    "shortcuts": _shortcuts,
    "features": _features,
    "channel-codes": partial(_error_codes, About.CHANNEL, About.TOKEN, About.WORKSPACE),
    "other-codes": partial(_error_codes, *(set(About) - {About.CHANNEL, About.TOKEN, About.WORKSPACE})),
    "errors": _errors,
    "clust-failures": _clust_failures,
    "transition-diagram": _transition_diagram,
    "transitions": _transitions,
    "application-fields": _fields,
    "dialect": _dialect,
}
"""Each table by the name that its page marks it with."""


def written(page: str) -> str:
    """Return a page with its tables as the code has them. Raises KeyError for a table that doesn't exist."""
    return MARKED.sub(lambda place: f"{place[1]}\n{TABLES[place[2]]()}\n{place[4]}", page)


def env_example() -> str:
    """Return `.env.example`: each setting with its sentence. One that must be filled in isn't commented out."""
    lines = [
        "# Copy to .env and fill in. The environment wins over this file. Lines that are commented out show defaults."
    ]
    for group, title in {"slack": "Slack", "clust": "Clust", "bot": "The bot"}.items():
        lines += ["", f"# --- {title} ---"]
        for name, field in settings_of(group).items():
            sentence = (field.description or "").replace("`", "")
            mark = "" if name in TO_FILL_IN else "# "
            lines += ["", *textwrap.wrap(sentence, 120, initial_indent="# ", subsequent_indent="# ")]
            lines.append(f"{mark}{name.upper()}={default_of(field) or ''}")
    return "\n".join([*lines, ""])


def main() -> None:
    """Write every table into its page, `.env.example` and panels of new metrics, and print what has changed."""
    pages = {path: written(path.read_text()) for path in sorted(PAGES.glob("*.md"))}
    pages |= {ENV_EXAMPLE: env_example(), DASHBOARD: dashboard_with_all_metrics()}
    for path, text in pages.items():
        if path.read_text() != text:
            path.write_text(text)
            print(f"{path.relative_to(ROOT)} was written.")


if __name__ == "__main__":
    main()
