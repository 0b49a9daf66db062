"""The house rules of names, held over the syntax trees of the package (docs/architecture.md)."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from tests.syntax_trees import tree_of

ROOT = Path(__file__).parents[1]
BOT = ROOT / "bot"
VERSIONS = BOT / "store" / "engine" / "migrations" / "versions"
MAX_MODULES = 20
"""In one folder. More is a room that wants rooms."""

BANNED = frozenset(
    {"told", "said", "shown", "known", "found", "mine", "here", "these"}
    | {"notice", "notices", "maker", "makers", "taken", "taken_by", "taker", "takers", "crew", "rush"}
    | {"visitor", "visitors", "bodies", "familiar", "herald", "heralds", "tidying", "stamped", "stamped_view"}
    | {
        "tell",
        "telling",
        "anew",
        "knob",
        "knobs",
        "tethered",
        "besieged",
        "ward",
        "settler",
        "asked",
        "wanted",
        "what",
        "this",
    }
)
"""Identifiers that don't say what they hold (a response, a payload, rows, applications …), and words that were ours
alone: the field says notification, owner, assignee, request body."""

LITERAL = re.compile(r"""\"{3}(?:\\.|[^\\])*?\"{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\#[^\n]*""", re.DOTALL)
"""A string, without its prefix, or a comment."""

DURATION_DOCSTRING = re.compile(r'"""(?:Seconds|Milliseconds|Time |How long)')
DURATION_NAME = re.compile(r"\b(?!HAS_)[A-Z_]*(?:TIMEOUT|LIFE|LIFETIME|INTERVAL|DELAY|PATIENCE|LEASE|EVERY)\b")
"""What says of a number that it is a duration."""

UNCLEAR_DURATION = re.compile(
    r"\b((?!\w*_seconds\b)(?:\w+_)?(?:interval|lease|delay|patience|within|every|lifetime|gap|pause|age)(?:_\w+)?)"
    r": (?:float|int)\b"
)
"""A field or an argument that is a duration as a number, without its unit. `timeout` is Python's own word: seconds."""

WITH_NAMES_OF_SETTINGS = frozenset({"settings/declarations.py"})
"""Where a duration has the name of its setting, which stays."""

VAGUE_LIMIT = re.compile(r"_*(?:MOST|FEWEST)_[A-Z_]+")
"""A limit is called MAX_… or MIN_…."""

MAY_BIND = re.compile(rf"(?i:\b_*(?:{'|'.join(BANNED)})_*\b)|\b{VAGUE_LIMIT.pattern}\b")

NAMED_TYPE = re.compile(r"^ *class _*(\w+)[(:\[]|^_*([A-Z][a-z]\w*)(?:: TypeAlias)? = (?!TypeVar\()", re.MULTILINE)
"""A class, or an alias of a type, by its name without underscores. A type variable belongs to its module alone."""

BRITISH = re.compile(
    r"(?i)(?:normal|recogn|organ|summar|serial|capital|initial|optim|synchron|categor|author|custom)is(?:e|ing|ation)"
    r"|colour|neighbour|behaviour|favour|honour|labelled(?!by)|modelled|travelled|licence|misspelt|judgement|defence|centre\b"
)
"""Words that are spelled otherwise in the United States."""

JOINED = re.compile(r"(?i);|\b(?:anew|as far as|meanwhile|nobody|whoever)\b")
"""A semicolon, which joins two sentences, and words that few people say."""

CODE_IN_PROSE = re.compile(r"`[^`]*`|https?://\S+")
"""Code or an address within a sentence."""

MIN_LINES_TO_MIRROR = 60
"""A module of more lines has a test file of its own."""

MAX_WITHOUT_MIRROR = 30
"""Modules of that length without one, at most. More would be a habit."""

BY_THE_COMMAND_LINE = "tests/test_cli.py gives the command line as a person does"
BY_THE_DEMO = "tests/demo/test_run.py starts it as a process of its own, where nothing is measured"
BY_THE_WINDOWS = "declarations without a function: tests/slack/views draw each of them, test_windows.py most"
VALUES = "values without a function: whoever makes them and whoever reads them is tested"
BY_THE_STAND_IN = (
    "tests/sandbox/slack/test_stand_in.py and test_user_actions.py run it with a Bolt app on the other side"
)

