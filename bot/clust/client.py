"""What Clust's API can do, one method for each call: applications, templates and searches.

`protocol` says what responses mean for reading, and `application_fields` for forms. `session` sends them.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote

from bot.clust import application_fields, protocol
from bot.clust.application_fields import SearchedApplication, UpdateMethod
from bot.clust.json_rows import ReadRow, RowT
from bot.clust.protocol import Page
from bot.clust.rate_limiter import Priority
from bot.clust.session import MAX_ATTEMPTS, ClustSession
from bot.core.applications.model import Application, Template
from bot.core.errors import ClustNotFound
from bot.core.language import _

MAX_TEMPLATES = 2_000
"""Templates that are read for a select. Others can only be found in Clust."""


class ClustClient(ClustSession):
    """One Clust account. Every method raises the ClustError that the response means."""

    async def page(self, number: int, per_page: int = protocol.PER_PAGE) -> Page[Application]:
        """Return page `number` of the applications, from 1, for a person (GET /dossiers)."""
        page = await self.get(protocol.list_dossiers(number, per_page), protocol.decipher_page, Priority.PERSON)
        return replace(page, number=number)

    async def polled_page(self, number: int, read_row: ReadRow[RowT], link: str = "") -> Page[RowT]:
        """Return a page of the applications for a poll, with rows parsed by `read_row` (GET /dossiers).

        With a `link` from the page before, that one. Otherwise by `number`, from 1.
        """
        decipher = partial(protocol.decipher_list, read_row=read_row)
        page = await self.get(protocol.list_dossiers(number, link=link), decipher, Priority.POLL)
        return replace(page, number=number)

    async def check(self) -> float:
        """Check with one small request that the account can be read. Returns the seconds until the response."""
        began = time.monotonic()
        await self.get(protocol.list_dossiers(1, 1), protocol.decipher_page, Priority.PERSON, attempts=1)
        return time.monotonic() - began

    async def application(
        self, application_id: str, *, attempts: int = MAX_ATTEMPTS, priority: Priority = Priority.PERSON
    ) -> Application:
        """Return one application, after at most `attempts` requests (GET /dossiers/{id})."""
        request = protocol.get_dossier(_segment(application_id))
        return await self.get(request, protocol.decipher_application, priority, attempts)

    async def raw_application(self, application_id: str) -> dict[str, Any]:
        """Return one application as raw JSON, for `application_fields.values_of` (GET /dossiers/{id})."""
        request = protocol.get_dossier(_segment(application_id))
        _, raw = await self.get(request, application_fields.decipher_raw, Priority.PERSON)
        return raw

    async def create(self, values: Mapping[str, Any]) -> tuple[Application, dict[str, Any]]:
        """Create an application from our forms' fields. Returns it, parsed and raw (POST /dossiers)."""
        return await self.write(application_fields.create(values), application_fields.decipher_raw)

    async def update(self, application_id: str, values: Mapping[str, Any], method: UpdateMethod = "PUT") -> None:
        """Update these fields. None empties one. The caller reads the application back (rule M3)."""
        request = application_fields.update(_segment(application_id), values, method)
        await self.write(request, application_fields.decipher_done)

    async def delete(self, application_id: str) -> None:
        """Delete an application. Any success counts (DELETE /dossiers/{id})."""
        await self.write(application_fields.delete(_segment(application_id)), application_fields.decipher_done)

    async def templates(self) -> tuple[Template, ...]:
        """Return the account's templates, live ones first, otherwise in Clust's order (GET /templates)."""
        by_id: dict[str | None, Template] = {}
        more, number, link = True, 0, ""
        while more and len(by_id) < MAX_TEMPLATES:
            number += 1
            request = application_fields.list_templates(number, protocol.PER_PAGE, link)
            page = await self.get(request, application_fields.decipher_templates, Priority.PERSON)
            fresh = {row.id: row for row in page.rows if row.id not in by_id}
            by_id |= fresh
            # If the response has no paging, further pages are asked for, until one brings nothing new.
            paging, link = page.paging, page.paging.next_link
            is_all = paging.is_last or (paging.total is not None and len(by_id) >= paging.total)
            more = bool(fresh) and (paging.has_next or not is_all)
        return tuple(sorted(by_id.values(), key=lambda each: each.is_live is False))

    async def create_template(self, title: str) -> Template:
        """Create a template (POST /templates)."""
        return await self.write(application_fields.create_template(title), application_fields.decipher_template)

    async def search(
        self, *, external_id: str | None = None, email: str | None = None, title: str | None = None
    ) -> tuple[Application, ...]:
        """Return the applications that match exactly: by external ID, else by email address and title (for *Check*)."""
        searched = SearchedApplication(external_id, email, title)
        for term in searched.terms:
            request = application_fields.search(term, protocol.PER_PAGE)
            page = await self.get(request, protocol.decipher_page, Priority.PERSON)
            if matching := application_fields.exactly(page.rows, searched):
                return matching
        return ()


def _segment(application_id: str) -> str:
    """Return an ID as one segment of a path. Raises ClustNotFound if it would change the path."""
    if not application_id.strip("."):
        raise ClustNotFound(_("That isn't an application number."))
    return quote(application_id, safe="")
