"""The keys of the filter language (rule F1): one row for each, with how its values are read and matched.

To add a key, add a row. `read` parses the text of one value. It returns None if it can't be understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.applications.lateness import is_finished, lateness
from bot.core.applications.links import clust_id
from bot.core.applications.model import StatusClass
from bot.core.applications.status_rules import code_words, status_word
from bot.core.filters import french_values
from bot.core.filters.moments import moment_reader
from bot.core.filters.regions import Region, one_of
from bot.core.filters.values import Facts, Reader, Value, number_reader, quoted, text_reader, yes_or_no
from bot.core.language import N_, _
from bot.core.typed_text import fold


@dataclass(frozen=True)
class Key:
    """One key. `says` and `denies` begin a term in plain words, and `needs` says which values are valid.

    `denies` is empty where each value has words of its own for what it excludes.

    `noun` names the property, if Clust may not send it. `may_be_empty`: an application may have none. `french` is
    another name for it, folded: without accents. `is_closed`: it has few possible values, so that `late-yes` can be
    distinguished from a word like `late-stage`.
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
    french: str = ""
    is_closed: bool = False


_BEFORE_NO_STATUS = frozenset("-!<>=~^\u2260\u00ac")
# The event's two words are as good as the class's one.
_CLASSES = {each.word: each for each in StatusClass} | {"pending_submission": StatusClass.PENDING}


_OWN_ID = text_reader(whole=lambda facts: (facts.application.id,), subject="id")


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
    word = french_values.STATUSES.get(status_word(text), status_word(text))
    if (status_class := _CLASSES.get(word)) is not None:
        return Value(
            status_class.word,
            status_class.title.lower(),
            lambda facts, _now: facts.status_class == status_class,
            _no_status,
            status_regions(status_class),
        )

    def passes(facts: Facts, _now: datetime) -> bool:
        seen = facts.application
        return word in code_words(seen.status) or word == status_word(seen.status_string or "")

    return Value(word, quoted(text), passes, _no_status) if word else None


CLASS_WORDS = tuple(_CLASSES)
"""The words for classes. Any other value of `status` is a code or a label."""


def _late(text: str) -> Value | None:
    """Read yes or no."""
    is_late = yes_or_no(text)
    if is_late is None:
        return None

    def passes(facts: Facts, _now: datetime) -> bool:
        return lateness(facts.application, facts.status_class) is is_late

    def lacks(facts: Facts) -> bool:
        return lateness(facts.application, facts.status_class) is None

    regions = (one_of("late", str(is_late)), *((one_of("finished", str(False)),) if is_late else ()))
    words, denied = (_("late"), _("not late")) if is_late else (_("on time"), _("not on time"))
    return Value("yes" if is_late else "no", words, passes, lacks, regions, denied)


def _assigned_to_asker(text: str) -> Value | None:
    """Read yes or no: whether the application is assigned to the person who asks."""
    is_assigned = yes_or_no(text)
    if is_assigned is None:
        return None
    if is_assigned:
        return _to_asker("yes")
    return Value(
        "no",
        _("not assigned to me"),
        lambda facts, _now: facts.assignee != facts.asker,
        regions=(one_of("assigned/asker", str(False)),),
        denied=_("assigned to me"),
    )


def _to_asker(text: str) -> Value:
    return Value(
        text,
        _("assigned to me"),
        lambda facts, _now: bool(facts.asker) and facts.assignee == facts.asker,
        regions=(one_of("assigned/asker", str(True)), _ASSIGNED),
        denied=_("not assigned to me"),
    )


_ASSIGNED, _UNASSIGNED = one_of("assigned", str(True)), one_of("assigned", str(False))


def _assigned(text: str) -> Value | None:
    """Read yes, no, me, or a person as Slack sends them in a command (`@U123`)."""
    word = fold(text)
    if (is_assigned := yes_or_no(text)) is not None:
        assigned, unassigned = _("assigned"), _("unassigned")
        return Value(
            "yes" if is_assigned else "no",
            assigned if is_assigned else unassigned,
            lambda facts, _now: (facts.assignee is not None) is is_assigned,
            regions=(_ASSIGNED if is_assigned else _UNASSIGNED,),
            denied=unassigned if is_assigned else assigned,
        )
    if word in {"me", "moi"}:
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
        denied=_("not assigned to {user}", user=user_id),
    )


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


def _no_template(facts: Facts, title: str) -> bool:
    """Compare an id with the id, and words with the title."""
    has_id = any(each is not None for each in _template_ids(facts))
    return not any(_template_title(facts)) and not (has_id and title.isdecimal())


