"""Reads one Clust account for its profile (`doctor --record`): GETs alone, within the budget of polls (rule R3)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from bot.clust import ClustClient, Priority, RawAnswer
from bot.clust.paging_formats import read_paging
from bot.clust.protocol import PER_PAGE, ApiRequest, decipher, page_query
from bot.core.errors import ClustBroken, ClustError, UsageError
from bot.core.language import _
from bot.core.profiles.profile import Profile, ProvokedError
from bot.core.profiles.recording import RecordedAnswers, SampledRow, error_form, profile_of
from bot.doctor.clust import FEW, NONSENSE

MAX_RECORDED_PAGES = 30
"""Pages of the list that are read."""

MAX_SINGLES = 10
"""Applications that are read singly, from the newest on."""

NO_SUCH_ID = "999999999999"
"""An application that doesn't exist, asked for to see the form of an error."""


class _Listing:
    """A list's rows, and what else it has. Raises the ClustError that the response means."""

    def __init__(self, answer: RawAnswer) -> None:
        value = decipher(answer.status, answer.headers, answer.body)
        self.is_bare = isinstance(value, list)
        data = value.get("data") if isinstance(value, dict) else value
        self.by_id = isinstance(data, dict)
        data = list(data.values()) if isinstance(data, dict) else data
        if not isinstance(data, list):
            raise ClustBroken(_("The response has no list."))
        self.rows: list[SampledRow] = [row for row in data if isinstance(row, dict)]
        self.length = len(data)
        self.members: Mapping[str, Any] = (
            {name: each for name, each in value.items() if name != "data"} if isinstance(value, dict) else {}
        )

    @property
    def ids(self) -> frozenset[str]:
        """The IDs of the rows."""
        return frozenset(str(row.get("id")) for row in self.rows)


class _Recorder:
    """Makes the calls, each only when a poll might make it, and keeps what all answers have in common."""

    def __init__(self, client: ClustClient) -> None:
        self._client, self.answers = client, RecordedAnswers()

    async def get(self, path: str, query: Mapping[str, str | int] | None = None) -> RawAnswer:
        """Make one GET. Raises ClustError if the account can't be reached, or asks to wait for too long."""
        await self._client.rate_limiter.acquire(Priority.POLL)
        answer = await self._client.observe(ApiRequest("GET", path, query or {}))
        self.answers.headers |= set(answer.headers)
        return answer

    async def record(self) -> RecordedAnswers:
        """Read the list, some applications, a search, and two errors."""
        first = await self._list(page_query(1, FEW))
        link = read_paging(first.members).next_link
        second = await self._list_or_nothing(page_query(2, FEW, link))
        answers = self.answers
        answers.heeds_per_page = False if first.length > FEW else True if first.length == FEW else None
        if second and second.rows:
            answers.heeds_page = not first.ids & second.ids
        await self._all_pages()
        await self._singles()
        if answers.rows:
            searched = await self._list_or_nothing({"search": NONSENSE, **page_query(1, FEW)})
            answers.heeds_search = not searched.rows if searched else None
        errors: tuple[tuple[ProvokedError, str], ...] = (
            ("no_application", f"/dossiers/{NO_SUCH_ID}"),
            ("no_route", f"/{NONSENSE}"),
        )
        for name, path in errors:
            with suppress(ClustError):
                answer = await self.get(path)
                answers.errors[name] = error_form(answer.status, answer.body, _json(answer.body))
        return answers

    async def _list(self, query: Mapping[str, str | int]) -> _Listing:
        answer = await self.get("/dossiers", query)
        self.answers.seconds["list"].append(answer.seconds)
        return _Listing(answer)

    async def _list_or_nothing(self, query: Mapping[str, str | int]) -> _Listing | None:
        with suppress(ClustError):
            return await self._list(query)
        return None

    async def _all_pages(self) -> None:
        """Read the list's pages, until one brings nothing new. An application counts once, on however many it is."""
        answers, seen_ids, link = self.answers, set[str](), ""
        for number in range(1, MAX_RECORDED_PAGES + 1):
            listing = await self._list(page_query(number, PER_PAGE, link))
            paging = read_paging(listing.members)
            if number == 1:
                answers.members, answers.is_bare, answers.rows_by_id = listing.members, listing.is_bare, listing.by_id
            fresh = list(_once(listing.rows, seen_ids))
            answers.rows += fresh
            answers.is_complete = not fresh or paging.is_last or (paging.total or len(seen_ids) + 1) <= len(seen_ids)
            if answers.is_complete:
                return
            if number == 1:
                is_cut = listing.length < PER_PAGE and (paging.has_next or paging.total is not None)
                answers.max_per_page = listing.length if is_cut else None
            link = paging.next_link

    async def _singles(self) -> None:
        for row in self.answers.rows[:MAX_SINGLES]:
            if not isinstance(number := row.get("id"), int | str):
                continue
            with suppress(ClustError, UsageError):  # an ID that would lead elsewhere is a UsageError
                answer = await self.get(f"/dossiers/{quote(str(number), safe='')}")
                value = decipher(answer.status, answer.headers, answer.body)
                if isinstance(value, dict):
                    self.answers.seconds["single"].append(answer.seconds)
                    inner = value.get("data")
                    self.answers.single_is_bare = not isinstance(inner, dict)
                    self.answers.singles.append(inner if isinstance(inner, dict) else value)


def _once(rows: list[SampledRow], seen_ids: set[str]) -> Iterator[SampledRow]:
    """Yield the rows that are new, and add their IDs to `seen_ids`."""
    for row in rows:
        identity = str(row["id"]) if "id" in row else json.dumps(row, sort_keys=True)
        if identity not in seen_ids:
            seen_ids.add(identity)
            yield row


def _json(body: bytes) -> object:
    with suppress(ValueError, RecursionError):
        return json.loads(body)
    return None


async def record_profile(client: ClustClient) -> Profile:
    """Return the profile of an account. Raises the ClustError that kept its list from being read."""
    return profile_of(await _Recorder(client).record())
