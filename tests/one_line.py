"""`python -m tests.one_line [KIND …]`: whether a new feature of each kind is one row, and what else it costs.

Toy rows are added to a copy of the repository, one after the other: a command, a form field, a filter key, a trigger, a
button, a built-in act, a placeholder, a setting and a metric, each as a contributor writes it: the row, its function
where it has one, and its example where a test asks for one. After each, what is generated is written by its commands,
new texts are translated, and the tests that look at tables run. Prints how many lines were added by hand, how many
texts want a translation, and the tests that broke. Returns 1 if one did. Part of `make faults`.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Addition:
    """Lines that are added to a file, before the only place where it has the text `before`."""

    file: str
    before: str
    lines: str


@dataclass(frozen=True, slots=True)
class Toy:
    """All that is written by hand for a row of one kind. `tests` look at rows of this kind alone."""

    kind: str
    additions: tuple[Addition, ...]
    tests: tuple[str, ...] = ()


TOYS: tuple[Toy, ...] = (
    Toy(
        "command",
        (
            Addition(
                "bot/slack/entry/commands.py",
                "COMMANDS: tuple",
                '''\
async def toy(request: Request, line: CommandLine) -> Message:
    """Answer `toy ID`."""
    return await why(request, line)


''',
            ),
            Addition(
                "bot/slack/entry/commands.py",
                '    Command(\n        "help",',
                """\
    Command(
        "toy",
        "toy ID",
        N_("Plays with an application."),
        ("toy 123",),
        Role.VIEWER,
        toy,
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
                "bot/core/forms/application_forms.py",
                "    webhook_url: Annotated",
                '    toy: Annotated[str | None, Field(N_("Toy"), hint=N_("What to play with."))] = None\n',
            ),
            Addition(
                "bot/core/clust_api/wire_names.py",
                '    "webhook_url": FieldMapping',
                '    "toy": FieldMapping("toy"),\n',
            ),
            Addition("bot/sandbox/clust/validation.py", '    FieldRule("webhook.url",', '    FieldRule("toy"),\n'),
            Addition("tests/clust/test_application_fields.py", '    "webhook_url": "https', '    "toy": "bear",\n'),
            Addition("tests/clust/test_application_fields.py", '    "webhook": {"url"', '    "toy": "bear",\n'),
            Addition("tests/doctor/openapi/foreign.yaml", "        callback:", "        toy: {type: string}\n"),
        ),
        ("tests/doctor/openapi", "tests/sandbox/clust"),
    ),
    Toy(
        "filter key",
        (
            Addition(
                "bot/core/filters/keys.py",
                '    Key("connection",',
                """\
    Key("toys", N_("Number of its toys"), "toys:>3",
        N_("a number"), N_("number of toys is {value}"), N_("number of toys is not {value}"),
        number_reader("toys", lambda seen: seen.eligible), N_("the number of toys"), is_closed=True),
""",
            ),
        ),
    ),
    Toy(
        "trigger",
        (
            Addition(
                "bot/core/applications/triggers.py",
                "def _rose_to(",
                """\
def _toyed(before: Snapshot | None, after: Snapshot) -> bool:
    last = before.application.external_id if before else None
    return after.application.external_id == "toy" != last


""",
            ),
            Addition(
                "bot/core/applications/triggers.py",
                '    )\n}\n"""All triggers,',
                """\
        Trigger(
            "toyed",
            N_("Toyed with"),
            lambda count: ngettext("{count} toyed with", "{count:,} toyed with", count),
            "🧸",
            N_("Someone played with an application."),
            _toyed,
            urgency=6,
            names_missing=True,
        ),
""",
            ),
            Addition(
                "tests/core/applications/test_triggers.py",
                '}\n"""For each trigger,',
                '    "toyed": (OPEN, {**OPEN, "external_id": "toy"}),\n',
            ),
        ),
        ("tests/doctor/test_sample_posting.py", "tests/store/notifications/test_digests.py"),
    ),
    Toy(
        "button",
        (
            Addition("bot/slack/views/building/ids.py", "FLOOD =", 'TOY = "card.toy"\n'),
            Addition(
                "bot/slack/entry/buttons.py",
                "REDRAWN: Mapping",
                '''\
async def _play(request: Request, value: str) -> None:
    """Open a toy."""
    await _details(request, value)


''',
            ),
            Addition(
                "bot/slack/entry/buttons.py",
                "        Button(ids.FLOOD,",
                "        Button(ids.TOY, Role.VIEWER, _play),\n",
            ),
            Addition("tests/slack/entry/test_buttons.py", '    ids.FLOOD: "1",', '    ids.TOY: "1",\n'),
        ),
        ("tests/slack/listeners/test_foreign_ids.py",),
    ),
    Toy(
        "built-in act",
        (
            Addition(
                "bot/slack/listeners/actions/built_in.py",
                "BUILT_IN: Mapping",
                """\
async def _play(_request: Request, _snapshot: Snapshot, _values: Mapping[str, Any]) -> Done:
    return Done(_("Played."))


""",
            ),
            Addition(
                "bot/slack/listeners/actions/built_in.py",
                '        BuiltInAct("delete",',
                '        BuiltInAct("toy", N_("Play"), Role.EDITOR, _play),\n',
            ),
        ),
        ("tests/slack/listeners/actions",),
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
            Addition(
                "bot/observability/measuring.py",
                "    def _throttled(",
                '''\
    def played(self, service: str) -> None:
        """Count a toy that was played with."""
        self.metrics.count("clustbot_toys", service=service)

''',
            ),
        ),
    ),
)

