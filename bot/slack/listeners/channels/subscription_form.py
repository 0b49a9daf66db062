"""Subscribe by form: `subscribe` without arguments. What was typed stays in the form until it is saved."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from bot.core.applications.triggers import TRIGGERS
from bot.core.errors import BotError, DeliveryError, UsageError
from bot.core.filters import language
from bot.core.filters.language import Facts, Filter, FilterError
from bot.core.forms.fields import Choice
from bot.core.forms.forms import SubscribeForm
from bot.core.forms.validation import Mistakes, read
from bot.core.language import N_, _, ngettext
from bot.core.notifications.channel_settings import USUAL_GATE, MessageStyle
from bot.core.notifications.schedule import Rhythm, Schedule
from bot.core.notifications.states import SubscriptionState
from bot.core.notifications.subscription_preview import SPAN, Preview
from bot.core.permissions import Role
from bot.core.text import did_you_mean, sentences, suggest
from bot.slack.listeners.admin.accounts import choices
from bot.slack.listeners.channel_visibility import ASK_LATER, visibility_of, visible_channels
from bot.slack.listeners.channels.subscribing import follow, in_words
from bot.slack.listeners.draft_offers import offers
from bot.slack.listeners.modals import FormResult, form_result, outcome_in_time, redraw, show, window
from bot.slack.listeners.sharing import is_shared
from bot.slack.request.arguments import CommandArguments
from bot.slack.request.options import MAX_LIMIT
from bot.slack.request.payload_models import OpenView
from bot.slack.request.requester import is_id
from bot.slack.request.services import Request
from bot.slack.request.visibility_cache import Visibility
from bot.slack.views.answers import plain_answer
from bot.slack.views.applications.form_outcomes import outcome_view, resume, saving_view
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, Message
from bot.slack.views.building.form_elements import fits, options
from bot.slack.views.building.forms import errors_of, values_of
from bot.slack.views.channels.subscription_form import SWITCHES, subscribe_form, subscribed_by_form, values_of_channel
from bot.slack.views.channels.subscriptions import SubscriptionView
from bot.slack.web_api.responses import ConversationInfo, ask
from bot.store.notifications.subscriptions import SubscriptionRequest
from bot.store.people.form_drafts import StoredDraft

TITLE = N_("Subscribe a channel")

NUMBERS = {"limit": (1, MAX_LIMIT), "reminder_days": (1, 60), "gate": (0, MAX_LIMIT)}
"""The allowed range of each number: a limit, working days, a gate (rule S4; 0 is off)."""

CHECK_SECONDS = 1.0
"""For Slack to say what a channel is: less than a submission waits for its outcome."""


async def open_form(request: Request) -> None:
    """Open the form for this channel, with its present settings."""
    view_id = await window(request, TITLE)
    offered = await offers(request, ids.SUBSCRIBE)
    draft = await request.services.store.drafts.open(
        request.team_id, request.user_id, ids.SUBSCRIBE, request.account.id, request.now
    )
    await show(request, view_id, await _form(request, draft.id, {"channel": request.channel_id}, first=offered))


async def manage(request: Request, channel_id: str) -> None:
    """Open the form for another channel, if the person is in it. Raises UsageError."""
    if await visibility_of(request, channel_id) is not Visibility.YES:
        raise UsageError(_("You're not in that channel, so you can't manage its notifications."))
    await open_form(request.within(channel_id))


async def look_again(request: Request, view: OpenView) -> None:
    """Redraw the form after a choice in it, with what it means now. What was typed stays."""
    if view.is_window:
        await redraw(request, await _form(request, view.metadata, values_of(SubscribeForm, view.entered)))


async def more_options(request: Request, _value: str) -> None:
    """Redraw the form with its further fields, as the channel has them now if the person may see it."""
    view = request.payload.view
    if view and view.is_window:
        typed = values_of(SubscribeForm, view.entered)
        channel_id = str(typed.get("channel") or "")
        there = request.within(channel_id if await _is_visible(request, channel_id) else "")
        await redraw(request, await _form(request, view.metadata, {**await _settings(there), **typed}))


async def _settings(request: Request) -> dict[str, Any]:
    """Return the values of the form that the channel has now."""
    row = await request.services.store.channels.get(request.team_id, request.channel_id)
    schedule = row.schedule if row.set_by else Schedule(zone=request.zone.key)
    return values_of_channel(request.channel_id, row.style, schedule)


async def _is_visible(request: Request, channel_id: str) -> bool:
    """Return whether the person may see a channel, as far as Slack said lately."""
    if channel_id == request.channel_id:
        return True
    visible = await visible_channels(request, [channel_id], anew=False)
    return visible.get(channel_id) is Visibility.YES


async def resumed(request: Request, draft: StoredDraft) -> Block:
    """Return the form with what was typed."""
    return await _form(request, draft.id, draft.contents.typed or {})


async def submit(request: Request, view: OpenView) -> Mapping[str, Any]:
    """Subscribe the chosen channel and store its settings. Errors are shown under their fields."""
    entered, drafts = view.entered, request.services.store.drafts
    draft = await drafts.get(view.metadata, request.team_id, request.user_id, request.now)
    if draft is None or draft.form != ids.SUBSCRIBE:
        raise UsageError(_("That form is more than a day old or isn't yours. Open it again."))
    draft = replace(draft, contents=replace(draft.contents, typed=values_of(SubscribeForm, entered)))
    await drafts.keep(draft.id, draft.contents, request.now, view.id)
    if not await drafts.begin_sending(draft.id, request.now, view.id):
        return _update(
            outcome_view(TITLE, plain_answer(_("This form was already sent. Use `/clust subscriptions` to see it.")))
        )
    outcome = await outcome_in_time(request, view.id, TITLE, _save(request, draft), draft.id)
    if outcome is None:
        return _update(saving_view(TITLE))
    if errors := errors_of(SubscribeForm, entered, outcome.mistakes):
        return {"response_action": "errors", "errors": errors}
    return _update(outcome.view)


async def _save(request: Request, draft: StoredDraft) -> FormResult:
    """Subscribe as a draft says. An error is shown under its field, and the draft is open again."""
    drafts, typed = request.services.store.drafts, draft.contents.typed or {}
    there = request.within(str(typed.get("channel") or ""))
    try:
        answer, notes = await _subscribe(request, read(SubscribeForm, {**await _settings(there), **typed}))
    except BotError as error:
        mistakes = error.fields if isinstance(error, Mistakes) else {"channel": error.sentence}
        await drafts.reopen(draft.id)
        form = await _form(request, draft.id, typed, mistakes)
        return FormResult(form, resume(draft.id, " ".join(mistakes.values())), mistakes)
    await drafts.done(draft.id, None)
    return form_result(TITLE, subscribed_by_form(answer, notes))


async def _subscribe(request: Request, asked: SubscribeForm) -> tuple[Message, list[str]]:
    """Return the answer of `subscribe`, and the settings of the channel in words. Raises Mistakes, BotError."""
    if asked.connection and asked.connection.isdecimal():
        request = await request.about_id(int(asked.connection))
    wish, schedule = _checked(asked, request)
    there = request.within(asked.channel)
    await _check_channel(there)
    await _check_style(there, asked)
    answer = await follow(there, wish, _as_command(wish), shared_ok=True)
    return answer, await _keep(there, asked, wish, schedule)


async def channels(request: Request, typed: str) -> Sequence[Block]:
    """Search the channels that the bot is in and the person may see."""
    services = request.services
    channels = await services.bot_channels.all(services.client, request.team_id, request.now)
    wanted = [each for each in channels if fits(typed, each.name)]
    sees_all = request.role is Role.ADMIN or all(each.is_public for each in wanted)
    joined = (
        frozenset()
        if sees_all
        else await request.services.visibility_cache.joined(request.user_id, anew=False) or frozenset()
    )
    visible = (each for each in wanted if each.is_public or sees_all or each.id in joined)
    return options(Choice(each.id, f"#{each.name}") for each in visible)


async def _check_channel(request: Request) -> None:
    """Raise Mistakes for a channel that the person may not see, or that another organisation reads (rule W2).

    A submission is answered within three seconds. If Slack takes longer, nothing is started.
    """
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            visibility, shared = (
                await visibility_of(request, request.channel_id),
                await is_shared(request, request.channel_id),
            )
    except TimeoutError as error:
        raise Mistakes({"channel": _("Slack isn't telling me about this channel right now. Submit again.")}) from error
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
                    "This channel is shared with another organization. An admin can subscribe it by typing "
                    "`/clust subscribe late`, for example, in the channel itself."
                )
            }
        )


async def _check_style(request: Request, asked: SubscribeForm) -> None:
    """Raise Mistakes for somebody who is no admin and lets other organisations read the names of items (rule W2)."""
    style = (await request.services.store.channels.get(request.team_id, request.channel_id)).style
    is_new = "shared_item_names" in asked.style and not style.shared_item_names
    if is_new and not await request.is_admin():
        raise Mistakes({"style": _("Only admins can show item names in shared channels.")})


def _checked(asked: SubscribeForm, request: Request) -> tuple[CommandArguments, Schedule]:
    """Return the subscription and the schedule. Raises Mistakes for values that are invalid together."""
    mistakes: dict[str, str] = {}
    wanted = Filter()
    try:
        wanted = language.parse(asked.filter or "")
    except FilterError as error:
        mistakes["filter"] = error.detail
    if (asked.quiet_from is None) is not (asked.quiet_to is None):
        mistakes["quiet_to" if asked.quiet_to is None else "quiet_from"] = _(
            "Enter both times for quiet hours, or neither."
        )
    zone = asked.zone or request.zone.key
    if zone not in available_timezones():
        near = suggest(zone, available_timezones())
        mistakes["zone"] = sentences(_("I don't know this time zone."), did_you_mean(near))
    for name, (least, most) in NUMBERS.items():
        number = getattr(asked, name)
        if number is not None and not least <= number <= most:
            mistakes[name] = _("Enter a whole number from {least:,} to {most:,}.", least=least, most=most)
    if mistakes:
        raise Mistakes(mistakes)
    given = {"at": asked.daily_at} if asked.daily_at else {}
    quiet = {"quiet_from": asked.quiet_from, "quiet_to": asked.quiet_to, "weekends": asked.weekends != "quiet"}
    schedule = Schedule(zone=zone, rhythm=Rhythm(asked.schedule), **given, **quiet)
    return CommandArguments(asked.events, wanted, asked.filter or "", asked.limit), schedule


async def _keep(request: Request, asked: SubscribeForm, wish: CommandArguments, schedule: Schedule) -> list[str]:
    """Store the channel's settings, add what is late now if wanted, and return both in words."""
    services, store = request.services, request.services.store
    team_id, now = services.workspace.team_id, request.now
    style = MessageStyle(
        **{name: name in asked.style for name in SWITCHES},
        also_to_channel=asked.also_to_channel,
        reminder_days=asked.reminder_days,
        gate=(USUAL_GATE if asked.gate is None else asked.gate) or None,
    )
    await store.channels.save(team_id, asked.channel, style, schedule, request.user_id, now)
    notes = [md.escape(schedule.explain(), 300)]
    if asked.reminder_days:
        notes.append(
            ngettext("Reminders after {count} working day", "Reminders after {count} working days", asked.reminder_days)
        )
    if style.gate != USUAL_GATE:
        notes.append(
            _("I'll ask before posting more than {limit:,} at once", limit=style.gate)
            if style.gate
            else _("I'll never ask before posting, however many there are")
        )
    rows = await store.subscriptions.of_channel(team_id, asked.channel)
    if asked.begin == "late" and any(row.state == SubscriptionState.ACTIVE for row in rows):
        late = await _late_now(request, wish.filter, ZoneInfo(schedule.zone))
        if late:
            place = SubscriptionRequest(
                team_id, asked.channel, request.account.id, "", (), None, request.user_id, schedule.zone
            )
            await store.subscriptions.tell_late_now(place, late, now)
        notes.append(
            ngettext(
                "{count} is already late and will be posted in one digest",
                "{count:,} are already late and will be posted in one digest",
                len(late),
            )
            if late
            else _("Nothing is late now")
        )
    return notes


