"""Cards that are out of date: a click on one updates it first, and a change updates all of its application."""

from __future__ import annotations

from dataclasses import replace

import structlog

from bot.core.applications.actions import PinnedAction
from bot.core.applications.model import Application
from bot.core.applications.status_rules import classify
from bot.core.errors import BotError, ClustError, DeliveryError
from bot.core.notifications.delivery_plan import LivingCard
from bot.slack.request.services import Request
from bot.store.notifications.cards import CardKey

log = structlog.get_logger(__name__)


async def refreshed(request: Request, application: Application) -> bool:
    """Update the clicked card with what Clust has just returned. Returns True if it had misled its readers.

    The bot would see the change at its next poll, but the person who clicks should see it at once. A single read has
    more than a list: a card that only gains something was not out of date.
    """
    services, container = request.services, request.payload.container
    if container is None or not container.channel_id or not container.message_ts:
        return False
    card = await services.store.card_updates.at(services.workspace.team_id, container.channel_id, container.message_ts)
    if card is None:
        return False
    key, living = card
    if key.application_id != application.id:
        return False
    return await _update(request, key, living, application)


async def read_back(request: Request, application_id: str) -> Application | None:
    """Read an application again after a change, and update its cards at the same time.

    Returns None if Clust can't be read now: the next poll will see the change.
    """
    try:
        fresh = await request.account.clust.application(application_id, attempts=1)
    except ClustError:
        return None
    request.later(_update_all(request, fresh))
    return fresh


async def _update_all(request: Request, application: Application) -> None:
    card_updates = request.services.store.card_updates
    try:
        for key, living in await card_updates.of_application(request.account.id, application.id):
            await _update(request, key, living, application)
    except BotError as error:
        log.info("cards could not be updated after an action", why=str(error))


async def _update(request: Request, key: CardKey, living: LivingCard, application: Application) -> bool:
    """Update one card. Returns True if it had misled its readers."""
    services = request.services
    stored = await services.store.card_updates.present(key, living.trigger)
    if stored is None or not stored.style.update:
        return False
    merged = stored.application.merged(application, is_single=True)
    status_class = classify(merged, await request.rules(), stored.status_class)
    every = await services.store.saved_actions.of(key.connection_id)
    fresh = replace(
        stored,
        application=merged,
        status_class=status_class,
        pinned=tuple(
            PinnedAction(each.id, each.action.name)
            for each in every
            if each.is_ready and each.action.is_pinned and each.action.fits(status_class)
        ),
        follows=living.follows_ts,
    )
    if fresh.fingerprint() == living.fingerprint:
        return False
    try:
        await services.notifier.update(key.channel_id, living.message_ts, fresh, living.token)
    except DeliveryError as error:
        log.info("a card could not be refreshed", channel=key.channel_id, error=str(error))
        return False
    await services.store.card_updates.refreshed(key, living.message_ts, fresh.fingerprint())
    return stored.fingerprint() != living.fingerprint or stored.contradicts(fresh)
