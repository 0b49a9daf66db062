"""Submit the form of a subscription: check it, subscribe, and save the channel's settings.

An error is shown under its field. What was typed stays in the draft until it is saved.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from bot.core.errors import BotError, UsageError
from bot.core.filters import language
from bot.core.filters.language import Facts, Filter, FilterError
from bot.core.forms.subscription_forms import SubscribeForm
from bot.core.forms.validation import Mistakes, read
from bot.core.language import _, ngettext
from bot.core.notifications.channel_settings import USUAL_GATE, MessageStyle
from bot.core.notifications.report_rhythm import ReportRhythm, explain
from bot.core.notifications.schedule import Rhythm, Schedule
from bot.core.notifications.states import SubscriptionState
from bot.core.suggestions import did_you_mean, suggest
from bot.core.typed_text import sentences
from bot.slack.listeners.channel_visibility import ASK_LATER, visibility_of
from bot.slack.listeners.channels.subscribing import follow
from bot.slack.listeners.channels.subscription_form import TITLE, form_view, settings_of
from bot.slack.listeners.modals import FormResult, form_result, outcome_in_time
from bot.slack.listeners.sharing import is_shared
from bot.slack.request.command_arguments import CommandArguments
from bot.slack.request.command_options import MAX_LIMIT
from bot.slack.request.payload_parts import OpenView
from bot.slack.request.services import Request
from bot.slack.request.visibility_cache import Visibility
from bot.slack.views.answers import plain_answer
from bot.slack.views.applications.form_outcomes import outcome_view, resume, saving_view
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, Message
from bot.slack.views.building.forms import errors_of, values_of
from bot.slack.views.channels.subscription_form import SWITCHES, subscribed_by_form
from bot.store.notifications.subscriptions import SubscriptionRequest
from bot.store.people.form_drafts import StoredDraft

NUMBERS = {"limit": (1, MAX_LIMIT), "reminder_days": (1, 60), "gate": (0, MAX_LIMIT)}
"""The allowed range of each number: a limit, working days, a gate (rule S4). 0 is off."""

CHECK_SECONDS = 1.0
"""For Slack to say what a channel is: less than a submission waits for its outcome."""


async def submit(request: Request, view: OpenView) -> Mapping[str, Any]:
    """Subscribe the chosen channel and store its settings. Errors are shown under their fields.

    Raises UsageError for a draft that is too old or someone else's.
    """
    entered, drafts = view.entered, request.services.store.form_drafts
    draft = await drafts.get(view.metadata, request.team_id, request.user_id, request.now)
    if draft is None or draft.form != ids.SUBSCRIBE:
        raise UsageError(_("That form is more than a day old or isn't yours. Open it again."))
    draft = replace(draft, contents=replace(draft.contents, typed=values_of(SubscribeForm, entered)))
    await drafts.keep(draft.id, draft.contents, request.now, view.id)
    if not await drafts.begin_sending(draft.id, request.now, view.id):
        return _update(
            outcome_view(
                TITLE, plain_answer(_("This form was already sent. `/clust subscriptions` shows the subscription."))
            )
        )
    outcome = await outcome_in_time(request, view.id, TITLE, _save(request, draft), draft.id)
    if outcome is None:
        return _update(saving_view(TITLE))
    if errors := errors_of(SubscribeForm, entered, outcome.mistakes):
        return {"response_action": "errors", "errors": errors}
    return _update(outcome.view)


async def _save(request: Request, draft: StoredDraft) -> FormResult:
    """Subscribe as a draft says. An error is shown under its field, and the draft is open again."""
    drafts, typed = request.services.store.form_drafts, draft.contents.typed or {}
    there = request.within(str(typed.get("channel") or ""))
    try:
        answer, notes = await _subscribe(request, read(SubscribeForm, {**await settings_of(there), **typed}))
    except BotError as error:
        mistakes = error.fields if isinstance(error, Mistakes) else {"channel": error.sentence}
        await drafts.reopen(draft.id)
        form = await form_view(request, draft.id, typed, mistakes)
        return FormResult(form, resume(draft.id, " ".join(mistakes.values())), mistakes)
    await drafts.done(draft.id, None)
    return form_result(TITLE, subscribed_by_form(answer, notes))


async def _subscribe(request: Request, form: SubscribeForm) -> tuple[Message, list[str]]:
    """Return the answer of `subscribe`, and the settings of the channel in words. Raises Mistakes, BotError."""
    if form.connection and form.connection.isdecimal():
        request = await request.about_id(int(form.connection))
    wish, schedule = _checked(form, request)
    there = request.within(form.channel)
    await _check_channel(there)
    await _check_style(there, form)
    answer = await follow(there, wish, _as_command(wish), shared_ok=True)
    return answer, await _keep(there, form, wish, schedule)


async def _check_channel(request: Request) -> None:
    """Raise Mistakes for a channel that the person can't see, or that another organization reads (rule W2).

    A submission is answered within three seconds. If Slack takes longer, nothing is started.
    """
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            visibility, shared = (
                await visibility_of(request, request.channel_id),
                await is_shared(request, request.channel_id),
            )
    except TimeoutError as error:
        raise Mistakes(
            {"channel": _("Slack can't tell me about this channel right now. Submit again in a moment.")}
        ) from error
    if visibility is Visibility.UNKNOWN:
        raise Mistakes({"channel": _(ASK_LATER)})
    if visibility is Visibility.NO:
        raise Mistakes({"channel": _("You aren't in this channel, so you can't subscribe it.")})
    rows = await request.services.store.subscriptions.of_channel(request.team_id, request.channel_id) if shared else []
    is_allowed = any(row.shared_ok for row in rows) and await request.is_admin()
    if shared and not is_allowed:
        raise Mistakes(
            {
                "channel": _(
                    "This channel is shared with another organization. An admin can subscribe it by typing a "
                    "command such as `/clust subscribe late` in the channel."
                )
            }
        )


async def _check_style(request: Request, form: SubscribeForm) -> None:
    """Raise Mistakes for a person who isn't an admin and lets other organizations read the names of items (rule W2)."""
    style = (await request.services.store.channel_settings.get(request.team_id, request.channel_id)).style
    is_new = "shared_item_names" in form.style and not style.shared_item_names
    if is_new and not await request.is_admin():
        raise Mistakes({"style": _("Only admins can show item names in shared channels.")})


