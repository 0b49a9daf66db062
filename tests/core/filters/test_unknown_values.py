"""What a filter can't judge, since Clust's list does not tell it (rule F3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.applications.model import Application, StatusClass
from bot.core.filters.language import KEYS, Facts, parse
from bot.core.filters.unknown_values import Gap, Unjudged

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def judged(text: str, *rows: dict[str, Any]) -> tuple[int, Gap, Gap]:
    """Return how many rows a filter matches, and what of the others, and of those, it can't judge."""
    unjudged = Unjudged(parse(text))
    matches = 0
    for number, row in enumerate(rows):
        status_class = row.get("class", StatusClass.OPEN)
        fields = {name: value for name, value in row.items() if name != "class"}
        facts = Facts(Application.model_validate({"id": number, **fields}), status_class)
        matches += unjudged.matches(facts, NOON, UTC)
    return matches, unjudged.gap(), unjudged.kept_gap()


NOTHING: dict[str, Any] = {"class": None}


@pytest.mark.parametrize(
    ("text", "noun"),
    [
        ("missing:>0", "the number of missing items"),
        ("progress:<50", "the progress"),
        ("created:<7d", "the creation date"),
        ("updated:today", "the date of the last change"),
        ("late:yes", "the late flag"),
        ("late:no", "the late flag"),
        ("status:open", "the status"),
        ("status:7_signed", "the status"),
        ("template:kyc", "the template"),
        ("template:7", "the template"),
        ("recipient:ana", "the recipient"),
        ("recipient:ana@x.com", "the recipient"),
        ("title:acme", "the title"),
        ("external:a", "the external ID"),
        ("acme", "the recipient"),
    ],
)
def test_a_field_that_lists_leave_out_is_not_judged(text: str, noun: str) -> None:
    """C2: whatever key asks about something that a list leaves out, those left out are counted and named."""
    assert judged(text, NOTHING, NOTHING) == (0, Gap(2, (noun,)), Gap())
    assert judged(f"-{text}", NOTHING) == (1, Gap(), Gap(1, (noun,)))


def test_every_key_that_can_be_unknown_has_a_noun() -> None:
    """C2: a new key says what it asks about, or is about something that the bot itself knows."""
    of_the_bot = {"id", "mine", "taken", "connection"}
    assert {key.name for key in KEYS if not key.noun} == of_the_bot
    for key in KEYS:
        values = parse(key.example).terms[0].values
        assert any(value.lacks(Facts(Application(id="1"), None)) for value in values) is bool(key.noun)


@pytest.mark.parametrize(
    ("text", "rows", "matches", "gap", "kept"),
    [
        ("missing:>0", [{"missing": 2}, {"missing": 0}, {}], 1, 1, 0),
        ("missing:>0 late:yes", [{"is_late": False}, {"is_late": True}], 0, 1, 0),
        ("missing:>0 status:closed", [{}], 0, 0, 0),
        ("missing:>0 -status:open", [{}], 0, 0, 0),
        ("missing:1,2", [{"missing": 2}, {}], 1, 1, 0),
        ("-missing:>0", [{"missing": 2}, {"missing": 0}, {}], 2, 0, 1),
        ("template:7", [{"template_id": 7}, {"template_id": 8}], 1, 0, 0),
        ("template:kyc", [{"template_id": 7}], 0, 1, 0),
        ("recipient:ana", [{"contact": {"firstname": "Bob"}}], 0, 0, 0),
        ("recipient:ana@x.com", [{"contact": {"firstname": "Bob"}}], 0, 1, 0),
        ("acme", [{"title": "Acme"}, {"title": "Birch"}], 1, 1, 0),
        ("title:acme", [{"title": "Acme"}, {}], 1, 0, 0),
        ("external:a", [{"external_id": "B"}, {}], 0, 0, 0),
        ("late:yes", [{"class": StatusClass.CLOSED, "is_late": False}], 0, 0, 0),
    ],
)
def test_what_is_known_is_judged(text: str, rows: Sequence[dict[str, Any]], matches: int, gap: int, kept: int) -> None:
    """C2: who is left out for a reason that is known is judged, and what may be empty is, where some have it."""
    matching, left_out, of_those = judged(text, *rows)
    assert (matching, left_out.count, of_those.count) == (matches, gap, kept)


plans = st.fixed_dictionaries(
    {},
    optional={
        "missing": st.integers(0, 3),
        "progress": st.sampled_from([0, 40, 100]),
        "is_late": st.booleans(),
        "created_at": st.sampled_from(["2026-03-01", "2025-01-01"]),
        "template_id": st.sampled_from([7, 8]),
    },
)
texts = st.lists(
    st.sampled_from(
        ["missing:>0", "-missing:>1", "progress:<50", "-progress:100", "late:yes", "created:<7d", "template:7,8"]
    ),
    min_size=1,
    max_size=3,
    unique=True,
)


@given(texts, plans, st.data())
def test_what_is_judged_stays_so_whatever_is_learned(text: list[str], row: dict[str, Any], data: st.DataObject) -> None:
    """C2: a judgment without a gap is the same once all is known. With one, it could be either."""
    before = judged(" ".join(text), row)
    learned = {"missing": 0, "progress": 0, "is_late": True, "created_at": "2026-03-01", "template_id": 9}
    learned |= {
        name: data.draw(each) for name, each in {"missing": st.integers(0, 3), "is_late": st.booleans()}.items()
    }
    after = judged(" ".join(text), {**learned, **row})
    assert after[1:] == (Gap(), Gap())
    if before[1:] == (Gap(), Gap()):
        assert after[0] == before[0]
