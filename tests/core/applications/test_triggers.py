"""How two states of an application become events (rules B1, B2, B5, C2 to C4, E1, E2, R1, R2)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.applications.model import Application, StatusClass
from bot.core.applications.status_rules import StatusRules, classify
from bot.core.applications.triggers import (
    TRIGGERS,
    Event,
    Snapshot,
    detect,
    next_snapshot,
    observe,
    posting_order,
    wants_single_read,
)

BASELINE = datetime(2026, 3, 2, 12, tzinfo=UTC)
RULES = StatusRules()

OPEN: dict[str, Any] = {"status": "1_ongoing", "is_late": False, "count_missing_items": 3, "count_eligible_items": 6}
PENDING: dict[str, Any] = {**OPEN, "count_missing_items": 0}
SUBMITTED: dict[str, Any] = {**OPEN, "status": "3_submitted"}
APPROVED: dict[str, Any] = {**OPEN, "status": "4_approved"}
CLOSED: dict[str, Any] = {**OPEN, "status": "5_closed"}
UNKNOWN: dict[str, Any] = {**OPEN, "status": "8_waldo"}


def list_row(keys: dict[str, Any]) -> Application:
    """Return a list's row for application 1."""
    return Application.model_validate({"id": 1, **keys})


def live(*looks: dict[str, Any], before: Snapshot | None = None) -> tuple[Snapshot, list[list[tuple[str, int]]]]:
    """Observe an application after the baseline. Returns its snapshot and what each observation announced."""
    kept, announced = before, []
    for keys in looks:
        kept, events = observe(kept, list_row(keys), RULES, BASELINE)
        announced.append([(event.trigger, event.occurrence) for event in events])
    assert kept
    return kept, announced


def announced_of(*looks: dict[str, Any]) -> list[list[tuple[str, int]]]:
    """Return what each observation announces about an application that was open and on time at the baseline."""
    return live(*looks, before=next_snapshot(None, list_row(OPEN), RULES))[1]


EXAMPLES: dict[str, tuple[dict[str, Any] | None, dict[str, Any]]] = {
    "created": (None, OPEN),
    "late": (OPEN, {**OPEN, "is_late": True}),
    "pending": (OPEN, PENDING),
    "submitted": (PENDING, SUBMITTED),
    "approved": (SUBMITTED, APPROVED),
}
"""For each trigger, in the order in which the events of one application are posted: the state before, and after it."""


def test_each_trigger_has_an_example() -> None:
    """A new row of TRIGGERS needs one in EXAMPLES, at the same place: the order is that of the events (E2)."""
    assert [*TRIGGERS] == [*EXAMPLES]


@pytest.mark.parametrize("name", [*EXAMPLES])
def test_each_trigger_has_its_change(name: str) -> None:
    """Every trigger happens in its example, alone and once, and does not happen again when nothing changes."""
    first, then = EXAMPLES[name]
    before = next_snapshot(None, list_row(first), RULES) if first else None
    assert live(then, then, before=before)[1] == [[(name, 1)], []]


def test_each_trigger_has_a_title_and_emoji_of_its_own() -> None:
    """No two rows have the same title or emoji, and each has a sentence that says what it means."""
    for words in ([row.title for row in TRIGGERS.values()], [row.emoji for row in TRIGGERS.values()]):
        assert all(words)
        assert len(set(words)) == len(TRIGGERS)
    assert all(row.help.endswith(".") for row in TRIGGERS.values())


def test_the_baseline_announces_nothing() -> None:
    """What is first read with the baseline is stored as it is, and only later changes are announced (B1)."""
    first = {**PENDING, "is_late": True}
    kept, events = observe(None, list_row(first), RULES, None)
    assert (events, kept.occurrences, kept.status_class, kept.is_late) == ((), {}, StatusClass.PENDING, True)
    again, events = observe(kept, list_row(SUBMITTED), RULES, None)
    assert (events, again.occurrences, again.status_class) == ((), {}, StatusClass.SUBMITTED)
    assert live(first, SUBMITTED, before=kept)[1] == [[], [("submitted", 1)]]


@pytest.mark.parametrize(
    ("created_at", "is_news"),
    [
        (BASELINE + timedelta(hours=1), True),
        (BASELINE - timedelta(hours=1), True),
        (BASELINE - timedelta(hours=1, seconds=1), False),
        (BASELINE - timedelta(days=400), False),
        (None, True),
    ],
)
def test_an_application_older_than_the_baseline_announces_nothing(created_at: datetime | None, is_news: bool) -> None:
    """One first seen later announces nothing when it is more than an hour older, but without a date it does (B2)."""
    kept, announced = live({**SUBMITTED, "is_late": True, "created_at": created_at}, {**APPROVED, "is_late": True})
    assert announced[0] == ([("created", 1), ("late", 1), ("submitted", 1)] if is_news else [])
    assert announced[1] == [("approved", 1)], "what happens to it afterwards is news in any case"
    assert kept.status_class is StatusClass.APPROVED
    assert kept.discovered is not is_news


