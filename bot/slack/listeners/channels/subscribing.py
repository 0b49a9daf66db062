"""Subscriptions of channels: `subscribe`, `unsubscribe`, `subscriptions`, and their buttons."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import replace

import structlog

from bot.core.applications.triggers import TRIGGERS
from bot.core.errors import DeliveryError, SlackRefused, UsageError
from bot.core.filters import language
from bot.core.language import _, all_of
from bot.core.notifications.report_rhythm import explain
from bot.core.notifications.states import SubscriptionState
from bot.core.typed_text import fold, sentences
from bot.slack.listeners.channel_visibility import visible_channels
from bot.slack.listeners.channels.filter_warnings import warning_of
from bot.slack.request.command_arguments import CommandArguments, read_subscription
from bot.slack.request.command_line import CommandLine
from bot.slack.request.services import Request
from bot.slack.request.visibility_cache import Visibility
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Message
from bot.slack.views.channels.muting import standing
from bot.slack.views.channels.subscriptions import (
    ALL,
    Saved,
    SubscriptionView,
    ask_unsubscribe,
    confirm_shared_subscription,
    direct_message_refused,
    invite_needed,
    none_to_unsubscribe,
    nothing_to_unsubscribe,
    shared_needs_admin,
    subscribed,
    subscription_list,
    unsubscribed,
)
from bot.slack.web_api.responses import Accepted, Conversation, ConversationInfo, ask
from bot.store.notifications.subscriptions import SubscriptionRequest, SubscriptionRow, is_same_filter
from bot.store.people.audit import AuditOutcome

log = structlog.get_logger(__name__)

NOT_A_MEMBER = "not_in_channel"


async def subscribe(request: Request, line: CommandLine, *, shared_ok: bool = False) -> Message:
    """Subscribe this channel to `[events] [filter] [limit:N]` (rules S1, W2, W3).

    `shared_ok`: an admin has allowed it in a channel that is shared with another organization.
    """
    return await follow(request, read_subscription(line), line.text, shared_ok=shared_ok)


def _searched(arguments: CommandArguments) -> str:
    """Return a hint about bare words, which are searched for if no event was named."""
    words = [] if arguments.events else arguments.filter.searched()
    if not words:
        return ""
    return _(
        "Only applications with {words} in their title or recipient will match. To subscribe to an event instead, name "
        "one of these: {events}.",
        words=all_of([f"`{word}`" for word in words]),
        events=", ".join(TRIGGERS),
    )


async def follow(request: Request, arguments: CommandArguments, text: str, *, shared_ok: bool = False) -> Message:
    """Subscribe this channel. `text` is the same as a command. Raises UsageError."""
    channel = await _channel(request)
    if channel is None:
        return direct_message_refused()
    if channel.is_archived:
        raise UsageError(_("This channel is archived. Unarchive it first."))
    if channel.is_shared and not shared_ok:
        return await _ask_about_sharing(request, arguments, text)
    return await _save(request, arguments, await _outside(request, channel), shared_ok=channel.is_shared)


async def _save(request: Request, arguments: CommandArguments, outside: str | None, *, shared_ok: bool) -> Message:
    """Save a subscription. `outside` says why the bot is not in the channel, None if it is."""
    services = request.services
    connection = await request.connection()
    after, before = await services.store.subscriptions.save(
        SubscriptionRequest(
            team_id=services.workspace.team_id,
            channel_id=request.channel_id,
            connection_id=connection.id,
            filter=arguments.filter.normalized(),
            events=arguments.events or tuple(TRIGGERS),
            limit=arguments.limit,
            created_by=request.user_id,
            zone=request.zone.key,
            state=SubscriptionState.ACTIVE if outside is None else SubscriptionState.WAITING,
            reason=None if outside is None else NOT_A_MEMBER,
            shared_ok=request.user_id if shared_ok else None,
        ),
        request.now,
    )
    await request.write_down("subscribe", AuditOutcome.OK, request.channel_id, ", ".join(after.events))
    if outside is not None:
        return invite_needed(in_words(request, after), outside)
    if before is None:
        saved = Saved.MADE
    else:
        same = (before.events, before.limit, before.state) == (after.events, after.limit, after.state)
        saved = Saved.SAME if same else Saved.CHANGED
    # Its other subscriptions may have been held. If the channel works now, it works for them too. If Slack doesn't
    # answer this call, the regular check of the channels finds out.
    with contextlib.suppress(DeliveryError):
        await services.channel_changed(request.channel_id)
    warning = await warning_of(request, arguments.filter, after.events)
    hint = sentences(warning, arguments.filter.hint(), _searched(arguments))
    return subscribed(in_words(request, after), saved, before_baseline=connection.baseline_at is None, hint=hint)


async def unsubscribe(request: Request, line: CommandLine) -> Message:
    """Answer `unsubscribe [events] [filter]`. Without arguments, ask which (rule S1)."""
    rows = await _channel_rows(request)
    if not rows:
        return nothing_to_unsubscribe()
    if request.named:
        rows = [row for row in rows if row.connection_id == request.account.id]
    if not rows:
        return none_to_unsubscribe()
    if line.is_bare:
        return ask_unsubscribe(await in_words_all(request, rows))
    arguments = read_subscription(line)
    filter_text = arguments.filter.normalized()
    events = arguments.events or tuple(TRIGGERS)
    rows = [
        row
        for row in rows
        if (not filter_text or is_same_filter(row.filter, filter_text)) and set(row.events) & set(events)
    ]
    if not rows:
        return none_to_unsubscribe(() if filter_text or request.named else arguments.events)
    return await _end(request, [row.id for row in rows], events)


async def end_subscription(request: Request, value: str) -> Message:
    """Handle the button that ends one subscription of this channel, or all of them."""
    rows = await _channel_rows(request)
    chosen = [row.id for row in rows if value in {ALL, str(row.id)}]
    if not chosen:
        return nothing_to_unsubscribe()
    return await _end(request, chosen, tuple(TRIGGERS))


async def subscriptions(request: Request, line: CommandLine) -> Message:
    """Answer `subscriptions [all]`. Raises UsageError for another argument."""
    word = fold(line.argument())
    if word not in {"", "all"}:
        raise UsageError(_("I don't understand `{word}`. `subscriptions` takes `all` or no arguments.", word=word[:40]))
    if not word:
        views = await in_words_all(request, await _channel_rows(request))
        return subscription_list(views, notes=await _ways(request))
    rows = await request.services.store.subscriptions.of_team(request.services.workspace.team_id)
    seen = await visible_channels(request, {row.channel_id for row in rows})
    views = await in_words_all(request, [row for row in rows if seen[row.channel_id] is Visibility.YES])
    return subscription_list(views, everywhere=True, is_partial=Visibility.UNKNOWN in seen.values())


async def _ways(request: Request) -> str:
    """Return the channel's schedule, report and mutes in words, if they are not the default."""
    team_id, channels = request.services.workspace.team_id, request.services.store.channel_settings
    schedule = (await channels.get(team_id, request.channel_id)).schedule
    mutes = await channels.mutes(team_id, request.channel_id, request.now)
    pace = "" if schedule.always_posts else md.escape(schedule.explain(), 300)
    report = await request.services.store.regular_reports.get(team_id, request.channel_id)
    reports = md.escape(explain(report.rhythm, schedule), 300) if report else ""
    return "\n".join(filter(None, (pace, reports, standing(mutes, await request.account_names()))))


