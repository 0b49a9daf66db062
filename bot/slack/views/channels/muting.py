"""What people read about mutes: for how long, what is muted and until when, and that it is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.core.applications.triggers import TRIGGERS
from bot.core.notifications.mutes import Mute
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Message, actions, button, context, message, section

CHOICES = {"1 hour": "1h", "Until tomorrow": "tomorrow", "Until Monday": "monday", "1 week": "1w"}
"""The ends that are offered, by their words: what each adds to the command."""

MAX_LISTED = 5
"""Mutes of a channel that `subscriptions` names."""


def how_long(mutes: Sequence[Mute], names: Mapping[int, str], command: str) -> Message:
    """Ask for how long; `command` is what was typed, to which each choice adds its end.

    `names` are those of the accounts, where there are several.
    """
    choices = [
        button(words, ids.variant(ids.RUN_SUGGESTION, str(place)), f"{command} {end}")
        for place, (words, end) in enumerate(CHOICES.items())
    ]
    return message(
        section(f"For how long should this channel hear nothing of {named(mutes, names)}?"),
        actions(*choices),
        context(f"Or type the end: `/clust {md.escape(command, 200)} tomorrow 14:00`"),
    )


def mute_elsewhere(application_id: str) -> Message:
    """Tell where an application is muted, for who asks where there is no channel: in a window or on the Home tab."""
    command = f"/clust mute #{application_id} 2h"
    return message(section(f"A mute is for one channel. Type {md.code(command, 150)} in the channel to be quiet."))


def muted(mutes: Sequence[Mute], names: Mapping[int, str], until: datetime) -> Message:
    """Confirm a mute and its end."""
    return message(
        section(f"🔕 Muted until {md.date(until, until)}: {named(mutes, names)}."),
        context("Nothing is lost: what happens meanwhile comes as one summary then. `/clust unmute` ends it now."),
    )


def unmuted(ended: int) -> Message:
    """Confirm that `ended` mutes were ended; 0 says that there was none."""
    if not ended:
        return message(section("Nothing of that is muted in this channel."))
    return message(
        section(f"🔔 {md.count(ended, 'mute')} ended."),
        context("What was held back follows as one summary, with the next look at Clust."),
    )


def named(mutes: Sequence[Mute], names: Mapping[int, str]) -> str:
    """Return what mutes cover, in words."""
    return ", ".join(_named(mute, names) for mute in mutes)


def standing(mutes: Sequence[Mute], names: Mapping[int, str]) -> str:
    """Return the active mutes on one line, each with its end; empty without any."""
    phrases = [
        f"{_named(mute, names)} until {md.date(mute.until, mute.until)}" for mute in mutes[:MAX_LISTED] if mute.until
    ]
    more = f" and {len(mutes) - MAX_LISTED} more" if len(mutes) > MAX_LISTED else ""
    return f"🔕 Muted: {', '.join(phrases)}{more}" if phrases else ""


def _named(mute: Mute, names: Mapping[int, str]) -> str:
    event = f"*{TRIGGERS[mute.trigger].title.lower()}*" if mute.trigger in TRIGGERS else "everything"
    of = f" of application {md.code(mute.application_id)}" if mute.application_id else ""
    account = names.get(mute.connection_id)
    return f"{event}{of}{f' in {md.escape(account, 80)}' if account else ''}"
