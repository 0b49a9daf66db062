"""`CommandLine`: what a person typed after `/clust`, split into words once, with their positions. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bot.core.errors import UsageError
from bot.core.language import _
from bot.core.typed_text import Word, WordError, fold, split
from bot.slack.request.command_options import CONNECTION, OPTIONS, Option, Value


@dataclass(frozen=True, slots=True)
class GivenOption:
    """A word such as `limit:20` that the command takes as an option. `value` is as typed, without quotes."""

    name: str
    value: str
    word: Word


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A command as typed: its word, its options, and its other words in order.

    `command` is the row of `COMMANDS` that the first word (`typed_command`) names, empty where it names none. `text` is
    what stands after the first word. The positions of `options` and `words` count in it.
    """

    command: str
    typed_command: str
    text: str
    options: tuple[GivenOption, ...]
    words: tuple[Word, ...]

    @classmethod
    def parse(cls, text: str, commands: Mapping[str, str]) -> CommandLine:
        """Parse decoded text (rule X1). Without a word it is `help`. Never fails.

        `commands` maps each folded word that can be typed to the word of its command.
        """
        text = text.strip()
        first, *others = _split(text, commands) or split("help")
        command = commands.get(fold(first.text), "")
        start = others[0].start if others else len(text)
        options, words = list[GivenOption](), list[Word]()
        for word in (Word(other.raw, other.start - start) for other in others):
            option = _option(word)
            if option is not None and option.applies_to(command):
                options.append(GivenOption(option.name, (word.pair or ("", ""))[1], word))
            else:
                words.append(word)
        return cls(command, first.text, text[start:], tuple(options), tuple(words))

    @property
    def is_bare(self) -> bool:
        """Whether the command has no arguments but `connection:`."""
        return not self.words and all(given.name == CONNECTION.name for given in self.options)

    def value(self, option: Option[Value]) -> Value | None:
        """Return the value of an option, None if not given. Raises WordError for an invalid or a second value."""
        if second := [given for given in self.options if given.name == option.name][1:]:
            raise WordError.at(second[0].word, _("Use `{option}:` only once.", option=option.name))
        return next(iter(self.values(option)), None)

    def values(self, option: Option[Value]) -> list[Value]:
        """Return the values of an option that can be repeated. Raises WordError for an invalid one."""
        return [_read(option, given) for given in self.options if given.name == option.name]

    def typed(self, words: Iterable[Word]) -> str:
        """Return some of the words as they were typed, quotes and typographic signs included."""
        return " ".join(self.text[word.start : word.end] for word in words)

    def argument(self) -> str:
        """Return all words that are not options, as typed. Raises WordError as `check_options` does."""
        self.check_options()
        return self.typed(self.words)

    def check_options(self) -> None:
        """Raise WordError for an option that the command does not take.

        For commands without a filter. In a filter, a word like that is an error of the filter.
        """
        for word in self.words:
            option = None if '"' in word.raw else _option(word)
            if option is not None:
                raise WordError.at(
                    word, _("`{command}` doesn't take `{option}:`.", command=self.command, option=option.name)
                )


@contextmanager
def pointing_at(words: Sequence[Word]) -> Iterator[None]:
    """Say where a mistake is. Raises WordError at these words, if there are any, for a UsageError in the context."""
    try:
        yield
    except UsageError as error:
        if not words or isinstance(error, WordError):
            raise
        raise WordError(error.detail, words[0].start, words[-1].end - words[0].start) from error


def _split(text: str, commands: Container[str]) -> Sequence[Word]:
    """Split a command. Its word ends with the first space, also before a colon, which else belongs to the word."""
    first, _space, rest = text.partition(" ")
    if fold(first) not in commands:
        return split(text)
    return Word(first, 0), *(Word(word.raw, len(text) - len(rest) + word.start) for word in split(rest))


_BY_NAME = {option.name: option for option in OPTIONS}


def _option(word: Word) -> Option[object] | None:
    return _BY_NAME.get(fold(word.pair[0])) if word.pair else None


def _read(option: Option[Value], given: GivenOption) -> Value:
    try:
        return option.read(given.value)
    except UsageError as error:
        detail = error.detail
        if not given.value and option.name != CONNECTION.name:
            detail = _("Enter a value after `{option}:`.", option=option.name)
        raise WordError.at(given.word, detail) from error
