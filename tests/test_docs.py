"""The documentation says what the code does: README, docs/, `.env.example`, CONTRIBUTING and SECURITY."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import __version__
from bot.core.applications.triggers import TRIGGERS
from bot.core.filters.language import KEYS
from bot.core.notifications.states import State
from bot.core.permissions import PERMISSIONS
from bot.observability.metrics import METRICS
from bot.settings import Settings
from bot.slack.entry.commands import COMMANDS
from bot.slack.entry.short_forms import SHORT_FORMS
from tests.controls.table import CONTROLS, NOT_FUNCTIONS
from tests.controls.taking_out import function_of
from tests.docs_tables import ENV_EXAMPLE, MARKED, PAGES, ROOT, TABLES, TO_FILL_IN, default_of, env_example, written

README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / ".github" / "CONTRIBUTING.md").read_text()
SECURITY = (ROOT / ".github" / "SECURITY.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()

DOCS = {path.stem: path.read_text() for path in sorted(PAGES.glob("*.md"))}
DOCUMENTS = [ROOT / "README.md", *(ROOT / ".github").glob("*.md"), *sorted(PAGES.glob("*.md"))]
TEXT = "\n".join(path.read_text() for path in DOCUMENTS)

FENCED = re.compile(r"^ *```\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
TYPED = {line.strip() for block in FENCED.findall(TEXT) for line in block.splitlines()}
"""Every line of a code block."""

MAX_README_BYTES = 8192
MIN_WORDS = 100
"""A page with fewer words outside its tables would be only tables."""

RULE = re.compile(r"^\*\*([A-Z]\d)\.\*\*", re.MULTILINE)
CITED_BY_NAME = re.compile(r"\brules? ((?:[A-Z]\d\b(?:, | and | to )?)+)", re.IGNORECASE)
CITED_IN_BRACKETS = re.compile(r"\(((?:[KLMPRSTVWX]\d(?:, )?)+)\)")
"""Faults that were found in use have numbers too, but none of theirs begins with one of these letters."""


def _without_tables(page: str) -> str:
    return "\n".join(line for line in page.splitlines() if not line.startswith("|"))


@pytest.mark.parametrize("name", DOCS)
def test_tables_are_those_of_the_code(name: str) -> None:
    """A table between markers says what the tables in code say, and no one edits it by hand."""
    assert written(DOCS[name]) == DOCS[name], f"docs/{name}.md differs from the code: `make docs` writes its tables."


def test_each_table_has_one_place() -> None:
    """Each of them stands on one page, once."""
    places = Counter(place[2] for page in DOCS.values() for place in MARKED.finditer(page))
    assert places == dict.fromkeys(TABLES, 1)
    assert sum(page.count("<!-- table:") + page.count("<!-- end -->") for page in DOCS.values()) == 2 * len(TABLES)


def test_a_table_edited_by_hand_is_replaced() -> None:
    """What stands between the markers is replaced, whatever it is, and nothing else."""
    page = "before\n<!-- table: triggers -->\n| by | hand |\n<!-- end -->\nafter\n"
    table = TABLES["triggers"]()
    assert written(page) == f"before\n<!-- table: triggers -->\n\n{table}\n<!-- end -->\nafter\n"
    assert written(written(page)) == written(page)


def test_the_example_of_settings_is_that_of_the_code() -> None:
    """Each setting stands in it once with its sentence and default. Only what one must fill in isn't commented out."""
    text = ENV_EXAMPLE.read_text()
    assert text == env_example(), ".env.example differs from bot/settings/declarations.py: `make docs` writes it."
    lines = re.findall(r"^(# )?([A-Z_]+)=(.*)$", text, re.MULTILINE)
    fields = Settings.model_fields
    assert sorted(name for _, name, _ in lines) == sorted(name.upper() for name in fields)
    assert {name.lower() for commented, name, _ in lines if not commented} == set(TO_FILL_IN)
    assert all(value == (default_of(fields[name.lower()]) or "") for _, name, value in lines)
    assert not [name for name, field in fields.items() if field.is_required() and name not in TO_FILL_IN]


