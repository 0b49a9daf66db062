"""Clust accounts of a workspace: `connect` tests one with a call before it is stored, `disconnect` asks first."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.core.api_urls import account_url, base_url, same_origin
from bot.core.errors import ClustError, ClustForbidden, ClustUnauthorized, UsageError
from bot.core.forms.admin_forms import ConnectForm
from bot.core.forms.fields import Choice
from bot.core.forms.validation import NEEDED, Mistakes, read
from bot.core.language import N_, _
from bot.core.secret_validation import secret_problem
from bot.core.suggestions import did_you_mean, suggest
from bot.core.typed_text import fold, sentences
from bot.slack.listeners.draft_offers import offers
from bot.slack.listeners.modals import FormResult, form_result, open_window, outcome_in_time, show
from bot.slack.request.command_line import CommandLine
from bot.slack.request.payload_parts import OpenView
from bot.slack.request.services import Request
from bot.slack.views.admin.accounts import (
    account_choices,
    connect_form,
    connected,
    disconnect_form,
    disconnected,
    typed_values,
)
from bot.slack.views.answers import plain_answer
from bot.slack.views.applications.form_outcomes import outcome_view, saving_view
from bot.slack.views.applications.form_outcomes import resume as resume_later
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import Block
from bot.slack.views.building.forms import errors_of, values_of
from bot.store.clust.connections import Connection
from bot.store.people.audit import AuditOutcome
from bot.store.people.draft_contents import DraftContents
from bot.store.people.form_drafts import StoredDraft

TITLE = N_("Connect Clust")
DISCONNECT_TITLE = N_("Disconnect Clust")

SANDBOX_URL = "https://sandbox.clustdoc.com/api"
"""The presumed address of Clust's sandbox. That of production is the setting CLUST_API_URL."""

KEY_AGAIN = N_("Enter the token again. The stored token belongs to another address and is only sent there.")
AWAY = N_("I couldn't reach Clust at this address, or the response wasn't from Clust. Check the address and try again.")
NO_KEY = N_("I only store tokens encrypted, and no SECRET_KEY is set. Ask the person who runs the bot to set one.")
OWN_NAME = N_("`default` is the account set by CLUST_API_TOKEN. Ask the person who runs the bot to change it there.")
KEY_NOT_KEPT = N_("The API token isn't kept, so you'll have to type it again.")
SENT = N_("This form was already sent. `/clust status` shows your accounts.")


async def choices(request: Request) -> Sequence[Choice]:
    """Return the accounts of the workspace as choices of a form, which asks only if there are several."""
    connections = await request.services.store.connections.of_team(request.team_id)
    return account_choices([(one.id, one.name) for one in connections])


async def connect(request: Request, line: CommandLine) -> None:
    """Answer `connect [NAME]` with the form. For an existing account it is filled in, except for the key.

    Raises UsageError if tokens can't be stored, because there is no SECRET_KEY.
    """
    if not request.services.store.connections.may_be_kept:
        raise UsageError(_(NO_KEY))
    name = line.argument()
    existing = await _named(request, name) if name else None
    await _open(request, _values(request, existing) if existing else {"name": name}, await offers(request, ids.CONNECT))


async def _open(request: Request, values: Mapping[str, Any], first: Sequence[Block] = ()) -> None:
    """Open the form with values, in a window with a draft of its own."""
    draft = await _new_draft(request)
    await open_window(request, connect_form(values, draft_id=draft.id, first=first))


async def _new_draft(request: Request) -> StoredDraft:
    contents = DraftContents(request.channel_id)
    return await request.services.store.form_drafts.open(
        request.team_id, request.user_id, ids.CONNECT, None, request.now, contents=contents
    )


async def resumed(_request: Request, draft: StoredDraft) -> Block:
    """Return the form with what was typed. It asks for the key again, since secrets are not kept."""
    return connect_form(draft.contents.typed, draft_id=draft.id)


