"""The columns of an export, what separates them, and cells that no spreadsheet takes for a formula. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.applications.lateness import lateness
from bot.core.applications.triggers import Snapshot
from bot.core.language import N_, _, in_digits

_FORMULA = re.compile(r"(^|[;\t\r\n])(?=[\s\u200b\u2060\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20])|^(?=[\t\r\n])")
"""Before a formula: at the beginning, or behind what some spreadsheets split cells at, spaces in between or not.

The signs are `= + - @`, and the full-width ones that spreadsheets read as the same (OWASP: CSV Injection). A tab or a
line break at the beginning counts too.
"""


_SPLITS = re.compile(r"[;\t\r\n]")


def neutralized(text: str) -> str:
    """Return `text` with an apostrophe before whatever a spreadsheet would run as a formula."""
    if text[:1].isalnum() and not _SPLITS.search(text):  # as most texts are: no formula can begin in it
        return text
    return _FORMULA.sub(r"\1'", text)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, as in the forms, and its cell for an application. `is_personal`: only for some people.

    `value` returns None if it is unknown.
    """

    name: str
    value: Callable[[Snapshot], str | float | None]
    is_personal: bool = False


def _of_recipient(name: str) -> Callable[[Snapshot], str | None]:
    def value(snapshot: Snapshot) -> str | None:
        recipient = snapshot.application.recipient
        return getattr(recipient, name) if recipient else None

    return value


def _late(snapshot: Snapshot) -> str | None:
    is_late = lateness(snapshot.application, snapshot.status_class)
    return None if is_late is None else _("yes") if is_late else _("no")


def _progress(snapshot: Snapshot) -> float | None:
    progress = snapshot.application.progress
    return int(progress) if progress is not None and progress.is_integer() else progress


def _iso(moment: datetime | None) -> str | None:
    """Return a moment in UTC to the second, as in `2026-11-29T16:15:00Z` (ISO 8601)."""
    return f"{moment.isoformat(timespec='seconds')[:-6]}Z" if moment else None


COLUMNS: tuple[Column, ...] = (
    Column(N_("Application"), lambda each: each.application.id),
    Column(N_("Title"), lambda each: each.application.title),
    Column(N_("Template"), lambda each: each.application.template_name),
    Column(N_("First name"), _of_recipient("firstname")),
    Column(N_("Last name"), _of_recipient("lastname")),
    Column(N_("Recipient"), _of_recipient("name")),
    Column("Email", _of_recipient("email"), is_personal=True),
    Column(N_("Phone number"), _of_recipient("phone"), is_personal=True),
    Column(N_("External ID"), lambda each: each.application.external_id),
    Column(N_("Status"), lambda each: each.application.status_string or each.application.status),
    Column(N_("Status class"), lambda each: each.status_class.title if each.status_class else None),
    Column(N_("Late"), _late),
    Column(N_("Progress (%)"), _progress),
    Column(N_("Missing items"), lambda each: each.application.missing),
    Column(N_("Items"), lambda each: each.application.eligible),
    Column(N_("Assigned to"), lambda each: each.assignee),
    Column(N_("Created"), lambda each: _iso(each.application.created_at)),
    Column(N_("Updated"), lambda each: _iso(each.application.updated_at)),
    Column(N_("Clust link"), lambda each: each.application.secured_list_url),
)
"""All columns in their order.

The client's own link isn't among them because anyone with it can open the client's page.
"""


def columns_for(*, may_see_contacts: bool) -> Sequence[Column]:
    """Return the columns for a person: email and phone only for those who may see them in bulk."""
    return [column for column in COLUMNS if may_see_contacts or not column.is_personal]


def heading(columns: Sequence[Column]) -> list[str]:
    """Return the first row: the names of the columns in the reader's language."""
    return [_(column.name) for column in columns]


def row(columns: Sequence[Column], snapshot: Snapshot) -> list[str | float | None]:
    """Return the cells of an application. Text is from outside, so it is neutralized. A number is a number."""
    values = [column.value(snapshot) for column in columns]
    return [neutralized(value) if isinstance(value, str) else value for value in values]


def cell_separator() -> str:
    """Return what separates cells of a CSV file: a semicolon where a comma begins decimals, as in French."""
    return ";" if in_digits(0.5, ".1f")[1] == "," else ","
