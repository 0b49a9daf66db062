"""The arguments of commands besides filters: event words, applications, people, and the end of a mute."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.core.applications.links import clust_id
from bot.core.applications.triggers import TRIGGERS
from bot.core.errors import UsageError
from bot.core.filters import language
from bot.core.filters.language import Filter
from bot.core.forms.fields import MAX_LINE_LENGTH
from bot.core.language import _
from bot.core.notifications.mutes import Mute
from bot.core.permissions import is_group
from bot.core.suggestions import did_you_mean, suggest
from bot.core.typed_text import Word, WordError, fold, sentences
from bot.slack.request.command_line import CommandLine, pointing_at
from bot.slack.request.command_options import APPLICATION, LIMIT, read_user

ALL = "all"


@dataclass(frozen=True, slots=True)
class CommandArguments:
    """The arguments of a subscription or list. `events` are as typed, in order. Empty if none were named."""

    events: tuple[str, ...]
    filter: Filter
    filter_text: str
    limit: int | None


def read_list(line: CommandLine) -> CommandArguments:
    """Read `[filter] [limit:N]`. Raises WordError, whose position is one in the command line's text."""
    return _with_filter(line, (), line.words)


def read_subscription(line: CommandLine) -> CommandArguments:
    """Read `[events] [filter] [limit:N]`. `all` stands for every event. Raises WordError as `read_list` does.

    A bare word that names an event is one wherever it stands: `title:acme late` does not search for "late".
    """
    events: list[str] = []
    others: list[Word] = []
    leading = True
    for word in line.words:
        named = _events(word, among_events=leading)
        leading = leading and named is not None
        if named is None:
            others.append(word)
        else:
            events += named
    return _with_filter(line, tuple(dict.fromkeys(events)), tuple(others))


def _with_filter(line: CommandLine, events: tuple[str, ...], words: tuple[Word, ...]) -> CommandArguments:
    filter_text = " ".join(line.typed(words).split())
    return CommandArguments(events, language.parse_words(words), filter_text, line.value(LIMIT))


def read_application(typed: str) -> str:
    """Read the ID of an application: a number, `#123` or a Clust link. Raises UsageError."""
    if not typed:
        raise UsageError(_("Which application? Enter a number such as `123`, or a Clust link."))
    application_id = clust_id(typed)
    if application_id is None:
        raise UsageError(
            _("`{text}` isn't an application. Enter a number such as `123`, or a Clust link.", text=typed[:60])
        )
    return application_id


def read_title(line: CommandLine) -> str:
    """Read the title of a new application: `Acme Ltd`, `"Acme Ltd"` or `title:"Acme Ltd"`. Raises UsageError."""
    line.check_options()
    typed = " ".join(word.text for word in line.words)
    title = re.sub(r"^title\s*:\s*", "", typed, flags=re.IGNORECASE)
    if len(title) > MAX_LINE_LENGTH:
        raise UsageError(
            _(
                "A title can have at most {limit} characters. Yours has {size:,}.",
                limit=MAX_LINE_LENGTH,
                size=len(title),
            )
        )
    return title


def read_assignment(line: CommandLine) -> tuple[str, str | None]:
    """Read `ID [me or @person]`: the application, and the user's ID, None for the person who types.

    `to` can stand between them, as in `123 to @ana`. Raises WordError, and UsageError if nothing was typed.
    """
    application_id, words = read_target(line)
    people = words[1:] if words and fold(words[0].text) == "to" else words
    typed = " ".join(word.text for word in people)
    if not typed or fold(typed) == "me":
        return application_id, None
    with pointing_at(people):
        user_id = read_user(typed)
        if is_group(user_id):
            raise UsageError(_("I can only assign an application to one person, not to a group."))
    return application_id, user_id


def read_target(line: CommandLine) -> tuple[str, tuple[Word, ...]]:
    """Read the application that the first word names, and return the other words too.

    Raises WordError, and UsageError if nothing was typed.
    """
    line.check_options()
    first, others = line.words[:1], line.words[1:]
    with pointing_at(first):
        return read_application("".join(word.text for word in first)), others


def read_muted(line: CommandLine) -> tuple[list[Mute], str]:
    """Read `[events] [ID] [end]`: what is meant, everything where nothing is named, and the end as typed.

    An application is a number, `#123`, a Clust link, or `application:ID`. These and events may stand before the end or
    after it, where a bare number belongs to the end, as in `monday 9`. Raises WordError for a word that is nearly an
    event, and for an option that mutes don't take.
    """
    line.check_options()
    events: list[str] = []
    applications = line.values(APPLICATION)

    def is_subject(word: Word, *, before_end: bool) -> bool:
        if (before_end or not word.text.isdecimal()) and (application := _application(word)):
            applications.append(application)
            return True
        named = _events(word, among_events=before_end)
        events.extend(named or ())
        return named is not None

    start, stop = 0, len(line.words)
    while start < stop and is_subject(line.words[start], before_end=True):
        start += 1
    while start < stop and is_subject(line.words[stop - 1], before_end=False):
        stop -= 1
    end = line.typed(line.words[start:stop])
    triggers = ("",) if not events or set(events) == set(TRIGGERS) else tuple(dict.fromkeys(events))
    return [Mute(each, trigger) for each in applications or [""] for trigger in triggers], end


def _application(word: Word) -> str | None:
    typed = word.text
    return clust_id(typed) if typed.startswith("#") or typed.isdecimal() or "/" in typed else None


def _events(word: Word, *, among_events: bool) -> list[str] | None:
    """Return the events that a word such as `late` or `late,approved` names, or None if it doesn't name any.

    `among_events`: where events are expected, a word that is nearly one is a mistake, and not a search.
    """
    names = (*TRIGGERS, ALL)
    folded = fold(word.raw).strip(",")
    pieces = [piece.strip() for piece in folded.split(",")]
    unknown = [piece for piece in pieces if piece not in names]
    if not unknown:
        return [name for piece in pieces for name in (TRIGGERS if piece == ALL else (piece,))]
    if '"' not in word.raw and _is_event_but_for_signs(folded):
        raise WordError.at(
            word,
            _(
                "I don't understand `{text}`. Separate events with commas, such as `late,approved`. To leave one "
                "out, list the others. To search for the words themselves, put `title:` before them.",
                text=folded[:60],
            ),
        )
    near = suggest(unknown[0], names)
    some_match = len(unknown) < len(pieces)
    if (some_match or (near and among_events)) and all(re.fullmatch(r"[a-z]+", piece) for piece in pieces):
        raise WordError.at(
            word,
            sentences(
                _("Unknown event `{event}`.", event=unknown[0]),
                did_you_mean(near),
                _("Events: {events}.", events=", ".join(names)),
                _("To search for the word itself, put `title:` before it."),
            ),
        )
    return None


def _is_event_but_for_signs(folded: str) -> bool:
    """Return whether a word is made of events and signs alone, such as `late;approved`, `-late` or `*late*` (F4)."""
    pieces = re.findall(r"[^\W_]+", folded)
    return bool(pieces) and all(piece in (*TRIGGERS, ALL) for piece in pieces)
