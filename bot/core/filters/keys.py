"""The keys of the filter language (rule F1): one row for each, with how its values are read and matched.

To add a key, add a row. `read` parses the text of one value; it returns None if it can't be understood.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from bot.core.applications.lateness import is_finished, lateness
from bot.core.applications.model import Application, StatusClass, clust_id
from bot.core.applications.status_rules import code_words, status_word
from bot.core.dates import day_in_words, read_day
from bot.core.filters.regions import Region, compared, one_of
from bot.core.language import N_, _, ngettext
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
        """Return some texts normalised for comparison, each on a line of its own.

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
    matches lies in all of `regions`.
    """

    text: str
    words: str = field(compare=False)
    passes: Callable[[Facts, datetime], bool] = field(compare=False, repr=False)
    lacks: Callable[[Facts], bool] = field(default=lambda _facts: False, compare=False, repr=False)
    regions: Sequence[Region] = field(default=(), compare=False, repr=False)


Reader = Callable[[str], Value | None]


@dataclass(frozen=True)
class Key:
    """One key. `says` and `denies` begin a term in plain words, and `needs` says which values are valid.

    `noun` names the property, if Clust may not send it. `may_be_empty`: an application may have none.
    """

    name: str
    help: str
    example: str
    needs: str
    says: str
    denies: str
    read: Reader
    noun: str = ""
    may_be_empty: bool = False


_SIGNED = re.compile(r"(<=|>=|<|>|=|)\s*(.*)", re.DOTALL)
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
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
_DAY_WORDS = {
    "": N_("on {day}"),
    "<": N_("before {day}"),
    "<=": N_("on or before {day}"),
    ">": N_("after {day}"),
    ">=": N_("since {day}"),
}
_AGE_WORDS = {
    "<": N_("in the last {age}"),
    "<=": N_("at most {age} ago"),
    ">": N_("more than {age} ago"),
    ">=": N_("at least {age} ago"),
}
_MINUTES = {"m": 1, "h": 60, "d": 24 * 60, "w": 7 * 24 * 60}
_AGE_UNITS: Mapping[str, Callable[[int], str]] = {  # a week is said as 7 days
    "d": lambda count: ngettext("{count} day", "{count} days", count),
    "h": lambda count: ngettext("{count} hour", "{count} hours", count),
    "m": lambda count: ngettext("{count} minute", "{count} minutes", count),
}
_BEFORE_NO_STATUS = frozenset("-!<>=~^\u2260\u00ac")
_DAYS_AGO = {N_("today"): 0, N_("yesterday"): 1}
_YES = {"yes", "y", "true", "t", "1", "on", "oui", "o", "vrai"}
_NO = {"no", "n", "false", "f", "0", "off", "non", "faux"}
# The event's two words are as good as the class's one.
_CLASSES = {each.word: each for each in StatusClass} | {"pending_submission": StatusClass.PENDING}


def _signed(text: str) -> tuple[str, str]:
    """Split a comparison into its operator (empty for equality) and its operand."""
    match = _SIGNED.fullmatch(fold(text))
    return ("" if match[1] == "=" else match[1], match[2]) if match else ("", "")


def _text(
    within: Callable[[Facts], Iterable[str | None]] = lambda _facts: (),
    whole: Callable[[Facts], Iterable[str | None]] = lambda _facts: (),
    lacks: Callable[[Facts, str], bool] = lambda _facts, _wanted: False,
    subject: str = "",
) -> Reader:
    """Read a text that must occur `within` some texts, or be the `whole` of others (ids).

    `lacks` says whether too little is known of an application to search it. `subject` names a property that is one
    whole text.
    """

    def read(text: str) -> Value | None:
        wanted = fold(text)
        line = f"\n{wanted}\n"

        def passes(facts: Facts, _now: datetime) -> bool:
            # No folded text holds the end of a line, so nothing is found across two of them.
            return wanted in facts.lines(within) or line in facts.lines(whole)

        words = f"“{' '.join(text.split())}”"
        regions = (one_of(subject, wanted),) if subject else ()
        return Value(wanted, words, passes, lambda facts: lacks(facts, wanted), regions) if wanted else None

    return read


def _unknown(seen: Callable[[Application], Any]) -> Callable[[Facts], bool]:
    """Return a function that says whether a property of an application is unknown."""
    return lambda facts: seen(facts.application) is None


_OWN_ID = _text(whole=lambda facts: (facts.application.id,), subject="id")


def _id(text: str) -> Value | None:
    """Read an application's id: `123`, `#123`, or a Clust link."""
    application_id = clust_id(text)
    return _OWN_ID(application_id) if application_id else None


