"""The API console: its form, with presets, and a response: method, path, status, time and body (rule M5)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from bot.core.errors import BotError, ClustBusy, ClustForbidden, ClustUnauthorized
from bot.core.forms.console_forms import PRESETS, ConsoleForm, LookUpDraft
from bot.core.forms.console_request import ConsoleCall
from bot.core.language import N_, _, in_digits, ngettext
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import (
    Block,
    Message,
    actions,
    button,
    context,
    message,
    modal,
    notified_on_close,
    option,
    plain,
    section,
)
from bot.slack.views.building.forms import form, submit_modal
from bot.slack.views.sharing import MAX_NAMED, share_button

TITLE = N_("Clust API")

MAX_BODY = 2500
"""Characters of a body in a message. A longer one becomes a file."""

_MAX_LINE = 200
"""Characters of a line in a body that is cut, so that one long line doesn't use up all of it."""

_MEANING: Mapping[int, type[BotError]] = {401: ClustUnauthorized, 403: ClustForbidden, 429: ClustBusy}
"""Statuses about the bot itself, explained like its errors."""


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """Clust's response as it is shown and stored for sharing.

    `beginning` is what a message shows of the body, which has `length` characters. `truncated`: the response was longer
    than what is read.
    """

    method: str
    path: str
    status: int
    seconds: float
    beginning: str
    length: int
    truncated: bool

    @property
    def fits(self) -> bool:
        """Whether a message shows all of the body."""
        displayed, whole = (md.code_block(self.beginning, limit) for limit in (MAX_BODY, 10 * MAX_BODY))
        return self.length == len(self.beginning) and displayed == whole


def running_view() -> Block:
    """Return the view while a call takes long (rule M1)."""
    return modal(
        _(TITLE),
        [
            section(_("*Running…*")),
            context(_("You can close this. You'll get the response as a direct message.")),
        ],
        ids.OUTCOME_VIEW,
    )


def answered(
    answer: CallAnswer, draft_id: str | None = None, *, filed: bool = False, can_keep: bool = False
) -> Message:
    """Return the response for the person who called. `draft_id` is for *Share here*.

    `filed`: the person got all of it as a file. `can_keep`: they can keep the call as an action.
    """
    meaning = _MEANING.get(answer.status)
    return message(
        section(_head(answer)),
        section(f"⚠️ {md.sentence(meaning().sentence, 500)}") if meaning else None,
        _body(answer),
        _rest(answer, filed=filed),
        actions(
            share_button(
                ids.SHARE_CALL,
                draft_id,
                _(
                    "Everyone in the channel where you asked will see Clust's response to {call}. It may contain email "
                    "addresses, phone numbers and other personal data.",
                    call=md.bare(f"{answer.method} {answer.path}", MAX_NAMED),
                ),
            ),
            button(_("Save as an action…"), ids.KEEP_CALL, draft_id) if can_keep else None,
        )
        if draft_id
        else None,
    )


def shared_answer(answer: CallAnswer, user_id: str) -> Message:
    """Return a shared response for a channel."""
    return message(
        section(_head(answer)),
        _body(answer),
        _rest(answer, filed=False),
        context(_("Shared by {user}", user=md.user(user_id))),
    )


def confirm_call(draft_id: str, call: ConsoleCall) -> Block:
    """Return the confirmation before a write: exactly what will be sent (rule M5)."""
    return submit_modal(
        _("Send this to Clust?"),
        exact_request(call),
        ids.CONSOLE_CONFIRM,
        _("Send {method}", method=call.method),
        draft_id,
    )


def exact_request(call: ConsoleCall) -> list[Block]:
    """Return a request exactly as it will be sent."""
    address = f"{call.path}{'?' * bool(call.query)}{urlencode(call.query)}"
    headers = "\n".join(f"{name}: {value}" for name, value in call.headers)
    return [
        section(_("*This is exactly what will be sent*, with the account's API token:")),
        _exactly(f"{call.method} {address}"),
        *([section(_("*Headers*")), _exactly(headers)] * bool(headers)),
        *([section(_("*Body*")), _exactly(call.body)] if call.body else [context(_("No body"))]),
    ]


def file_comment(answer: CallAnswer) -> str:
    """Return the text above the file in the direct message."""
    return _("Full response to {call}", call=_head(answer))


def _head(answer: CallAnswer) -> str:
    is_standard = answer.status in HTTPStatus._value2member_map_
    status = f"{answer.status} {HTTPStatus(answer.status).phrase}" if is_standard else str(answer.status)
    return f"{md.code(f'{answer.method} {answer.path}', 1000)} · *{status}* · {in_digits(answer.seconds, '.2f')} s"


def _body(answer: CallAnswer) -> Block:
    if not answer.beginning.strip():
        return context(_("Clust's response has no body."))
    if answer.fits:
        return section(md.code_block(answer.beginning, MAX_BODY))
    lines = (line[:_MAX_LINE] for line in answer.beginning.splitlines())
    return section(md.code_block("\n".join(lines), MAX_BODY))


def _rest(answer: CallAnswer, *, filed: bool) -> Block | None:
    """Say what isn't shown here, and where it is."""
    notes = []
    if not answer.fits:
        notes.append(
            ngettext(
                "Only the beginning is shown. The response has {count} character.",
                "Only the beginning is shown. The response has {count:,} characters.",
                answer.length,
            )
        )
    if filed:
        notes.append(_("The full response is a file in your direct messages with Clust."))
    if answer.truncated:
        notes.append(_("The response was larger than 1 MB, so I didn't read all of it."))
    return context(" ".join(notes)) if notes else None


def _exactly(text: str) -> Block:
    """Return a text unformatted, with invisible characters as escapes."""
    visible = "".join(
        char if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cf", "Cs"} else f"\\u{ord(char):04x}"
        for char in text
    )
    words = {"type": "text", "text": visible if visible.strip() else _("(only spaces)")}
    return {"type": "rich_text", "elements": [{"type": "rich_text_preformatted", "elements": [words]}]}


def console_form(
    draft_id: str,
    values: Mapping[str, Any] | None = None,
    mistakes: Mapping[str, str] | None = None,
    note: str = "",
    fresh: str = "",
    *,
    forgetful: bool = False,
    first: Sequence[Block] = (),
    may_write: bool = True,
) -> Block:
    """Return the console's form. `values` come from a command or a preset (`preset_values`, with another `fresh`).

    Without `may_write` it only offers GET.
    """
    presets = [option(_(name), path, path) for name, path in PRESETS.items()]
    select = {
        "type": "static_select",
        "action_id": ids.CONSOLE_PRESET,
        "placeholder": plain(_("Start from…"), 150),
        "options": presets,
    }
    view = form(
        ConsoleForm if may_write else LookUpDraft,
        callback_id=ids.CONSOLE,
        title=_(TITLE),
        submit=_("Run"),
        values={"method": "GET"} | dict(values or {}) | ({} if may_write else {"method": "GET"}),
        mistakes=mistakes,
        note=note,
        private_metadata=draft_id,
        forgetful=forgetful,
        first=[*first, {"type": "actions", "block_id": ids.PRESET_BLOCK, "elements": [select]}],
        fresh=fresh,
    )
    return notified_on_close(view)


def preset_values(chosen: str, typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the form values after a preset was chosen: its path and query as a GET, the others unchanged."""
    path, _question, query = chosen.partition("?")
    return {**typed, "method": "GET", "path": path, "query": query or None, "body": None}