async def _late_now(request: Request, wanted: Filter, zone: ZoneInfo) -> list[str]:
    services, late = request.services, list[str]()
    connection = await request.connection()
    now = request.now
    async with request.scan_lock():
        async for snapshot in services.store.applications.newest_first(connection.id):
            facts = Facts(
                snapshot.application, snapshot.status_class, connection.name, snapshot.assignee, request.user_id
            )
            if snapshot.is_late and wanted.matches(facts, now, zone):
                late.append(snapshot.application.id)
    return late


async def _form(
    request: Request,
    draft_id: str,
    values: Mapping[str, Any],
    mistakes: Mapping[str, str] | None = None,
    first: Sequence[Block] = (),
) -> Block:
    """Return the form with what the channel already gets, its filter explained, and what that would have posted."""
    channel = await _named(request, str(values.get("channel") or ""))
    values, mistakes = {**values, "connection": str(request.account.id)}, dict(mistakes or {})
    preview = None
    try:
        wanted = language.parse(str(values.get("filter") or ""))
    except FilterError as error:
        mistakes["filter"] = error.detail
    else:
        preview = await _preview(request, values, wanted)
    present = await _present(request, channel.value) if channel else None
    return subscribe_form(
        channel, values, preview, mistakes, await choices(request), draft_id=draft_id, first=first, present=present
    )