@pytest.mark.parametrize(
    ("first", "events"),
    [
        (OPEN, ["created"]),
        ({}, ["created"]),
        (UNKNOWN, ["created"]),
        ({**OPEN, "is_late": True}, ["created", "late"]),
        (PENDING, ["created", "pending"]),
        ({**SUBMITTED, "is_late": True}, ["created", "late", "submitted"]),
        (APPROVED, ["created", "approved"]),
        (CLOSED, ["created"]),
    ],
)
def test_a_new_application_is_all_that_it_already_is(first: dict[str, Any], events: list[str]) -> None:
    """First seen after the baseline is created, and is what its class and lateness say, but no class below it (B2)."""
    assert live(first)[1] == [[(name, 1) for name in events]]


def test_what_was_gone_is_not_created_again() -> None:
    """An application that disappeared and is back is not new. Only its changes are announced (B5)."""
    gone = replace(next_snapshot(None, list_row(OPEN), RULES), gone=True)
    kept, announced = live(OPEN, SUBMITTED, before=gone)
    assert announced == [[], [("submitted", 1)]]
    assert not kept.gone


@pytest.mark.parametrize(
    ("looks", "announced"),
    [
        ([APPROVED], [["approved"]]),
        ([CLOSED], [[]]),
        ([SUBMITTED, OPEN], [["submitted"], []]),
        ([APPROVED, SUBMITTED], [["approved"], []]),
        ([CLOSED, APPROVED], [[], []]),
        ([PENDING, APPROVED, CLOSED], [["pending"], ["approved"], []]),
    ],
)
def test_a_class_is_announced_when_it_is_entered_from_below(
    looks: list[dict[str, Any]], announced: list[list[str]]
) -> None:
    """A skipped class is not invented, and going back announces nothing (C2)."""
    assert announced_of(*looks) == [[(name, 1) for name in names] for names in announced]


def test_coming_up_again_is_a_new_occurrence() -> None:
    """Sent back and submitted again is a second submission, and each trigger counts for itself (C2, E1)."""
    assert announced_of(SUBMITTED, OPEN, SUBMITTED, APPROVED, OPEN, PENDING, SUBMITTED) == [
        [("submitted", 1)],
        [],
        [("submitted", 2)],
        [("approved", 1)],
        [],
        [("pending", 1)],
        [("submitted", 3)],
    ]


def test_an_unknown_status_keeps_the_last_class() -> None:
    """A code that no rule knows neither announces nor ends anything (C2)."""
    kept, announced = live(SUBMITTED, UNKNOWN, SUBMITTED, before=next_snapshot(None, list_row(OPEN), RULES))
    assert announced == [[("submitted", 1)], [], []]
    assert kept.status_class is StatusClass.SUBMITTED
    assert live(UNKNOWN)[0].status_class is None


@pytest.mark.parametrize(
    ("keys", "status_class"),
    [
        ({"status": "1_ongoing", "missing": 0, "eligible": 4}, StatusClass.PENDING),
        ({"status": "1_ongoing", "missing": 0}, StatusClass.PENDING),
        ({"status": "1_ongoing", "missing": 0, "eligible": 0}, StatusClass.OPEN),
        ({"status": "1_ongoing", "missing": 1, "eligible": 4}, StatusClass.OPEN),
        ({"status": "1_ongoing", "eligible": 4}, StatusClass.OPEN),
        ({"status": "1_ongoing", "progress": 100}, StatusClass.PENDING),
        ({"status": "1_ongoing", "progress": 120.5, "missing": 2}, StatusClass.PENDING),
        ({"status": "1_ongoing", "progress": 100, "eligible": 0, "missing": 0}, StatusClass.PENDING),
        ({"status": "1_ongoing", "progress": 99.9}, StatusClass.OPEN),
        ({"status": "2_pending_submission", "missing": 2, "progress": 10}, StatusClass.PENDING),
        ({"status": "3_submitted", "missing": 0, "progress": 100}, StatusClass.SUBMITTED),
        ({"status": "5_closed", "missing": 0, "progress": 100}, StatusClass.CLOSED),
        ({"status": "8_waldo", "missing": 0, "progress": 100}, None),
        ({"missing": 0, "progress": 100}, None),
    ],
)
def test_pending_submission_is_seen_without_a_code(keys: dict[str, Any], status_class: StatusClass | None) -> None:
    """An open application with nothing missing, or all of its progress, is pending, and no other class is (C3)."""
    assert classify(list_row(keys), RULES, None) is status_class


