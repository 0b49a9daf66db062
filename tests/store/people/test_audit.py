"""The audit log: who did what, newest first, and never what was sent."""

from __future__ import annotations

import pytest

from bot.store import Store
from bot.store.people.audit import AuditEntry, AuditOutcome, AuditQuery, called
from tests.conftest import NOON, Clock

EVERYTHING = AuditQuery()


async def filled(store: Store, clock: Clock) -> None:
    """Record four actions of two people, and one in another workspace."""
    for team, user, action, target in (
        ("T1", "U1", "create", "1"),
        ("T1", "U1", "update", "1"),
        ("T1", "U2", "delete", "2"),
        ("T1", "U2", "update", "2"),
        ("T2", "U1", "update", "1"),
    ):
        await store.audit.write(
            team, AuditEntry(clock.forward(1), user, action, AuditOutcome.OK, target, "title, email")
        )


async def test_an_audit_entry_is_read_as_it_was_written(store: Store) -> None:
    """Person, time, action, target, outcome and detail."""
    await store.audit.write("T1", AuditEntry(NOON, "U1", "api", AuditOutcome.FAILED, None, called("POST", "/dossiers")))
    (row,) = await store.audit.page("T1", EVERYTHING, 10)
    assert (row.at, row.user_id, row.action, row.outcome) == (NOON, "U1", "api", "failed")
    assert (row.target, row.detail) == (None, "POST /dossiers")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (EVERYTHING, ["update 2", "delete 2", "update 1", "create 1"]),
        (AuditQuery(user_id="U1"), ["update 1", "create 1"]),
        (AuditQuery(target="2"), ["update 2", "delete 2"]),
        (AuditQuery(action="update"), ["update 2", "update 1"]),
        (AuditQuery("U2", "2", "delete"), ["delete 2"]),
        (AuditQuery("U3"), []),
    ],
)
async def test_the_audit_log_is_filtered(store: Store, clock: Clock, query: AuditQuery, expected: list[str]) -> None:
    """By person, application and action, newest first, of one workspace alone."""
    await filled(store, clock)
    rows = await store.audit.page("T1", query, 10)
    assert [f"{row.action} {row.target}" for row in rows] == expected


async def test_the_audit_log_is_read_in_pages(store: Store, clock: Clock) -> None:
    """Each page goes on where the one before ended, and none shows a row twice."""
    await filled(store, clock)
    first = await store.audit.page("T1", EVERYTHING, 3)
    second = await store.audit.page("T1", EVERYTHING, 3, before=first[-1].id)
    assert [row.action for row in (*first, *second)] == ["update", "delete", "update", "create"]


def test_a_call_is_named_without_its_query() -> None:
    """A query may hold an email address."""
    assert called("GET", "/contacts?email=ana@acme.example#top") == "GET /contacts"


async def test_a_long_detail_is_cut(store: Store) -> None:
    """No one fills the log with one path."""
    await store.audit.write("T1", AuditEntry(NOON, "U1", "api", AuditOutcome.OK, detail="GET /" + "a" * 5000))
    (row,) = await store.audit.page("T1", EVERYTHING, 1)
    assert len(row.detail) == 500
