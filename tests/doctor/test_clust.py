"""What the doctor asks of Clust: whether the address and the token are right, and what the token may read."""

from __future__ import annotations

import pytest

from bot.doctor import Level
from bot.doctor.clust import CLUSTS_OWN, candidates
from tests.doctor.conftest import Break, Examined, assert_named, clust_faults, move_account

BROKEN: dict[str, tuple[Break, Level, str, str]] = {
    "Clust unreachable": (clust_faults(unreachable=True), Level.FAULT, "clust default", "is unreachable"),
    "Clust down": (clust_faults(down=True), Level.FAULT, "clust default", "or Clust has a problem"),
    "a wrong Clust token": (clust_faults(refuse_token=True), Level.FAULT, "clust default", "rejects the API token"),
    "a web page": (clust_faults(html=True), Level.FAULT, "clust default", "isn't the address of Clust's API"),
    "half an answer": (clust_faults(half_json=True), Level.FAULT, "clust default", "incomplete JSON"),
    "too many requests": (clust_faults(rate_limit=0), Level.FAULT, "clust default", "too many requests"),
    "a wrong address": (move_account, Level.FAULT, "clust default", "/nowhere isn't the address of Clust's API"),
    "no right to the list": (
        clust_faults(forbidden=frozenset({"dossiers"})),
        Level.FAULT,
        "clust default",
        "can't read applications",
    ),
    "no right to one": (
        clust_faults(forbidden=frozenset({"dossiers/{id}"})),
        Level.FAULT,
        "clust default",
        "Can't read `dossiers/{id}`",
    ),
    "no right to templates": (
        clust_faults(forbidden=frozenset({"templates"})),
        Level.WARNING,
        "clust default",
        "Can't read `templates`. The form for a new application can't offer any templates.",
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
async def test_what_is_broken_is_named(examined: Examined, broken: str) -> None:
    """An account that can not be read, or not all of it, is named with why."""
    await assert_named(examined, *BROKEN[broken])


async def test_a_wrong_address_is_reported_with_the_right_one(examined: Examined) -> None:
    """Where another path of the same host answers the token, it is named."""
    right = examined.settings["clust_api_url"]
    move_account(examined)
    (named,) = [finding for finding in await examined.findings() if finding.level is Level.FAULT]
    assert right in named.remedy


def test_a_token_goes_to_no_strange_host() -> None:
    """Clust's own other addresses are tried for one of Clust's own hosts alone."""
    assert candidates("https://clust.example.com/x") == [
        "https://clust.example.com/api",
        "https://clust.example.com/api/v2",
    ]
    assert candidates("https://evilclustdoc.com/api") == ["https://evilclustdoc.com/api/v2"]
    assert set(candidates("https://api.clustdoc.com/api")) >= set(CLUSTS_OWN) - {"https://api.clustdoc.com/api"}
