"""Someone pasted links: show those of applications as cards (Slack: link_shared)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import structlog

from bot.core.applications.links import MAX_LINKS, LinkedApplication, ids_in, link_keys, recognized
from bot.core.errors import DeliveryError
from bot.core.language import speaking
from bot.core.permissions import REQUIREMENTS
from bot.slack.listeners.links.channel_rules import LinkStyle, link_style, linked_card
from bot.slack.listeners.modals import message_to
from bot.slack.request.event_payloads import InnerEvent
from bot.slack.request.services import Request
from bot.slack.views.applications.entities import LinkedCard
from bot.slack.views.links import client_page_pasted
from bot.slack.web_api.unfurls import unfurl
from bot.store.clust.pasted_links import subject

log = structlog.get_logger(__name__)

WARN_AGAIN_AFTER = timedelta(days=1)
"""How long a person isn't warned again about the same message."""


async def links_shared(request: Request, event: InnerEvent) -> None:
    """Show the applications that the pasted links lead to. Whatever speaks against it is silent.

    A message may come several times: it was edited, a card was refreshed, or Slack repeats the event. The same cards
    are drawn again.
    """
    store, team_id = request.services.store, request.team_id
    if request.role < REQUIREMENTS["show"] or await store.pasted_links.are_off(team_id):
        return
    urls = list(dict.fromkeys(link.url for link in event.links or ()))[:MAX_LINKS]
    patterns = request.services.link_patterns
    stored = await store.pasted_links.matching(
        team_id,
        {key for url in urls for key in link_keys(url)},
        {each for url in urls for each in ids_in(url, patterns)},
    )
    pasted = recognized(urls, stored, patterns, request.account_id)
    if pasted.has_client_page and not event.is_in_composer:
        await _warn_about_client_page(request, event)
    if not pasted.applications:
        return
    style = LinkStyle() if event.is_in_composer else await link_style(request, request.channel_id)
    if style is None:
        return
    cards = await _cards(request, pasted.applications, style, await _hidden(request, event))
    if event.is_in_composer:  # only its writer sees it
        await _show(request, event, cards)
        return
    with speaking(request.services.languages.of(await request.services.locales.of_channel(request.channel_id))):
        await _show(request, event, cards)


async def _show(request: Request, event: InnerEvent, cards: Mapping[str, LinkedCard]) -> None:
    if not cards:
        return
    if event.is_in_composer:
        where = {"unfurl_id": event.unfurl_id or "", "source": "composer"}
    else:
        where = {"channel": event.place, "ts": event.message_ts or ""}
    try:
        await unfurl(request.services.client, where, cards)
    except DeliveryError as error:
        log.warning("pasted links could not be shown", why=error.sentence)


async def _hidden(request: Request, event: InnerEvent) -> frozenset[str]:
    if not request.channel_id or not event.message_ts:
        return frozenset()
    return await request.services.store.pasted_links.hidden(request.team_id, request.channel_id, event.message_ts)


async def _cards(
    request: Request, linked: Mapping[str, LinkedApplication], style: LinkStyle, hidden: frozenset[str]
) -> dict[str, LinkedCard]:
    cards: dict[str, LinkedCard] = {}
    for url, each in linked.items():
        snapshot = await request.services.store.applications.get(each.connection_id, each.application.id)
        if snapshot is not None and subject(each.connection_id, each.application.id) not in hidden:
            address = snapshot.application.secured_list_url or url
            cards[url] = await linked_card(request, each, snapshot, address, style)
    return cards


async def _warn_about_client_page(request: Request, event: InnerEvent) -> None:
    """Warn the person who pasted a client's page, once for each message. The link isn't stored."""
    services = request.services
    key = f"client-page:{request.channel_id} {(event.message_ts or '')[:32]}"
    is_new = await services.store.idempotency_keys.claim(request.team_id, key, request.now, WARN_AGAIN_AFTER)
    if is_new:
        try:
            await message_to(services, request.user_id, client_page_pasted(request.channel_id))
        except DeliveryError as error:
            log.info("someone could not be warned about a client page", why=error.sentence)
