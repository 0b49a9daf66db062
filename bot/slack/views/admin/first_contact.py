"""First contact: what the bot understood of a new account, in a direct message, on Home and in a window."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import TRIGGERS
from bot.core.applications.understanding import Fact, Understanding, UnderstoodStatus
from bot.core.language import N_, _, ngettext
from bot.core.notifications.admin_notifications import FirstContact
from bot.core.typed_text import sentences
from bot.slack.views.building import application_facts as facts
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.account_tags import tagged
from bot.slack.views.building.blocks import (
    Block,
    Message,
    actions,
    button,
    confirm,
    context,
    message,
    modal,
    option,
    paragraphs,
    plain,
    section,
)

TITLE = N_("New account")

MAX_CODE = 100
"""Characters of a status code that fits into the value of an option beside its class."""

MAX_IN_MESSAGE, MAX_IN_WINDOW = 5, 40
"""Statuses that can be classified in a message, and in the window."""

MAX_NAMED = 12
"""Known statuses listed in one message."""

MAX_HELD = 10
"""Notifications listed of those that would have been posted."""

_COMPLETE: Mapping[Fact, str] = {
    Fact.LATENESS: N_("✅ Late flag"),
    Fact.PROGRESS: N_("✅ Progress"),
    Fact.DATES: N_("✅ Dates"),
    Fact.ITEMS: N_("✅ Items"),
}
_PARTLY: Mapping[Fact, str] = {
    Fact.LATENESS: N_("☑️ Late flag: {count:,} of {total:,} applications"),
    Fact.PROGRESS: N_("☑️ Progress: {count:,} of {total:,} applications"),
    Fact.DATES: N_("☑️ Dates: {count:,} of {total:,} applications"),
    Fact.ITEMS: N_("☑️ Items: {count:,} of {total:,} applications"),
}
_LOST: Mapping[Fact, str] = {
    Fact.LATENESS: N_("⚠️ The list doesn't say whether an application is late. I can't detect *Late*."),
    Fact.PROGRESS: N_(
        "▫️ Progress isn't in the list. I detect *Pending submission* by the status, or by reading applications "
        "individually."
    ),
    Fact.DATES: N_(
        "⚠️ I can't read any dates. Lists can't be sorted by last change, and an application that I missed at first is "
        "posted as *Created*."
    ),
    Fact.ITEMS: N_("▫️ Items aren't in the list. I read applications individually to get them."),
}
"""What an account's list has, has in part, and lacks: then with the trigger that suffers."""


@dataclass(frozen=True, slots=True)
class HeldExamples:
    """How many notifications would have been posted, in how many channels, with the newest: trigger, application."""

    count: int = 0
    channels: int = 0
    newest: Sequence[tuple[str, Application]] = ()


@dataclass(frozen=True, slots=True)
class FirstContactView:
    """What is shown of a new account. `total` counts all its applications, `understanding` is of at most a sample."""

    connection_id: int
    name: str
    total: int
    understanding: Understanding
    is_held: bool
    held: HeldExamples = field(default_factory=HeldExamples)


def first_contact(notification: FirstContact) -> Message:
    """Report what was understood of an account right after its first complete read."""
    view = FirstContactView(
        notification.connection_id,
        notification.connection,
        notification.understanding.applications,
        notification.understanding,
        notification.is_held,
    )
    return tagged(first_contact_message(view), view.connection_id)


def first_contact_message(view: FirstContactView) -> Message:
    """Return a direct message about a new account. It must be tagged with that account."""
    unknown = _selects([one for one in view.understanding.unknown if _fits(one)], MAX_IN_MESSAGE)
    return message(*_facts(view), *unknown, *_held(view), _buttons(view))


def first_contact_window(view: FirstContactView) -> Block:
    """Return the window in which each status can be classified."""
    statuses = [one for one in view.understanding.statuses if _fits(one)]
    return modal(
        _(TITLE),
        [
            *_facts(view, named=False),
            *_selects(statuses, MAX_IN_WINDOW),
            *_held(view),
            _buttons(view, has_window=False),
        ],
        ids.OUTCOME_VIEW,
    )


def first_contact_on_home(view: FirstContactView) -> list[Block | None]:
    """Return what admins see on Home until someone has looked at the account."""
    return [*_facts(view), *_held(view), _buttons(view)]


def started(name: str, count: int, *, posts: bool) -> Message:
    """Confirm that the posting of an account began."""
    account = md.escape(name, 80)
    if not count:
        return message(section(_("✅ Posting for *{name}* has started.", name=account)))
    if posts:
        text = ngettext(
            "✅ Posting for *{name}* has started. {count} notification follows shortly.",
            "✅ Posting for *{name}* has started. {count:,} notifications follow shortly.",
            count,
            name=account,
        )
    else:
        text = ngettext(
            "✅ Posting for *{name}* has started. {count} notification was dropped.",
            "✅ Posting for *{name}* has started. {count:,} notifications were dropped.",
            count,
            name=account,
        )
    return message(section(text))


def status_select(code: str, count: int, status_class: StatusClass | None = None, label: str = "") -> Block:
    """Return a status code with a select that classifies it, for admins. The value is `class code`."""
    choices = [option(each.title, f"{each.word} {code}") for each in StatusClass]
    select: Block = {
        "type": "static_select",
        "action_id": ids.CLASSIFY,
        "placeholder": plain(_("Choose a meaning…"), 150),
        "options": choices,
    }
    if status_class:
        select["initial_option"] = choices[list(StatusClass).index(status_class)]
    applications = ngettext("{count} application", "{count:,} applications", count)
    return section(facts.joined(md.code(code, MAX_CODE), md.escape(label, 60), applications), select)