async def _present(request: Request, channel_id: str) -> list[SubscriptionView] | None:
    """Return the subscriptions of a channel, None if the person may not see it."""
    if not await _is_visible(request, channel_id):
        return None
    rows = await request.services.store.subscriptions.of_channel(request.team_id, channel_id)
    return [in_words(request, row) for row in rows]


async def _preview(request: Request, values: Mapping[str, Any], wanted: Filter) -> Preview:
    connection = await request.connection()
    events = tuple(name for name in values.get("events") or () if name in TRIGGERS) or tuple(TRIGGERS)
    zone = ZoneInfo(Schedule(zone=str(values.get("zone") or request.zone.key)).zone)
    preview = Preview(events, wanted, connection.name, zone, request.user_id)
    async with request.scan_lock():
        async for seen_at, event in request.services.store.stories.since(connection.id, request.now - SPAN):
            preview.look(event, seen_at)
    return preview


async def _named(request: Request, channel_id: str) -> Choice | None:
    """Return a channel as the initial choice of the form, with its name only if the person may see it."""
    if not is_id(channel_id):
        return None
    try:
        # Without waiting out a 429: a name is not worth it.
        info = await ask(request.services.opener.conversations_info(channel=channel_id), ConversationInfo)
    except DeliveryError:
        return Choice(channel_id, _("This channel"))
    is_here = channel_id == request.channel_id
    if not is_here and not info.channel.is_public and await visibility_of(request, channel_id) is not Visibility.YES:
        return Choice(channel_id, _("This channel"))
    if info.channel.is_im:
        return Choice(channel_id, _("Your messages with Clust"))
    return Choice(channel_id, f"#{info.channel.name}" if info.channel.name else _("This channel"))


def _as_command(wish: CommandArguments) -> str:
    """Return a subscription as a command, for the button by which an admin allows it (rule W2)."""
    limit = f" limit:{wish.limit}" if wish.limit else ""
    return f"{','.join(wish.events) or 'all'} {wish.filter_text}{limit}"


def _update(view: Block) -> Mapping[str, Any]:
    return {"response_action": "update", "view": view}
