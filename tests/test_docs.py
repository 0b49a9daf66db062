"""The documentation says what the code does: README, `.env.example` and CONTRIBUTING, held against the tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic.fields import FieldInfo

from bot import __version__
from bot.core.filters import KEYS, Key
from bot.core.lifecycle import State
from bot.core.triggers import TRIGGERS, Trigger
from bot.metrics import METRICS, Metric
from bot.settings import Settings
from bot.slack.listeners.commands import COMMANDS, Command

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
ENV_EXAMPLE = (ROOT / ".env.example").read_text()
CONTRIBUTING = (ROOT / ".github" / "CONTRIBUTING.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()

FENCED = re.compile(r"^ *```\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
TYPED = {line.strip() for block in FENCED.findall(README) for line in block.splitlines()}
"""Every line of a code block."""

FIELDS = Settings.model_fields


def _rows(section: str) -> list[list[str]]:
    """Return the cells of each line of the tables in a section of the README."""
    text = README.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return [[cell.strip() for cell in line.strip("|").split(" |")] for line in text.splitlines() if line[:1] == "|"]


def _row(section: str, first: str) -> list[str]:
    """Return the one table row of a section that begins with `first`."""
    found = [row for row in _rows(section) if row[0] == first]
    assert len(found) == 1, f"the README's section {section} has {len(found)} rows for {first}"
    return found[0]


def _default(field: FieldInfo) -> str | None:
    """Return a setting's default as one types it; empty for none, None where it depends on the surroundings."""
    if field.default_factory:
        return None
    return "" if field.is_required() or field.default is None else str(field.default)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.word)
def test_each_command_stands_in_the_readme(command: Command) -> None:
    """With its usage, the other words for it, and one of its examples."""
    _, also, what, example = _row("Commands", f"`/clust {command.usage}`")
    known = [f"`{word}`" for word in (*command.also, *filter(None, [command.registered]))]
    assert also.split(" · ") == (known or [""])
    assert what
    assert example in {f"`/clust {one}`" for one in command.examples}


def test_the_version_is_one() -> None:
    """That of the package, which the metrics tell, and that of the project."""
    assert f'\nversion = "{__version__}"\n' in (ROOT / "pyproject.toml").read_text()


def test_the_readme_has_no_command_more() -> None:
    """What it tells to type after /clust, `/clust help` knows."""
    words = {word for command in COMMANDS for word in (command.word, *command.also)}
    typed = set(re.findall(r"/clust ([a-z]+)", README))
    assert typed <= words


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_each_filter_key_stands_in_the_readme(key: Key) -> None:
    """With its example."""
    _, what, example = _row("Filters", f"`{key.name}`")
    assert what
    assert example == f"`{key.example}`"


@pytest.mark.parametrize("trigger", TRIGGERS.values(), ids=lambda trigger: trigger.name)
def test_each_trigger_stands_in_the_readme(trigger: Trigger) -> None:
    """With the words and the emoji of its card."""
    _, card, when = _row("Events", f"`{trigger.name}`")
    assert card == f"{trigger.emoji} {trigger.title}"
    assert when


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_each_metric_stands_in_the_readme(metric: Metric) -> None:
    """With its labels and what it is."""
    name = f"{metric.name}_total" if metric.kind == "counter" else metric.name
    _, labels, what = _row("Operating", f"`{name}`")
    assert labels == ", ".join(metric.labels)
    assert what == metric.what


@pytest.mark.parametrize("name", FIELDS)
def test_each_setting_stands_in_the_readme(name: str) -> None:
    """With its default."""
    _, shown, what = _row("Settings", f"`{name.upper()}`")
    default = _default(FIELDS[name])
    if FIELDS[name].is_required():
        assert shown == "required"
    elif default is not None:
        assert shown == (f"`{default}`" if default else "")
    assert what


@pytest.mark.parametrize("name", FIELDS)
def test_each_setting_stands_in_the_example(name: str) -> None:
    """Once in `.env.example`, with its default; only what one must fill in is not commented out."""
    lines = re.findall(rf"^(# )?{name.upper()}=(.*)$", ENV_EXAMPLE, re.MULTILINE)
    assert len(lines) == 1
    commented, value = lines[0]
    assert value == (_default(FIELDS[name]) or "")
    assert commented or value == ""
    if FIELDS[name].is_required():
        assert not commented


def test_the_example_has_no_setting_more() -> None:
    """A setting that nobody reads would mislead."""
    names = re.findall(r"^(?:# )?([A-Z_]+)=", ENV_EXAMPLE, re.MULTILINE)
    assert set(names) == {name.upper() for name in FIELDS}
    of_the_readme = {row[0].strip("`") for row in _rows("Settings") if row[0][:1] == "`"}
    assert of_the_readme == set(names)