async def _end(request: Request, ids: list[int], events: Iterable[str]) -> Message:
    team_id, store = request.services.workspace.team_id, request.services.store.subscriptions
    rows = await _channel_rows(request)
    before = {row.id: set(row.events) for row in rows}
    after = {row.id: set(row.events) for row in await store.end(team_id, ids, events, request.user_id)}
    ended = set().union(*(before.get(key, set()) - left for key, left in after.items()))
    left = set().union(*(set(row.events) for row in await _channel_rows(request)), set())
    await request.write_down("unsubscribe", AuditOutcome.OK, request.channel_id, ", ".join(_in_order(ended)))
    views = await in_words_all(request, (row for row in rows if row.id in after))
    alone = replace(views[0], events=_in_order(ended)) if len(views) == 1 else None
    return unsubscribed(_in_order(ended), _in_order(left), alone)


def _in_order(events: Iterable[str]) -> list[str]:
    chosen = set(events)
    return [name for name in TRIGGERS if name in chosen]


async def _channel_rows(request: Request) -> list[SubscriptionRow]:
    return await request.services.store.subscriptions.of_channel(request.services.workspace.team_id, request.channel_id)


async def in_words_all(request: Request, rows: Iterable[SubscriptionRow]) -> list[SubscriptionView]:
    """Return subscriptions as people read them, with the account if there are several."""
    names = await request.account_names()
    return [replace(in_words(request, row), account=names.get(row.connection_id, "")) for row in rows]


def in_words(request: Request, row: SubscriptionRow) -> SubscriptionView:
    """Return a subscription as people read it."""
    parsed = language.read_stored(row.filter)
    return SubscriptionView(
        id=row.id,
        channel_id=row.channel_id,
        events=_in_order(row.events),
        explained=parsed.explain() if parsed.terms else "",
        limit=row.limit or request.services.poll_limit,
        held=row.reason if row.state != SubscriptionState.ACTIVE else None,
        created_by=row.created_by,
    )


async def _ask_about_sharing(request: Request, arguments: CommandArguments, text: str) -> Message:
    """Ask an admin to confirm, and send everyone else to an admin (rule W2)."""
    events, explained = _in_order(arguments.events or TRIGGERS), arguments.filter.explain()
    if not await request.is_admin():
        return shared_needs_admin(SubscriptionView(0, request.channel_id, events, explained))
    titles = ", ".join(_(TRIGGERS[name].title).lower() for name in events)
    return confirm_shared_subscription(request.channel_id, titles, explained, f"subscribe {text}")


async def _channel(request: Request) -> Conversation | None:
    """Return what Slack says about the channel, or None for a conversation that no app can join.

    A private channel without the bot is invisible to it, and counts as one that must invite it (rule W3). Without the
    scope to ask, nothing about the channel is known.
    """
    try:
        call = request.services.client.conversations_info(channel=request.channel_id)
        return (await ask(call, ConversationInfo)).channel
    except SlackRefused as error:
        if error.code not in {"channel_not_found", "missing_scope"}:
            raise
        name = request.payload.place_name
        if request.channel_id.startswith("D") or name == "directmessage" or name.startswith("mpdm-"):
            return None
        is_private = True if error.code == "channel_not_found" else None
        return Conversation(id=request.channel_id, is_private=is_private, is_member=False)


async def _outside(request: Request, channel: Conversation) -> str | None:
    """Join a channel (rule W3). Return why only an invitation helps, None if the bot is in it.

    Raises DeliveryError for temporary trouble. Nothing is saved then.
    """
    if channel.is_joined:
        return None
    if channel.is_private:
        return _("I'm not in this private channel yet.")
    try:
        await ask(request.services.client.conversations_join(channel=request.channel_id), Accepted)
    except SlackRefused as error:
        log.info("the channel could not be joined", channel=request.channel_id, code=error.code)
        return _("I couldn't join this channel. {why}", why=error.sentence)
    return None