def status_regions(status_class: StatusClass) -> Sequence[Region]:
    """Return what is certain of an application of a class."""
    return one_of("class", status_class.word), one_of("finished", str(is_finished(status_class)))


def _no_status(facts: Facts) -> bool:
    seen = facts.application
    return facts.status_class is None and seen.status is None and seen.status_string is None


def _status(text: str) -> Value | None:
    """Read a class, else a whole code (with or without its number prefix) or a whole label.

    The word of a class means the class only, so an operator's rule decides and not the code. A sign before a status is
    an error, because statuses are compared without signs: `status:!open` would match open ones.
    """
    if fold(text)[:1] in _BEFORE_NO_STATUS:
        return None
    word = status_word(text)
    if (wanted := _CLASSES.get(word)) is not None:
        return Value(
            wanted.word,
            wanted.title.lower(),
            lambda facts, _now: facts.status_class == wanted,
            _no_status,
            status_regions(wanted),
        )

    def passes(facts: Facts, _now: datetime) -> bool:
        seen = facts.application
        return word in code_words(seen.status) or word == status_word(seen.status_string or "")

    return Value(word, f"“{' '.join(text.split())}”", passes, _no_status) if word else None


CLASS_WORDS = tuple(_CLASSES)
"""The words for classes. Any other value of `status` is a code or a label."""


def _late(text: str) -> Value | None:
    """Read yes or no, in any of the words that people use."""
    word = fold(text)
    wanted = True if word in _YES else False if word in _NO else None
    if wanted is None:
        return None

    def passes(facts: Facts, _now: datetime) -> bool:
        return lateness(facts.application, facts.status_class) is wanted

    def lacks(facts: Facts) -> bool:
        return lateness(facts.application, facts.status_class) is None

    regions = (one_of("late", str(wanted)), *((one_of("finished", str(False)),) if wanted else ()))
    return Value("yes" if wanted else "no", _("late") if wanted else _("on time"), passes, lacks, regions)


def _assigned_to_asker(text: str) -> Value | None:
    """Read yes or no: whether the application is assigned to the person who asks."""
    word = fold(text)
    if word in _YES:
        return _to_asker("yes")
    if word in _NO:
        return Value(
            "no",
            _("not assigned to me"),
            lambda facts, _now: facts.assignee != facts.asker,
            regions=(one_of("assigned/asker", str(False)),),
        )
    return None


def _to_asker(text: str) -> Value:
    return Value(
        text,
        _("assigned to me"),
        lambda facts, _now: bool(facts.asker) and facts.assignee == facts.asker,
        regions=(one_of("assigned/asker", str(True)), _ASSIGNED),
    )


_ASSIGNED, _UNASSIGNED = one_of("assigned", str(True)), one_of("assigned", str(False))


def _assigned(text: str) -> Value | None:
    """Read yes, no, me, or a person as Slack sends them in a command (`@U123`)."""
    word = fold(text)
    if word in _YES or word in _NO:
        wanted = word in _YES
        words = _("assigned") if wanted else _("unassigned")
        return Value(
            "yes" if wanted else "no",
            words,
            lambda facts, _now: (facts.assignee is not None) is wanted,
            regions=(_ASSIGNED if wanted else _UNASSIGNED,),
        )
    if word == "me":
        return _to_asker("me")
    match = re.fullmatch(r"@?([uw][a-z0-9]{1,30})", word)
    if match is None:
        return None
    user_id = match[1].upper()
    return Value(
        f"@{match[1]}",
        _("assigned to {user}", user=user_id),
        lambda facts, _now: facts.assignee == user_id,
        regions=(one_of("assignee", user_id), _ASSIGNED),
    )