NO_MIRROR: Mapping[str, str] = {
    "cli/arguments.py": BY_THE_COMMAND_LINE,
    "cli/doctor.py": BY_THE_COMMAND_LINE,
    "core/forms/action_forms.py": BY_THE_WINDOWS,
    "core/forms/admin_forms.py": BY_THE_WINDOWS,
    "core/forms/subscription_forms.py": BY_THE_WINDOWS,
    "core/notifications/admin_notifications.py": VALUES,
    "core/notifications/event_history.py": VALUES,
    "demo/run.py": BY_THE_DEMO,
    "demo/bot_process.py": BY_THE_DEMO,
    "demo/bot_child.py": BY_THE_DEMO,
    "demo/terminal.py": BY_THE_DEMO,
    "sandbox/clust/fake_people.py": "names of people: tests/sandbox/clust/test_stand_in.py adds applications of them",
    "sandbox/clust/serving.py": "how an account is reached: any test of bot/clust asks through it",
    "sandbox/slack/block_kit/limits.py": "Slack's limits as a table, which test_validation.py beside it holds",
    "sandbox/slack/browser.py": "the browser of an install: test_enterprise_grid.py goes through its pages",
    "sandbox/slack/interaction.py": BY_THE_STAND_IN,
    "sandbox/slack/link_actions.py": "what people do with cards of links: tests/slack/listeners/links do it",
    "sandbox/slack/requests_to_bot.py": BY_THE_STAND_IN,
    "sandbox/slack/server.py": BY_THE_STAND_IN,
    "sandbox/slack/state.py": BY_THE_STAND_IN,
    "sandbox/slack/work_objects/panes.py": "the pane of a card: tests/sandbox/slack/web_api/test_links.py opens it",
    "sandbox/slack/workflows.py": "Workflow Builder: tests/slack/entry/test_steps.py runs its steps",
    "slack/listeners/channel_visibility.py": "one question, tested at each place that asks it (test_foreign_ids.py)",
    "slack/request/services.py": "what a request is given: no listener runs without it",
    "store/clust/applications.py": "half: searches, assigning and reclassifying are tested where they are used",
    "store/notifications/departed_people.py": "its rule alone: tests/delivery/test_owner_check.py lets people leave",
    "store/__init__.py": "joins the parts of the store: nothing that opens one runs without it",
    "store/engine/tables.py": "columns, compared with the migrations by tests/store/engine/test_upgrade.py",
    "wiring/diagnosing.py": "what the doctor is given: each test of tests/doctor runs it",
}
"""Modules without a test file of their name, or with one that does not run 60 % of them, each with the reason."""


@cache
def sources() -> dict[str, str]:
    """Return the source of each module, by its path from `bot`."""
    return {
        str(path.relative_to(BOT)): path.read_text(encoding="utf-8")
        for path in sorted(BOT.rglob("*.py"))
        if VERSIONS not in path.parents
    }


def mirror_of(module: str) -> str:
    """Return where the test file of a module belongs, from the root: `tests/` mirrors `bot/`."""
    path = Path(module)
    return str(Path("tests") / path.parent / f"test_{path.name}")


def mirrored_modules() -> set[str]:
    """Return the modules that have a test file of their name."""
    return {path for path in sources() if (ROOT / mirror_of(path)).exists()}


def bound_names(tree: ast.Module) -> Iterator[str]:
    """Yield each name that a module binds: variables, arguments, attributes, functions, classes, fields, imports."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case (
                ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
                | ast.MatchMapping(rest=str(name))
                | ast.ExceptHandler(name=str(name))
            ):
                yield name
            case ast.alias():
                yield node.asname or node.name
            case _:
                pass


def says_nothing(name: str) -> bool:
    """Return whether an identifier doesn't say what it holds, in capitals or not."""
    return name.strip("_").lower() in BANNED or VAGUE_LIMIT.fullmatch(name) is not None


def code_of(source: str) -> str:
    """Return a source without its comments and strings, but for f-strings: there is code in them."""

    def kept(literal: re.Match[str]) -> str:
        prefix = source[max(literal.start() - 2, 0) : literal.start()]
        return literal[0] if "f" in prefix.lower() else " "

    return LITERAL.sub(kept, source)


def constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr, str]]:
    """Give the name, value and docstring of each constant of a module that has a docstring."""
    for statement, following in zip(tree.body, tree.body[1:], strict=False):
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            name, value = statement.targets[0].id, statement.value
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
            name, value = statement.target.id, statement.value
        else:
            continue
        if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            yield name, value, str(following.value.value)


def is_number(value: ast.expr) -> bool:
    """Return whether a constant is a number, or computed from numbers and other constants."""
    if isinstance(value, ast.BinOp):
        return is_number(value.left) and is_number(value.right)
    return isinstance(value, ast.Name) or (
        isinstance(value, ast.Constant) and isinstance(value.value, int | float) and not isinstance(value.value, bool)
    )


def test_no_class_or_alias_has_the_name_of_another() -> None:
    """The name of a class, or of an alias of a type, says which one is meant, with and without an underscore."""
    modules = defaultdict(list)
    for path, source in sources().items():
        for in_class, in_alias in NAMED_TYPE.findall(code_of(source)):
            modules[in_class or in_alias].append(path)
    assert {name: paths for name, paths in modules.items() if len(paths) > 1} == {}


