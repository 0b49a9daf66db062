"""Using saved actions: which one, what it asks, what exactly will be sent, and how it went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.core.applications.actions import actions_for
from bot.core.applications.model import Application, StatusClass
from bot.core.forms.action_forms import ActOnManyForm, ChooseActionForm
from bot.core.forms.console_request import ConsoleCall
from bot.core.forms.fields import Choice
from bot.core.forms.validation import Form
from bot.core.language import _, ngettext
from bot.core.permissions import Role
from bot.core.typed_text import fold
from bot.slack.views.applications.actions import compact
from bot.slack.views.building import application_facts as facts
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, Message, actions, button, context, message, modal, section
from bot.slack.views.building.forms import form, submit_modal
from bot.slack.views.console import exact_request

MAX_ANSWER = 2500
"""Characters of Clust's answer to a GET."""

_MAX_LINES_PER_SECTION = 5
"""Results in one section: more could outgrow its 3,000 characters."""


@dataclass(frozen=True, slots=True)
class ActResult:
    """How an action went with one of several applications."""

    application: Application
    sentence: str
    is_done: bool


def choose_form(draft_id: str, application: Application, choices: Sequence[Choice]) -> Block:
    """Return the window that asks what to do with an application."""
    return form(
        ChooseActionForm,
        callback_id=ids.ACT,
        title=_("More actions"),
        submit=_("Continue"),
        choices={"action": choices},
        private_metadata=draft_id,
        first=[section(_application_line(application))],
    )


def ask_form(
    draft_id: str,
    title: str,
    asks: type[Form],
    applications: Sequence[Application],
    values: Mapping[str, Any] | None = None,
    note: str = "",
    *,
    is_quick: bool = False,
    forgetful: bool = False,
) -> Block:
    """Return the window that asks what an action needs. `is_quick`: it is sent without a further question."""
    return form(
        asks,
        callback_id=ids.ACTION,
        title=title,
        submit=_submit(title) if is_quick else _("Continue"),
        values=values,
        note=note,
        private_metadata=draft_id,
        first=[
            section(_those(applications)),
            None if is_quick else context(_("You'll see what will be done before you confirm.")),
        ],
        forgetful=forgetful,
    )


def confirm_action(
    marked: str, title: str, applications: Sequence[Application], call: ConsoleCall | None, note: str = ""
) -> Block:
    """Return the question before an action is sent: exactly what will be, character by character (rule M5).

    With several applications `call` is the one for the first. None means that only what the title says is done.
    """
    blocks = [
        section(f"⚠️ {md.sentence(note, 2500)}") if note else None,
        section(_those(applications)),
        *(exact_request(call) if call else []),
        context(_("This is the call for the first one. The others differ only in their values."))
        if call and len(applications) > 1
        else None,
    ]
    return submit_modal(title, blocks, ids.ACTION_CONFIRM, _submit(title), marked)


def choose_many_form(draft_id: str, applications: Sequence[Choice], choices: Sequence[Choice]) -> Block:
    """Return the window that asks what to do with which applications of a list."""
    return form(
        ActOnManyForm,
        callback_id=ids.ACT_ON_MANY,
        title=_("Act on these"),
        submit=_("Continue"),
        choices={"applications": applications, "action": choices},
        private_metadata=draft_id,
    )


def many_running(title: str, done: int, total: int, draft_id: str) -> Block:
    """Return what the window shows while an action is carried out on several applications."""
    note = context(_("You can close this. I'll continue and send you the result as a direct message."))
    words = _("*Working…* {done} of {total} done", done=done, total=total)
    stop = actions(button(_("Stop"), ids.ACTION_STOP, draft_id))
    return modal(title, [section(words), stop, note], ids.OUTCOME_VIEW)


def many_stopping() -> Block:
    """Return what the window shows from *Stop* until the result is there."""
    note = context(_("First, I'll finish the request that's already on its way. Then you'll see what was done."))
    return modal(_("Stop"), [section(_("*Stopping…*")), note], ids.OUTCOME_VIEW)


def many_done(title: str, results: Sequence[ActResult]) -> Message:
    """Tell the person how an action went with each of several applications."""
    done = sum(each.is_done for each in results)
    head = ngettext(
        "*{title}*: done for {done} of {count} application",
        "*{title}*: done for {done} of {count} applications",
        len(results),
        title=md.escape(title, 100),
        done=done,
    )
    lines = [f"{'✅' if each.is_done else '⚠️'} {_result(each)}" for each in results]
    return message(
        section(head),
        *(
            section("\n".join(lines[at : at + _MAX_LINES_PER_SECTION]))
            for at in range(0, len(lines), _MAX_LINES_PER_SECTION)
        ),
    )


def _result(result: ActResult) -> str:
    return facts.joined(f"*{facts.linked_title(result.application, 60, 200)}*", md.sentence(result.sentence, 250))


def running_action(title: str) -> Block:
    """Return what the window becomes while Clust takes its time (rule M1)."""
    note = context(_("You can close this. You'll get the result as a direct message."))
    return modal(title, [section(_("*Working…*")), note], ids.OUTCOME_VIEW)


def action_done(
    title: str,
    application: Application,
    status_class: StatusClass | None,
    sentence: str,
    body: str,
    role: Role,
    *,
    is_gone: bool = False,
    assigned: bool = False,
) -> Message:
    """Tell the person that an action worked. `body` is the answer to a GET."""
    state = facts.state(application, status_class)
    return message(
        section(f"✅ *{md.escape(title, 100)}* · {_application_line(application)}"),
        section(md.sentence(sentence, 1000) or md.ELLIPSIS) if sentence else None,
        section(md.code_block(body, MAX_ANSWER)) if body else None,
        context(state),
        compact(application, actions_for(role, status_class, gone=is_gone, assigned=assigned)),
    )


def action_failed(title: str, application: Application, sentence: str) -> Message:
    """Tell the person that an action didn't work, or that its outcome is unknown."""
    return message(
        section(f"⚠️ *{md.escape(title, 100)}* · {_application_line(application)}"),
        section(md.sentence(sentence, 2000) or md.ELLIPSIS),
    )


def _submit(title: str) -> str:
    """Return the word of the button that sends an action: its name, but not one that seems to close the window."""
    closing = {fold(each) for each in (_("Close"), _("Cancel"), _("Dismiss"))}
    return _("Send") if fold(title) in closing else title


def _those(applications: Sequence[Application]) -> str:
    """Return one application as usual, several as a list."""
    if len(applications) == 1:
        return _application_line(applications[0])
    return "\n".join(f"• {facts.linked_title(each, 60, 60)}" for each in applications)


def _application_line(application: Application) -> str:
    return facts.joined(f"*{facts.linked_title(application)}*", facts.recipient_beside_title(application))