def _number(subject: str, seen: Callable[[Application], float | None]) -> Reader:
    """Read a number with an optional `<`, `<=`, `>` or `>=`. A percent sign is ignored (rule F2)."""

    def read(text: str) -> Value | None:
        sign, rest = _signed(text)
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,3})?%?", rest):
            return None
        wanted = float(rest.rstrip("%"))
        rounded = f"{wanted:.3f}".rstrip("0").rstrip(".")

        def passes(facts: Facts, _now: datetime) -> bool:
            number = seen(facts.application)
            return number is not None and _COMPARE[sign](number, wanted)

        regions = (compared(subject, sign, wanted),)
        return Value(sign + rounded, _(_NUMBER_WORDS[sign], number=rounded), passes, _unknown(seen), regions)

    return read


def _moment(subject: str, seen: Callable[[Application], datetime | None]) -> Reader:
    """Read an age or a day, in the user's zone (rule F2).

    `<7d` is the last seven days. A day is `>2026-01-31`, `>"Jan 31, 2026"` or `today`.
    """

    def read(text: str) -> Value | None:
        sign, rest = _signed(text)
        if match := re.fullmatch(r"([0-9]{1,6})([mhdw])", rest):
            return _age(subject, seen, sign, int(match[1]) * _MINUTES[match[2]]) if sign else None
        return _day(subject, seen, sign, rest)

    return read


def _age(subject: str, seen: Callable[[Application], datetime | None], sign: str, minutes: int) -> Value:
    """Compare an age. Its canonical text uses the largest unit that gives a whole number."""
    wanted = timedelta(minutes=minutes)
    unit = next(each for each in _AGE_UNITS if minutes % _MINUTES[each] == 0)
    count = minutes // _MINUTES[unit]

    def passes(facts: Facts, now: datetime) -> bool:
        moment = seen(facts.application)
        return moment is not None and _COMPARE[sign](now - moment, wanted)

    words = _(_AGE_WORDS[sign], age=_AGE_UNITS[unit](count))
    regions = (compared(f"{subject}/age", sign, minutes),)
    return Value(f"{sign}{count}{unit}", words, passes, _unknown(seen), regions)


def _day(subject: str, seen: Callable[[Application], datetime | None], sign: str, text: str) -> Value | None:
    """Compare a day. `today` and `yesterday` move with the time."""
    fixed = None if text in _DAYS_AGO else read_day(text)
    if fixed is None and text not in _DAYS_AGO:
        return None

    def passes(facts: Facts, now: datetime) -> bool:
        moment = seen(facts.application)
        wanted = fixed or now.date() - timedelta(days=_DAYS_AGO[text])
        return moment is not None and _COMPARE[sign](_local_day(moment, now), wanted)

    day = _(text) if fixed is None else day_in_words(fixed)
    words = day if fixed is None and not sign else _(_DAY_WORDS[sign], day=day)
    regions = (
        compared(f"{subject}/days-from-today", sign, -_DAYS_AGO[text])
        if fixed is None
        else compared(f"{subject}/day", sign, fixed.toordinal()),
    )
    return Value(sign + (text if fixed is None else fixed.isoformat()), words, passes, _unknown(seen), regions)


def _local_day(moment: datetime, now: datetime) -> date:
    """Return the day of `moment` in the zone of `now`."""
    try:
        return moment.astimezone(now.tzinfo).date()
    except OverflowError:  # in the first or last year there is, which some systems write for "never"
        return moment.date()


def _title(facts: Facts) -> Iterable[str | None]:
    return (facts.application.title,)


def _template_title(facts: Facts) -> Iterable[str | None]:
    template = facts.application.template
    return (template.title,) if template else ()


def _template_ids(facts: Facts) -> Iterable[str | None]:
    template = facts.application.template
    return (facts.application.template_id, template.id if template else None)


def _recipient(facts: Facts) -> Iterable[str | None]:
    recipient = facts.application.recipient
    return (recipient.name,) if recipient else ()


def _email(facts: Facts) -> Iterable[str | None]:
    """Match whole addresses only: a part such as `com` would match nearly all of them."""
    recipient = facts.application.recipient
    return (recipient.email,) if recipient else ()


def _external(facts: Facts) -> Iterable[str | None]:
    return (facts.application.external_id,)


def _no_template(facts: Facts, wanted: str) -> bool:
    """Compare an id with the id, and words with the title."""
    has_id = any(each is not None for each in _template_ids(facts))
    return not any(_template_title(facts)) and not (has_id and wanted.isdecimal())


