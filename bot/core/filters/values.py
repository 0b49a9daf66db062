"""Values of the filter language (rule F2): what they are matched against, and how texts and numbers are read.

A reader parses the text of one value. It returns None if the text can't be understood.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.core.applications.model import Application, StatusClass
from bot.core.filters.regions import Region, compared, one_of
from bot.core.language import N_, _
from bot.core.typed_text import fold


@dataclass(frozen=True)
class Facts:
    """What a filter is matched against: an application, its class (None: unknown) and the name of its connection.

    `assignee` and `asker` (who uses the filter) are Slack user ids.
    """

    application: Application
    status_class: StatusClass | None
    connection: str = "default"
    assignee: str | None = None
    asker: str = ""
    _lines: dict[Callable[[Facts], Iterable[str | None]], str] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def lines(self, texts: Callable[[Facts], Iterable[str | None]]) -> str:
        """Return some texts normalized for comparison, each on a line of its own.

        Cached, because a filter may look for many words in them.
        """
        lines = self._lines.get(texts)
        if lines is None:
            lines = self._lines[texts] = "".join(f"\n{fold(text)}\n" for text in texts(self) if text)
        return lines

    def asked_by(self, user_id: str) -> Facts:
        """Return the same facts for another user of the filter: for a subscription, its owner."""
        return replace(self, asker=user_id)


@dataclass(frozen=True)
class Value:
    """One value of a term: its canonical text, its text for people, and its condition.

    `passes` takes the facts and the present moment in the user's zone. Two values of one key are equal if their
    canonical texts are. Something unknown matches no value (rule F3). `lacks` says whether it is unknown. What it
    matches lies in all of `regions`. `denied` says in words what excluding it leaves, where no word of its key can.
    """

    text: str
    words: str = field(compare=False)
    passes: Callable[[Facts, datetime], bool] = field(compare=False, repr=False)
    lacks: Callable[[Facts], bool] = field(default=lambda _facts: False, compare=False, repr=False)
    regions: Sequence[Region] = field(default=(), compare=False, repr=False)
    denied: str = field(default="", compare=False, repr=False)


Reader = Callable[[str], Value | None]


_SIGNED = re.compile(r"(<=|>=|<|>|=|)\s*(.*)", re.DOTALL)
COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NUMBER_WORDS = {
    "": N_("{number}"),
    "<": N_("below {number}"),
    "<=": N_("at most {number}"),
    ">": N_("above {number}"),
    ">=": N_("at least {number}"),
}
_YES = {"yes", "y", "true", "t", "1", "on", "oui", "o", "vrai"}
_NO = {"no", "n", "false", "f", "0", "off", "non", "faux"}


def signed(text: str) -> tuple[str, str]:
    """Split a comparison into its operator (empty for equality) and its operand."""
    match = _SIGNED.fullmatch(fold(text))
    return ("" if match[1] == "=" else match[1], match[2]) if match else ("", "")


def quoted(text: str) -> str:
    """Return a text in the current language's quotation marks, with single spaces."""
    return _("“{text}”", text=" ".join(text.split()))


def yes_or_no(text: str) -> bool | None:
    """Read yes or no, in any of the words that people use. Returns None for anything else."""
    word = fold(text)
    return True if word in _YES else False if word in _NO else None


def text_reader(
    within: Callable[[Facts], Iterable[str | None]] = lambda _facts: (),
    whole: Callable[[Facts], Iterable[str | None]] = lambda _facts: (),
    lacks: Callable[[Facts, str], bool] = lambda _facts, _text: False,
    subject: str = "",
) -> Reader:
    """Read a text that must occur `within` some texts, or be the `whole` of others (ids).

    `lacks` says whether too little is known of an application to search it. `subject` names a property that is one
    whole text.
    """

    def read(text: str) -> Value | None:
        folded = fold(text)
        line = f"\n{folded}\n"

        def passes(facts: Facts, _now: datetime) -> bool:
            # No folded text holds the end of a line, so nothing is found across two of them.
            return folded in facts.lines(within) or line in facts.lines(whole)

        regions = (one_of(subject, folded),) if subject else ()
        return Value(folded, quoted(text), passes, lambda facts: lacks(facts, folded), regions) if folded else None

    return read


def is_unknown(seen: Callable[[Application], Any]) -> Callable[[Facts], bool]:
    """Return a function that says whether a property of an application is unknown."""
    return lambda facts: seen(facts.application) is None


def number_reader(subject: str, seen: Callable[[Application], float | None]) -> Reader:
    """Read a number with an optional `<`, `<=`, `>` or `>=`. A percent sign is ignored (rule F2)."""

    def read(text: str) -> Value | None:
        sign, rest = signed(text)
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,3})?%?", rest):
            return None
        bound = float(rest.rstrip("%"))
        rounded = f"{bound:.3f}".rstrip("0").rstrip(".")

        def passes(facts: Facts, _now: datetime) -> bool:
            number = seen(facts.application)
            return number is not None and COMPARE[sign](number, bound)

        regions = (compared(subject, sign, bound),)
        return Value(sign + rounded, _(_NUMBER_WORDS[sign], number=rounded), passes, is_unknown(seen), regions)

    return read
