"""Answers that are mostly text: mistakes in a command, errors, refusals. `help` has the answers of `help`."""

from __future__ import annotations

from bot.core.errors import BotError, UsageError
from bot.core.language import _
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Message, actions, button, context, message, section
from bot.slack.views.help import to_type


def unknown_word(
    word: str, nearest: str | None = None, corrected: str | None = None, *, is_searched: bool = False
) -> Message:
    """Answer an unknown command: the nearest one, and a button that runs `corrected` (the text after /clust).

    `is_searched`: the word was also searched for as an application, without a result.
    """
    if nearest is None or corrected is None:
        if is_searched:
            text = _(
                "Unknown command {command}, and no application has that name. Try `/clust help`.",
                command=to_type(word),
            )
            return message(section(text))
        return message(section(_("Unknown command {command}. Try `/clust help`.", command=to_type(word))))
    return message(
        section(
            _("Unknown command {command}. Did you mean {nearest}?", command=to_type(word), nearest=to_type(nearest))
        ),
        actions(button(_("Run /clust {command}", command=corrected), ids.RUN_SUGGESTION, corrected))
        if _fits(corrected)
        else None,
        context(_("Type `/clust help` for all commands.")),
    )


def usage_error(error: UsageError, pointed: str = "", usage: str = "", example: str = "") -> Message:
    """Answer invalid input: why, where (`FilterError.pointed`), and what would be valid."""
    right = [_("Usage: {usage}", usage=to_type(usage))] if usage else []
    right += [_("For example: {example}", example=to_type(example))] if example else []
    return message(
        section(md.sentence(error.sentence, 2900) or _("I don't understand that.")),
        section(md.code_block(pointed)) if pointed else None,
        context(*right) if right else None,
    )


def error_answer(error: BotError, reference: str) -> Message:
    """Return the message for an error of ours, with the reference that is in the log too."""
    again = _("Try again in a moment.") if error.retry else ""
    return message(
        section(f"⚠️ {md.sentence(error.sentence, 2500)}"),
        context(*filter(None, (again, _("Reference {reference}", reference=md.code(reference))))),
    )


def unexpected_answer(reference: str) -> Message:
    """Return the message for an unexpected exception."""
    return message(
        section(_("⚠️ Something went wrong. Sorry! Please try again.")),
        context(
            _(
                "If it happens again, give this reference to the person who runs the bot: {reference}",
                reference=md.code(reference),
            )
        ),
    )


def plain_answer(text: str) -> Message:
    """Return one sentence. Text between backticks in it is formatted as code."""
    return message(section(md.sentence(text, 2900) or md.ELLIPSIS))


def message_hint(*, in_thread_of_card: bool) -> Message:
    """Answer a message to the bot without words. In the thread of a card, its application needn't be named."""
    if in_thread_of_card:
        return message(
            section(_("What should I do with this application? Mention me with a command.")),
            context(_("For example: `@Clust show`, `@Clust assign me` or `@Clust why`.")),
        )
    return message(
        section(_("Hi! Mention me with a command, or send it to me as a direct message.")),
        actions(
            button(_("My applications"), ids.variant(ids.RUN_SUGGESTION, "mine"), "mine"),
            button(_("Late applications"), ids.variant(ids.RUN_SUGGESTION, "late"), "late"),
            button(_("All commands"), ids.variant(ids.RUN_SUGGESTION, "help"), "help"),
        ),
        context(_("For example: `@Clust late`, `@Clust show 123` or `@Clust help`.")),
    )


def open_by_button(text: str) -> Message:
    """Answer a command that opens a window, typed in a message: `text`, as typed, is run by a button."""
    if not _fits(text):
        return message(section(_("That's too long for a message. Type it after `/clust` instead.")))
    return message(
        section(_("Click *Continue* to open this in a window.")),
        actions(button(_("Continue"), ids.RUN_SUGGESTION, text)),
    )


def _fits(value: str) -> bool:
    longest_value = 2000
    return bool(value.strip()) and len(value) <= longest_value
