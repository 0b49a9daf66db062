"""The answers of `help`: all commands, one command with examples, the events, and the filter keys."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.applications.triggers import Trigger
from bot.core.language import _, labeled
from bot.slack.views.building import application_facts as facts
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Message, context, message, paragraphs, section

MAX_HELP = 150
"""Characters of one command's description in the overview."""


@dataclass(frozen=True, slots=True)
class HelpRow:
    """One command in help: word, usage (`list [filter]`), description, and examples.

    `only_for` says who can use it if the reader can't, such as `only for admins`.
    """

    word: str
    usage: str
    help: str
    examples: Sequence[str] = ()
    only_for: str = ""

    @property
    def note(self) -> str:
        """Who can use it, in brackets. Empty if the reader can."""
        return f" _({self.only_for})_" if self.only_for else ""


def help_overview(rows: Sequence[HelpRow]) -> Message:
    """Return all commands with their descriptions."""
    lines = [f"{to_type(row.usage)}\n{md.sentence(_in_short(row.help), MAX_HELP)}{row.note}" for row in rows]
    return message(
        section(_("*Clust for Slack* lets you look up client applications, and posts updates about them to channels.")),
        *paragraphs(lines),
        context(_("For details and examples of a command, type its name after `help`, such as `/clust help list`.")),
    )


def help_events(rows: Sequence[Trigger]) -> Message:
    """Return the events that a channel can subscribe to."""
    lines = [f"{row.emoji} {labeled(f'*{row.name}*', md.sentence(_(row.help), 150))}" for row in rows]
    return message(
        section(
            _("*Events*, for `/clust subscribe`, `/clust unsubscribe` and `/clust mute`. `all` means every event.")
        ),
        section("\n".join(lines)),
        context(_("For example: `/clust subscribe late,approved`")),
    )


def help_filters(keys: Sequence[tuple[str, str, str]]) -> Message:
    """Return the keys of the filter language: name, description, example."""
    lines = [
        facts.joined(labeled(f"*{md.escape(name)}*", md.escape(_(description), 150)), md.code(example))
        for name, description, example in keys
    ]
    return message(
        section(
            _(
                "*Filters*, for `/clust list` and `/clust subscribe`. Combine several to match all of them. `a,b` "
                "matches either one. A leading `-` excludes what matches. Other words are searched for in titles "
                "and recipients."
            )
        ),
        section("\n".join(lines)),
    )


def help_word(row: HelpRow) -> Message:
    """Return one command with its examples."""
    examples = "\n".join(f"• {to_type(example)}" for example in row.examples)
    return message(
        section(f"{to_type(row.usage)}\n{md.sentence(row.help, 1500)}{row.note}"),
        section(_("*For example*\n{examples}", examples=examples)) if examples else None,
    )


def _in_short(text: str) -> str:
    """Return as many whole sentences as fit, at least the first."""
    short, *others = re.split(r"(?<=\.) ", text)
    for sentence in others:
        if len(short) + 1 + len(sentence) > MAX_HELP:
            break
        short = f"{short} {sentence}"
    return short


def to_type(text: str) -> str:
    """Return a command formatted as code, to be copied."""
    return md.code(f"/clust {text}", 150)
