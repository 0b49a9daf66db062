"""Views of Clust accounts: the form that connects one, the list, and confirmations."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.core.forms.admin_forms import ConnectForm
from bot.core.forms.fields import Choice
from bot.core.language import _, all_of, ngettext
from bot.slack.views.building import application_facts as facts
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, Message, context, message, notified_on_close, section
from bot.slack.views.building.forms import form, submit_modal

MAX_LISTED = 20
"""Accounts listed in one message."""

_TYPED = ("name", "environment", "url", "meant")
"""Fields of the form that are stored. Never the API token."""

MAX_CHANNELS = 10
"""Channels listed in one message."""


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One connection. `hint` is the end of its token, `wrong` a sentence about its problem, or empty."""

    id: int
    name: str
    hint: str | None
    base_url: str
    read_at: datetime | None = None
    wrong: str | None = None


def account_lines(accounts: Sequence[AccountLine], meant: str, now: datetime) -> str:
    """Return a line for each account, with `meant` in bold. Up to MAX_LISTED, and a count of the rest."""
    lines = [_line(one, meant, now) for one in accounts[:MAX_LISTED]]
    more = len(accounts) - MAX_LISTED
    rest = [ngettext("… and {count} more account", "… and {count:,} more accounts", more)] if more > 0 else []
    return "\n".join([_("*Clust accounts*"), *lines, *rest])


def _line(one: AccountLine, meant: str, now: datetime) -> str:
    light = "🔴" if one.wrong else ("🟢" if one.read_at else "⏳")
    age = _("read {age}", age=md.ago(one.read_at, now)) if one.read_at else _("reading for the first time")
    name = f"*{md.escape(one.name, 80)}*" if one.name == meant else md.escape(one.name, 80)
    return f"{light} {facts.joined(name, md.sentence(one.wrong, 200) if one.wrong else age)}"


def account_choices(accounts: Sequence[tuple[int, str]]) -> list[Choice]:
    """Return connections (ID, name) as choices of a form."""
    return [Choice(str(number), name) for number, name in accounts]


def connected(name: str, hint: str, base_url: str, meant: str, *, again: bool | None) -> Message:
    """Confirm that an account was connected. Only the last characters of its token are shown.

    `again`: an account of that name was replaced. None: URL and token of the stored one stay.
    """
    how = {
        "channel": _("It's now the default account in this channel."),
        "workspace": _("It's now the default account in the whole workspace."),
    }.get(meant, _("To use it, add `connection:{name}` to a command.", name=md.bare(name, 40)))
    begins = {
        True: _("If this is a different account than before, I'll ask before posting anything."),
        False: _("I'm reading it for the first time. I'll only post what changes after that."),
        None: _("Its address and token are unchanged."),
    }[again]
    return message(
        section(
            _(
                "🔌 *{name}* is connected: {address}, token ending in {key}.",
                name=md.escape(name, 80),
                address=md.code(base_url, 200),
                key=md.code(hint, 10),
            )
        ),
        context(f"{begins} {how}"),
    )


def typed_values(value: str) -> dict[str, str]:
    """Return the form values in a button from an earlier version. Empty if they can't be read."""
    try:
        kept = json.loads(value)
    except ValueError:
        return {}
    return {name: kept[name] for name in _TYPED if isinstance(kept.get(name), str)} if isinstance(kept, dict) else {}


def disconnect_form(name: str, hint: str | None, channels: Sequence[str]) -> Block:
    """Return the confirmation before an account is disconnected, with its consequences."""
    question = (
        _("Disconnect *{name}*, token ending in {key}?", name=md.escape(name, 80), key=md.code(hint, 10))
        if hint
        else _("Disconnect *{name}*?", name=md.escape(name, 80))
    )
    named = [md.channel(each) for each in channels[:MAX_CHANNELS]]
    if len(channels) > MAX_CHANNELS:
        named.append(ngettext("{count} more", "{count:,} more", len(channels) - MAX_CHANNELS))
    stops = (
        ngettext(
            "This channel will stop getting notifications from it: {channels}.",
            "These channels will stop getting notifications from it: {channels}.",
            len(channels),
            channels=all_of(named),
        )
        if channels
        else _("No channel is subscribed to it.")
    )
    return submit_modal(
        _("Disconnect Clust"),
        [
            section(question),
            section(
                stops
                + "\n"
                + _(
                    "I'll delete its API token and stop reading the account. Notifications that haven't been posted "
                    "yet won't be posted. Stored data about its applications is erased after 30 days. Nothing changes "
                    "in Clust."
                )
            ),
        ],
        ids.DISCONNECT,
        _("Disconnect"),
        name,
    )


def disconnected(name: str, channels: Sequence[str]) -> Message:
    """Confirm that an account was disconnected."""
    done = _("*{name}* is disconnected.", name=md.escape(name, 80))
    if channels:
        ended = ngettext(
            "Its subscriptions in {count} channel have ended.",
            "Its subscriptions in {count:,} channels have ended.",
            len(channels),
        )
        done = f"{done} {ended}"
    return message(
        section(done),
        context(_("To revoke the API token, delete it in Clust under Team settings > Developers > API.")),
    )


def connect_form(
    values: Mapping[str, Any] | None = None,
    mistakes: Mapping[str, str] | None = None,
    note: str = "",
    draft_id: str = "",
    first: Sequence[Block] = (),
) -> Block:
    """Return the form that connects an account. The API token is never filled in."""
    view = form(
        ConnectForm,
        callback_id=ids.CONNECT,
        title=_("Connect Clust"),
        submit=_("Connect"),
        values={"environment": "production", "meant": "named"} | dict(values or {}),
        mistakes=mistakes,
        note=note,
        private_metadata=draft_id,
        first=first,
    )
    return notified_on_close(view)
