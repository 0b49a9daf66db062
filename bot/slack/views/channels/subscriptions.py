"""Views of subscriptions: made, changed, listed, ended, and what prevents one (rules S1, W2, W3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from bot.core.applications.triggers import TRIGGERS
from bot.core.language import N_, _, all_of, ngettext, one_of
from bot.slack.views.building import application_facts as facts
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Message, actions, button, confirm, context, message, section
from bot.slack.views.building.channel_problems import reason

MAX_LISTED = 20
"""Subscriptions listed in one message."""

MAX_ALREADY = 5
"""Subscriptions of a channel listed in the form."""

ALL = "all"
"""The value of the button that ends every subscription of a channel."""


PARTIAL = N_(
    "Some channels may be missing because Slack can't tell me right now which ones you can see. Try again in a minute."
)
"""Shown if Slack couldn't say something, since that isn't a no."""


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    """A subscription as shown: event names, its filter explained, and the code of its hold (Slack's or ours).

    `account` is the Clust account if there are several.
    """

    id: int
    channel_id: str
    events: Sequence[str]
    explained: str = ""
    limit: int = 20
    held: str | None = None
    created_by: str = ""
    account: str = ""


class Saved(Enum):
    """The result of subscribing: a sentence for every application, and one for those that match a filter."""

    MADE = (
        N_("✅ This channel is now subscribed to *{events}* for every application."),
        N_("✅ This channel is now subscribed to *{events}* for applications that match: {filter}."),
    )
    CHANGED = (
        N_("✅ Updated. This channel is subscribed to *{events}* for every application."),
        N_("✅ Updated. This channel is subscribed to *{events}* for applications that match: {filter}."),
    )
    SAME = (
        N_("✅ This channel is already subscribed to *{events}* for every application."),
        N_("✅ This channel is already subscribed to *{events}* for applications that match: {filter}."),
    )


def subscribed(
    view: SubscriptionView, saved: Saved = Saved.MADE, *, before_baseline: bool = False, hint: str = ""
) -> Message:
    """Answer `subscribe`: events, applications, limit, and what happens next.

    `hint` is a possible correction of a word in the filter.
    """
    following = _("I'll post each event here once, as soon as I see it in Clust.")
    if before_baseline:
        following = _("I'm still reading Clust for the first time. I'll post what changes after that.")
    return message(
        section(_by_filter(*saved.value, view, 600)),
        context(_account(view)) if view.account else None,
        section(f"{following} {_limit(view.limit)}") if saved is not Saved.SAME else None,
        section(f"⚠️ {md.sentence(hint, 500)}") if hint else None,
        context(
            _("Use `/clust subscriptions` to see this channel's subscriptions, or `/clust unsubscribe` to end them.")
        ),
    )


def invite_needed(view: SubscriptionView, why: str) -> Message:
    """Answer `subscribe` in a channel without the bot (`why`). Inviting it completes the subscription (rule W3)."""
    return message(
        section(
            _(
                "One more step. {why}\nType `/invite @Clust` here. The subscription then starts automatically, and "
                "I'll let you know.",
                why=md.sentence(why, 600),
            )
        ),
        context(_("Waiting to subscribe: {subscription}", subscription=_subscription_phrase(view, 600))),
    )


def direct_message_refused() -> Message:
    """Answer `subscribe` in a direct message between two people (rule W3)."""
    return message(
        section(
            _(
                "Slack doesn't let apps post in direct messages between people.\nUse a public or private channel, or "
                "your direct messages with Clust."
            )
        )
    )


def shared_needs_admin(view: SubscriptionView) -> Message:
    """Answer `subscribe` by a member in a channel shared with another organization (rule W2)."""
    return message(
        section(
            _(
                "{channel} is shared with another organization, whose members would see information about your "
                "clients. Ask an admin to subscribe it.",
                channel=md.channel(view.channel_id),
            )
        )
    )


def confirm_shared_subscription(channel_id: str, events: str, applications: str, value: str) -> Message:
    """Ask an admin before another organization sees a subscription's notifications (rule W2).

    `events` and `applications` are plain text. `value` is the button's value.
    """
    question = _(
        "{channel} is shared with another organization, whose members will see these notifications. As an admin, you "
        "can allow this.\n*Events:* {events}\n*Applications:* {applications}",
        channel=md.channel(channel_id),
        applications=md.filter_in_words(applications, 500),
        events=md.escape(events, 100),
    )
    return _confirm_shared(question, _("Its members will see the names of your clients."), value)


def confirm_shared_list(channel_id: str, value: str) -> Message:
    """Ask an admin before another organization sees a list of applications (rule W2)."""
    question = _(
        "{channel} is shared with another organization, whose members will see this list of applications. As an "
        "admin, you can allow this.",
        channel=md.channel(channel_id),
    )
    return _confirm_shared(question, _("Its members will see the names of your clients."), value)


def confirm_shared_response(channel_id: str, value: str) -> Message:
    """Ask an admin before another organization sees a response of Clust's API (rule W2)."""
    question = _(
        "{channel} is shared with another organization, whose members will see this response from Clust. As an "
        "admin, you can allow this.",
        channel=md.channel(channel_id),
    )
    return _confirm_shared(question, _("It may contain email addresses, phone numbers and other personal data."), value)


def confirm_shared_report(channel_id: str, value: str) -> Message:
    """Ask an admin before another organization sees a report (rule W2)."""
    question = _(
        "{channel} is shared with another organization, whose members will see this report. As an admin, you can allow "
        "this.",
        channel=md.channel(channel_id),
    )
    return _confirm_shared(question, _("Its members will see the names of clients who are late."), value)


def _confirm_shared(question: str, warning: str, value: str) -> Message:
    sure = confirm(_("Show this to the other organization?"), warning, _("Show it"))
    return message(section(question), actions(button(_("Allow it here"), ids.CONFIRM_SHARED, value, "danger", sure)))


def subscription_list(
    views: Sequence[SubscriptionView], *, everywhere: bool = False, notes: str = "", is_partial: bool = False
) -> Message:
    """Answer `subscriptions`: those of this channel, or of all channels. `notes` is mrkdwn about settings and mutes.

    `is_partial`: Slack can't say right now whether the reader can see some channels.
    """
    if is_partial and not views:
        return message(section(_(PARTIAL)))
    if not views:
        return message(
            section(_("No channels have subscriptions.") if everywhere else _("This channel has no subscriptions.")),
            context(_("Use `/clust subscribe late` to get a notification here whenever an application becomes late.")),
        )
    return message(
        section(_counted(len(views), everywhere=everywhere)),
        *(section(_line(view, everywhere=everywhere)) for view in views[:MAX_LISTED]),
        _rest(views),
        context(notes) if notes else None,
        context(_(PARTIAL)) if is_partial else None,
    )


def ask_unsubscribe(views: Sequence[SubscriptionView]) -> Message:
    """Answer `unsubscribe` without arguments: which one (rule S1). `views` are those of this channel, at least one."""
    sure = confirm(
        _("End all subscriptions?"),
        _("Notifications that haven't been posted yet won't be posted."),
        _("End all"),
        style="danger",
    )
    return message(
        section(_("Which subscription do you want to end?")),
        *(section(_line(view), button(_("End"), ids.UNSUBSCRIBE, str(view.id))) for view in views[:MAX_LISTED]),
        actions(button(_("End all"), ids.UNSUBSCRIBE, ALL, "danger", sure)) if len(views) > 1 else None,
        _rest(views),
    )


def unsubscribed(ended: Sequence[str], left: Sequence[str] = (), alone: SubscriptionView | None = None) -> Message:
    """Answer `unsubscribe`: the events that ended, and those that stay.

    `alone`: the only subscription that ended, with the events that it lost.
    """
    if left and alone is not None and set(ended) & set(left):
        done = _(
            "Done. I ended this subscription: {what}.\nThe channel is still subscribed to *{left}* through other "
            "subscriptions.",
            what=_subscription_phrase(alone, 200),
            left=_events(left),
        )
    elif left:
        done = _(
            "Done. This channel is no longer subscribed to *{ended}*. It's still subscribed to *{left}*.",
            ended=_events(ended),
            left=_events(left),
        )
    else:
        done = _(
            "Done. This channel is no longer subscribed to *{ended}*. It has no other subscriptions.",
            ended=_events(ended),
        )
    return message(
        section(done),
        context(
            _("Notifications that haven't been posted yet won't be posted. Use `/clust subscribe` to start again.")
        ),
    )


def nothing_to_unsubscribe() -> Message:
    """Answer `unsubscribe` in a channel without subscriptions."""
    return message(
        section(_("This channel has no subscriptions.")),
        context(_("Use `/clust subscriptions all` to see those of other channels.")),
    )


def none_to_unsubscribe(events: Sequence[str] = ()) -> Message:
    """Answer `unsubscribe` if no subscription is as asked for. `events`: those asked for, if nothing else was."""
    sentence = (
        _("This channel isn't subscribed to *{events}*.", events=one_of(_titles(events)))
        if events
        else _("None of this channel's subscriptions match.")
    )
    return message(section(sentence), context(_("Use `/clust subscriptions` to see this channel's subscriptions.")))


def _counted(number: int, *, everywhere: bool) -> str:
    if everywhere:
        return ngettext("*{count} subscription in all channels*", "*{count:,} subscriptions in all channels*", number)
    return ngettext("*{count} subscription in this channel*", "*{count:,} subscriptions in this channel*", number)


def _by_filter(everything: str, filtered: str, view: SubscriptionView, limit: int) -> str:
    """Return the sentence for every application, or the one for a filter, filled in."""
    events = _events(view.events)
    if not view.explained:
        return _(everything, events=events)
    return _(filtered, events=events, filter=md.filter_in_words(view.explained, limit))


def _account(view: SubscriptionView) -> str:
    return _("Account: {name}", name=md.escape(view.account, 80))


def _events(names: Sequence[str]) -> str:
    """Return event names as a list: `created, late and approved`."""
    if set(names) == set(TRIGGERS):
        return _("all events")
    return all_of(_titles(names)) or _("no events")


def _titles(names: Sequence[str]) -> list[str]:
    return [_(row.title).lower() for name, row in TRIGGERS.items() if name in names]


def _limit(limit: int) -> str:
    return ngettext(
        "I'll post at most {count} notification of each kind at a time. The rest follow shortly.",
        "I'll post at most {count:,} notifications of each kind at a time. The rest follow shortly.",
        limit,
    )


def already_subscribed(views: Sequence[SubscriptionView]) -> str:
    """Return what a channel gets already, for the form."""
    if not views:
        return _("This channel has no subscriptions yet.")
    more = len(views) - MAX_ALREADY
    rest = [ngettext("… and {count} more", "… and {count:,} more", more)] if more > 0 else []
    lines = [f"• {_subscription_phrase(view, 150)}{_hold(view)}" for view in views[:MAX_ALREADY]]
    return "\n".join([_("This channel is already subscribed to:"), *lines, *rest])


def _hold(view: SubscriptionView) -> str:
    return f" ⏸️ {_(reason(view.held).problem)}" if view.held else ""


def in_one_line(view: SubscriptionView) -> str:
    """Return one subscription on a line, with its channel."""
    return f"• {md.channel(view.channel_id)} · {_subscription_phrase(view, 150)}{_hold(view)}"


def _subscription_phrase(view: SubscriptionView, limit: int) -> str:
    """Return a subscription in one phrase, with its account if there are several."""
    everything, filtered = (
        N_("*{events}* for every application"),
        N_("*{events}* for applications that match: {filter}"),
    )
    phrase = _by_filter(everything, filtered, view, limit)
    return f"{phrase} · {_account(view)}" if view.account else phrase


def _line(view: SubscriptionView, *, everywhere: bool = False) -> str:
    """Return one subscription in one to three short lines."""
    where = f"{md.channel(view.channel_id)} · " if everywhere else ""
    owner = _("Owner: {user}", user=md.user(view.created_by)) if view.created_by else ""
    held = "\n" + _("⏸️ On hold. {why}", why=_(reason(view.held).problem)) if view.held else ""
    pace = _("At most {limit} at a time", limit=view.limit)
    return f"{where}{_subscription_phrase(view, 200)}\n{facts.joined(pace, owner)}{held}"


def _rest(views: Sequence[SubscriptionView]) -> dict[str, object] | None:
    more = len(views) - MAX_LISTED
    return context(ngettext("… and {count} more", "… and {count:,} more", more)) if more > 0 else None