async def submit(request: Request, view: OpenView) -> Mapping[str, Any]:
    """Test the account with a call, then store it. Clust's refusal of the key is shown under its field."""
    entered, drafts = view.entered, request.services.store.form_drafts
    draft = await drafts.get(view.metadata, request.team_id, request.user_id, request.now)
    if draft is None or draft.form != ids.CONNECT:  # older than a day, or opened by an earlier version
        draft = await _new_draft(request)
    values = values_of(ConnectForm, entered)
    typed = {name: value for name, value in values.items() if name != "api_key"}
    draft = replace(draft, contents=replace(draft.contents, typed=typed))
    await drafts.keep(draft.id, draft.contents, request.now, view.id)
    try:
        form = read(ConnectForm, values)
        existing = await _named(request, form.name)
        _check(form, request, draft.contents.channel, existing)
    except Mistakes as mistakes:
        return {"response_action": "errors", "errors": errors_of(ConnectForm, entered, mistakes.fields)}
    if not await drafts.begin_sending(draft.id, request.now, view.id):
        return _update(outcome_view(TITLE, plain_answer(_(SENT))))
    outcome = await outcome_in_time(request, view.id, TITLE, _connect(request, form, draft, existing), draft.id)
    if outcome is None:
        return _update(saving_view(TITLE))
    if errors := errors_of(ConnectForm, entered, outcome.mistakes):
        return {"response_action": "errors", "errors": errors}
    return _update(outcome.view)


async def resume(request: Request, value: str) -> None:
    """Show the form with what was typed, as the button of an earlier version's message holds it."""
    await _open(request, typed_values(value))


async def look_again(request: Request, view: OpenView) -> None:
    """Redraw the form after a choice that other fields depend on. Slack keeps what was typed into the others."""
    if view.is_window:
        await show(request, view.id, connect_form(values_of(ConnectForm, view.entered), draft_id=view.metadata))


async def disconnect(request: Request, line: CommandLine) -> None:
    """Answer `disconnect NAME` with a question that says what stops.

    Raises UsageError without a name, for an unknown one, and for the account of the settings.
    """
    name = line.argument()
    if not name:
        raise UsageError(_("Which account? {accounts}", accounts=await _connected_names(request)))
    connection = await _named(request, name)
    if connection is None:
        names = [one.name for one in await request.services.store.connections.of_team(request.team_id)]
        near = suggest(name, names)
        raise UsageError(
            sentences(
                _("Unknown account `{name}`.", name=name[:60]), did_you_mean(near), await _connected_names(request)
            )
        )
    if _is_own(request, connection):
        raise UsageError(_(OWN_NAME))
    rows = await request.services.store.subscriptions.of_team(request.team_id)
    channels = sorted({row.channel_id for row in rows if row.connection_id == connection.id})
    await open_window(request, disconnect_form(connection.name, connection.hint, channels))


async def submit_disconnect(request: Request, view: OpenView) -> Mapping[str, Any]:
    """Disconnect the account that the question named. A second submission says that it was done."""
    name = view.metadata
    connection = await _named(request, name)
    if connection is None or _is_own(request, connection):
        answer = plain_answer(_("`{name}` is already disconnected.", name=name[:80]))
        return _update(outcome_view(DISCONNECT_TITLE, answer))
    ended = await request.services.store.connections.end(request.team_id, connection.name, request.user_id, request.now)
    await request.write_down("disconnect", AuditOutcome.OK, connection.name)
    request.services.wake_pollers()
    return _update(outcome_view(DISCONNECT_TITLE, disconnected(connection.name, ended or ())))


async def _connect(request: Request, form: ConnectForm, draft: StoredDraft, existing: Connection | None) -> FormResult:
    connections, address = request.services.store.connections, _base_url(request, form)
    drafts, channel_id = request.services.store.form_drafts, draft.contents.channel
    if existing and not form.api_key and address == existing.base_url:
        await _mean(request, form.meant, channel_id, existing)
        await drafts.done(draft.id, None)
        return form_result(TITLE, connected(existing.name, existing.hint or "", address, form.meant, again=None))
    name = existing.name if existing else form.name
    where = f"{existing.base_url} → {address}" if existing and existing.base_url != address else address
    api_key = form.api_key or (connections.token(existing) if existing else None) or ""
    try:
        async with request.services.accounts.tried(address, api_key) as clust:
            await clust.page(1, 1)
    except ClustError as error:
        await request.write_down("connect", AuditOutcome.FAILED, name, where)
        field = "url" if form.url and not isinstance(error, ClustForbidden) else "api_key"
        why = _("Nothing was saved. {why}", why=_why(request, error))
        await drafts.reopen(draft.id)
        again = connect_form(draft.contents.typed, {field: why}, draft_id=draft.id)
        return FormResult(again, resume_later(draft.id, sentences(why, _(KEY_NOT_KEPT))), {field: why})
    made = await connections.connect(request.team_id, name, address, api_key, request.user_id, request.now)
    await _mean(request, form.meant, channel_id, made)
    await request.write_down("connect", AuditOutcome.OK, name, where)
    await drafts.done(draft.id, None)
    request.services.wake_pollers()
    return form_result(TITLE, connected(name, made.hint or "", address, form.meant, again=existing is not None))