def test_the_store_names_each_part_after_its_module() -> None:
    """`store.outbox` is in `outbox.py`: a reader of the attribute finds the file."""
    tree = ast.parse(sources()["store/__init__.py"])
    modules = {
        name.name: node.module.rpartition(".")[2]
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("bot.store.")
        for name in node.names
    }
    (store,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Store")
    fields = {
        ast.unparse(node.annotation): ast.unparse(node.target) for node in store.body if isinstance(node, ast.AnnAssign)
    }
    parts = {field: modules[annotation] for annotation, field in fields.items() if annotation in modules}
    assert len(parts) == len(fields) - 1  # all but `share`
    assert {field: module for field, module in parts.items() if field != module} == {}


def test_no_folder_is_a_heap() -> None:
    """A folder holds at most 20 modules."""
    counts: dict[Path, int] = defaultdict(int)
    for path in sources():
        counts[Path(path).parent] += not path.endswith("__init__.py")
    assert {str(folder): count for folder, count in counts.items() if count > MAX_MODULES} == {}


def test_identifiers_say_what_they_hold() -> None:
    """No variable, argument, attribute or function has a name that says nothing."""
    tests = {str(path): path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("tests/**/*.py"))}
    unclear = {
        path: set(filter(says_nothing, bound_names(ast.parse(source))))
        for path, source in {**sources(), **tests}.items()
        if MAY_BIND.search(code_of(source))  # to parse every file takes four seconds
    }
    assert {path: names for path, names in unclear.items() if names} == {}


def unclear_constants() -> Iterator[str]:
    """Yield the numbers whose docstring, or another word of the name, says something that belongs into the name."""
    for path, source in sources().items():
        if not (DURATION_DOCSTRING.search(source) or DURATION_NAME.search(source) or "at most" in source.lower()):
            continue
        for name, value, docstring in constants(tree_of(BOT / path)):
            if not is_number(value):
                continue
            is_duration = DURATION_DOCSTRING.match(f'"""{docstring}') or DURATION_NAME.search(name)
            is_limit = "at most" in docstring.lower() and "MAX_" not in name
            if (is_duration and "SECONDS" not in name) or is_limit:
                yield f"{path}:{name}"


def unclear_durations() -> Iterator[str]:
    """Yield the fields and arguments that are durations as numbers of a unit that their name lacks."""
    for path, source in sources().items():
        if path in WITH_NAMES_OF_SETTINGS or not UNCLEAR_DURATION.search(source):
            continue
        yield from (f"{path}:{name}" for name in UNCLEAR_DURATION.findall(code_of(source)))


def test_a_constant_says_its_unit_and_that_it_is_a_limit() -> None:
    """A number of seconds is called …_SECONDS and a limit MAX_…, or the duration is a timedelta."""
    assert sorted(unclear_constants()) == []


def test_an_argument_says_the_unit_of_its_duration() -> None:
    """A duration is a timedelta, or a number called …_seconds."""
    assert sorted(unclear_durations()) == []


def test_each_module_has_a_test_file_of_its_name() -> None:
    """`tests/` mirrors `bot/`. `python -m tests.mirrors` measures how much of a module its own test file runs."""
    long = {path for path, source in sources().items() if source.count("\n") > MIN_LINES_TO_MIRROR}
    assert sorted(long - mirrored_modules() - set(NO_MIRROR)) == []


def test_each_module_without_a_mirror_is_there() -> None:
    """The list has no reasons left over, and stays short."""
    short = {path for path, source in sources().items() if source.count("\n") <= MIN_LINES_TO_MIRROR}
    assert set(NO_MIRROR) - set(sources()) | set(NO_MIRROR) & short == set()
    assert len(NO_MIRROR) <= MAX_WITHOUT_MIRROR


def prose(source: str) -> Iterator[str]:
    """Yield the docstrings and comments of a module, without the code in them."""
    for literal in LITERAL.finditer(source):
        begins_line = not source[source.rfind("\n", 0, literal.start()) + 1 : literal.start()].strip()
        if literal[0].startswith("#") or (begins_line and literal[0].startswith('"""')):
            yield CODE_IN_PROSE.sub("", literal[0])


def test_docstrings_and_comments_are_plain_sentences() -> None:
    """No semicolon joins two sentences, and no word of them is archaic."""
    joined = {
        str(path.relative_to(ROOT)): [text for text in prose(path.read_text(encoding="utf-8")) if JOINED.search(text)]
        for path in [*BOT.rglob("*.py"), *ROOT.glob("tests/**/*.py")]
    }
    assert {path: texts for path, texts in joined.items() if texts} == {}


def test_spelling_is_american() -> None:
    """Code and documentation are spelled one way. Comments in the database stay as they were released.

    `acknowledgement`, `catalogue` and `cancelled` are in use: American dictionaries have them as variants.
    """
    files = [path for root in (BOT, ROOT / "tests", ROOT / "docs", ROOT / ".github") for path in root.rglob("*.*")]
    as_released = {BOT / "store" / "engine" / "tables.py", Path(__file__)}
    texts = {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for path in [*files, ROOT / "README.md", ROOT / "CHANGELOG.md"]
        if path.suffix in {".py", ".js", ".css", ".html", ".md"}
        and VERSIONS not in path.parents
        and path not in as_released
    }
    wrong = BRITISH.findall("\n".join(set[str]().union(*map(str.split, texts.values()))))
    assert {path: word for path, text in texts.items() for word in wrong if word in text} == {}
