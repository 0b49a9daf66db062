"""What people read about subscriptions: made, changed, listed, ended, and what stands in the way (rules S1, W2, W3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from bot.core.applications.triggers import TRIGGERS
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Message, actions, button, confirm, context, message, section
from bot.slack.views.building.problems import reason

MAX_LISTED = 20
"""Subscriptions in one message; the rest is counted."""

ALL = "all"
"""The value of the button that ends every subscription of a channel."""


PARTIAL = "Some channels may be missing. Slack doesn't say right now which ones you can see. Look again in a minute."
"""Said where not all could be found out: not knowing isn't a no."""


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    """A subscription in words: triggers' names, its filter explained, and Slack's code (or ours) where it is held.

    `account` names the Clust account, where there are several.
    """

    id: int
    channel_id: str
    events: Sequence[str]
    explained: str = "every application"
    limit: int = 20
    held: str | None = None
    created_by: str = ""
    account: str = ""


class Saved(Enum):
    """What subscribing did."""

    MADE = "This channel now gets"
    CHANGED = "This channel's subscription is changed. It gets"
    SAME = "This channel already gets"


def subscribed(
    view: SubscriptionView, saved: Saved = Saved.MADE, *, before_baseline: bool = False, hint: str = ""
) -> Message:
    """Answer `subscribe`: what comes, of which applications, how much at once, and what happens next.

    `hint` is what may have been meant by a word of the filter.
    """
    following = "From now on, each event is posted here once, as soon as the bot sees it in Clust."
    if before_baseline:
        following = "The bot is still reading Clust for the first time: what changes once that is done is posted here."
    return message(
        section(f"✅ {saved.value} *{_events(view.events)}*\nof: *{md.escape(view.explained, 600)}*."),
        section(f"{following} {_limit(view.limit)}") if saved is not Saved.SAME else None,
        section(f"⚠️ {md.sentence(hint, 500)}") if hint else None,
        context("`/clust subscriptions` shows what this channel gets; `/clust unsubscribe` ends it."),
    )


def invite_needed(view: SubscriptionView, why: str) -> Message:
    """Answer `subscribe` in a channel that the bot is not in, and `why`: the invitation finishes it (rule W3)."""
    return message(
        section(
            f"One step is left. {md.sentence(why, 600)}\n"
            "Type `/invite @Clust` here. The subscription then starts by itself, and you will be told."
        ),
        context(f"Waiting: {_events(view.events)} of: {md.escape(view.explained, 600)}"),
    )


def direct_message_refused() -> Message:
    """Answer `subscribe` in a direct message between two people (rule W3)."""
    return message(
        section(
            "A direct message between people can't be subscribed: Slack lets no app into it.\n"
            "Use a channel, a private channel, or your own messages with Clust."
        )
    )


def shared_needs_admin(view: SubscriptionView) -> Message:
    """Answer `subscribe` in a channel shared with another organisation, to someone who is no admin (rule W2)."""
    return message(
        section(
            f"{md.channel(view.channel_id)} is shared with another organisation, whose people would read about your "
            "clients. Please ask an admin to subscribe it."
        )
    )


def confirm_shared(channel_id: str, what: str, value: str, *, personal: bool = False) -> Message:
    """Ask an admin before `what` is shown to another organisation (rule W2); `value` comes back with the click.

    `personal`: it may hold more personal data than names.
    """
    held = "It may hold e-mail addresses, phone numbers and other personal data."
    read = held if personal else "Its people will read names of your clients."
    sure = confirm("Show it to the other organisation?", read, "Yes, show it")
    return message(
        section(
            f"{md.channel(channel_id)} is shared with another organisation: its people will read "
            f"{md.escape(what, 600)}. You are an admin, so you may allow this."
        ),
        actions(button("Allow it here", ids.CONFIRM_SHARED, value, "danger", sure)),
    )