def _why(request: Request, error: ClustError) -> str:
    """Return why an account can't be connected. With many workspaces, it must not reveal what listens where."""
    if request.services.any_address or isinstance(error, ClustUnauthorized | ClustForbidden):
        return error.sentence
    return _(AWAY)


async def _mean(request: Request, meant: str, channel_id: str, connection: Connection) -> None:
    """Make the account the default of the channel or the workspace, if that was chosen."""
    if meant != "named":
        place = channel_id if meant == "channel" else ""
        await request.services.store.connections.mean(request.team_id, place, connection.id)


def _check(form: ConnectForm, request: Request, channel_id: str, existing: Connection | None) -> None:
    """Raise Mistakes for values that are invalid together, or for a name that is more than one word."""
    mistakes: dict[str, str] = {}
    if not re.fullmatch(r"[\w][\w.-]*", form.name):
        mistakes["name"] = _("Enter one word of letters, digits, dots and dashes, such as emea.")
    elif existing and _is_own(request, existing) and (form.api_key or _base_url(request, form) != existing.base_url):
        mistakes["name"] = _(
            "{reserved} Here you can only choose where it's the default.", reserved=_(OWN_NAME).replace("`", "")
        )
    kept = existing is not None and request.services.store.connections.token(existing) is not None
    if not form.api_key and not kept and not (existing and _is_own(request, existing)):
        mistakes["api_key"] = _(NEEDED)
    elif form.api_key and (problem := secret_problem(form.api_key)):
        mistakes["api_key"] = problem
    elsewhere = _wrong_address(request, form)
    if elsewhere:
        mistakes["url"] = elsewhere
    elif existing and kept and not form.api_key and not same_origin(_base_url(request, form), existing.base_url):
        mistakes["api_key"] = _(KEY_AGAIN)
    if form.meant == "channel" and not channel_id:
        mistakes["meant"] = _("This form wasn't opened in a channel. Type /clust connect in the channel you want.")
    if mistakes:
        raise Mistakes(mistakes)


def _is_own(request: Request, connection: Connection) -> bool:
    return connection.sealed is None and request.services.accounts.has_own


async def _named(request: Request, name: str) -> Connection | None:
    connections = await request.services.store.connections.of_team(request.team_id)
    return next((one for one in connections if fold(one.name) == fold(name)), None)


async def _connected_names(request: Request) -> str:
    names = [f"`{one.name}`" for one in await request.services.store.connections.of_team(request.team_id)]
    return _("Connected accounts: {names}.", names=", ".join(names)) if names else _("No account is connected.")


def _base_url(request: Request, form: ConnectForm) -> str:
    return base_url(form.url) if form.url else _addresses(request)[form.environment]


def _addresses(request: Request) -> Mapping[str, str]:
    return {"production": request.services.clust_url, "sandbox": SANDBOX_URL}


def _wrong_address(request: Request, form: ConnectForm) -> str | None:
    """Return what is wrong with the typed address, None if it is valid. The check is that of the settings."""
    try:
        if form.url:
            account_url(form.url, any_domain=request.services.any_address)
    except UsageError as error:
        return error.sentence.replace("`", "")
    return None


def _values(request: Request, connection: Connection) -> dict[str, Any]:
    addresses = _addresses(request).items()
    environment = next((name for name, url in addresses if url == connection.base_url), "other")
    url = {"url": connection.base_url} if environment == "other" else {}
    return {"name": connection.name, "environment": environment, **url}


def _update(view: Block) -> Mapping[str, Any]:
    return {"response_action": "update", "view": view}
