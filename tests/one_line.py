"""`python -m tests.one_line [KIND …]`: whether a new feature of each kind is one row, and what else it costs.

Toy rows are added to a copy of the repository, one after the other: a command, a form field, a filter key, a trigger,
a button, a built-in act, a placeholder, a setting and a metric. After each, the generated documents and snapshots are
written by their commands, and the tests that look at tables run. Prints lines added by hand and tests broken; returns 1
if a test broke that doesn't ask for the row's own example. Part of `make faults`.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Addition:
    """Lines that are added to a file, before the first line that begins with `before`."""

    file: str
    before: str
    lines: str


@dataclass(frozen=True, slots=True)
class Toy:
    """A row of one kind. `asks` are tests, as parts of their names, that want an example of each row of its table."""

    kind: str
    additions: tuple[Addition, ...]
    asks: tuple[str, ...] = ()


TOYS: tuple[Toy, ...] = (
    Toy(
        "command",
        (
            Addition(
                "bot/slack/entry/commands.py",
                '    Command(\n        "help",',
                """\
    Command(
        "toy",
        "toy [ID]",
        N_("Plays with an application."),
        ("toy", "toy 123"),
        Role.VIEWER,
        show_application,
        registered="/clust-toy",
    ),
""",
            ),
        ),
    ),
    Toy(
        "field",
        (
            Addition(
                "bot/core/forms/forms.py",
                "    webhook_url: Annotated",
                '    toy: Annotated[str | None, Field(N_("Toy"), hint=N_("What to play with."))] = None\n',
            ),
            Addition(
                "bot/core/clust_api/form_fields.py",
                '    "webhook_url": FieldMapping',
                '    "toy": FieldMapping("toy"),\n',
            ),
        ),
        asks=("test_each_field_has_an_example",),
    ),
    Toy(
        "filter key",
        (
            Addition(
                "bot/core/filters/keys.py",
                '    Key("connection",',
                """\
    Key("toy", N_("Number of its toys"), "toy:>3",
        N_("a number"), N_("{value} toys"), N_("not {value} toys"),
        number_reader("progress", lambda seen: seen.progress), N_("the number of toys")),
""",
            ),
        ),
    ),
    Toy(
        "trigger",
        (
            Addition(
                "bot/core/applications/triggers.py",
                '    )\n}\n"""All triggers,',
                '        Trigger("toyed", N_("Toyed"), "🧸", N_("Someone played."), lambda *_: False, urgency=6),\n',
            ),
        ),
        asks=("test_each_trigger_has_an_example",),
    ),
    Toy(
        "button",
        (
            Addition("bot/slack/views/building/ids.py", "FLOOD =", 'TOY = "card.toy"\n'),
            Addition(
                "bot/slack/entry/buttons.py",
                "        Button(ids.FLOOD,",
                "        Button(ids.TOY, Role.VIEWER, _nothing),\n",
            ),
        ),
        asks=("test_each_button_has_an_example",),
    ),
    Toy(
        "built-in act",
        (
            Addition(
                "bot/slack/listeners/actions/built_in.py",
                '        BuiltInAct("delete",',
                '        BuiltInAct("toy", N_("Play"), Role.EDITOR, _unassign),\n',
            ),
        ),
    ),
    Toy(
        "placeholder",
        (
            Addition(
                "bot/core/saved_actions/placeholders.py",
                '        PlaceholderRow(\n            "text",',
                '        PlaceholderRow("toy", "a toy", lambda use: f"toy of {use.user}", N_("There is no toy.")),\n',
            ),
        ),
    ),
    Toy(
        "setting",
        (
            Addition(
                "bot/settings/declarations.py",
                "    log_level: Annotated",
                '    toy_days: PositiveInt = Field(7, description="Days for which toys are kept.")\n',
            ),
        ),
    ),
    Toy(
        "metric",
        (
            Addition(
                "bot/observability/metrics.py",
                '    Metric("clustbot_throttled",',
                '    Metric("clustbot_toys", "counter", "Toys played with.", ("service",)),\n',
            ),
        ),
        asks=("test_the_dashboard_shows_every_metric",),
    ),
)

GENERATORS: tuple[Sequence[str], ...] = (
    ("-m", "tests.docs_tables"),
    ("-m", "bot", "manifest", "--write"),
    ("-m", "pytest", "-q", "-n", "0", "--snapshot-update", "tests/slack/views/test_windows.py"),
)
"""The commands that write what is generated: tables in docs/, `manifest.yml`, snapshots of windows."""

TESTS_OF_TABLES = (
    "tests/clust",
    "tests/core",
    "tests/observability",
    "tests/slack/entry",
    "tests/slack/views",
    "tests/test_deploy.py",
    "tests/test_docs.py",
    "tests/test_house.py",
    "tests/test_manifest.py",
    "tests/settings",
)
"""Tests that read a table of rows, or a list that could have to follow it."""

_BROKEN = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


def add(copy: Path, addition: Addition) -> int:
    """Add lines to a file of the copy; returns how many. Raises ValueError where the place isn't found once."""
    path = copy / addition.file
    text = path.read_text(encoding="utf-8")
    if text.count(addition.before) != 1:
        raise ValueError(f"{addition.file} must hold once what the toy stands before: {addition.before!r}")
    path.write_text(text.replace(addition.before, addition.lines + addition.before), encoding="utf-8")
    return len(addition.lines.splitlines())


def copy_of_repository(folder: Path) -> Path:
    """Copy the files that git tracks into a folder; returns the copy."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S607  git by its name
    copy = folder / "copy"
    for name in filter(None, names.stdout.split("\0")):
        target = copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    return copy


def broken_by(copy: Path) -> list[str]:
    """Write what is generated, run the tests of tables, and return those that fail."""
    for command in GENERATORS:
        subprocess.run([sys.executable, *command], cwd=copy, check=False, capture_output=True)  # noqa: S603  our own commands
    run = subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-m", "pytest", "-q", "-m", "not long", "-p", "no:cacheprovider", *TESTS_OF_TABLES],
        cwd=copy,
        check=False,
        capture_output=True,
        text=True,
    )
    broken = sorted(set(_BROKEN.findall(run.stdout)))
    return broken if broken or run.returncode == 0 else [run.stdout[-2000:] + run.stderr[-2000:]]


def main(kinds: Sequence[str]) -> int:
    """Try the toys of these kinds, or all; returns how many broke what they shouldn't."""
    worse = 0
    for toy in TOYS:
        if kinds and toy.kind not in kinds:
            continue
        with tempfile.TemporaryDirectory() as folder:
            copy = copy_of_repository(Path(folder))
            lines = sum(add(copy, addition) for addition in toy.additions)
            broken = broken_by(copy)
        unrelated = [test for test in broken if not any(asks in test for asks in toy.asks)]
        worse += bool(unrelated)
        print(
            f"{toy.kind:<10}  {lines:2} lines in {len(toy.additions)} places, {len(broken)} tests broken, "
            f"{len(broken) - len(unrelated)} of them ask for the row's own example",
            *(f"\n    {test}" for test in unrelated),
            flush=True,
        )
    return worse


if __name__ == "__main__":
    sys.exit(min(1, main(sys.argv[1:])))
