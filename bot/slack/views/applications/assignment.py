"""Views of assigning: the form that asks for the assignee, and what the people concerned read."""

from __future__ import annotations

from bot.core.applications.actions import actions_for
from bot.core.applications.model import Application, StatusClass
from bot.core.forms.application_forms import AssignForm
from bot.core.language import _
from bot.slack.views.applications.actions import compact
from bot.slack.views.building import application_facts as facts
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, Message, actions, button, context, message, section
from bot.slack.views.building.forms import form


def assign_form(application: Application, assignee: str | None) -> Block:
    """Return the form that asks for the assignee of an application. `assignee` is the present one."""
    return form(
        AssignForm,
        callback_id=ids.ASSIGN,
        title=_("Assign"),
        submit=_("Assign"),
        values={"assignee": assignee},
        private_metadata=application.id,
        first=[
            section(_application_line(application)),
            context(_("This only changes who it's assigned to in Slack. Nothing changes in Clust.")),
        ],
    )


def assigned(user_id: str, before: str | None, *, wants_mentions: bool) -> Message:
    """Confirm that the user is assigned, with a button that turns mentions off or on. `before` was assigned."""
    if before and before != user_id:
        done = _("👤 Assigned to you. It was assigned to {user} before.", user=md.user(before))
    else:
        done = _("👤 Assigned to you.")
    if wants_mentions:
        mentions = _("You'll be mentioned when something changes, except for your own changes.")
        switch = button(_("Turn mentions off"), ids.MENTIONS, "off")
    else:
        mentions = _("You've turned mentions off.")
        switch = button(_("Mention me"), ids.MENTIONS, "on")
    return message(
        section(f"{done} {mentions}"),
        actions(switch),
        context(_("`/clust mine` lists everything assigned to you.")),
    )


def assigned_to(user_id: str) -> Message:
    """Confirm that someone else is assigned."""
    return message(section(_("👤 Assigned to {user}. I'll let them know.", user=md.user(user_id))))


def assigned_by(user_id: str, application: Application, status_class: StatusClass | None) -> Message:
    """Notify the assignee who assigned them."""
    return message(
        section(
            "\n".join([_("👤 {user} assigned this to you.", user=md.user(user_id)), _application_line(application)])
        ),
        context(facts.state(application, status_class)),
        compact(application, actions_for(None, status_class, assigned=True)),
    )


def unassigned(before: str | None) -> Message:
    """Confirm that no one is assigned any more. `before`: the previous assignee."""
    if before:
        return message(section(_("Unassigned. It was assigned to {user} before.", user=md.user(before))))
    return message(section(_("This application isn't assigned to anyone.")))


def _application_line(application: Application) -> str:
    return facts.joined(f"*{facts.linked_title(application)}*", facts.recipient_beside_title(application))
