"""Unchanged rows are recognized, as long as their parsed values are in the cache."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clust.protocol import decipher_list, decipher_page
from bot.clust.row_cache import MAX_UNSAVED_ROWS, CachedRow, RowCache
from bot.core.applications.model import fingerprint

Rows = Sequence[Mapping[str, Any]]
Spell = Callable[[Rows], str]

ROW = {"id": 7, "title": "Acme", "status": "1_ongoing", "created_at": "2026-03-01T12:00:00Z"}


def read(row_cache: RowCache, rows: Rows, spell: Spell = json.dumps) -> tuple[CachedRow, ...]:
    """Return the rows of a page that holds these."""
    return decipher_list(200, {}, spell(rows).encode(), row_cache.read).rows


def keep(fingerprints: dict[str, int], rows: Sequence[CachedRow]) -> None:
    """Let everything that was read be known, as after a poll."""
    fingerprints.update((row.id, row.fingerprint) for row in rows)


@pytest.fixture
def fingerprints() -> dict[str, int]:
    """Return what a poller knows: nothing yet."""
    return {}


@pytest.fixture
def row_cache(fingerprints: dict[str, int]) -> RowCache:
    """Return what that poller remembers of rows."""
    return RowCache(fingerprints)


def test_a_row_that_stands_as_it_did_is_not_read(fingerprints: dict[str, int], row_cache: RowCache) -> None:
    """It is known by its id, its fingerprint and its dates."""
    (first,) = read(row_cache, [ROW])
    assert first.application is not None
    assert first.fingerprint == fingerprint(first.application)
    keep(fingerprints, [first])
    assert read(row_cache, [ROW]) == (first._replace(application=None),)
    assert first[:4] == ("7", first.fingerprint, None, datetime(2026, 3, 1, 12, tzinfo=UTC))


def test_what_was_read_and_not_kept_is_read_again(fingerprints: dict[str, int], row_cache: RowCache) -> None:
    """R4: a poll that fails in the middle keeps nothing, and what it saw is news to the next one."""
    read(row_cache, [ROW])
    (again,) = read(row_cache, [ROW])
    assert again.application
    keep(fingerprints, [again])
    fingerprints["7"] += 1  # another process has seen it in another state
    assert read(row_cache, [ROW])[0].application
    del fingerprints["7"]
    assert read(row_cache, [ROW])[0].application


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "Acne"},
        {"title": "Acme!"},
        {"created_at": "2026-03-01T12:00:01Z"},
        {"is_late": True},
        {"id": 8},
        {"color": "red"},
    ],
)
def test_a_row_that_changed_is_read(fingerprints: dict[str, int], row_cache: RowCache, changed: dict[str, Any]) -> None:
    """Whatever became of it, and be it as long as before."""
    keep(fingerprints, read(row_cache, [ROW]))
    (row,) = read(row_cache, [{**ROW, **changed}])
    assert row.application == decipher_page(200, {}, json.dumps([{**ROW, **changed}]).encode()).rows[0]


def test_rows_may_move(fingerprints: dict[str, int], row_cache: RowCache) -> None:
    """A new row pushes all others on: it alone is read."""
    rows = [{**ROW, "id": number} for number in range(20)]
    keep(fingerprints, read(row_cache, rows))
    moved = read(row_cache, [{**ROW, "id": 99}, *reversed(rows)])
    assert [row.id for row in moved if row.application] == ["99"]
    assert [row.id for row in moved] == ["99", *map(str, reversed(range(20)))]


def test_rows_that_begin_alike_are_read_each_time(fingerprints: dict[str, int], row_cache: RowCache) -> None:
    """Of two rows like that, one is remembered, which is slower and never wrong."""
    rows = [{"status": "1_ongoing", "id": number} for number in range(5)]
    keep(fingerprints, read(row_cache, rows))
    assert [row.id for row in read(row_cache, rows)] == ["0", "1", "2", "3", "4"]


def test_what_is_no_row_is_none_each_time(fingerprints: dict[str, int], row_cache: RowCache) -> None:
    """Rows without an id are counted, beside those that are cached."""
    body = json.dumps([ROW, {"title": "x"}, None, 5]).encode()
    for _ in range(2):
        page = decipher_list(200, {}, body, row_cache.read)
        assert ([row.id for row in page.rows], page.unreadable) == (["7"], 3)
        keep(fingerprints, page.rows)


def test_what_is_remembered_stays_within_bounds(fingerprints: dict[str, int], row_cache: RowCache) -> None:
    """Rows that begin with what never comes back push out everything, once there are too many from earlier sweeps."""
    keep(fingerprints, read(row_cache, [ROW]))
    read(row_cache, [{"at": number, "id": 1} for number in range(MAX_UNSAVED_ROWS)])
    row_cache.trim()
    assert read(row_cache, [ROW])[0].application is None
    read(row_cache, [{"at": number, "id": 1} for number in range(MAX_UNSAVED_ROWS, MAX_UNSAVED_ROWS + 10)])
    row_cache.trim()
    assert read(row_cache, [ROW])[0].application


def test_what_a_first_sweep_read_is_not_read_again(fingerprints: dict[str, int], row_cache: RowCache) -> None:
    """However much it is, though nothing of it was saved while it was read."""
    rows = [{**ROW, "id": number} for number in range(MAX_UNSAVED_ROWS + 10)]
    row_cache.trim()
    keep(fingerprints, read(row_cache, rows))
    row_cache.trim()
    assert not any(row.application for row in read(row_cache, rows))


fields = st.sampled_from(
    [("title", "é"), ("title", "e"), ("is_late", True), ("status", "5_closed"), ("x", 1), ("x", 2)]
)
lists = st.lists(st.tuples(st.integers(1, 4) | st.sampled_from(["1", "2"]), st.lists(fields, max_size=2)), max_size=5)
spellings = st.sampled_from(
    [
        json.dumps,
        lambda rows: json.dumps(rows, ensure_ascii=False, separators=(",", ":")),
        lambda rows: json.dumps({"data": rows, "meta": {"total": 9}}, indent=1),
    ]
)


@given(st.lists(st.tuples(lists, spellings, st.booleans()), max_size=6))
def test_a_poller_misses_nothing(readings: Sequence[tuple[Sequence[tuple[Any, Any]], Spell, bool]]) -> None:
    """For any sequence of lists, kept or not, a cached row equals the parsed one."""
    fingerprints: dict[str, int] = {}
    row_cache = RowCache(fingerprints)
    for contents, spell, is_kept in readings:
        rows = [{"id": number, **dict(fields)} for number, fields in contents]
        read_rows = read(row_cache, rows, spell)
        expected = decipher_page(200, {}, spell(rows).encode()).rows
        assert [row.id for row in read_rows] == [row.id for row in expected]
        for row, application in zip(read_rows, expected, strict=True):
            assert row.application in {application, None}
            assert row.fingerprint == fingerprint(application)
            assert row.application or fingerprints[row.id] == row.fingerprint
        if is_kept:
            keep(fingerprints, read_rows)
