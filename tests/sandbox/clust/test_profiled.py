"""The stand-in plays a profile: recorded again, it gives the same one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.clust import ClustClient
from bot.core.profiles.profile import Profile, read_profile
from bot.doctor.recording import record_profile
from bot.sandbox.clust.profiled import ProfiledClust
from bot.sandbox.clust.serving import SandboxClustTransport
from tests.clust_profiles import FILES, profile_named
from tests.conftest import Clock


def played(profile: Profile, clock: Clock, count: int) -> ProfiledClust:
    """Return an account that plays a profile."""
    account = ProfiledClust(profile, clock=clock)
    account.populate(count)
    account.faults.delay_seconds = 0.0
    return account


def rows(account: ProfiledClust) -> list[dict[str, Any]]:
    """Return the rows of the first page."""
    headers = {"authorization": f"Bearer {account.token}"}
    data = json.loads(account.respond("GET", "/dossiers", {"per_page": "100"}, headers, b"").body)["data"]
    return list(data.values() if isinstance(data, dict) else data)


@pytest.mark.parametrize("name", FILES)
async def test_a_played_profile_is_recorded_as_it_was(name: str, clock: Clock) -> None:
    """Keys, types, statuses, pages and errors are those of the profile."""
    profile = profile_named(name)
    account = played(profile, clock, profile.applications)
    async with ClustClient("http://clust/api", account.token, transport=SandboxClustTransport(account)) as client:
        recorded = await record_profile(client)
    assert recorded.row_keys.keys() == profile.row_keys.keys()
    assert recorded.single_keys.keys() == profile.single_keys.keys()
    for key, types in recorded.row_keys.items():
        assert types.keys() <= {*profile.row_keys[key], "null"}
    assert {status.code for status in recorded.statuses} == {status.code for status in profile.statuses}
    assert recorded.other_status_rows == 0
    compared = ("paging", "rows_by_id", "counts_as_text", "heeds_search")
    assert [getattr(recorded.list, one) for one in compared] == [getattr(profile.list, one) for one in compared]
    assert recorded.errors == profile.errors
    assert recorded.single_is_bare == profile.single_is_bare


@pytest.mark.parametrize(
    ("key", "kind", "value"),
    [
        ("id", "digits", "1"),
        ("is_late", "number", 0),
        ("is_late", "text", "no"),
        ("progress", "decimal", 0.0),
        ("updated_at", "text", "02/03/2026 12:00"),
        ("title", "null", None),
        ("title", "empty", ""),
        ("title", "number", "Not a number"),
        ("template", "text", "1"),
        ("flags", "list", []),
        ("level", "number", 1),
    ],
)
def test_a_value_has_the_type_of_the_profile(key: str, kind: str, value: object, clock: Clock) -> None:
    """Where it can have it. A key that the stand-in doesn't know has some value of its type."""
    profile = read_profile(json.dumps({"row_keys": {"id": {"number": 1}, key: {kind: 1, "null": 5}}}))
    account = played(profile, clock, 0)
    account.add(title="Not a number", template_id=1)
    (row,) = rows(account)
    assert row.keys() == {"id", key}
    assert row[key] == value


def test_items_may_be_an_object(clock: Clock) -> None:
    """PHP makes one of a list that was filtered."""
    keys = {"dossier_items": {"object": 1}, "dossier_items.name": {"text": 1}}
    account = played(read_profile(json.dumps({"single_keys": keys})), clock, 0)
    number = account.add(template_id=1)["id"]
    headers = {"authorization": f"Bearer {account.token}"}
    single = json.loads(account.respond("GET", f"/dossiers/{number}", {}, headers, b"").body)["data"]
    assert single["dossier_items"]["0"] == {"name": "Company register extract"}


def test_a_profile_that_says_nothing_is_the_stand_in(clock: Clock) -> None:
    """What was taken out of a profile is as the stand-in has it."""
    account = played(Profile(), clock, 3)
    assert {"title", "contact", "status"} <= rows(account)[0].keys()


def test_unknown_statuses_are_as_common_as_in_the_profile(clock: Clock) -> None:
    """40 codes that no one knows: each is on some application."""
    statuses = [{"code": f"{place}_step", "label": None, "count": 10} for place in range(40)]
    profile = read_profile(json.dumps({"applications": 400, "statuses": statuses}))
    codes = [row["status"] for row in rows(played(profile, clock, 80))]
    assert {codes.count(f"{place}_step") for place in range(40)} == {2}
    assert len(rows(played(profile, clock, 5))) == 5
