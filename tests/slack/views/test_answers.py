"""What people read when a command has a mistake, fails or is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.core.errors import BotError, ClustRejected, ClustUnreachable, UsageError
from bot.core.filters.language import FilterError
from bot.slack.views import answers
from bot.slack.views.refusals import not_allowed

Read = Callable[[Any], list[str]]


def test_an_unknown_word_is_answered_with_the_nearest(read: Read) -> None:
    """A button runs the corrected text."""
    assert read(answers.unknown_word("lst", "list", "list late:yes")) == [
        "Unknown command `/clust lst`. Did you mean `/clust list`?",
        "[Run /clust list late:yes command.run list late:yes]",
        "  Type `/clust help` for all commands.",
    ]
    assert read(answers.unknown_word("<!here>")) == ["Unknown command `/clust &lt;!here&gt;`. Try `/clust help`."]


def test_a_correction_too_long_for_a_button_has_none(read: Read) -> None:
    """The nearest word is named all the same."""
    assert len(read(answers.unknown_word("lst", "list", "list " + "x" * 2000))) == 2


def test_a_mistake_in_a_filter_is_pointed_at(read: Read) -> None:
    """The sentence, the place in a fixed-width font, and what would be right."""
    text = "status:open lat:yes"
    error = FilterError("I don't know the filter `lat`. Did you mean `late`?", 12, 3)
    answer = answers.usage_error(error, error.pointed(text), "list [filter]", "list late:yes")
    assert read(answer) == [
        "I don't know the filter `lat`. Did you mean `late`?",
        "```",
        "status:open lat:yes",
        "            ^^^",
        "```",
        "  Usage: `/clust list [filter]`",
        "  For example: `/clust list late:yes`",
    ]


def test_a_mistake_without_a_place_is_one_sentence(read: Read) -> None:
    """Usage and example are left out where there are none."""
    assert read(answers.usage_error(UsageError("Which one?"))) == ["Which one?"]
    assert read(answers.usage_error(UsageError())) == ["I don't understand that."]


@pytest.mark.parametrize(
    ("error", "lines"),
    [
        (
            ClustUnreachable("No answer in 10 s."),
            ["⚠️ Clust couldn't be reached. No answer in 10 s.", "  Try again in a moment."],
        ),
        (ClustRejected("<b>no</b>"), ["⚠️ Clust rejected this. &lt;b&gt;no&lt;/b&gt;"]),
        (BotError("x" * 9000), [f"⚠️ Something went wrong. {'x' * 2477}…"]),
    ],
)
def test_an_error_says_what_happened_and_has_a_reference(read: Read, error: BotError, lines: list[str]) -> None:
    """What may work again says so."""
    assert read(answers.error_answer(error, "a1b2c3")) == [*lines, "  Reference `a1b2c3`"]


def test_what_nobody_foresaw_has_a_reference_too(read: Read) -> None:
    """The person learns what to do, and nothing of our insides."""
    assert read(answers.unexpected_answer("a1b2c3")) == [
        "⚠️ Something went wrong. Sorry! Please try again.",
        "  If it happens again, give this reference to the person who runs the bot: `a1b2c3`",
    ]


def test_a_refusal_is_kind(read: Read) -> None:
    """It says who may (rule W1)."""
    assert read(not_allowed()) == [
        (
            "Sorry, only members of this workspace can do this. "
            "Guests and people from other organizations first need a role from an admin."
        )
    ]
    assert read(not_allowed("Sorry, only admins can do this.")) == ["Sorry, only admins can do this."]
    assert read(not_allowed("Sorry, only admins can do this.", ["U1", "U2", "U3", "U4"])) == [
        "Sorry, only admins can do this.",
        "  You can ask <@U1>, <@U2> or <@U3>.",
    ]


def test_a_plain_answer_is_text(read: Read) -> None:
    """Values in it stay text."""
    assert read(answers.plain_answer("There is no application <!here>.")) == ["There is no application &lt;!here&gt;."]


def test_a_message_without_words_gets_a_hint(read: Read) -> None:
    """What can be typed, and buttons. In the thread of a card, also what can be done with its application."""
    assert read(answers.message_hint(in_thread_of_card=False))[1:4] == [
        "[My applications command.run:mine mine]",
        "[Late applications command.run:late late]",
        "[All commands command.run:help help]",
    ]
    assert read(answers.message_hint(in_thread_of_card=True)) == [
        "What should I do with this application? Mention me with a command.",
        "  For example: `@Clust show`, `@Clust assign me` or `@Clust why`.",
    ]


def test_a_window_waits_for_a_click(read: Read) -> None:
    """The button carries what was typed, unless that is too long."""
    assert read(answers.open_by_button("create Acme")) == [
        "Click *Continue* to open this in a window.",
        "[Continue command.run create Acme]",
    ]
    assert read(answers.open_by_button("create " + "x" * 2000)) == [
        "That's too long for a message. Type it after `/clust` instead."
    ]
