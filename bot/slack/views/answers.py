"""Answers to commands that are mostly words: help, mistakes, errors, refusals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.applications.triggers import Trigger
from bot.core.errors import BotError, UsageError
from bot.core.language import _, one_of
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Message, actions, button, context, message, section

MAX_TO_ASK = 3
"""Admins who are named to someone who may not do something."""

MAX_ROWS_PER_SECTION = 8
"""Commands in one paragraph of help: more could outgrow the 3,000 characters of a section."""

MAX_HELP = 150
"""Characters of one command's sentences in the overview: those that fit whole."""


@dataclass(frozen=True, slots=True)
class HelpRow:
    """What help says of one command: its word, its usage (`list [filter]`), what it does, and examples to type.

    `only_for` says who can use it, where the reader can't, such as `only for admins`.
    """

    word: str
    usage: str
    help: str
    examples: Sequence[str] = ()
    only_for: str = ""

    @property
    def note(self) -> str:
        """Who can use it, in brackets; empty where the reader can."""
        return f" _({self.only_for})_" if self.only_for else ""


def help_overview(rows: Sequence[HelpRow]) -> Message:
    """Return every command with what it does."""
    lines = [f"{_command(row.usage)}\n{md.sentence(_in_short(row.help), MAX_HELP)}{row.note}" for row in rows]
    return message(
        section(_("*Clust for Slack* posts updates about client applications to channels, and lets you look them up.")),
        *(
            section("\n".join(lines[at : at + MAX_ROWS_PER_SECTION]))
            for at in range(0, len(lines), MAX_ROWS_PER_SECTION)
        ),
        context(_("Type `/clust help list` for details and examples of a command.")),
    )


def help_events(rows: Sequence[Trigger]) -> Message:
    """Return the events that a channel can subscribe to: word, what it means."""
    lines = [f"{row.emoji} *{row.name}*: {md.sentence(_(row.help), 150)}" for row in rows]
    return message(
        section(
            _("*Events*, for `/clust subscribe`, `/clust unsubscribe` and `/clust mute`. `all` means every event.")
        ),
        section("\n".join(lines)),
        context(_("For example: `/clust subscribe late,approved`")),
    )


def help_filters(keys: Sequence[tuple[str, str, str]]) -> Message:
    """Return the keys of the filter language: name, what it asks for, an example."""
    lines = [f"*{md.escape(name)}*: {md.escape(_(what), 150)} · {md.code(example)}" for name, what, example in keys]
    return message(
        section(
            _(
                "*Filters*, for `/clust list` and `/clust subscribe`. Combine several to match all of them. `a,b` "
                "matches either one. A leading `-` excludes. Words without a key are searched in the title and the "
                "recipient."
            )
        ),
        section("\n".join(lines)),
    )


def help_word(row: HelpRow) -> Message:
    """Return one command with its examples."""
    examples = "\n".join(f"• {_command(example)}" for example in row.examples)
    return message(
        section(f"{_command(row.usage)}\n{md.sentence(row.help, 1500)}{row.note}"),
        section(_("*For example*\n{examples}", examples=examples)) if examples else None,
    )


def unknown_word(
    word: str, nearest: str | None = None, corrected: str | None = None, *, is_searched: bool = False
) -> Message:
    """Answer a word that is no command: the nearest one, and a button that runs `corrected` (the text after /clust).

    `is_searched`: no application has this name either.
    """
    if nearest is None or corrected is None:
        if is_searched:
            text = _(
                "Unknown command {command}, and I know no application with this name. Try `/clust help`.",
                command=_command(word),
            )
            return message(section(text))
        return message(section(_("Unknown command {command}. Try `/clust help`.", command=_command(word))))
    return message(
        section(
            _("Unknown command {command}. Did you mean {nearest}?", command=_command(word), nearest=_command(nearest))
        ),
        actions(button(_("Run /clust {command}", command=corrected), ids.RUN_SUGGESTION, corrected))
        if _fits(corrected)
        else None,
        context(_("Type `/clust help` for all commands.")),
    )


def usage_error(error: UsageError, pointed: str = "", usage: str = "", example: str = "") -> Message:
    """Answer what can't be understood: why, where (`FilterError.pointed`), and what would be right."""
    right = [_("Usage: {usage}", usage=_command(usage))] if usage else []
    right += [_("For example: {example}", example=_command(example))] if example else []
    return message(
        section(md.sentence(error.sentence, 2900) or _("I don't understand that.")),
        section(md.code_block(pointed)) if pointed else None,
        context(*right) if right else None,
    )


def error_answer(error: BotError, reference: str) -> Message:
    """Return what a person reads of an error of ours, with the reference that stands in the log too."""
    again = _("Try again in a moment.") if error.retry else ""
    return message(
        section(f"⚠️ {md.sentence(error.sentence, 2500)}"),
        context(*filter(None, (again, _("Reference {reference}", reference=md.code(reference))))),
    )


def unexpected_answer(reference: str) -> Message:
    """Return what a person reads when the bot itself failed."""
    return message(
        section(_("⚠️ Something went wrong. Sorry! Please try again.")),
        context(
            _(
                "If it happens again, give this reference to the person who runs the bot: {reference}",
                reference=md.code(reference),
            )
        ),
    )


def not_allowed(why: str = "", ask: Sequence[str] = ()) -> Message:
    """Answer someone who may not do this; `why` says who may, `ask` are admins who can help (rule W1)."""
    refusal = md.sentence(why, 2000) or _(
        "Sorry, only members of this workspace can do this. Guests and people from other organizations first "
        "need a role from an admin."
    )
    admins = one_of([md.user(each) for each in ask[:MAX_TO_ASK]])
    return message(
        section(refusal),
        context(_("You can ask {admins}.", admins=admins)) if admins else None,
    )


def plain_answer(text: str) -> Message:
    """Return one sentence; what stands between backticks in it is shown as something to type."""
    return message(section(md.sentence(text, 2900) or md.ELLIPSIS))


def _in_short(text: str) -> str:
    """Return as many whole sentences as the overview has room for, at least the first."""
    short, *others = re.split(r"(?<=\.) ", text)
    for sentence in others:
        if len(short) + 1 + len(sentence) > MAX_HELP:
            break
        short = f"{short} {sentence}"
    return short


def _command(text: str) -> str:
    """Return what to type, ready to be copied."""
    return md.code(f"/clust {text}", 150)


def _fits(value: str) -> bool:
    longest_value = 2000
    return bool(value.strip()) and len(value) <= longest_value