def test_every_row_says_what_it_is() -> None:
    """A setting, metric, key, event, command or permission has words of its own, which its table shows."""
    sentences = [
        *((name, field.description) for name, field in Settings.model_fields.items()),
        *((metric.name, metric.description) for metric in METRICS),
        *((key.name, key.help) for key in KEYS),
        *((trigger.name, trigger.help) for trigger in TRIGGERS.values()),
        *((command.word, command.help) for command in COMMANDS),
        *((permission.word, permission.description) for permission in PERMISSIONS),
    ]
    assert not [name for name, sentence in sentences if not sentence]
    repeated = [sentence for sentence, times in Counter(sentence for _, sentence in sentences).items() if times > 1]
    assert not repeated


def test_the_version_is_one() -> None:
    """That of the package, which the metrics report, and that of the project."""
    assert f'\nversion = "{__version__}"\n' in (ROOT / "pyproject.toml").read_text()


def test_no_command_is_named_that_does_not_exist() -> None:
    """What the documentation says to type after /clust, `/clust help` knows."""
    words = {*SHORT_FORMS, *(word for command in COMMANDS for word in (command.word, *command.also))}
    typed = set(re.findall(r"/clust ([a-z]+)", TEXT))
    assert typed
    assert typed <= words


def test_the_life_of_a_delivery_is_drawn() -> None:
    """Each of its states stands in the drawing."""
    drawing = DOCS["delivery"].split("```")[1]
    assert set(State) <= set(re.findall(r"[a-z]+", drawing))


def test_the_readme_is_short() -> None:
    """A newcomer reads all of it. The rest is in docs/."""
    assert len(README.encode()) <= MAX_README_BYTES


@pytest.mark.parametrize("name", DOCS)
def test_no_page_is_only_tables(name: str) -> None:
    """Each page has a title, and says something around its tables."""
    assert DOCS[name].startswith("# ")
    assert len(_without_tables(DOCS[name]).split()) >= MIN_WORDS


def test_no_page_repeats_another() -> None:
    """No paragraph and no row of a table stands in two places of the documentation."""
    parts = [
        " ".join(part.split())
        for path in DOCUMENTS
        for block in MARKED.sub("", path.read_text()).split("\n\n")
        for part in (block.splitlines() if block.startswith("|") else [block])
        if not part.startswith("Measured on ")  # each table of benchmarks says where, by itself
    ]
    assert not [part for part, times in Counter(parts).items() if times > 1 and len(part) > 60]


def test_every_page_is_in_the_index() -> None:
    """And the README leads to each of them, too."""
    others = {f"{name}.md" for name in DOCS if name != "index"}
    assert others <= set(re.findall(r"\]\(([\w-]+\.md)\)", DOCS["index"]))
    assert {f"docs/{name}" for name in others} <= set(re.findall(r"\]\((docs/[\w-]+\.md)\)", README))


def _cited() -> Iterator[tuple[str, str]]:
    """Yield each number of a rule that code or tests cite, with the file."""
    for path in (*(ROOT / "bot").rglob("*.py"), *(ROOT / "tests").rglob("*.py")):
        for pattern in (CITED_BY_NAME, CITED_IN_BRACKETS):
            for cited in pattern.finditer(path.read_text()):
                yield from ((number.upper(), path.name) for number in re.findall(r"[A-Za-z]\d", cited[1]))


def test_each_cited_rule_stands_in_the_rules() -> None:
    """A reader of "rule R4" in code or in a test finds it in docs/rules.md, once."""
    rules = RULE.findall(DOCS["rules"])
    cited = set(_cited())
    assert len({number for number, _ in cited}) > 30
    assert sorted(rules) == sorted(set(rules))
    assert not {(number, file) for number, file in cited if number not in rules}


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
    in_text = {command.strip("`") for command in re.findall(r"`\.venv[^`]+`", TEXT)}
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


