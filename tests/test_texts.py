"""Every text that people read is marked for translation, held over the syntax trees of the package."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.language import _, speaking
from bot.demo.page.guard import HEADERS
from bot.sandbox.slack.user_actions import TROUBLE
from bot.slack.entry.commands import WORDS
from tests.pseudo_language import pseudo
from tests.syntax_trees import tree_of
from tests.texts import printed, template

BOT = Path(__file__).parents[1] / "bot"
ROOMS = ("slack/views", "slack/listeners", "slack/request", "slack/entry", "core/filters", "core/forms", "demo")
"""What people read is made here. The other rooms raise errors, whose texts are looked for too."""

MARKS = frozenset({"_", "N_", "ngettext"})
MARKED = rf"\b(?:{'|'.join(MARKS)})\("
UNREAD = frozenset(
    {
        *("get_logger", "compile", "run_periodically", "ValueError", "TypeVar", "Literal"),
        *("Malformed", "RequestRefused", "PlainTextResponse", "_refused"),
    }
)
"""Calls whose texts no person reads in Slack: the log's, patterns, mistakes of ours."""

RENDERERS = frozenset(
    {
        *("button", "header", "section", "context", "fields", "plain", "option", "confirm", "modal", "form", "select"),
        *("submit_modal", "overflow", "link_button", "plain_answer", "outcome_view", "UsageError", "NotAllowed"),
    }
)
"""Calls that show what they are given: for these, one capitalized word is a text."""

SENTENCE = re.compile(r"[A-Za-z']{2,},? [A-Za-z']{2,}")
WORD = re.compile(r"[^A-Za-z]*[A-Z][a-z]+…?\Z")

NAMES = frozenset(
    {
        *("Clust", "Clust API", 'template:"KYC company"', '"acme holding"', 'template:"KYC company" -title:test'),
        "pending submission",  # as Clust's API has it
        "not UTF-8",  # the answer to a request that no person made
        "wrong itself",  # no text, but a value that is none
        *HEADERS.values(),
    }
)
"""What is the same in every language: names, and examples to be typed."""


TYPED = frozenset({"clust", *WORDS})
"""Words that begin a text which is typed as it is: a command with its arguments."""


def _calls(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> Iterator[str]:
    """Yield the names of the calls that a node stands in as an argument, the nearest first."""
    while (parent := parents.get(node)) is not None:
        if isinstance(parent, ast.Call) and node is not parent.func:
            function = parent.func
            if isinstance(function, ast.Attribute):
                if isinstance(function.value, ast.Name) and function.value.id == "log":
                    yield "get_logger"
                yield function.attr
            elif isinstance(function, ast.Name):
                yield function.id
        node = parent


def _unmarked(file: Path) -> Iterator[str]:
    tree = tree_of(file)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        parent = parents[node]
        is_key = isinstance(parent, ast.Dict) and node not in parent.values
        if is_key or isinstance(parent, ast.Expr | ast.Subscript | ast.Compare):
            continue
        calls = list(_calls(node, parents))
        if (
            MARKS & set(calls)
            or UNREAD & set(calls)
            or node.value in NAMES
            or node.value.split(" ")[0].lstrip("/") in TYPED
        ):
            continue
        nearest = next((name for name in calls), "")
        if SENTENCE.search(node.value) or (nearest in RENDERERS and WORD.match(node.value)):
            yield f"{file.relative_to(BOT)}:{node.lineno} {node.value!r}"


@pytest.mark.parametrize("room", ROOMS)
def test_no_text_reaches_people_past_the_catalogue(room: str) -> None:
    """A sentence, or a word on a button, stands inside `_()`, `ngettext()` or `N_()`."""
    assert [one for file in sorted((BOT / room).rglob("*.py")) for one in _unmarked(file)] == []


def test_the_list_of_texts_has_each_with_its_place() -> None:
    """`make texts` prints what the template of a catalogue holds."""
    lines = printed(template())
    place = next(at for at, line in enumerate(lines) if line.strip() == "Sorry, only admins can do this.")
    assert lines[place - 1].startswith("bot/core/permissions.py:")
    assert re.fullmatch(r"[\d,]+ texts", lines[-1])


def test_the_list_has_every_marked_text() -> None:
    """Babel misses marks in an f-string and texts around other marks, and it keeps one plural for each singular.

    What the list lacks is never translated.
    """
    listed = {message.id[0]: message.id[1] for message in template() if isinstance(message.id, list | tuple)}
    listed |= {message.id: "" for message in template() if isinstance(message.id, str)}
    missing = []
    for file in sorted(BOT.rglob("*.py")):
        for node in ast.walk(tree_of(file)) if re.search(MARKED, file.read_text()) else ():
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
                if node.func.id == "ngettext" and not all(isinstance(each, ast.Constant) for each in node.args[:2]):
                    missing.append((file.name, ast.unparse(node)))
                match [each.value for each in node.args if isinstance(each, ast.Constant)]:
                    case [str(text)] if text not in listed:
                        missing.append((file.name, text))
                    case [str(text), str(plural)] if listed.get(text) != plural:
                        missing.append((file.name, plural))
    assert missing == []


def test_every_text_can_be_filled_in() -> None:
    """What stands in braces is a name, with a format that a translation can keep."""
    for message in template():
        for text in [message.id] if isinstance(message.id, str) else message.id:
            if isinstance(text, str) and "{" in text and '{"' not in text:
                assert re.fullmatch(r"([^{}]|\{\{|\}\}|\{[a-z_]*(:[^{}]*)?\})*", text), text
    with speaking(pseudo("xa")):
        assert _("{date_short_pretty} at {time}") == "⟦{date_short_pretty} at {time}⟧"


OLD_WORDS = re.compile(r"; |\b(anew|nobody knows|whom to|as far as|e-mail|we|us)\b", re.IGNORECASE)
"""What texts had before they were plain English: sentences joined by semicolons, and another voice than the bot's."""


def test_texts_stay_in_plain_english() -> None:
    """One idea a sentence, and the bot says I."""
    messages = [message.id for message in template() if message.id]
    forms = [form for each in messages for form in (each if isinstance(each, list | tuple) else [each])]
    assert [form for form in forms if OLD_WORDS.search(form) and form != TROUBLE] == []  # Slack says we