def _no_recipient(facts: Facts, wanted: str) -> bool:
    """Compare an address with the address, and words with the name."""
    return not any(_email(facts)) if "@" in wanted else not any(_recipient(facts))


# fmt: off
KEYS: tuple[Key, ...] = (
    Key("id", N_("Application number in Clust"), "id:123",
        N_("an application number"), N_("ID is {value}"), N_("ID isn't {value}"), _id),
    Key("status", N_("Open, pending, submitted, approved or closed, or one of Clust's status codes or labels"),
        "status:ongoing", N_("open, pending, submitted, approved, closed, a code or a label"),
        N_("status is {value}"), N_("status isn't {value}"),
        _status, N_("the status")),
    Key("late", N_("Whether it's late and not yet approved or closed: yes or no"), "late:yes",
        N_("yes or no"), N_("{value}"), N_("not {value}"), _late, N_("whether it's late")),
    Key("template", N_("Template ID, or words in its title"), 'template:"KYC company"',
        N_("an ID or a title"), N_("template is {value}"), N_("template isn't {value}"),
        _text(_template_title, _template_ids, _no_template), N_("the template")),
    Key("progress", N_("Percent complete"), "progress:<50",
        N_("a number"), N_("progress is {value}"), N_("progress isn't {value}"),
        _number("progress", lambda seen: seen.progress), N_("the progress")),
    Key("missing", N_("Number of missing items"), "missing:>0",
        N_("a number"), N_("number of missing items is {value}"), N_("number of missing items isn't {value}"),
        _number("missing", lambda seen: seen.missing), N_("the number of missing items")),
    Key("created", N_("When it was created: an age (m, h, d, w) or a date"), "created:<7d",
        N_("an age with < or >, or a date (2026-01-31, today)"), N_("created {value}"), N_("not created {value}"),
        _moment("created", lambda seen: seen.created_at), N_("when it was created")),
    Key("updated", N_("When it last changed: an age (m, h, d, w) or a date"), "updated:>2w",
        N_("an age with < or >, or a date (2026-01-31, today)"), N_("updated {value}"), N_("not updated {value}"),
        _moment("updated", lambda seen: seen.updated_at), N_("when it last changed")),
    Key("title", N_("Words in its title"), "title:acme",
        N_("some words"), N_("title contains {value}"), N_("title doesn't contain {value}"),
        _text(_title, lacks=lambda facts, _now: not any(_title(facts))), N_("the title"), may_be_empty=True),
    Key("recipient", N_("Words in the recipient's name, or a whole email address"), "recipient:ana",
        N_("a name or an email address"), N_("recipient is {value}"), N_("recipient isn't {value}"),
        _text(_recipient, _email, _no_recipient), N_("the recipient")),
    Key("external", N_("Your own reference (external ID)"), "external:A-17",
        N_("a reference"), N_("external ID is {value}"), N_("external ID isn't {value}"),
        _text(whole=_external, lacks=lambda facts, _now: not any(_external(facts)), subject="external"),
        N_("the external ID"), may_be_empty=True),
    Key("mine", N_("Whether it's assigned to you: yes or no"), "mine:yes",
        N_("yes or no"), N_("{value}"), N_("not {value}"), _assigned_to_asker),
    Key("taken", N_("Whether it's assigned, or to whom (@ana)"), "taken:me",
        N_("yes, no, me or a person such as @ana"), N_("{value}"), N_("not {value}"), _assigned),
    Key("connection", N_("Name of the Clust account"), "connection:emea",
        N_("a name"), N_("account is {value}"), N_("account isn't {value}"),
        _text(whole=lambda facts: (facts.connection,), subject="connection")),
)
# fmt: on

WORDS = Key(
    name="",
    help=N_("Words in the title or the recipient's name"),
    example='"acme holding"',
    needs=N_("a word"),
    says=N_("title or recipient contains {value}"),
    denies=N_("neither title nor recipient contains {value}"),
    read=_text(lambda facts: (*_title(facts), *_recipient(facts)), _email, _no_recipient),
    noun=N_("the recipient"),
)
"""Words without a key. Not a row of `KEYS`, because it has no name to type."""
