"""A dictionary of nasty strings and values through every key of an application (issue 7, Hostile input)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import cycle, islice
from typing import Any

import pytest

from bot.clust.protocol import decipher_application, decipher_page
from bot.core.applications.model import Application, fingerprint
from bot.core.applications.triggers import TRIGGERS, Snapshot
from bot.core.errors import ClustBroken
from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.messages import Card
from bot.sandbox.clust.stand_in import StandInAnswer
from bot.slack.views.applications import cards, details
from bot.slack.views.applications.details import ApplicationView
from bot.slack.views.applications.lists import ListPage, application_list
from tests.hostile_values import STRINGS, at, everything, places, replaced
from tests.slack.conftest import Account, Start
from tests.slack.views.test_any_text import check

NOW = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)

ROW: dict[str, Any] = {
    "id": 7, "title": "Acme", "status": "1_ongoing", "status_string": "Ongoing", "status_string_full": "x",
    "status_color": "#fff", "is_late": True, "progress_percentage": 40, "public_url": "https://clust.example/c/7",
    "secured_list_url": "https://clust.example/l/7", "count_eligible_items": 5, "count_missing_items": 2,
    "dossier_items": [{"id": 1}], "form_fields": [], "stakeholders": [], "external_id": "A-7", "template_id": 3,
    "contact": {"firstname": "Ana", "lastname": "Silva", "full_name": "Ana Silva", "email": "a@b.example"},
    "template": {"id": 3, "title": "KYC"}, "team": {}, "created_at": "2026-01-01T00:00:00Z",
    "updated_at": "2026-03-01T00:00:00Z", "custom": "x", "folder_id": 1, "auto_emails": 1,
    "webhook": {"url": "https://example.com", "events": ["created"]},
}  # fmt: skip
"""Every key that is known of Clust's API (`clust-api`, Dossiers)."""


def render(application: Application, triggers: Iterable[str]) -> None:
    """Show an application everywhere. Each view must be one that Slack takes, with no sign in it but ours."""
    for trigger in triggers:
        check(cards.event_card(Card(trigger, application, None, MessageStyle(full=True), "U1"), str))
    view = ApplicationView(application, None, NOW, [], None, "", gone=False)
    check(details.application_details(view))
    check(details.application_answer(view))
    check(application_list(ListPage((Snapshot(application),), 1, NOW)))


@pytest.mark.parametrize("path", places(ROW)[1:], ids=lambda path: ".".join(map(str, path)))
def test_any_value_of_any_key_is_read(path: tuple[str | int, ...]) -> None:
    """Whatever stands where a key's value should: the application is read without it, kept, compared and shown."""
    fingerprints: set[int] = set()
    triggers = cycle(TRIGGERS)
    for value in everything():
        row = replaced(ROW, path, value)
        try:
            application = decipher_application(200, {}, json.dumps(row).encode())
        except ClustBroken:
            assert path == ("id",)
            continue
        assert decipher_page(200, {}, json.dumps({"data": [row]}).encode()).rows == (application,)
        if (mark := fingerprint(application)) not in fingerprints:  # most values are left out, which gives the same
            fingerprints.add(mark)
            assert Application.model_validate_json(application.model_dump_json()) == application
            render(application, islice(triggers, 1))  # the triggers' cards by turns


class HostileAccount(Account):
    """An account in which one application has invalid values."""

    def __init__(self) -> None:
        super().__init__()
        self.strings: dict[int, str] = {}

    def respond(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> StandInAnswer:
        """Answer as ever, but with the same string for every key that a text may stand in."""
        answer = super().respond(method, path, query, headers, body)
        data = json.loads(answer.body).get("data") if answer.body else None
        if not path.startswith("/dossiers") or not isinstance(data, list | dict):
            return answer
        value = json.loads(answer.body)
        value["data"] = [self._spoilt(row) for row in data] if isinstance(data, list) else self._spoilt(data)
        return StandInAnswer(answer.status, answer.headers, json.dumps(value).encode())

    def _spoilt(self, row: dict[str, Any]) -> dict[str, Any]:
        string = self.strings.get(row["id"])
        texts = [path for path in places(row) if isinstance(at(row, path), str)] if string is not None else []
        for path in texts:
            row = replaced(row, path, string)
        return row


@pytest.fixture
def account() -> HostileAccount:
    """An account with one application for each string of the dictionary."""
    account = HostileAccount()
    account.add(title="Acme")
    return account


async def test_any_string_in_every_key_is_kept_and_shown(start: Start, account: HostileAccount, url: str) -> None:
    """The running bot reads, stores, posts, lists and shows applications whose every text is nasty."""
    bot = await start(database_url=url)
    await bot.status("Updated ")
    await bot.say("subscribe all limit:500")
    for string in STRINGS:
        account.strings[account.add(title="x")["id"]] = string
    await bot.until("list", f"{len(STRINGS) + 1} applications")
    listed = await bot.say("list")
    for _ in range(len(STRINGS) // 10):
        listed = await bot.click(listed, "Next")
    for number in list(account.strings)[::13]:
        await bot.say(f"show {number}")
    channel_id = bot.slack.workspace.onboarding.id
    await bot.slack.wait_for(lambda: len(bot.slack.messages(channel_id)) > 1)  # one a second is posted
