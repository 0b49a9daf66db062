"""Views of mutes: how long, what is muted until when, and unmuting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.applications.triggers import TRIGGERS
from bot.core.language import N_, _, ngettext
from bot.core.notifications.mutes import OFFERED, Mute
from bot.core.typed_text import sentences
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Message, actions, button, context, message, section

MAX_LISTED, MAX_NAMED = 5, 10
"""Mutes listed by `subscriptions`, and by the answer to `mute`."""


def how_long(mutes: Sequence[Mute], names: Mapping[int, str], command: str) -> Message:
    """Ask how long to mute. `command` is the typed command, to which each option adds its end.

    `names` are the account names if there are several.
    """
    choices = [
        button(_(words), ids.variant(ids.RUN_SUGGESTION, str(place)), f"{command} {end}")
        for place, (words, end) in enumerate(OFFERED.items())
    ]
    return message(
        section(_by_subject(_QUESTIONS, mutes, names)),
        actions(*choices),
        context(_("Or type a time: {command}", command=md.code(f"/clust {md.bare(command, 200)} tomorrow 14:00", 300))),
    )


def mute_elsewhere(application_id: str) -> Message:
    """Say where an application can be muted, for a modal or the Home tab, which have no channel."""
    command = f"/clust mute #{application_id} 2h"
    return message(
        section(
            _(
                "Mutes apply to one channel. To mute this application, type {command} in a channel.",
                command=md.code(command, 150),
            )
        )
    )


def muted(mutes: Sequence[Mute], names: Mapping[int, str], until: datetime) -> Message:
    """Confirm a mute and its end."""
    return message(
        section(_by_subject(_MUTED, mutes, names, time=md.date(until, until))),
        context(_("Nothing is lost. You'll get one digest when the mute ends. Use `/clust unmute` to end it now.")),
    )


def unmuted(ended: int, *, everything: bool = True) -> Message:
    """Confirm that `ended` mutes were ended. 0 means that there was none. `everything`: all were to end."""
    if not ended:
        return message(section(_("Nothing is muted here.") if everything else _("That isn't muted here.")))
    return message(
        section(ngettext("🔔 Unmuted.", "🔔 Ended {count} mutes.", ended)),
        context(_("You'll get one digest at the next check.")),
    )


def standing(mutes: Sequence[Mute], names: Mapping[int, str]) -> str:
    """Return the active mutes, each on a line with its end. Empty without any."""
    lines = [
        _by_subject(_STANDING, [mute], names, time=md.date(mute.until, mute.until))
        for mute in mutes[:MAX_LISTED]
        if mute.until
    ]
    return "\n".join([*lines, *_rest(len(mutes) - MAX_LISTED)])


def _rest(more: int) -> list[str]:
    """Return the line that says how many mutes aren't listed, if any."""
    return [ngettext("… and {count} more mute", "… and {count:,} more mutes", more)] if more > 0 else []


@dataclass(frozen=True, slots=True)
class _MuteSentences:
    """A sentence for each kind of mute, and one above a list of several."""

    channel: str
    event: str
    application: str
    application_event: str
    several: str = ""


_QUESTIONS = _MuteSentences(
    N_("Mute this channel for how long?"),
    N_("Mute *{event}* events in this channel for how long?"),
    N_("Mute application #{id} in this channel for how long?"),
    N_("Mute *{event}* events of application #{id} in this channel for how long?"),
    N_("Mute these in this channel for how long?"),
)

_MUTED = _MuteSentences(
    N_("🔕 Muted this channel until {time}."),
    N_("🔕 Muted *{event}* events in this channel until {time}."),
    N_("🔕 Muted application #{id} in this channel until {time}."),
    N_("🔕 Muted *{event}* events of application #{id} in this channel until {time}."),
    N_("🔕 Muted these in this channel until {time}:"),
)

_STANDING = _MuteSentences(
    N_("🔕 This channel is muted until {time}."),
    N_("🔕 *{event}* events are muted until {time}."),
    N_("🔕 Application #{id} is muted until {time}."),
    N_("🔕 *{event}* events of application #{id} are muted until {time}."),
)

_LABELS = _MuteSentences(
    N_("Everything"), N_("*{event}* events"), N_("Application #{id}"), N_("*{event}* events of application #{id}")
)


def _by_subject(words: _MuteSentences, mutes: Sequence[Mute], names: Mapping[int, str], time: str = "") -> str:
    """Return the sentence about one mute, or about several with a list of them, and the account if it is named."""
    if len(mutes) == 1:
        return sentences(_of(words, mutes[0], time), _only_in(mutes[0], names))
    lines = (f"• {_of(_LABELS, mute)}{_tag(mute, names)}" for mute in mutes[:MAX_NAMED])
    return "\n".join([_(words.several, time=time), *lines, *_rest(len(mutes) - MAX_NAMED)])


def _of(words: _MuteSentences, mute: Mute, time: str = "") -> str:
    values = {"id": md.escape(mute.application_id, 40), "time": time}
    if mute.trigger in TRIGGERS:
        event = _(TRIGGERS[mute.trigger].title)
        return _(words.application_event if mute.application_id else words.event, event=event, **values)
    return _(words.application if mute.application_id else words.channel, **values)


def _only_in(mute: Mute, names: Mapping[int, str]) -> str:
    account = names.get(mute.connection_id)
    return _("This only affects the Clust account {account}.", account=md.escape(account, 80)) if account else ""


def _tag(mute: Mute, names: Mapping[int, str]) -> str:
    account = names.get(mute.connection_id)
    return f" · {md.escape(account, 80)}" if account else ""
