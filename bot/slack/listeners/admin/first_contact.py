"""First contact with an account: what was understood, classifying statuses, and the start of posting."""

from __future__ import annotations

from dataclasses import replace

from bot.core.applications.model import StatusClass
from bot.core.applications.understanding import ContactState, UnderstoodStatus, understanding_of
from bot.core.errors import UsageError
from bot.core.language import _
from bot.slack.listeners.modals import ClickAnswer, clicked_view, say_in_window
from bot.slack.request.services import Request
from bot.slack.views.admin.first_contact import (
    MAX_CODE,
    MAX_HELD,
    FirstContactView,
    HeldExamples,
    first_contact_message,
    first_contact_window,
    started,
)
from bot.slack.views.answers import plain_answer
from bot.store.clust.connections import Connection
from bot.store.clust.first_contacts import OPEN
from bot.store.people.audit import AuditOutcome

MAX_EXAMINED = 1_000
"""Applications, the newest, that are examined for what they have."""

MAX_ON_HOME = 2
"""New accounts on Home at the same time."""


async def open_contacts(request: Request) -> list[FirstContactView]:
    """Return the accounts of the workspace that an admin has still to look at, for Home."""
    connections = await request.services.store.connections.of_team(request.team_id)
    return [await view_of(request, one) for one in [one for one in connections if _is_open(one)][:MAX_ON_HOME]]


async def view_of(request: Request, connection: Connection) -> FirstContactView:
    """Return what is understood of an account now, from the store alone."""
    store = request.services.store
    rules = request.services.status_rules.with_chosen(connection.chosen_status)
    total, snapshots = await store.applications.newest(connection.id, 0, MAX_EXAMINED)
    understanding = understanding_of((one.application for one in snapshots), rules)
    _classes, unknown = await store.applications.counts(connection.id)
    in_sample = {one.key for one in understanding.statuses}
    # Unknown statuses count wherever they are: older ones are added to those of the sample.
    older = [
        UnderstoodStatus(code, None, count, None)
        for code, count in unknown.items()
        if code not in in_sample and rules.classify(code, None) is None
    ]
    understanding = replace(understanding, statuses=(*older, *understanding.statuses))
    held = await store.first_contacts.held(connection.id, MAX_HELD)
    return FirstContactView(
        connection.id,
        connection.name,
        total,
        understanding,
        connection.first_contact == ContactState.HELD,
        HeldExamples(held.count, held.channels, held.newest),
    )


async def show_contact(request: Request, value: str) -> None:
    """Open the window of a new account, or bring it up to date."""
    connection = await _connection(request, value)
    about = await request.about_id(connection.id)
    await say_in_window(about, first_contact_window(await view_of(about, connection)))


async def classify(request: Request, value: str) -> ClickAnswer | None:
    """Store the meaning that an admin gave to a status code. The next poll applies it, without events (rule B3).

    It is clicked on Home, in the window of a new account, and in the message about one.
    Raises UsageError for a choice of another version of the bot.
    """
    word, _space, code = value.partition(" ")
    meant = next((each for each in StatusClass if each.word == word), None)
    if meant is None or not 0 < len(code) <= MAX_CODE:
        raise UsageError(_("That choice is from another version of the bot. Choose again on Clust's Home tab."))
    services = request.services
    await services.store.connections.choose_status(request.account.id, code, meant.word)
    await request.write_down("status", AuditOutcome.OK, detail=f"{code} means {meant.word}")
    services.wake_pollers()
    if clicked_view(request):
        await show_contact(request, str(request.account.id))
    elif request.payload.response_url:
        connection = await request.connection()
        return ClickAnswer(first_contact_message(await view_of(request, connection)), replace=True)
    return None


async def start(request: Request, value: str) -> ClickAnswer:
    """Start the posting of an account that was held, with what is on hold."""
    return await _end(request, value, posts=True)


async def start_without_held(request: Request, value: str) -> ClickAnswer:
    """Start the posting of an account that was held, without what is on hold."""
    return await _end(request, value, posts=False)


async def mark_as_seen(request: Request, value: str) -> ClickAnswer:
    """Take a new account off Home: an admin has looked at it."""
    connection = await _connection(request, value)
    count = await _ended(request, connection, posts=True)
    answer = _("👍 *{name}* is set up.", name=connection.name)
    return ClickAnswer(plain_answer(answer if count is not None else _already()), replace=True)


async def _end(request: Request, value: str, *, posts: bool) -> ClickAnswer:
    connection = await _connection(request, value)
    count = await _ended(request, connection, posts=posts)
    return ClickAnswer(
        plain_answer(_already()) if count is None else started(connection.name, count, posts=posts), replace=True
    )


async def _ended(request: Request, connection: Connection, *, posts: bool) -> int | None:
    services = request.services
    count = await services.store.first_contacts.end(
        request.team_id, connection.id, request.user_id, request.now, posts=posts
    )
    if count is not None:
        await request.write_down(
            "contact", AuditOutcome.OK, connection.name, f"{count} posted" if posts else f"{count} dropped"
        )
        services.wake_pollers()
    return count


def _already() -> str:
    return _("Someone has already done this.")


def _is_open(connection: Connection) -> bool:
    return connection.first_contact in OPEN


async def _connection(request: Request, value: str) -> Connection:
    """Return the connection of a button's value. Raises UsageError if the workspace doesn't have it."""
    connections = await request.services.store.connections.of_team(request.team_id)
    connection = next((one for one in connections if str(one.id) == value), None)
    if connection is None:
        raise UsageError(_("That Clust account isn't connected anymore."))
    return connection