def test_unknown_counts_for_what_was_last_known() -> None:
    """Behind an unknown code what was open becomes pending by its counts, and what was closed stays so (C2, C3)."""
    assert classify(list_row({**UNKNOWN, "count_missing_items": 0}), RULES, StatusClass.OPEN) is StatusClass.PENDING
    assert classify(list_row({**UNKNOWN, "count_missing_items": 0}), RULES, StatusClass.CLOSED) is StatusClass.CLOSED


def test_an_operators_rule_decides() -> None:
    """A class that only a rule of the operator knows is announced like any other (C1)."""
    rules = StatusRules.parse("8_waldo=submitted")
    _, events = observe(next_snapshot(None, list_row(OPEN), rules), list_row(UNKNOWN), rules, BASELINE)
    assert [event.trigger for event in events] == ["submitted"]


@pytest.mark.parametrize("first", [False, None])
def test_late_is_announced_each_time_it_becomes_so(first: bool | None) -> None:
    """Late fires when it turns true from false or unseen, again only after a false, and unknown ends nothing (C4)."""
    turns = [first, True, True, None, True, False, None, True]
    announced = announced_of(*({"is_late": turn} for turn in turns))
    assert [each for each in announced if each] == [[("late", 1)], [("late", 2)]]
    assert [place for place, each in enumerate(announced) if each] == [1, 7]


def test_an_event_keeps_the_application_as_it_was_seen() -> None:
    """An event keeps the application and its class at that time, whatever comes later (E1)."""
    kept, _ = observe(None, list_row({**OPEN, "title": "Old", "template_id": 7}), RULES, BASELINE)
    kept, events = observe(kept, list_row({**SUBMITTED, "title": "Then"}), RULES, BASELINE)
    observe(kept, list_row({**APPROVED, "title": "Later"}), RULES, BASELINE)
    seen = events[0].application
    assert (seen.title, seen.template_id, seen.status) == ("Then", "7", "3_submitted")
    assert events[0].status_class is StatusClass.SUBMITTED


def test_a_list_row_with_fewer_keys_ends_nothing() -> None:
    """After a single read, a row without counts, lateness or status leaves all of it as it was (R1)."""
    single = {**PENDING, "is_late": True, "progress_percentage": 100, "contact": {"email": "ana@example.com"}}
    kept, announced = live({}, single, {"title": "New"}, {"is_late": None, "count_missing_items": None}, single)
    assert announced == [[("created", 1)], [("late", 1), ("pending", 1)], [], [], []]
    assert kept.application == list_row({**single, "title": "New"})
    assert kept.status_class is StatusClass.PENDING
    assert kept.is_late


def test_detecting_changes_nothing_it_was_given() -> None:
    """The snapshots that are compared stay as they were, and the counters are raised in a new one (E1)."""
    before = replace(next_snapshot(None, list_row(OPEN), RULES), occurrences={"late": 4})
    after = next_snapshot(before, list_row({"is_late": True}), RULES)
    kept, events = detect(before, after)
    assert (before.occurrences, after.occurrences, kept.occurrences) == ({"late": 4}, {"late": 4}, {"late": 5})
    assert [(event.trigger, event.occurrence) for event in events] == [("late", 5)]


def event(number: object, trigger: str = "created", updated_at: datetime | None = BASELINE) -> Event:
    """Make an event of one application."""
    return Event(trigger, 1, Application.model_validate({"id": number, "updated_at": updated_at}), StatusClass.OPEN)


def test_events_are_sorted_by_their_change() -> None:
    """What changed first is first, and what is unknown is last.

    Then they are sorted by id as a number, and then in the order of the triggers (E2).
    """
    ordered = [
        event(50, "approved", BASELINE - timedelta(hours=1)),
        event(9, "created"),
        event(9, "late"),
        event(9, "pending"),
        event(9, "submitted"),
        event(9, "approved"),
        event(10, "created"),
        event(2 * 10**40, "created"),
        event("a-1", "created"),
        event("a-2", "created"),
        event(1, "created", BASELINE + timedelta(seconds=1)),
        event(3, "created", None),
        event(20, "late", None),
    ]
    backwards = ordered[::-1]
    assert sorted(backwards, key=posting_order) == ordered


@pytest.mark.parametrize(
    ("status_class", "progress", "expected"),
    [
        (StatusClass.OPEN, None, True),
        (StatusClass.OPEN, 80, True),
        (StatusClass.OPEN, 100, True),
        (StatusClass.OPEN, 79.9, False),
        (StatusClass.PENDING, 100, True),
        (StatusClass.SUBMITTED, None, False),
        (StatusClass.APPROVED, 100, False),
        (StatusClass.CLOSED, None, False),
        (None, None, False),
    ],
)
def test_a_row_without_counts_may_need_a_single_read(
    status_class: StatusClass | None, progress: float | None, expected: bool
) -> None:
    """What is open and nearly done is read singly, and what is pending, which its counts alone can end (R2)."""
    row = list_row({"status": "1_ongoing"})
    complete_row = list_row({"status": "1_ongoing", "progress": progress, "missing": 2, "eligible": 3})
    assert wants_single_read(complete_row, status_class, row) is expected