def test_every_make_command_in_the_documents_exists() -> None:
    """Each `make` command is a target, and the three that one needs stand alone on a line of the README."""
    targets = {line.split()[1] for line in TYPED if line.startswith("make ")}
    targets |= set(re.findall(r"`make ([a-z]+)", TEXT))
    assert targets <= _recipes().keys()
    typed_in_readme = {line.strip() for block in FENCED.findall(README) for line in block.splitlines()}
    assert {"make demo", "make run", "make test"} <= typed_in_readme


def _anchors(page: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```$", "", page, flags=re.DOTALL | re.MULTILINE), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_links_lead_somewhere(path: Path) -> None:
    """Those to files, and those to sections of a page."""
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text()):
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        page = (path.parent / file).resolve() if file else path
        assert page.is_file(), target
        assert not anchor or anchor in _anchors(page.read_text()), target


NAMED = re.compile(r"`([\w./-]*\w\.(?:py|yml|toml|txt|md|example|json|service)|\.env\.example|[\w-]+/[\w./-]*)`")
"""What is written as the path of a file or folder."""


@pytest.mark.parametrize("name", ["CONTRIBUTING", "architecture"])
def test_files_that_are_named_exist(name: str) -> None:
    """Each file and folder in it, from the root or from `bot`."""
    named = NAMED.findall(CONTRIBUTING if name == "CONTRIBUTING" else DOCS[name])
    assert len(named) > 10
    assert not [path for path in named if not (ROOT / path).exists() and not (ROOT / "bot" / path).exists()]


def test_tables_that_contributing_names_exist() -> None:
    """Each table that one adds a row to stands in the file that is named beside it."""
    text = " ".join(CONTRIBUTING.split())
    tables = re.findall(r"`([A-Z]\w+)` in `(bot/[\w/]+\.py)`", text)
    assert {name for name, _ in tables} >= {"TRIGGERS", "COMMANDS", "KEYS", "EVENTS", "Settings", "METRICS"}
    for name, path in tables:
        assert re.search(rf"^(class )?{name}\b", (ROOT / path).read_text(), re.MULTILINE), name


@pytest.mark.parametrize(
    "path",
    [*DOCUMENTS, *(ROOT / name for name in ("CHANGELOG.md", ".env.example", "manifest.yml"))],
    ids=lambda path: path.name,
)
def test_no_document_has_a_path_of_this_machine(path: Path) -> None:
    """No path of anyone's home, no index address, and no document that isn't here."""
    assert not re.search(r"/(?:home|root|work|tmp|Users)/|index-url|pypi\.|\.\./shared", path.read_text())


def _threats() -> list[str]:
    """Return the rows of SECURITY.md that say how a threat is met."""
    table = SECURITY.partition("## How each threat is met")[2].partition("\n`make")[0]
    return [line for line in table.splitlines() if line.startswith("| ")][1:]


def test_each_threat_has_a_control_or_a_reason() -> None:
    """B14: each row has one, or a reason why not. Its test stands in the row, and its function is found by name."""
    rows = {row.split("|")[1].strip(): row for row in _threats()}
    assert {control.threat for control in CONTROLS} | set(NOT_FUNCTIONS) == set(rows)
    for control in CONTROLS:
        assert f"`{control.test}`" in rows[control.threat], control.name
        assert function_of(control).__name__ == control.name.rpartition(".")[2]


def test_security_names_tests_that_exist() -> None:
    """Each test that is to show how a threat is met, in its file, and no row is without one."""
    rows = _threats()
    assert len(rows) > 10
    for row in rows:
        named = re.findall(r"`([\w/]+\.py)::(test_\w+)`", row)
        assert named, row
        for path, name in named:
            assert re.search(rf"^(async )?def {name}\(", (ROOT / "tests" / path).read_text(), re.MULTILINE), name
