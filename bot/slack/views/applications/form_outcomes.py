"""What a submitted form becomes: in progress, done, refused, unknown, in conflict (rules M1 to M4).

Views for one person may show email, phone and client page. A channel sees `shared_application`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.core.applications.actions import actions_for
from bot.core.applications.model import Application
from bot.core.forms.application_forms import UpdateForm
from bot.core.forms.fields import Choice, Field
from bot.core.forms.update_diff import Conflict, FieldChange
from bot.core.forms.validation import asked_of
from bot.core.language import _
from bot.core.permissions import Role
from bot.slack.views.applications.actions import compact
from bot.slack.views.building import application_facts as facts
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import (
    Block,
    Message,
    actions,
    button,
    confirm,
    context,
    link_button,
    message,
    modal,
    notified_on_close,
    section,
)
from bot.slack.views.building.form_elements import label_of

MAX_VALUE = 200
"""Characters of a value in a summary, so that all twelve fields, old and new, fit into one message."""


def saving_view(title: str) -> Block:
    """Return the modal while a save takes long (rule M1)."""
    return modal(
        _(title),
        [
            section(_("*Saving…*")),
            context(_("You can close this. You'll get the result as a direct message, and nothing you typed is lost.")),
        ],
        ids.OUTCOME_VIEW,
    )


def deleting_view(title: str) -> Block:
    """Return the modal while a deletion takes long (rule M1)."""
    return modal(
        _(title),
        [section(_("*Deleting…*")), context(_("You can close this. You'll get the result as a direct message."))],
        ids.OUTCOME_VIEW,
    )


def outcome_view(title: str, outcome: Message) -> Block:
    """Return a message of this module as a modal."""
    return modal(_(title), outcome.blocks, ids.OUTCOME_VIEW)


def created(application: Application, draft_id: str | None = None, role: Role = Role.EDITOR) -> Message:
    """Confirm that an application was created, with its client page, which only its creator sees (rule V2).

    `draft_id` is for *Share here*, None without a channel. `role` is the person's.
    """
    page = md.web_address(application.public_url)
    warned = _("Anyone with this link can open the client page. Share it only with the client.")
    return message(
        section(_("✅ Created *{title}*.", title=facts.linked_title(application))),
        details_line(application),
        section(
            _(
                "*Client page:* {page}\n{warning}",
                page=md.link(page, page or "", 300, 500),
                warning=md.sentence(warned, 200),
            )
        )
        if page
        else None,
        compact(
            application,
            actions_for(role, None),
            button(_("Share here"), ids.SHARE_APPLICATION, f"{draft_id} {application.id}") if draft_id else None,
        ),
    )


def shared_application(application: Application, user_id: str) -> Message:
    """Return a shared application for a channel: without email, phone or client page."""
    heading = facts.joined(f"*{facts.linked_title(application)}*", facts.recipient_beside_title(application))
    return message(
        section(heading),
        details_line(application),
        context(_("Shared by {user}", user=md.user(user_id))),
        compact(application, actions_for(None, None)),
    )


def updated(
    application: Application,
    changes: Mapping[str, FieldChange],
    also: Mapping[str, FieldChange] | None = None,
    templates: Sequence[Choice] = (),
) -> Message:
    """Confirm an update with its changes, and those that Clust made itself (`update_diff.also_changed`, rule M3)."""
    if not changes:
        return message(section(_("No changes to save for *{title}*.", title=facts.linked_title(application))))
    own = asked_of(UpdateForm)
    names = ", ".join(_(own[name].label) for name in also or ())
    return message(
        section(_("✅ Updated *{title}*.", title=facts.linked_title(application))),
        *(section(_change(name, own[name], change, templates)) for name, change in changes.items()),
        section(
            _(
                "⚠️ Clust also changed *{fields}*, which you didn't change. Ask the person who runs the bot to check "
                "`CLUST_UPDATE_METHOD`.",
                fields=md.escape(names, 400),
            )
        )
        if also
        else None,
        *(section(_change(name, own[name], change, templates)) for name, change in (also or {}).items()),
        actions(
            button(_("Details"), ids.DETAILS, application.id),
            link_button(_("Open in Clust"), ids.OPEN_IN_CLUST, application.secured_list_url),
        ),
    )


def deleted(application: Application) -> Message:
    """Confirm that an application was deleted."""
    return message(
        section(
            _(
                "✅ Deleted *{title}* ({id}).",
                title=md.escape(facts.title(application), 150),
                id=md.code(application.id),
            )
        )
    )


def gone_already(application_id: str, *, was_stored: bool = True) -> Message:
    """Answer a write to an application that Clust doesn't have any more."""
    if not was_stored:
        text = _("Clust has no application {id}. Use `/clust list` to see them all.", id=md.code(application_id))
        return message(section(text))
    gone = _(
        "Application {id} is no longer in Clust, so there's nothing to update or delete.", id=md.code(application_id)
    )
    return message(section(gone))