def _no_recipient(facts: Facts, name: str) -> bool:
    """Compare an address with the address, and words with the name."""
    return not any(_email(facts)) if "@" in name else not any(_recipient(facts))


# fmt: off
KEYS: tuple[Key, ...] = (
    Key("id", N_("Application number in Clust"), "id:123",
        N_("an application number"), N_("number is {value}"), N_("number isn't {value}"), _id, french="numero"),
    Key("status", N_("Open, pending, submitted, approved or closed, or one of Clust's status codes or labels"),
        "status:ongoing", N_("open, pending, submitted, approved, closed, a code or a label"),
        N_("status is {value}"), N_("status isn't {value}"),
        _status, N_("the status"), french="statut"),
    Key("late", N_("Whether it's late and not yet approved or closed: yes or no"), "late:yes",
        N_("yes or no"), N_("{value}"), "", _late, N_("the late flag"), french="retard", is_closed=True),
    Key("template", N_("Template ID, or words in its title"), 'template:"KYC company"',
        N_("an ID or a title"), N_("template is {value}"), N_("template isn't {value}"),
        text_reader(_template_title, _template_ids, _no_template), N_("the template"), french="procedure"),
    Key("progress", N_("Percent complete"), "progress:<50",
        N_("a number"), N_("progress is {value}"), N_("progress isn't {value}"),
        number_reader("progress", lambda seen: seen.progress), N_("the progress"),
        french="progression", is_closed=True),
    Key("missing", N_("Number of missing items"), "missing:>0",
        N_("a number"), N_("number of missing items is {value}"), N_("number of missing items isn't {value}"),
        number_reader("missing", lambda seen: seen.missing), N_("the number of missing items"),
        french="manquants", is_closed=True),
    Key("created", N_("When it was created: an age (m, h, d, w) or a date"), "created:<7d",
        N_("an age with < or >, or a date (2026-01-31, today)"), N_("created {value}"), N_("not created {value}"),
        moment_reader("created", lambda seen: seen.created_at), N_("the creation date"), french="cree", is_closed=True),
    Key("updated", N_("When it last changed: an age (m, h, d, w) or a date"), "updated:>2w",
        N_("an age with < or >, or a date (2026-01-31, today)"), N_("updated {value}"), N_("not updated {value}"),
        moment_reader("updated", lambda seen: seen.updated_at), N_("the date of the last change"),
        french="modifie", is_closed=True),
    Key("title", N_("Words in its title"), "title:acme",
        N_("some words"), N_("title contains {value}"), N_("title doesn't contain {value}"),
        text_reader(_title, lacks=lambda facts, _now: not any(_title(facts))), N_("the title"), may_be_empty=True,
        french="titre"),
    Key("recipient", N_("Words in the recipient's name, or a whole email address"), "recipient:ana",
        N_("a name or an email address"), N_("recipient is {value}"), N_("recipient isn't {value}"),
        text_reader(_recipient, _email, _no_recipient), N_("the recipient"), french="destinataire"),
    Key("external", N_("Your own reference (external ID)"), "external:A-17",
        N_("a reference"), N_("external ID is {value}"), N_("external ID isn't {value}"),
        text_reader(whole=_external, lacks=lambda facts, _now: not any(_external(facts)), subject="external"),
        N_("the external ID"), may_be_empty=True, french="reference"),
    Key("mine", N_("Whether it's assigned to you: yes or no"), "mine:yes",
        N_("yes or no"), N_("{value}"), "", _assigned_to_asker, french="moi", is_closed=True),
    Key("taken", N_("Whether it's assigned, or who it's assigned to (@ana)"), "taken:me",
        N_("yes, no, me or a person such as @ana"), N_("{value}"), "", _assigned,
        french="attribue", is_closed=True),
    Key("connection", N_("Name of the Clust account"), "connection:emea",
        N_("a name"), N_("account is {value}"), N_("account isn't {value}"),
        text_reader(whole=lambda facts: (facts.connection,), subject="connection"), french="compte"),
)
# fmt: on

IN_ENGLISH = {key.name: key for key in KEYS}
BY_NAME: Mapping[str, Key] = {
    **IN_ENGLISH,
    **{key.french: key for key in KEYS if key.french},
}
"""Keys by the names that people type, in English and in French."""

WORDS = Key(
    name="",
    help=N_("Words in the title or the recipient's name"),
    example='"acme holding"',
    needs=N_("a word"),
    says=N_("title or recipient contains {value}"),
    denies=N_("neither title nor recipient contains {value}"),
    read=text_reader(lambda facts: (*_title(facts), *_recipient(facts)), _email, _no_recipient),
    noun=N_("the recipient"),
)
"""Words without a key. Not a row of `KEYS`, because it has no name to type."""