@pytest.mark.parametrize("counts", [{"missing": 2}, {"missing": 2, "eligible": 6}, {"missing": 0}])
def test_a_row_with_counts_needs_none(counts: dict[str, int]) -> None:
    """If a list has the counts, the application isn't read singly (R2)."""
    row = list_row({"status": "1_ongoing", **counts})
    assert not wants_single_read(row, StatusClass.OPEN, row)


# What follows are the rules once more, written down plainly and without anything of the bot's.

CODES = {
    "0_not_started": 1,
    "1_ongoing": 1,
    "2_pending_submission": 2,
    "3_submitted": 3,
    "4_approved": 4,
    "5_closed": 5,
}
NAMES = {2: "pending", 3: "submitted", 4: "approved"}


class Plain:
    """One application as the rules see it."""

    def __init__(self) -> None:
        self.seen = False
        self.latest: dict[str, Any] = {}
        self.rank = 0
        self.counts = dict.fromkeys(["created", "late", "pending", "submitted", "approved"], 0)

    def hear(self, keys: dict[str, Any], *, is_baseline: bool, is_old: bool) -> list[tuple[str, int]]:
        """Take in one look, and return what is announced."""
        was_seen, was_late, was_rank = self.seen, self.latest.get("is_late", False), self.rank
        self.seen = True
        for key, value in keys.items():
            if value is not None:
                self.latest[key] = value
        self.rank = CODES.get(self.latest.get("status", ""), self.rank)
        nothing_missing = self.latest.get("missing") == 0 and self.latest.get("eligible", 1) > 0
        if self.rank == 1 and (nothing_missing or self.latest.get("progress", 0) >= 100):
            self.rank = 2
        if is_baseline or (is_old and not was_seen):
            return []
        happened = []
        if not was_seen:
            happened.append("created")
        if self.latest.get("is_late", False) and not was_late:
            happened.append("late")
        if self.rank > was_rank and self.rank in NAMES:
            happened.append(NAMES[self.rank])
        for name in happened:
            self.counts[name] += 1
        return [(name, self.counts[name]) for name in happened]


looks = st.fixed_dictionaries(
    {},
    optional={
        "status": st.none() | st.sampled_from([*CODES, "8_waldo"]),
        "is_late": st.none() | st.booleans(),
        "missing": st.none() | st.sampled_from([0, 0, 3]),
        "eligible": st.none() | st.sampled_from([0, 6]),
        "progress": st.none() | st.sampled_from([0.0, 50.0, 100.0]),
    },
)


@given(st.lists(st.tuples(looks, st.booleans()), max_size=25), st.integers(0, 3), st.booleans())
def test_any_history_is_announced_as_the_rules_say(
    history: Sequence[tuple[dict[str, Any], bool]], baseline_looks: int, is_old: bool
) -> None:
    """Events come exactly when a plain model says so, their occurrences 1, 2, 3 … without a gap (B, C, E1, R1)."""
    plain, kept = Plain(), None
    occurrences: dict[str, list[int]] = {name: [] for name in TRIGGERS}
    created_at = BASELINE - timedelta(days=3) if is_old else BASELINE
    for place, (keys, was_gone) in enumerate(history):
        is_baseline = place < baseline_looks
        expected = plain.hear(keys, is_baseline=is_baseline, is_old=is_old)
        application = list_row({**keys, "created_at": created_at})
        if kept and was_gone:
            kept = replace(kept, gone=True)
        kept, events = observe(kept, application, RULES, None if is_baseline else BASELINE)
        assert [(event.trigger, event.occurrence) for event in events] == expected
        for event in events:
            occurrences[event.trigger].append(event.occurrence)
            assert (event.application, event.status_class) == (kept.application, kept.status_class)
            assert TRIGGERS[event.trigger].status_class in {None, event.status_class}
        assert (kept.status_class or 0) == plain.rank
        assert not kept.gone
    assert all(counted == [*range(1, len(counted) + 1)] for counted in occurrences.values())


def test_a_look_needs_something_that_was_read() -> None:
    """Without a row and a single read there is nothing to look at, and a single read alone is enough."""
    with pytest.raises(ValueError, match="nothing to look at"):
        next_snapshot(None, None, RULES)
    single = Application(id="1", **OPEN)
    assert next_snapshot(None, None, RULES, single).application == single
    before = next_snapshot(None, single, RULES)
    assert next_snapshot(before, None, RULES, Application(id="1", title="New", **OPEN)).application.title == "New"