def _checked(form: SubscribeForm, request: Request) -> tuple[CommandArguments, Schedule]:
    """Return the subscription and the schedule. Raises Mistakes for values that are invalid together."""
    mistakes: dict[str, str] = {}
    parsed = Filter()
    try:
        parsed = language.parse(form.filter or "")
    except FilterError as error:
        mistakes["filter"] = error.detail
    if (form.quiet_from is None) is not (form.quiet_to is None):
        mistakes["quiet_to" if form.quiet_to is None else "quiet_from"] = _(
            "Enter both times for quiet hours, or neither."
        )
    zone = form.zone or request.zone.key
    if zone not in available_timezones():
        near = suggest(zone, available_timezones())
        mistakes["zone"] = sentences(
            _("“{zone}” isn't a time zone. Enter one such as Europe/Lisbon.", zone=zone), did_you_mean(near)
        )
    for name, (least, most) in NUMBERS.items():
        number = getattr(form, name)
        if number is not None and not least <= number <= most:
            mistakes[name] = _("Enter a whole number from {least:,} to {most:,}.", least=least, most=most)
    if mistakes:
        raise Mistakes(mistakes)
    given = {"at": form.daily_at} if form.daily_at else {}
    quiet = {"quiet_from": form.quiet_from, "quiet_to": form.quiet_to, "weekends": form.weekends != "quiet"}
    schedule = Schedule(zone=zone, rhythm=Rhythm(form.schedule), **given, **quiet)
    return CommandArguments(form.events, parsed, form.filter or "", form.limit), schedule


async def _keep(request: Request, form: SubscribeForm, wish: CommandArguments, schedule: Schedule) -> list[str]:
    """Store the channel's settings, add what is late now if wanted, and return both in words."""
    services, store = request.services, request.services.store
    team_id, now = services.workspace.team_id, request.now
    style = MessageStyle(
        **{name: name in form.style for name in SWITCHES},
        also_to_channel=form.also_to_channel,
        reminder_days=form.reminder_days,
        language=services.languages.of(form.language).code if form.language else None,
        gate=(USUAL_GATE if form.gate is None else form.gate) or None,
    )
    await store.channel_settings.save(team_id, form.channel, style, schedule, request.user_id, now)
    rhythm = None if form.report == "none" else ReportRhythm(form.report)
    account_id = request.account.id
    await store.regular_reports.set(team_id, form.channel, account_id, rhythm, schedule, request.user_id, now)
    notes = [md.escape(schedule.explain(), 300)]
    if rhythm:
        notes.append(md.escape(explain(rhythm, schedule), 300))
    if form.reminder_days:
        notes.append(
            ngettext(
                "Reminders are posted after {count} business day.",
                "Reminders are posted after {count} business days.",
                form.reminder_days,
            )
        )
    if style.gate != USUAL_GATE:
        notes.append(
            _("I'll ask before posting more than {limit:,} at once.", limit=style.gate)
            if style.gate
            else _("I'll never ask before posting, no matter how many there are.")
        )
    rows = await store.subscriptions.of_channel(team_id, form.channel)
    if form.begin == "late" and any(row.state == SubscriptionState.ACTIVE for row in rows):
        late = await _late_now(request, wish.filter, ZoneInfo(schedule.zone))
        if late:
            place = SubscriptionRequest(
                team_id, form.channel, request.account.id, "", (), None, request.user_id, schedule.zone
            )
            await store.subscriptions.queue_late_now(place, late, now)
        notes.append(
            ngettext(
                "{count} application is already late and will be posted in one digest.",
                "{count:,} applications are already late and will be posted in one digest.",
                len(late),
            )
            if late
            else _("Nothing is late right now.")
        )
    return notes


async def _late_now(request: Request, parsed: Filter, zone: ZoneInfo) -> list[str]:
    services, late = request.services, list[str]()
    connection = await request.connection()
    now = request.now
    async with request.scan_lock():
        async for snapshot in services.store.applications.newest_first(connection.id):
            facts = Facts(
                snapshot.application, snapshot.status_class, connection.name, snapshot.assignee, request.user_id
            )
            if snapshot.is_late and parsed.matches(facts, now, zone):
                late.append(snapshot.application.id)
    return late


def _as_command(wish: CommandArguments) -> str:
    """Return a subscription as a command, for the button by which an admin allows it (rule W2)."""
    limit = f" limit:{wish.limit}" if wish.limit else ""
    return f"{','.join(wish.events) or 'all'} {wish.filter_text}{limit}"


def _update(view: Block) -> Mapping[str, Any]:
    return {"response_action": "update", "view": view}
