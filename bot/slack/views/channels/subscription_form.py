"""The form of a subscription: its fields, its filter explained, and what it would have posted lately."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.core.applications.triggers import TRIGGERS
from bot.core.dates import day_of_week_in_words
from bot.core.forms.fields import Choice
from bot.core.forms.subscription_forms import SubscribeForm
from bot.core.forms.validation import asked_of
from bot.core.language import _, all_of, ngettext
from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.report_rhythm import ReportRhythm
from bot.core.notifications.schedule import Schedule
from bot.core.notifications.subscription_preview import SPAN, Preview
from bot.slack.views.building import application_facts as facts
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, Message, context, message, notified_on_close, section
from bot.slack.views.building.forms import form
from bot.slack.views.channels.subscriptions import SubscriptionView, already_subscribed

SWITCHES = ("update", "thread", "action_replies", "full", "personal_data", "shared_item_names")
"""The switches of a style."""


def subscribe_form(
    channel: Choice | None,
    values: Mapping[str, Any],
    preview: Preview | None,
    mistakes: Mapping[str, str] | None = None,
    accounts: Sequence[Choice] = (),
    languages: Sequence[Choice] = (),
    *,
    draft_id: str = "",
    first: Sequence[Block] = (),
    present: Sequence[SubscriptionView] | None = None,
) -> Block:
    """Return the form with `values`. `preview` is None if the filter is invalid, as `mistakes` say.

    `present` are the channel's subscriptions, None if the person can't see them. The fields behind *More options* are
    shown if `values` has one of them.
    """
    view = form(
        SubscribeForm,
        callback_id=ids.SUBSCRIBE,
        title=_("Subscribe a channel"),
        submit=_("Subscribe"),
        values=values,
        mistakes=mistakes,
        choices={"channel": [channel] if channel else [], "connection": accounts, "language": languages},
        private_metadata=draft_id,
        first=[
            *first,
            None if present is None else context(already_subscribed(present)),
            section(explained(preview)) if preview else None,
        ],
        further=has_further(values),
    )
    return notified_on_close(view)


def has_further(values: Mapping[str, Any]) -> bool:
    """Return whether the form shows the fields behind *More options*."""
    return any(field.further and name in values for name, field in asked_of(SubscribeForm).items())


def values_of_channel(
    channel_id: str, style: MessageStyle, schedule: Schedule, language: str, report: ReportRhythm | None = None
) -> dict[str, Any]:
    """Return the form values for the channel's present settings."""
    return {
        "channel": channel_id or None,
        "style": [name for name in SWITCHES if getattr(style, name)],
        "also_to_channel": list(style.also_to_channel),
        "schedule": schedule.rhythm.value,
        "daily_at": schedule.at,
        "quiet_from": schedule.quiet_from,
        "quiet_to": schedule.quiet_to,
        "weekends": None if schedule.weekends else "quiet",
        "zone": schedule.zone,
        "language": language,
        "report": report.value if report else "none",
        "reminder_days": style.reminder_days,
        "gate": style.gate or 0,
    }


def explained(preview: Preview) -> str:
    """Return what the subscription means, and what it would have posted in the last 14 days."""
    events = all_of([_(row.title).lower() for name, row in TRIGGERS.items() if name in preview.events])
    wish = _(
        "*Events:* {events}\n*Applications:* {filter}",
        events=md.escape(events, 200),
        filter=md.filter_in_words(preview.filter.explain(), 500),
    )
    for hint in filter(None, (preview.warning, preview.filter.hint())):
        wish += f"\n⚠️ {md.sentence(hint, 500)}"
    for unjudged in (preview.unjudged.gap(), preview.unjudged.kept_gap()):
        if unjudged.count:
            wish += f"\n⚠️ {facts.gap(unjudged)}"
    days = SPAN.days
    if not preview.total:
        nothing = _("From what I've seen, this wouldn't have posted anything in the last {days} days.", days=days)
        return f"{wish}\n{nothing}"
    total = ngettext(
        "This would have posted {count} notification in the last {days} days.",
        "This would have posted {count:,} notifications in the last {days} days.",
        preview.total,
        days=days,
    )
    busiest = preview.busiest
    most = (
        [_("Busiest day: {day}, with {count:,}.", day=day_of_week_in_words(busiest[0]), count=busiest[1])]
        if busiest and preview.total > 1
        else []
    )
    intro = " ".join([total, *most, _("Latest:")])
    return "\n".join([wish, intro, *(f"• {_sample(event)}" for event in reversed(preview.samples))])


def _sample(event: Any) -> str:
    trigger = TRIGGERS[event.trigger]
    title = facts.linked_title(event.application, 80, 200)
    return facts.joined(
        f"{trigger.emoji} {_(trigger.title)}", title, facts.recipient_beside_title(event.application, 50)
    )


def subscribed_by_form(answer: Message, notes: Sequence[str]) -> Message:
    """Return the answer of `subscribe`, with the channel's settings."""
    return message(*answer.blocks, context(*notes) if notes else None)
