"""`BUILT_IN`: what can be done with one or several applications without a saved action, one row for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.clust import values_of
from bot.core.applications.triggers import Snapshot
from bot.core.errors import ClustError, ClustOutcomeUnknown, UsageError
from bot.core.forms.action_forms import AskDurationForm, AskFieldForm, AskPersonForm
from bot.core.forms.application_forms import UpdateForm, filled
from bot.core.forms.validation import Form, read
from bot.core.language import N_, _
from bot.core.notifications.mutes import Mute
from bot.core.permissions import REQUIREMENTS, Role
from bot.slack.listeners.actions.act import Act, Done, Perform
from bot.slack.listeners.applications import assigning
from bot.slack.listeners.applications.creating import how_it_failed
from bot.slack.listeners.applications.stale_cards import read_back
from bot.slack.listeners.channels.muting import mute_until
from bot.slack.request.services import Request
from bot.store.people.audit import AuditOutcome


@dataclass(frozen=True, slots=True)
class BuiltInAct:
    """One built-in act: its key, its name, the role that it needs, what it does and what it asks.

    `is_quick`: it is done with one application without a further question.
    """

    key: str
    words: str
    role: Role
    perform: Perform
    asks: type[Form] | None = None
    is_quick: bool = True

    def act(self) -> Act:
        """Return it as an act, in the present language."""
        return Act(self.key, _(self.words), self.role, self.perform, _fits_all, self.asks, is_quick=self.is_quick)


def _fits_all(_snapshot: Snapshot) -> bool:
    return True


async def _assign(request: Request, snapshot: Snapshot, values: Mapping[str, Any]) -> Done:
    await assigning.assign_to(request, snapshot.application.id, str(values["person"]))
    return Done(_("Assigned."))


async def _unassign(request: Request, snapshot: Snapshot, _values: Mapping[str, Any]) -> Done:
    await assigning.unassign(request, snapshot.application.id)
    return Done(_("Unassigned."))


async def _mute(request: Request, snapshot: Snapshot, values: Mapping[str, Any]) -> Done:
    application_id = snapshot.application.id
    if not request.channel_id:
        raise UsageError(_("Type `/clust mute #{id} 2h` in the channel where you want to mute it.", id=application_id))
    await mute_until(request, [Mute(application_id)], str(values["until"]))
    return Done(_("Muted in the channel."))


async def _update(request: Request, snapshot: Snapshot, values: Mapping[str, Any]) -> Done:
    """Send one field. An empty value clears it."""
    target, name = snapshot.application.id, str(values["field"])
    value = filled(read(UpdateForm, {name: values["value"]})).get(name)
    outcome = AuditOutcome.UNKNOWN
    try:
        before = values_of(await request.account.clust.raw_application(target)).get(name)
        if before != value:
            await request.account.clust.update(target, {name: value}, request.services.update_method)
        outcome = AuditOutcome.OK
    except ClustError as error:
        outcome = AuditOutcome.UNKNOWN if isinstance(error, ClustOutcomeUnknown) else how_it_failed(error)
        raise
    finally:
        await request.write_down("update", outcome, target, name)
    if before == value:
        return Done(_("No change."))
    return Done(_("Updated."), fresh=await read_back(request, target))


async def _delete(request: Request, snapshot: Snapshot, _values: Mapping[str, Any]) -> Done:
    target, outcome = snapshot.application.id, AuditOutcome.UNKNOWN
    try:
        await request.account.clust.delete(target)
        outcome = AuditOutcome.OK
    except ClustError as error:
        outcome = AuditOutcome.UNKNOWN if isinstance(error, ClustOutcomeUnknown) else how_it_failed(error)
        raise
    finally:
        await request.write_down("delete", outcome, target, request.account.name)
    return Done(_("Deleted in Clust."), is_gone=True)


BUILT_IN: Mapping[str, BuiltInAct] = {
    row.key: row
    for row in (
        BuiltInAct("assign", N_("Assign to…"), Role.EDITOR, _assign, AskPersonForm),
        BuiltInAct("unassign", N_("Unassign"), Role.EDITOR, _unassign),
        BuiltInAct("mute", N_("Mute"), REQUIREMENTS["subscribe"], _mute, AskDurationForm),
        BuiltInAct("update", N_("Update one field"), REQUIREMENTS["update"], _update, AskFieldForm),
        BuiltInAct("delete", N_("Delete"), REQUIREMENTS["delete"], _delete, is_quick=False),
    )
}
