"""Messages about form drafts that weren't sent, or whose result the person doesn't have yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.core.language import N_, _, ngettext
from bot.slack.views.answers import plain_answer
from bot.slack.views.applications.form_outcomes import outcome_unknown, resume
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, Message, actions, button, message, section

BLOCK = "unsent"
"""The block ID prefix of offers, by which they are removed from a form."""

MAX_NAME = 100
"""Characters of a draft's name."""


@dataclass(frozen=True, slots=True)
class DraftSummary:
    """A draft as people read about it. `values` were typed, `target` and `result` are applications."""

    draft_id: str
    form: str
    values: Mapping[str, Any]
    target: str | None
    result: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class _Sentences:
    """The sentences about a form's drafts, for each state, in plain text with `{name}`."""

    name: Callable[[DraftSummary], str]
    unsent: str
    unknown: str
    done: str


def _recipient(one: DraftSummary) -> str:
    typed = one.values
    full_name = " ".join(str(typed[key]) for key in ("first_name", "last_name") if typed.get(key))
    return md.tidy(str(typed.get("title") or full_name or typed.get("email") or ""))[:MAX_NAME] or _("no name yet")


def _application(one: DraftSummary) -> str:
    return str(one.target)


def _applications(one: DraftSummary) -> str:
    """Return what an action is about: one application, or how many of several it was done with."""
    if one.target:
        return _("application {id}", id=one.target)
    total, done = len(one.values.get("applications") or ()), one.values.get("done") or ()
    if not done:
        return ngettext("{count} application", "{count:,} applications", total)
    return ngettext(
        "{count} application (done: {done})",
        "{count:,} applications (done: {done})",
        total,
        done=", ".join(f"#{each}" for each in done),
    )


def _call(one: DraftSummary) -> str:
    return md.tidy(f"{one.values.get('method') or 'GET'} {one.values.get('path') or ''}")[:MAX_NAME]


def _account(one: DraftSummary) -> str:
    return md.tidy(str(one.values.get("name") or ""))[:MAX_NAME] or _("without a name")


_SENTENCES: Mapping[str, _Sentences] = {
    ids.CREATE: _Sentences(
        _recipient,
        N_("Your new application ({name}) hasn't been created."),
        N_("I couldn't confirm whether your new application ({name}) was created."),
        N_("Your new application ({name}) was created."),
    ),
    ids.UPDATE: _Sentences(
        _application,
        N_("Your changes to application {name} haven't been saved."),
        N_(
            "I couldn't confirm whether your changes to application {name} were saved. You can send them again. "
            "Clust won't apply the same change twice."
        ),
        N_("Your changes to application {name} were saved."),
    ),
    ids.DELETE: _Sentences(
        _application,
        N_("You asked to delete application {name}. It wasn't deleted."),
        N_("I couldn't confirm whether application {name} was deleted."),
        N_("You deleted application {name}."),
    ),
    ids.CONSOLE: _Sentences(
        _call,
        N_("Your call {name} hasn't been sent."),
        N_("I couldn't confirm whether your call {name} worked. I haven't retried. Check with a GET first."),
        N_("Your call {name} was sent, but its response was lost. Check with a GET."),
    ),
    ids.ACTION: _Sentences(
        _applications,
        N_("Your action on {name} hasn't been completed."),
        N_("I couldn't confirm whether your action on {name} worked. I haven't retried. Check in Clust first."),
        N_("Your action on {name} was completed."),
    ),
    ids.ACTION_SAVE: _Sentences(
        _account,
        N_("The action {name} hasn't been saved."),
        N_("I couldn't confirm whether the action {name} was saved. `/clust actions` shows your actions."),
        N_("The action {name} was saved."),
    ),
    ids.CONNECT: _Sentences(
        _account,
        N_("The account {name} hasn't been connected. What you typed is saved, except the API token."),
        N_("I couldn't confirm whether the account {name} was connected. `/clust status` shows your accounts."),
        N_("The account {name} was connected."),
    ),
    ids.SUBSCRIBE: _Sentences(
        lambda _unsent: "",
        N_("Your subscription hasn't been saved."),
        N_("I couldn't confirm whether your subscription was saved. You can save it again."),
        N_("Your subscription was saved."),
    ),
}


def _sentence(one: DraftSummary, which: Callable[[_Sentences], str]) -> str:
    row = _SENTENCES[one.form]
    return _(which(row), name=row.name(one))


def left(one: DraftSummary) -> Message:
    """Tell a person who closed a form that it isn't sent, with *Resume*."""
    return resume(one.draft_id, _sentence(one, lambda row: row.unsent))


def uncertain(one: DraftSummary) -> Message:
    """Tell a person that the outcome of a form is unknown, and what to do."""
    if one.form == ids.CREATE:
        return outcome_unknown(one.draft_id, _sentence(one, lambda row: row.unknown))
    return resume(one.draft_id, _sentence(one, lambda row: row.unknown))


def finished(one: DraftSummary) -> Message:
    """Tell a person that a form was carried out, if nothing else is known."""
    sentence = _sentence(one, lambda row: row.done)
    application = one.result if one.form in {ids.CREATE, ids.UPDATE} else None
    if application is None:
        return plain_answer(sentence)
    return message(section(f"✅ {md.sentence(sentence, 500)}"), actions(button(_("Details"), ids.DETAILS, application)))


def offer(drafts: Iterable[DraftSummary], now: datetime) -> list[Block]:
    """Return the offers above a form: each unsent draft with *Resume* and *Discard*."""
    blocks: list[Block] = []
    for one in drafts:
        sentence = _(
            "📝 {sentence} Started {age}.",
            sentence=md.sentence(_sentence(one, lambda row: row.unsent), 500),
            age=md.ago(one.created_at, now),
        )
        buttons = [
            button(_("Resume"), ids.RESUME, one.draft_id),
            button(_("Discard"), ids.DISCARD, one.draft_id, "danger"),
        ]
        blocks += [
            {**section(sentence), "block_id": f"{BLOCK}:{one.draft_id}"},
            {"type": "actions", "elements": buttons, "block_id": f"{BLOCK}.do:{one.draft_id}"},
        ]
    return blocks


def without_offer(blocks: Iterable[Block], draft_id: str) -> list[Block]:
    """Return the blocks of a form without the offer of a draft."""
    return [block for block in blocks if block.get("block_id") not in {f"{BLOCK}:{draft_id}", f"{BLOCK}.do:{draft_id}"}]