def _fits(status: UnderstoodStatus) -> bool:
    return 0 < len(status.key) <= MAX_CODE


def _facts(view: FirstContactView, *, named: bool = True) -> list[Block | None]:
    """Return what was understood. `named`: with the known statuses."""
    name = md.escape(view.name, 80)
    if not view.total:
        empty = _("👋 *I've read the account {name}.* It has no applications yet.", name=name)
        return [section(sentences(empty, _("I'll find out what they contain once there are some.")))]
    read = ngettext(
        "👋 *I've read the account {name}.* It has {count} application. This is what I understood:",
        "👋 *I've read the account {name}.* It has {count:,} applications. This is what I understood:",
        view.total,
        name=name,
    )
    named_statuses = [_named(one) for one in view.understanding.statuses if one.status_class is not None]
    more = len(named_statuses) - MAX_NAMED + view.understanding.more_statuses
    rest = [ngettext("… and {count} more status", "… and {count:,} more statuses", more)] if more > 0 else []
    return [
        section(read),
        *(paragraphs([*named_statuses[:MAX_NAMED], *rest]) if named else ()),
        *paragraphs([_fact(fact, view.understanding) for fact in Fact]),
        *(section(sentence) for sentence in _unknown(view.understanding)),
    ]


def _named(status: UnderstoodStatus) -> str:
    applications = ngettext("{count} application", "{count:,} applications", status.count)
    taken_for = status.status_class.title if status.status_class else ""
    label = md.escape(status.label, 60) if status.code and status.label else ""
    return f"• {facts.joined(md.code(status.key, 60), label, applications)} → *{taken_for}*"


def _fact(fact: Fact, understanding: Understanding) -> str:
    count, total = understanding.count(fact), understanding.applications
    if not count:
        return _(_LOST[fact])
    return _(_COMPLETE[fact]) if count == total else _(_PARTLY[fact], count=count, total=total)


def _unknown(understanding: Understanding) -> Iterator[str]:
    """Yield the statuses without a meaning, and how many applications have no status at all."""
    codes = [md.code(one.key, 60) for one in understanding.unknown if one.key]
    more = len(codes) - MAX_NAMED
    named = [*codes[:MAX_NAMED], ngettext("{count} more", "{count:,} more", more)] if more > 0 else codes
    if codes:
        yield ngettext(
            "⚠️ I don't know what {count} status means ({codes}). I can't detect *Pending submission*, *Submitted* or "
            "*Approved* for it. Choose a meaning. This doesn't post anything.",
            "⚠️ I don't know what {count:,} statuses mean ({codes}). I can't detect *Pending submission*, *Submitted* "
            "or *Approved* for them. Choose a meaning for each. This doesn't post anything.",
            len(codes),
            codes=", ".join(named),
        )
    if without := sum(one.count for one in understanding.unknown if not one.key):
        yield ngettext(
            "⚠️ {count} application has no status. I can't detect *Pending submission*, *Submitted* or *Approved* for "
            "it.",
            "⚠️ {count:,} applications have no status. I can't detect *Pending submission*, *Submitted* or *Approved* "
            "for them.",
            without,
        )


def _selects(statuses: Sequence[UnderstoodStatus], limit: int) -> list[Block]:
    rows = [status_select(one.key, one.count, one.status_class, one.label or "") for one in statuses[:limit]]
    more = len(statuses) - limit
    return [*rows, context(ngettext("… and {count} more", "… and {count:,} more", more))] if more > 0 else rows


def _held(view: FirstContactView) -> list[Block | None]:
    """Return that nothing is posted, and what would have been."""
    if not view.is_held:
        return []
    held = view.held
    on_hold = _("⏸️ *I'm not posting anything from this account yet*, because I didn't understand everything.")
    if not held.count:
        return [section(sentences(on_hold, _("So far there would have been nothing to post.")))]
    channels = ngettext("{count} channel", "{count:,} channels", held.channels)
    waiting = ngettext(
        "{count} notification for {channels} is on hold:",
        "{count:,} notifications for {channels} are on hold:",
        held.count,
        channels=channels,
    )
    lines = [
        f"{TRIGGERS[trigger].emoji} {facts.joined(_(TRIGGERS[trigger].title), facts.linked_title(application, 80))}"
        for trigger, application in held.newest[:MAX_HELD]
        if trigger in TRIGGERS
    ]
    more = held.count - len(lines)
    rest = [ngettext("… and {count} more", "… and {count:,} more", more)] if lines and more > 0 else []
    return [section(sentences(on_hold, waiting)), *paragraphs([*lines, *rest])]


def _buttons(view: FirstContactView, *, has_window: bool = True) -> Block | None:
    """Return what an admin can do: classify, start posting, or say that all is well."""
    value = str(view.connection_id)
    classify = button(_("Statuses…"), ids.CONTACT, value) if has_window and view.understanding.statuses else None
    if not view.is_held:
        return actions(classify, button(_("Looks right"), ids.CONTACT_SEEN, value, "primary"))
    drop = confirm(
        _("Drop what's on hold?"),
        _("Notifications that are on hold won't be posted. I'll post what changes from now on."),
        _("Drop and start"),
    )
    return actions(
        classify,
        button(_("Start posting"), ids.CONTACT_START, value, "primary"),
        button(_("Start without these"), ids.CONTACT_START_WITHOUT, value, ask=drop) if view.held.count else None,
    )
