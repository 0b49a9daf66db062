"""The actions that this account's API has for an application. The paths exist only in this stand-in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.sandbox.clust.account import SUBMITTED, FakeAccount
from bot.sandbox.clust.validation import FieldRule, invalid


@dataclass(frozen=True, slots=True)
class Work:
    """One action, by POST below an application: its word, its fields, and its function."""

    word: str
    rules: Sequence[FieldRule]
    happen: Callable[[FakeAccount, int, Mapping[str, Any]], dict[str, Any]]


def _approve(account: FakeAccount, number: int) -> dict[str, Any]:
    if account.dossiers[number].status != SUBMITTED:
        raise invalid({"status": "Only a submitted dossier can be approved."})
    return {"data": account.approve(number)}


WORK: Mapping[str, Work] = {
    row.word: row
    for row in (
        Work("close", (), lambda account, number, _sent: {"data": account.close(number)}),
        Work("approve", (), lambda account, number, _sent: _approve(account, number)),
        Work("reminders", (FieldRule("message", required=True),), lambda *_sent: {"message": "Reminder sent."}),
        Work(
            "items",
            (FieldRule("title", required=True), FieldRule("due_at")),
            lambda account, number, sent: {"data": account.ask_for(number, str(sent["title"]))},
        ),
    )
}
