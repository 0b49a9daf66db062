"""What `help` answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.slack.views import help as views
from bot.slack.views.help import HelpRow

Read = Callable[[Any], list[str]]

LIST = HelpRow("list", "list [filter] [limit:N]", "Lists applications.", ["list late:yes", 'list template:"KYC"'])


def test_help_names_every_command(read: Read) -> None:
    """One usage and one sentence each, and how to read more."""
    assert read(views.help_overview([LIST, HelpRow("status", "status", "Says how the bot is doing.")])) == [
        "*Clust for Slack* lets you look up client applications, and posts updates about them to channels.",
        "`/clust list [filter] [limit:N]`",
        "Lists applications.",
        "`/clust status`",
        "Says how the bot is doing.",
        "  For details and examples of a command, type its name after `help`, such as `/clust help list`.",
    ]


def test_help_takes_many_long_rows(read: Read) -> None:
    """Forty commands with long sentences are still a message that Slack takes."""
    assert len(read(views.help_overview([HelpRow("x", "x" * 300, "y" * 300)] * 36))) == 74


def test_help_of_one_word_has_its_examples(read: Read) -> None:
    """Each can be copied as it stands."""
    assert read(views.help_word(LIST)) == [
        "`/clust list [filter] [limit:N]`",
        "Lists applications.",
        "*For example*",
        "• `/clust list late:yes`",
        '• `/clust list template:"KYC"`',
    ]
    assert len(read(views.help_word(HelpRow("status", "status", "Says how it is.")))) == 2