def unknown_view(draft_id: str, title: str) -> Block:
    """Return the view for a write whose outcome is unknown. It isn't repeated (rule M1)."""
    return outcome_view(title, outcome_unknown(draft_id))


def outcome_unknown(draft_id: str, problem: str = "") -> Message:
    """Return the message for a create whose outcome is unknown, with *Check*. `problem` is a sentence that names it."""
    problem = md.sentence(problem, 500) or _("I couldn't confirm whether the application was created.")
    return message(
        section(
            _(
                "⚠️ *{what}* The connection to Clust was lost before it responded.\n"
                "I haven't retried. Click *Check* to look for it in Clust.",
                what=problem,
            )
        ),
        actions(button(_("Check"), ids.CHECK, draft_id, "primary")),
        context(_("What you typed is kept for a day.")),
    )


def nothing_found(draft_id: str) -> Message:
    """Answer *Check* if Clust doesn't have the application, so it can be sent again."""
    return message(
        section(_("I couldn't find it in Clust, so it probably wasn't created.")),
        actions(
            button(_("Send again"), ids.SEND_AGAIN, draft_id, "primary"),
            button(_("Back to the form"), ids.BACK_TO_FORM, draft_id),
        ),
    )


def resume(draft_id: str, sentence: str) -> Message:
    """Tell a person who closed the form about its outcome, with *Resume*. `sentence` says it (rule M1)."""
    return message(
        section(f"⚠️ {md.sentence(sentence, 2500) or md.ELLIPSIS}"),
        actions(button(_("Resume"), ids.RESUME, draft_id, "primary")),
        context(_("What you typed is kept for a day.")),
    )


def conflict_view(
    draft_id: str, application: Application, conflicts: Sequence[Conflict], templates: Sequence[Choice] = ()
) -> Block:
    """Return the modal for a conflicting update: each field with both values, and the choices (rule M3)."""
    own = asked_of(UpdateForm)
    touched = any(each.touched for each in conflicts)
    sure = confirm(_("Overwrite?"), _("Your values will replace what others changed in Clust."), _("Overwrite"))
    view = modal(
        _("Changed in Clust"),
        [
            section(
                _(
                    "*{title}* changed in Clust since you opened the form. Nothing was sent.",
                    title=facts.linked_title(application),
                )
            ),
            *(section(_conflict(own[each.field], each, templates)) for each in conflicts),
            actions(
                button(_("Overwrite"), ids.OVERWRITE, draft_id, "danger", sure) if touched else None,
                button(_("Keep theirs") if touched else _("Send my changes"), ids.KEEP_THEIRS, draft_id),
                button(_("Back to the form"), ids.BACK_TO_FORM, draft_id),
            ),
            context(
                _("*Keep theirs* only sends your changes to other fields. *Overwrite* sends all your changes.")
                if touched
                else _("You changed other fields. Sending your changes leaves these fields as they are in Clust.")
            ),
        ],
        ids.OUTCOME_VIEW,
    )
    return notified_on_close(view)


def details_line(application: Application) -> Block | None:
    """Return template, status and items of an application in small print. None if nothing is known."""
    details = facts.joined(
        facts.template_beside_title(application),
        facts.status(application, None),
        facts.items_done(application),
    )
    return context(details) if details else None


def _value(name: str, field: Field, value: object, templates: Sequence[Choice]) -> str:
    choices = (*templates, *field.options) if name == "template_id" else field.options
    return md.escape(label_of(choices, value), MAX_VALUE)


def _change(name: str, field: Field, change: FieldChange, templates: Sequence[Choice]) -> str:
    old, new = (_value(name, field, value, templates) for value in change)
    both = f"{old} → {new}"
    return _("*{label}:* {value}", label=md.escape(_(field.label)), value=both)


def _conflict(field: Field, each: Conflict, templates: Sequence[Choice]) -> str:
    opened, theirs, yours = (
        _value(each.field, field, value, templates) for value in (each.opened, each.theirs, each.ours)
    )
    lines = [
        f"*{md.escape(_(field.label))}*",
        _("• When you opened the form: {value}", value=opened),
        _("• In Clust now: {value}", value=theirs),
        _("• Yours: {value}", value=yours) if each.touched else _("• You didn't change it."),
    ]
    return "\n".join(lines)
