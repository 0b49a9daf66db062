"""What people are advised about a failure to read Clust, at first and after an hour (rule R4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.clust_failures import LASTING_AFTER, REMEDIES, TRIES_AGAIN, remedy
from bot.core.errors import ClustError, Way

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MENDS_ITSELF = {Way.DOWN, Way.BUSY}


@pytest.mark.parametrize("way", Way)
def test_what_lasts_an_hour_says_that_it_stays(way: Way) -> None:
    """A10: until an hour has passed the bot keeps trying, and then each kind of failure has its own remedy."""
    before, after = NOON - LASTING_AFTER + timedelta(seconds=1), NOON - LASTING_AFTER
    assert remedy(way, before, NOON) == remedy(way, None, NOON) == REMEDIES[way].soon
    lasting = remedy(way, after, NOON)
    assert lasting == REMEDIES[way].lasting
    assert way in MENDS_ITSELF or "won't fix itself" in lasting
    assert "Nothing is lost" not in lasting


def test_each_way_has_its_own_sentence() -> None:
    """A10: no two ways of failing are mended alike, and each sentence fits the answer of `status`."""
    sentences = [one.lasting for one in REMEDIES.values()]
    assert len(set(sentences)) == len(sentences) == len(Way)
    assert max(map(len, (*sentences, *(one.soon for one in REMEDIES.values())))) <= 400


def test_a_failure_of_no_known_way_is_tried_again() -> None:
    """What an earlier version kept names no way: the next poll does."""
    assert remedy(None, NOON - timedelta(days=9), NOON) == TRIES_AGAIN


def every_kind(kind: type[ClustError]) -> set[type[ClustError]]:
    """Return an error's class and all below it."""
    return {kind}.union(*(every_kind(one) for one in kind.__subclasses__()))


def test_every_error_of_clusts_fails_in_some_way() -> None:
    """A10: whatever a sweep fails with, there is a sentence for it."""
    assert {kind("x").way for kind in every_kind(ClustError)} <= REMEDIES.keys()
    assert ClustError("x", way=Way.SIZE).way is Way.SIZE