def test_the_life_of_a_delivery_is_drawn() -> None:
    """Each of its states stands in the drawing of the README."""
    drawing = README.partition("## Delivery")[2].split("```")[1]
    assert set(State) <= set(re.findall(r"[a-z]+", drawing))


def _recipes() -> dict[str, list[str]]:
    """Return the commands of each target that `make` lists, as one would type them."""
    variables = dict(re.findall(r"^(\w+) [:?]?= (.*)$", MAKEFILE, re.MULTILINE))

    def typed(line: str) -> str:
        while (plain := re.sub(r"\$\((\w+)\)", lambda name: variables.get(name[1], ""), line)) != line:
            line = plain
        return line.strip().removeprefix("@").strip()

    targets = re.findall(r"^([a-z]+):[^\n]* ## [^\n]*\n((?:\t[^\n]*\n)*)", MAKEFILE, re.MULTILINE)
    return {name: [typed(line) for line in recipe.splitlines()] for name, recipe in targets}


@pytest.mark.parametrize("target", ["demo", "test", "run", "lint"])
def test_the_plain_commands_are_those_of_make(target: str) -> None:
    """Those without make type what make would run."""
    in_text = {found.strip("`") for found in re.findall(r"`\.venv[^`]+`", README)}
    recipe = _recipes()[target]
    assert recipe
    assert set(recipe) <= TYPED | in_text


def test_the_plain_installation_is_that_of_make() -> None:
    """From the same locks, with their hashes."""
    locks = set(re.findall(r"\$\(INSTALL\) (\S+)", MAKEFILE))
    assert "--require-hashes -r" in MAKEFILE
    assert {line for line in TYPED if "pip install" in line} == {
        f".venv/bin/pip install --require-hashes -r {lock}" for lock in locks
    }
    assert all((ROOT / lock).is_file() for lock in locks)


def test_what_the_readme_tells_to_make_exists() -> None:
    """Each `make` command in it is a target, and the three that one needs are there alone on a line."""
    told = {line.partition(" ")[2] for line in TYPED if line.startswith("make ")}
    told |= set(re.findall(r"`make ([a-z]+)`", README))
    assert told <= _recipes().keys()
    assert {"make demo", "make run", "make test"} <= TYPED


def test_links_lead_somewhere() -> None:
    """Those to files, and those to sections of the README."""
    headings = re.findall(r"^#+ (.*)$", README, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    for target in re.findall(r"\]\(([^)]+)\)", README):
        if target.startswith("#"):
            assert target.removeprefix("#") in anchors
        elif not target.startswith("https://"):
            assert (ROOT / target).is_file(), target


def test_contributing_names_what_exists() -> None:
    """Each file and folder in it, from the root or from `bot`."""
    named = re.findall(r"`([\w./-]*\w\.(?:py|yml|toml|txt|md|example)|\.env\.example|[\w-]+/[\w./-]*)`", CONTRIBUTING)
    assert {"bot/core/triggers.py", "slack/views"} <= set(named)
    missing = [name for name in named if not (ROOT / name).exists() and not (ROOT / "bot" / name).exists()]
    assert not missing


def test_contributing_names_tables_that_exist() -> None:
    """Each table that one adds a row to stands in the file that is named beside it."""
    said = " ".join(CONTRIBUTING.split())
    tables = re.findall(r"`([A-Z]\w+)` in `(bot/[\w/]+\.py)`", said)
    assert {name for name, _ in tables} >= {"TRIGGERS", "COMMANDS", "KEYS", "ACTIONS", "EVENTS", "Settings"}
    for name, path in tables:
        assert re.search(rf"^(class )?{name}\b", (ROOT / path).read_text(), re.MULTILINE), name


@pytest.mark.parametrize(
    "path",
    ["README.md", "CHANGELOG.md", ".env.example", "manifest.yml", ".github/CONTRIBUTING.md", ".github/SECURITY.md"],
)
def test_no_document_tells_of_this_machine(path: str) -> None:
    """No path of anyone's home and no index address."""
    assert not re.search(r"/(?:home|root|work|tmp|Users)/|index-url|pypi\.", (ROOT / path).read_text())


def test_security_names_tests_that_exist() -> None:
    """Each test that is to show how a threat is met, in its file; and no row is without one."""
    text = (ROOT / ".github" / "SECURITY.md").read_text()
    table = text.partition("## How each threat is met")[2].partition("\n`make")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 10
    for row in rows:
        named = re.findall(r"`([\w/]+\.py)::(test_\w+)`", row)
        assert named, row
        for path, name in named:
            assert re.search(rf"^(async )?def {name}\(", (ROOT / "tests" / path).read_text(), re.MULTILINE), name
