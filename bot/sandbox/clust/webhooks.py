"""Webhooks of the stand-in for Clust: it calls an application's URL when one of its events happens.

What Clust sends and how often it tries is unknown. The stand-in sends the event and the application, once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp

from bot.sandbox.clust.account import APPROVED, SUBMITTED, Dossier, FakeAccount

MAX_SECONDS = 10.0
"""For an answer."""


@dataclass(frozen=True, slots=True)
class WebhookCall:
    """One call, and how it ended. `status` is None if nothing answered."""

    event: str
    application_id: int
    sent: dict[str, Any]
    status: int | None
    seconds: float


class Webhooks:
    """Calls webhooks while it is entered as a context manager.

    `address` returns where a URL leads to now, such as a port on this machine. None means nowhere. `on_call` is called
    after each call.
    """

    def __init__(
        self,
        account: FakeAccount,
        address: Callable[[str], str | None],
        on_call: Callable[[WebhookCall], None] = lambda _call: None,
    ) -> None:
        self._account, self._address, self._on_call = account, address, on_call
        self._past: dict[int, frozenset[str]] = {key: _events(one) for key, one in account.dossiers.items()}
        self._calls: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=MAX_SECONDS))
        self._account.on_change.append(self._changed)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._account.on_change.remove(self._changed)
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        await self._session.close()

    def _changed(self, dossier_id: int) -> None:
        dossier = self._account.dossiers.get(dossier_id)
        if dossier is None:
            return
        present = _events(dossier)
        happened = present - self._past.get(dossier_id, frozenset())
        self._past[dossier_id] = present
        webhook = dossier.overrides.get("webhook") or {}
        url = self._address(str(webhook.get("url") or ""))
        for event in sorted(happened & set(webhook.get("events") or ())):
            if url:
                body = {"event": event, "data": dossier.in_full()}
                call = asyncio.create_task(self._call(url, event, dossier_id, body))
                self._calls.add(call)
                call.add_done_callback(self._calls.discard)

    async def _call(self, url: str, event: str, dossier_id: int, body: dict[str, Any]) -> None:
        began, status = time.monotonic(), None
        try:
            async with self._session.post(url, json=body) as response:
                status = response.status
        except (aiohttp.ClientError, TimeoutError):
            pass  # tried once, whatever comes of it
        self._on_call(WebhookCall(event, dossier_id, body, status, time.monotonic() - began))


def _events(dossier: Dossier) -> frozenset[str]:
    """Return the events that an application's state shows to have happened."""
    holds = {
        "created": True,
        "late": bool(dossier.is_late),
        "pending submission": dossier.is_complete and dossier.is_open,
        "submitted": dossier.status == SUBMITTED,
        "approved": dossier.status == APPROVED,
    }
    return frozenset(event for event, is_so in holds.items() if is_so)
