"""The form of a subscription: opened by `subscribe` without arguments, and drawn again after each choice in it.

It shows what the channel gets already, and what the filter would have posted. `subscription_submission` saves it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.applications.triggers import TRIGGERS
from bot.core.errors import DeliveryError, UsageError
from bot.core.filters import language
from bot.core.filters.language import Filter, FilterError
from bot.core.forms.fields import Choice
from bot.core.forms.subscription_forms import SubscribeForm
from bot.core.language import N_, _, current
from bot.core.notifications.schedule import Schedule
from bot.core.notifications.subscription_preview import SPAN, Preview
from bot.core.permissions import Role
from bot.slack.listeners.admin.accounts import choices
from bot.slack.listeners.channel_visibility import visibility_of, visible_channels
from bot.slack.listeners.channels.filter_warnings import warning_of
from bot.slack.listeners.channels.subscribing import in_words
from bot.slack.listeners.draft_offers import offers
from bot.slack.listeners.modals import redraw, show, window
from bot.slack.request.payload_parts import OpenView
from bot.slack.request.requester import is_id
from bot.slack.request.services import Request
from bot.slack.request.visibility_cache import Visibility
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import Block
from bot.slack.views.building.form_elements import fits, options
from bot.slack.views.building.forms import values_of
from bot.slack.views.channels.subscription_form import subscribe_form, values_of_channel
from bot.slack.views.channels.subscriptions import SubscriptionView
from bot.slack.web_api.responses import ConversationInfo, ask
from bot.store.people.form_drafts import StoredDraft

TITLE = N_("Subscribe a channel")


async def open_form(request: Request) -> None:
    """Open the form for this channel, with its present settings."""
    view_id = await window(request, TITLE)
    offered = await offers(request, ids.SUBSCRIBE)
    draft = await request.services.store.form_drafts.open(
        request.team_id, request.user_id, ids.SUBSCRIBE, request.account.id, request.now
    )
    await show(request, view_id, await form_view(request, draft.id, {"channel": request.channel_id}, first=offered))


async def manage(request: Request, channel_id: str) -> None:
    """Open the form for another channel, if the person is in it. Raises UsageError."""
    if await visibility_of(request, channel_id) is not Visibility.YES:
        raise UsageError(_("You aren't in that channel, so you can't manage its notifications."))
    await open_form(request.within(channel_id))


async def look_again(request: Request, view: OpenView) -> None:
    """Redraw the form after a choice in it, with what it means now. What was typed stays."""
    if view.is_window:
        await redraw(request, await form_view(request, view.metadata, values_of(SubscribeForm, view.entered)))


async def more_options(request: Request, _value: str) -> None:
    """Redraw the form with its further fields, as the channel has them now if the person may see it."""
    view = request.payload.view
    if view and view.is_window:
        typed = values_of(SubscribeForm, view.entered)
        channel_id = str(typed.get("channel") or "")
        there = request.within(channel_id if await _is_visible(request, channel_id) else "")
        await redraw(request, await form_view(request, view.metadata, {**await settings_of(there), **typed}))


async def settings_of(request: Request) -> dict[str, Any]:
    """Return the values of the form that the channel has now."""
    row = await request.services.store.channel_settings.get(request.team_id, request.channel_id)
    schedule = row.schedule if row.set_by else Schedule(zone=request.zone.key)
    report = await request.services.store.regular_reports.get(request.team_id, request.channel_id)
    locale = await request.services.locales.of_channel(request.channel_id)
    spoken = request.services.languages.of(locale) if locale else current()
    return values_of_channel(request.channel_id, row.style, schedule, spoken.code, report.rhythm if report else None)


async def _is_visible(request: Request, channel_id: str) -> bool:
    """Return whether the person may see a channel, by what Slack last said."""
    if channel_id == request.channel_id:
        return True
    visible = await visible_channels(request, [channel_id], refresh=False)
    return visible.get(channel_id) is Visibility.YES


async def resumed(request: Request, draft: StoredDraft) -> Block:
    """Return the form with what was typed."""
    return await form_view(request, draft.id, draft.contents.typed or {})


async def channels(request: Request, typed: str) -> Sequence[Block]:
    """Search the channels that the bot is in and the person may see."""
    services = request.services
    channels = await services.bot_channels.all(services.client, request.team_id, request.now)
    matching = [each for each in channels if fits(typed, each.name)]
    sees_all = request.role is Role.ADMIN or all(each.is_public for each in matching)
    joined = (
        frozenset()
        if sees_all
        else await request.services.visibility_cache.joined(request.user_id, refresh=False) or frozenset()
    )
    visible = (each for each in matching if each.is_public or sees_all or each.id in joined)
    return options(Choice(each.id, f"#{each.name}") for each in visible)


async def form_view(
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
        parsed = language.parse(str(values.get("filter") or ""))
    except FilterError as error:
        mistakes["filter"] = error.detail
    else:
        preview = await _preview(request, values, parsed)
    present = await _present(request, channel.value) if channel else None
    accounts, names = await choices(request), request.services.languages.names()
    languages = [Choice(code, name) for code, name in names.items()]
    return subscribe_form(
        channel, values, preview, mistakes, accounts, languages, draft_id=draft_id, first=first, present=present
    )


async def _present(request: Request, channel_id: str) -> list[SubscriptionView] | None:
    """Return the subscriptions of a channel, or None if the person can't see it."""
    if not await _is_visible(request, channel_id):
        return None
    rows = await request.services.store.subscriptions.of_channel(request.team_id, channel_id)
    return [in_words(request, row) for row in rows]


async def _preview(request: Request, values: Mapping[str, Any], parsed: Filter) -> Preview:
    connection = await request.connection()
    events = tuple(name for name in values.get("events") or () if name in TRIGGERS) or tuple(TRIGGERS)
    zone = ZoneInfo(Schedule(zone=str(values.get("zone") or request.zone.key)).zone)
    warning = await warning_of(request, parsed, events)
    preview = Preview(events, parsed, connection.name, zone, request.user_id, warning)
    async with request.scan_lock():
        async for seen_at, event in request.services.store.event_history.since(connection.id, request.now - SPAN):
            preview.count(event, seen_at)
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
    is_same_channel = channel_id == request.channel_id
    if (
        not is_same_channel
        and not info.channel.is_public
        and await visibility_of(request, channel_id) is not Visibility.YES
    ):
        return Choice(channel_id, _("This channel"))
    if info.channel.is_im:
        return Choice(channel_id, _("Your direct messages with Clust"))
    return Choice(channel_id, f"#{info.channel.name}" if info.channel.name else _("This channel"))