def subscription_list(
    views: Sequence[SubscriptionView], *, everywhere: bool = False, notes: str = "", is_partial: bool = False
) -> Message:
    """Answer `subscriptions`: those of this channel, or of all channels. `notes` is mrkdwn: how it has them.

    `is_partial`: there are channels of which Slack doesn't say right now whether the reader may know of them.
    """
    if is_partial and not views:
        return message(section(PARTIAL))
    if not views:
        where = "No channel" if everywhere else "This channel"
        return message(
            section(f"{where} has {'a' if everywhere else 'no'} subscription."),
            context("`/clust subscribe late` posts here whenever an application becomes late."),
        )
    where = "in all channels" if everywhere else "in this channel"
    return message(
        section(f"*{md.count(len(views), 'subscription')} {where}*"),
        *(section(_line(view, everywhere=everywhere)) for view in views[:MAX_LISTED]),
        _rest(views),
        context(notes) if notes else None,
        context(PARTIAL) if is_partial else None,
    )


def ask_unsubscribe(views: Sequence[SubscriptionView]) -> Message:
    """Answer `unsubscribe` without words: which one (rule S1); `views` are those of this channel, at least one."""
    sure = confirm("End them all?", "What is not yet posted will not be posted.", "End them all", style="danger")
    return message(
        section("Which subscription of this channel should end?"),
        *(section(_line(view), button("End it", ids.UNSUBSCRIBE, str(view.id))) for view in views[:MAX_LISTED]),
        actions(button("End them all", ids.UNSUBSCRIBE, ALL, "danger", sure)) if len(views) > 1 else None,
        _rest(views),
    )


def unsubscribed(ended: Sequence[str], left: Sequence[str] = ()) -> Message:
    """Answer `unsubscribe`: the events that ended, and those that this channel still gets."""
    rest = f"It still gets {_events(left)}." if left else "It gets nothing more from Clust."
    return message(
        section(f"Done: this channel no longer gets *{_events(ended)}*. {rest}"),
        context("What was not yet posted will not be posted. `/clust subscribe` starts again."),
    )


def nothing_to_unsubscribe(events: Sequence[str] = ()) -> Message:
    """Answer `unsubscribe` where nothing (or nothing with these events) is subscribed."""
    what = f"This channel does not get *{_events(events)}*." if events else "This channel has no subscription."
    return message(section(f"There is nothing to end. {what}"), context("`/clust subscriptions all` shows the others."))


def _of(view: SubscriptionView) -> str:
    """Return the account that it is of, where there are several."""
    return f" in {md.escape(view.account, 80)}" if view.account else ""


def _events(names: Sequence[str]) -> str:
    """Return triggers as a person says them, in the order in which they are told: `created, late and approved`."""
    if set(names) == set(TRIGGERS):
        return "all events"
    words = [row.title.lower() for name, row in TRIGGERS.items() if name in names]
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:]))) or "no events"


def _limit(limit: int) -> str:
    return f"At most {md.count(limit, 'notification')} of each kind at a time; what is more follows a little later."


def in_one_line(view: SubscriptionView) -> str:
    """Return one subscription on a line, with its channel."""
    held = f" ⏸️ {reason(view.held).what}" if view.held else ""
    what = f"*{_events(view.events)}* of: {md.escape(view.explained, 150)}{_of(view)}"
    return f"• {md.channel(view.channel_id)}: {what}{held}"


def _line(view: SubscriptionView, *, everywhere: bool = False) -> str:
    """Return one subscription in one to three short lines."""
    where = f"{md.channel(view.channel_id)} · " if everywhere else ""
    made = f" · made by {md.user(view.created_by)}" if view.created_by else ""
    held = f"\n⏸️ Held: {reason(view.held).what}" if view.held else ""
    what = f"{where}*{_events(view.events)}* of: {md.escape(view.explained, 200)}{_of(view)}"
    return f"{what}\n_at most {view.limit} at a time_{made}{held}"


def _rest(views: Sequence[SubscriptionView]) -> dict[str, object] | None:
    more = len(views) - MAX_LISTED
    return context(f"… and {more} more") if more > 0 else None
