"""What a draft holds, as JSON: written and read, also as earlier versions of the bot wrote it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.core.applications.model import Application
from bot.store.people.draft_contents import DraftContents, read, written

TYPED = {"title": "Acme", "webhook_events": ["late"], "folder_id": None}


@pytest.mark.parametrize(
    "contents",
    [
        DraftContents(),
        DraftContents("C1", typed=TYPED),
        DraftContents("C1", typed={}, opened={"title": "Acme"}, seen={"title": "Birch"}, unknown=True),
        DraftContents(application=Application(id="83", title="Acme", progress=12.5)),
        DraftContents("C1", answer={"method": "GET", "path": "/dossiers", "status": 200}),
    ],
)
def test_contents_are_read_as_they_were_written(contents: DraftContents) -> None:
    """M2: nothing typed is lost while a form waits."""
    assert read(written(contents)) == contents


@pytest.mark.parametrize(
    ("stored", "contents"),
    [
        ({}, DraftContents()),
        ({"channel": "C1"}, DraftContents("C1")),
        ({"channel": "C1", "typed": TYPED}, DraftContents("C1", typed=TYPED)),
        (
            {"channel": "", "opened": {"title": "A"}, "typed": TYPED, "seen": {"title": "B"}, "unknown": True},
            DraftContents(typed=TYPED, opened={"title": "A"}, seen={"title": "B"}, unknown=True),
        ),
        (
            {"application": {"id": "83", "title": "Acme", "progress": 12.5, "recipient": None}},
            DraftContents(application=Application(id="83", title="Acme", progress=12.5)),
        ),
        ({"channel": "C1", "answer": {"status": 200}}, DraftContents("C1", answer={"status": 200})),
        (
            {"channel": None, "method": "GET", "path": "/x", "body": None},
            DraftContents(typed={"channel": None, "method": "GET", "path": "/x", "body": None}),
        ),
        (
            {"channel": "C1", "events": ["late"], "limit": None},
            DraftContents("C1", typed={"channel": "C1", "events": ["late"], "limit": None}),
        ),
    ],
)
def test_drafts_of_an_earlier_version_are_read(stored: dict[str, Any], contents: DraftContents) -> None:
    """D3: they live a day, and a restart comes in the middle. Calls and subscriptions were stored flat."""
    assert read(json.dumps(stored)) == contents


def test_drafts_of_a_later_version_are_read() -> None:
    """D3: old and new processes run together for a moment. What this one doesn't know is left out."""
    assert read(json.dumps({"channel": "C1", "typed": TYPED, "new": 1})) == DraftContents("C1", typed=TYPED)
