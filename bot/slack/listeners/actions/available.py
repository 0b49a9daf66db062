"""Which acts a person can choose from, saved and built in, and the one that a draft names."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.applications.triggers import Snapshot
from bot.core.errors import UsageError
from bot.core.language import _
from bot.core.saved_actions.saved_action import ActionState, named
from bot.slack.listeners.actions.act import Act
from bot.slack.listeners.actions.built_in import BUILT_IN
from bot.slack.listeners.actions.saved import act_of, can_try
from bot.slack.request.services import Request
from bot.store.clust.saved_actions import CHANGED


async def acts_for(request: Request, snapshots: Sequence[Snapshot]) -> list[Act]:
    """Return what the person can do with all of these applications, saved actions first."""
    stored = await request.services.store.saved_actions.of(request.account.id)
    saved = [act_of(each) for each in stored if each.is_ready or can_try(request, each)]
    every = [*saved, *(row.act() for row in BUILT_IN.values())]
    return [act for act in every if request.role >= act.role and all(act.fits(each) for each in snapshots)]


async def key_of(request: Request, typed: str) -> str:
    """Return the key of the act that a person calls `typed`, saved actions first. Raises UsageError.

    It may still be one that can't be used: `act_with` says why.
    """
    stored = await request.services.store.saved_actions.of(request.account.id)
    saved = [(act.title, act.key) for act in map(act_of, stored)]
    rows = [row for row in BUILT_IN.values() if request.role >= row.role]
    return named([*saved, *((name, row.key) for row in rows for name in (_(row.words), row.words))], typed)


async def act_with(request: Request, key: str) -> Act:
    """Return the act with a key, if it is still the same and can be used.

    Raises UsageError, and NotAllowed if the person's role is too low (rule W1).
    """
    if built_in := BUILT_IN.get(key):
        await request.needs(built_in.role)
        return built_in.act()
    action_id, _dot, revision = key.partition(".")
    if not (action_id.isdecimal() and revision.isdecimal()):
        raise UsageError(_(CHANGED))
    stored = await request.services.store.saved_actions.get(request.account.id, int(action_id), int(revision))
    act = act_of(stored)
    await request.needs(act.role)
    if stored.state is ActionState.RESTING:
        raise UsageError(
            _(
                "“{name}” is paused because the address of this Clust account has changed. An admin can allow it with "
                "the new address in `/clust actions`.",
                name=stored.action.name,
            )
        )
    if stored.state is ActionState.UNTRIED and not can_try(request, stored):
        raise UsageError(
            _("“{name}” was imported but hasn't been tried yet. An admin has to try it first.", name=stored.action.name)
        )
    return act
