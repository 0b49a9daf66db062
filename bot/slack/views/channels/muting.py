"""What people read about mutes: for how long, what is muted and until when, and that it is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.core.applications.triggers import TRIGGERS
from bot.core.language import N_, _, all_of, ngettext
from bot.core.notifications.mutes import Mute
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Message, actions, button, context, message, section

CHOICES = {
    N_("1 hour"): "1h",
    N_("Until tomorrow"): "tomorrow",
    N_("Until Monday"): "monday",
    N_("1 week"): "1w",
}
"""The ends that are offered, by their words: what each adds to the command."""

MAX_LISTED = 5
"""Mutes of a channel that `subscriptions` names."""


def how_long(mutes: Sequence[Mute], names: Mapping[int, str], command: str) -> Message:
    """Ask for how long; `command` is what was typed, to which each choice adds its end.

    `names` are those of the accounts, where there are several.
    """
    choices = [
        button(_(words), ids.variant(ids.RUN_SUGGESTION, str(place)), f"{command} {end}")
        for place, (words, end) in enumerate(CHOICES.items())
    ]
    return message(
        section(_question(mutes, names)),
        actions(*choices),
        context(_("Or type a time: {command}", command=md.code(f"/clust {md.bare(command, 200)} tomorrow 14:00", 300))),
    )


def mute_elsewhere(application_id: str) -> Message:
    """Tell where an application is muted, for who asks where there is no channel: in a window or on the Home tab."""
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
        section(_("🔕 Muted {what} until {time}.", what=named(mutes, names), time=md.date(until, until))),
        context(_("Nothing is lost. You'll get one summary when the mute ends. Use `/clust unmute` to end it now.")),
    )


def unmuted(ended: int) -> Message:
    """Confirm that `ended` mutes were ended; 0 says that there was none."""
    if not ended:
        return message(section(_("Nothing is muted here.")))
    return message(
        section(ngettext("🔔 Unmuted.", "🔔 Ended {count} mutes.", ended)),
        context(_("You'll get one summary at the next check.")),
    )


def named(mutes: Sequence[Mute], names: Mapping[int, str]) -> str:
    """Return what mutes cover, in words."""
    return all_of([_named(mute, names) for mute in mutes])


def standing(mutes: Sequence[Mute], names: Mapping[int, str]) -> str:
    """Return the active mutes on one line, each with its end; empty without any."""
    phrases = [
        _("{what} until {time}", what=_named(mute, names), time=md.date(mute.until, mute.until))
        for mute in mutes[:MAX_LISTED]
        if mute.until
    ]
    if len(mutes) > MAX_LISTED:
        phrases.append(ngettext("{count} more", "{count:,} more", len(mutes) - MAX_LISTED))
    return _("🔕 Muted: {mutes}", mutes=", ".join(phrases)) if phrases else ""


def _named(mute: Mute, names: Mapping[int, str]) -> str:
    what = _event_named(mute.trigger, mute.application_id)
    account = names.get(mute.connection_id)
    return _("{what} in {account}", what=what, account=md.escape(account, 80)) if account else what


def _event_named(trigger: str | None, application_id: str | None) -> str:
    """Return which events are muted, of one application or of all, in words that follow "mute"."""
    if trigger and trigger in TRIGGERS:
        event = _(TRIGGERS[trigger].title).lower()
        if application_id:
            return _("*{event}* events of application #{id}", event=event, id=md.escape(application_id, 40))
        return _("*{event}* events", event=event)
    return _("application #{id}", id=md.escape(application_id, 40)) if application_id else _("this channel")


def _question(mutes: Sequence[Mute], names: Mapping[int, str]) -> str:
    what = named(mutes, names)
    if any(mute.application_id or mute.trigger in TRIGGERS for mute in mutes):
        return _("Mute {what} in this channel for how long?", what=what)
    return _("Mute {what} for how long?", what=what)
