"""What the API console answers: method, path, status, time, body; what was cut, and where the rest is (`product`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from bot.core.errors import BotError, ClustBusy, ClustForbidden, ClustUnauthorized
from bot.core.language import _, ngettext
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, Message, actions, context, message, modal, section
from bot.slack.views.sharing import MAX_NAMED, share_button

TITLE = "Clust API"

MAX_BODY = 2500
"""Characters of a body in a message; what is longer goes into a file."""

_MAX_LINE = 200
"""Characters of a line in a body that does not fit: one endless line would leave nothing to show."""

_MEANING: Mapping[int, type[BotError]] = {401: ClustUnauthorized, 403: ClustForbidden, 429: ClustBusy}
"""What a status means for the bot itself."""


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """An answer of Clust's as people see it, and as it is kept for sharing.

    `beginning` is what a message can show of the body, which is `length` characters long; `truncated`: Clust said more
    than is read.
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
    """Return what the console becomes while Clust takes its time (rule M1)."""
    return modal(
        TITLE,
        [
            section(_("*Running…*")),
            context(_("You can close this. You'll get the response as a direct message.")),
        ],
        ids.OUTCOME_VIEW,
    )


def answered(answer: CallAnswer, draft_id: str | None = None, *, filed: bool = False) -> Message:
    """Return the answer for the person who called; `draft_id` is what *Share here* shares.

    `filed`: the whole of it went to the person as a file.
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
            )
        )
        if draft_id
        else None,
    )


def shared_answer(answer: CallAnswer, user_id: str) -> Message:
    """Return what a channel sees of an answer that someone shares."""
    return message(
        section(_head(answer)),
        _body(answer),
        _rest(answer, filed=False),
        context(_("Shared by {user}", user=md.user(user_id))),
    )


def file_comment(answer: CallAnswer) -> str:
    """Return what stands above the file in the direct message."""
    return _("Full response to {call}", call=_head(answer))


def _head(answer: CallAnswer) -> str:
    is_standard = answer.status in HTTPStatus._value2member_map_
    status = f"{answer.status} {HTTPStatus(answer.status).phrase}" if is_standard else str(answer.status)
    return f"{md.code(f'{answer.method} {answer.path}', 1000)} · *{status}* · {answer.seconds:.2f} s"


def _body(answer: CallAnswer) -> Block:
    if not answer.beginning.strip():
        return context(_("Clust's response has no body."))
    if answer.fits:
        return section(md.code_block(answer.beginning, MAX_BODY))
    lines = (line[:_MAX_LINE] for line in answer.beginning.splitlines())
    return section(md.code_block("\n".join(lines), MAX_BODY))


def _rest(answer: CallAnswer, *, filed: bool) -> Block | None:
    """Say what is not shown here, and where it is."""
    notes = []
    if not answer.fits:
        notes.append(
            ngettext(
                "This is only the beginning. The response has {count} character.",
                "This is only the beginning. The response has {count:,} characters.",
                answer.length,
            )
        )
    if filed:
        notes.append(_("The full response is a file in your direct messages with Clust."))
    if answer.truncated:
        notes.append(_("The response was larger than 1 MB, so I didn't read all of it."))
    return context(" ".join(notes)) if notes else None