SNAPSHOTS = ("tests/slack/views/test_windows.py", "tests/slack/views/test_cards_and_home.py")

GENERATORS: tuple[Sequence[str], ...] = (
    ("-m", "tests.docs_tables"),
    ("-m", "bot", "manifest", "--write"),
    ("-m", "tests.texts", "--update", "fr"),
    ("-m", "pytest", "-q", "-n", "0", "--snapshot-update", *SNAPSHOTS),
)
"""The commands that write what is generated: tables in docs/, `manifest.yml`, catalogues, snapshots."""

TESTS_OF_TABLES = (
    "tests/clust",
    "tests/core",
    "tests/observability",
    "tests/settings",
    "tests/slack/entry",
    "tests/slack/request",
    "tests/slack/views",
    "tests/test_catalogues.py",
    "tests/test_deploy.py",
    "tests/test_docs.py",
    "tests/test_house.py",
    "tests/test_manifest.py",
    "tests/test_texts.py",
)
"""Tests that read tables of rows, or a list that could have to follow one."""

_BROKEN = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


def add(copy: Path, addition: Addition) -> int:
    """Add lines to a file of the copy, and return how many.

    Raises ValueError where the place isn't found once.
    """
    path = copy / addition.file
    text = path.read_text(encoding="utf-8")
    if text.count(addition.before) != 1:
        raise ValueError(f"{addition.file} must hold once what the toy stands before: {addition.before!r}")
    path.write_text(text.replace(addition.before, addition.lines + addition.before), encoding="utf-8")
    return len(addition.lines.splitlines())


def copy_of_repository(folder: Path) -> Path:
    """Copy the files that git tracks into a folder, and return the copy."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S607  git by its name
    copy = folder / "copy"
    for name in filter(None, names.stdout.split("\0")):
        target = copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    return copy


def generate(copy: Path) -> None:
    """Write what is generated. Raises CalledProcessError if a command of it fails."""
    for command in GENERATORS:
        subprocess.run([sys.executable, *command], cwd=copy, check=True, capture_output=True)  # noqa: S603  our own commands


def translate(copy: Path) -> int:
    """Translate each text that lacks it, as a person would, but with its English, and return how many there were."""
    untranslated = 0
    for path in sorted((copy / "bot" / "locales").glob("*.po")):
        catalogue = read_po(BytesIO(path.read_bytes()), locale=path.stem, abort_invalid=True)
        for message in catalogue:
            if message.id and not any(message.string or ""):
                message.string = message.id
                untranslated += 1
        po = BytesIO()
        write_po(po, catalogue, width=120)
        path.write_bytes(po.getvalue())
    return untranslated


def broken_in(copy: Path, tests: Sequence[str]) -> list[str]:
    """Run tests of the copy, and return those that fail."""
    run = subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-m", "pytest", "-q", "-m", "not long", "-p", "no:cacheprovider", *tests],
        cwd=copy,
        check=False,
        capture_output=True,
        text=True,
    )
    broken = sorted(set(_BROKEN.findall(run.stdout)))
    return broken if broken or run.returncode == 0 else [run.stdout[-2000:] + run.stderr[-2000:]]


def main(kinds: Sequence[str]) -> int:
    """Try the toys of these kinds, or all, and return how many broke a test."""
    worse = 0
    for toy in TOYS:
        if kinds and toy.kind not in kinds:
            continue
        with tempfile.TemporaryDirectory() as folder:
            copy = copy_of_repository(Path(folder))
            lines = sum(add(copy, addition) for addition in toy.additions)
            generate(copy)
            texts = translate(copy)
            broken = broken_in(copy, (*TESTS_OF_TABLES, *toy.tests))
        worse += bool(broken)
        print(
            f"{toy.kind:<12}  {lines:2} lines in {len(toy.additions)} places, {texts} texts to translate, "
            f"{len(broken)} tests broken",
            *(f"\n    {test}" for test in broken),
            flush=True,
        )
    return worse


if __name__ == "__main__":
    sys.exit(min(1, main(sys.argv[1:])))
