"""The pane beside a card: the present state, for the person who opened it (Slack: entity_details_requested).

Slack redraws the shared card with the pane's answer. So the pane is the card itself, brought up to date, and has
nothing that the channel isn't allowed to read. What only one person may read opens from *Details*.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from bot.clust import values_of
from bot.clust.protocol import application_of
from bot.core.applications.links import LinkedApplication, link_keys, recognized
from bot.core.applications.triggers import Snapshot, next_snapshot
from bot.core.errors import ClustError, ClustNotFound, DeliveryError, NoAccount
from bot.core.forms.fields import Choice
from bot.core.language import _, speaking
from bot.core.permissions import REQUIREMENTS
from bot.slack.listeners.links.channel_rules import LinkStyle, link_style, linked_card
from bot.slack.request.event_payloads import InnerEvent
from bot.slack.request.payload_parts import OpenView
from bot.slack.request.services import Request
from bot.slack.views.applications.entities import entity
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block
from bot.slack.views.building.entity_fields import IN_PANE, editable
from bot.slack.views.links import not_found_pane, not_here_pane, restricted_pane
from bot.slack.web_api.unfurls import present_details
from bot.store.people.draft_contents import DraftContents
from bot.store.people.form_drafts import DraftState

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 1.2
"""How long a pane waits for Clust before it shows the stored state: its trigger expires after three seconds."""

TEMPLATES_SECONDS = 0.5
"""How long a pane waits for the templates, if none were read before."""


async def pane_opened(request: Request, event: InnerEvent) -> None:
    """Fill a pane. Slack repeats events, and takes one answer to each trigger: the others are logged."""
    await _present_answer(request, await _answer(request, event))


async def _answer(request: Request, event: InnerEvent) -> dict[str, Block]:
    """Return the `metadata` of a pane, or the `error` that it shows."""
    if request.role < REQUIREMENTS["show"]:
        admins = sorted(request.services.access.admin_users - {request.user_id})
        return {"error": restricted_pane(REQUIREMENTS["show"], request.role, admins)}
    linked = await _linked(request, event)
    if linked is None:
        return {"error": not_found_pane()}
    # Opened from a search there is no channel, and no card: it holds what any channel may read.
    style, present = await asyncio.gather(
        link_style(request, request.channel_id) if request.channel_id else _anywhere(), _present(request, linked)
    )
    if style is None:
        return {"error": not_here_pane()}
    if present is None:
        return {"error": not_found_pane()}
    snapshot, values, note = present
    url = event.entity_url or snapshot.application.secured_list_url or ""
    services = request.services
    with speaking(services.languages.of(await services.locales.of_channel(request.channel_id))):
        drawn = entity(await linked_card(request, linked, snapshot, url, style, note))
        return {"metadata": await _to_edit(request, linked, drawn, values, style)}


async def _to_edit(
    request: Request, linked: LinkedApplication, drawn: Block, values: Mapping[str, Any] | None, style: LinkStyle
) -> Block:
    """Let editors change what the pane shows, if Clust said just now what it is (rule L1)."""
    if values is None or request.role < REQUIREMENTS["update"]:
        return drawn
    about, store = await request.about_id(linked.connection_id), request.services.store
    contents = DraftContents(
        request.channel_id, opened={name: values[name] for name in IN_PANE if name in values}, in_pane=True
    )
    key = (request.team_id, request.user_id, linked.connection_id, linked.application.id)
    draft = await store.form_drafts.of_pane(*key, request.now)
    if draft is None or draft.state != DraftState.OPEN:
        await store.form_drafts.open(
            request.team_id,
            request.user_id,
            ids.UPDATE,
            linked.connection_id,
            request.now,
            target=linked.application.id,
            contents=contents,
        )
    templates: Sequence[Choice] = ()
    try:
        async with asyncio.timeout(TEMPLATES_SECONDS):
            templates = await request.services.templates.last_read(about.account)
    except TimeoutError:
        log.info("a pane has no templates to choose from", connection=linked.connection_id)
    return editable(drawn, values, templates, full=style.style.full)


async def fill_again(request: Request, view: OpenView) -> None:
    """Show a pane as it is after an edit in it."""
    event = InnerEvent(type="", entity_url=view.entity_url, external_ref=view.external_ref)
    await _present_answer(request, await _answer(request, event))


async def say_in_pane(request: Request, text: str) -> None:
    """Say something about an edit as a whole (Slack: Work Objects, `edit_error`)."""
    error = {"status": "edit_error", "custom_message": md.bare(text, 2000)}
    await _present_answer(request, {"error": error})


async def _present_answer(request: Request, answer: Mapping[str, Block]) -> None:
    try:
        await present_details(request.services.opener, request.payload.trigger_id or "", **answer)
    except DeliveryError as error:
        log.info("a pane could not be filled", why=error.sentence)


async def _anywhere() -> LinkStyle:
    return LinkStyle()


async def _linked(request: Request, event: InnerEvent) -> LinkedApplication | None:
    """Return the application of a pane in this workspace, by our reference or, from a search, by its address."""
    store, team_id = request.services.store, request.team_id
    connection_id, _colon, application_id = (event.external_ref.id if event.external_ref else "").partition(":")
    if application_id:
        theirs = [one.id for one in await store.connections.of_team(team_id) if one.ended_at is None]
        if not connection_id.isdecimal() or int(connection_id) not in theirs:
            return None
        stored = await store.applications.get(int(connection_id), application_id)
        return LinkedApplication(int(connection_id), stored.application) if stored else None
    url = event.entity_url or ""
    rows = await store.pasted_links.matching(team_id, link_keys(url), ())
    return recognized([url], rows, (), request.account_id).applications.get(url)


async def _present(
    request: Request, linked: LinkedApplication
) -> tuple[Snapshot, Mapping[str, Any] | None, str] | None:
    """Return the state in Clust with the values of its fields. None: it is gone.

    If Clust doesn't answer in time: the stored state without values, and how old it is.
    """
    store, application_id = request.services.store, linked.application.id
    stored = await store.applications.get(linked.connection_id, application_id)
    if stored is None or stored.gone:
        return None
    about = await request.about_id(linked.connection_id)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            raw = await about.account.clust.raw_application(application_id)
        return next_snapshot(stored, None, await about.rules(), application_of(raw)), values_of(raw), ""
    except ClustNotFound:
        return None
    except (ClustError, NoAccount, TimeoutError):
        read_at = (await store.connections.get(linked.connection_id)).read_at
        if read_at is None:
            return stored, None, _("Last known data")
        return stored, None, _("Last known data, {ago}", ago=md.ago(read_at, request.now))
