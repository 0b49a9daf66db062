"""Decide what follows from a sweep: from what was read to what is saved, without I/O.

The rules are R1, R2 and B1 to B5. What one state of one application means is decided in `triggers`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.account_notes import fewer_applications
from bot.core.applications.list_order import PageDates
from bot.core.applications.model import Application
from bot.core.applications.status_rules import StatusRules
from bot.core.applications.triggers import Event, Snapshot, next_snapshot, observe, posting_order, wants_single_read
from bot.core.applications.understanding import ContactState, contact_after_baseline, understanding_of
from bot.core.notifications.admin_notifications import FirstContact
from bot.store.clust.applications import CHANGED, QUIET, VIEWED
from bot.store.clust.connections import ANSWER_BASELINE, READABLE, Connection
from bot.store.clust.polls import PolledApplication, PollResult, PollRow, SuspensionEnd

MAX_SINGLE_READS = 20
"""Per cycle (rule R2)."""

RETRIED_READS = 4
"""Of those, the ones reserved for applications whose last single read failed (rule P4)."""

MAX_FAILING = 500
"""Ids of failed single reads that a poller remembers."""

SECOND_ABSENCE = 2
"""Complete sweeps without an application before it is read singly (rule B5)."""


@dataclass
class SweepResult:
    """The result of one sweep: all ids, and the rows with a new fingerprint, with that fingerprint.

    `is_full`: the list was read completely. Otherwise it is the front of a sorted list, and absence from it means
    nothing (rules R5, B4, B5). `order` has the dates of each page, by number.
    """

    started_at: datetime
    ended_at: datetime
    is_full: bool = True
    pages: int = 0
    order: dict[int, PageDates | None] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    changed: dict[str, tuple[Application, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SingleReads:
    """The applications that were read singly, the ids that gave a 404, and those that couldn't be read."""

    read: Mapping[str, Application]
    missing: Collection[str] = ()
    failed: Collection[str] = ()


def suspicion(sweep: SweepResult, known_ids: Collection[str]) -> str | None:
    """Return why this sweep looks like a different account's, as a note, or None if it doesn't (rule B4)."""
    if not sweep.is_full:
        return None
    kept = len(sweep.ids.intersection(known_ids))
    if 2 * kept >= len(known_ids):
        return None
    return fewer_applications(kept, len(known_ids))


def to_read_singly(
    sweep: SweepResult,
    before: Mapping[str, Snapshot],
    waiting: Mapping[str, str],
    absences: Mapping[str, int],
    rules: StatusRules,
    failing: Collection[str] = (),
) -> list[str]:
    """Return the ids to read singly in this cycle, at most `MAX_SINGLE_READS`.

    The order is: the queue, news, absentees, applications that people looked at. `waiting` is the queue, with the
    reason of each. `absences` has each known id that is absent now or was before, with the number of earlier sweeps in
    a row that missed it. `failing` are those whose last read failed, oldest failure first: they come last, with a
    reserved part of each cycle (rule P4).
    """
    keys = [key for key, how in waiting.items() if how != VIEWED]
    for key, (row, _before) in sweep.changed.items():
        if row.has_counts:
            continue  # a row with counts is never read singly, so it needn't be merged here as well as in `decide`
        after = next_snapshot(before.get(key), row, rules)
        if wants_single_read(after.application, after.status_class, row):
            keys.append(key)
    keys += [key for key, times in absences.items() if key not in sweep.ids and times + 1 >= SECOND_ABSENCE]
    keys += waiting
    candidates = dict.fromkeys(keys)
    ready = [key for key in candidates if key not in failing]
    again = [key for key in failing if key in candidates]
    part = max(RETRIED_READS, MAX_SINGLE_READS - len(ready))
    return [*ready[: MAX_SINGLE_READS - min(part, len(again))], *again[:part]]


def failing_after(failing: Collection[str], singles: SingleReads) -> dict[str, None]:
    """Return the ids whose last single read failed, oldest failure first, at most `MAX_FAILING`."""
    tried = {*singles.read, *singles.missing, *singles.failed}
    kept = [*(key for key in failing if key not in tried), *singles.failed]
    return dict.fromkeys(kept[-MAX_FAILING:])


def decide(
    connection: Connection,
    sweep: SweepResult,
    before: Mapping[str, Snapshot],
    singles: SingleReads,
    fingerprints: Mapping[str, int],
    waiting: Mapping[str, str | None],
    absences: Mapping[str, int],
    rules: StatusRules,
) -> PollResult:
    """Return everything to save after a complete sweep, or after the front of a sorted list.

    `before` has the snapshots of what changed and of what was read singly. `waiting` has the queue's reasons for these,
    and `absences` is as in `to_read_singly`. Without a baseline, or after an admin's answer `baseline`, this sweep is
    the baseline.
    """
    fresh = connection.baseline_at is None or connection.answer == ANSWER_BASELINE
    baseline_at = None if fresh else connection.baseline_at
    seen: list[PolledApplication] = []
    events: list[Event] = []
    for key in dict.fromkeys([*sweep.changed, *singles.read]):
        row, mark = sweep.changed.get(key, (None, fingerprints.get(key, 0)))
        single = singles.read.get(key)
        earlier = before.get(key)
        has_changed = row is not None or _contradicts(single, earlier)
        if not has_changed and _is_quiet(waiting.get(key), earlier, baseline_at):
            # Unchanged since the baseline: what the single read shows was so already, and isn't news (rule B1).
            after = next_snapshot(earlier, row, rules, single)
        else:
            after, happened = observe(earlier, row, rules, baseline_at, single)
            events += happened
        still = single is None and row and wants_single_read(after.application, after.status_class, row)
        seen.append(
            PolledApplication(
                snapshot=after,
                fingerprint=mark,
                unread=(QUIET if fresh else CHANGED) if still else None,
                unknown_status=unknown_status(after.application, rules),
                changed_at=sweep.started_at if fresh else _changed_at(earlier, sweep, has_changed=has_changed),
                is_new=earlier is None,
                has_new_links=earlier is None or earlier.gone or _links(earlier) != _links(after),
            )
        )
    contact: FirstContact | None = None
    contact_state: ContactState | None = None
    if connection.baseline_at is None and connection.first_contact:
        understanding = understanding_of((one.snapshot.application for one in seen), rules)
        contact_state = contact_after_baseline(connection.first_contact, understanding)
        is_held = contact_state is ContactState.HELD
        contact = FirstContact(connection.id, connection.name, understanding, is_held) if contact_state else None
    answered = {*sweep.ids, *singles.missing, *singles.read}
    absent = [key for key in absences if key not in answered]
    healthy = suspicion(sweep, fingerprints) is None
    # A question can be older than the suspension that it was about, such as before the account was disconnected.
    may_be_suspended = any((connection.suspended, connection.asked_at, connection.answer))
    return PollResult(
        poll=PollRow(sweep.started_at, sweep.ended_at, sweep.pages, len(sweep.ids), len(sweep.changed)),
        seen=seen,
        absent=[] if fresh else absent,
        returned=[key for key in absences if key in sweep.ids],
        # After a new baseline the account that was known before is history.
        gone=[key for key in fingerprints if key not in sweep.ids]
        if fresh
        else [key for key in singles.missing if sweep.is_full and key not in sweep.ids],
        events=sorted(events, key=posting_order),
        name=connection.name,
        connection={
            "baseline_at": sweep.started_at if fresh else connection.baseline_at,
            "read_at": sweep.ended_at,
            **READABLE,
        },
        suspension_end=SuspensionEnd(connection.answer) if (fresh or healthy) and may_be_suspended else None,
        first_contact=contact,
        contact_state=contact_state,
        let_go=[key for key, how in waiting.items() if how == VIEWED and key in singles.failed],
    )


def _contradicts(single: Application | None, earlier: Snapshot | None) -> bool:
    """Return whether a single read denies what was last known: it changed after its row was read, and that is news.

    What the single read merely adds, since lists leave it out, contradicts nothing.
    """
    if single is None or earlier is None:
        return single is not None
    pairs = ((getattr(earlier.application, name), getattr(single, name)) for name in _COMPARED)
    return any(None not in pair and pair[0] != pair[1] for pair in pairs)


_COMPARED = ("status", "is_late", "progress", "missing", "eligible", "updated_at")
"""The fields of an application that events are made of, and the date of its last change."""


def _links(snapshot: Snapshot) -> tuple[str | None, str | None]:
    """Return the links by which a pasted one is recognized."""
    return snapshot.application.secured_list_url, snapshot.application.public_url


def _changed_at(earlier: Snapshot | None, sweep: SweepResult, *, has_changed: bool) -> datetime | None:
    """Return when an application was last seen to change: a look that only adds to what is known changes nothing."""
    return earlier.changed_at if earlier and not has_changed else sweep.ended_at


def _is_quiet(how: str | None, earlier: Snapshot | None, baseline_at: datetime | None) -> bool:
    """Return whether the single read of an unchanged row can only show what was true at the baseline (rule B1).

    An application that a person looked at is queued whether it changed or not. Clust's date of its last change decides
    then, else the moment when the bot saw a change.
    """
    if how != VIEWED or baseline_at is None:
        return how == QUIET
    changed_at = (earlier.application.updated_at or earlier.changed_at) if earlier else None
    return changed_at is None or changed_at <= baseline_at


def unknown_status(application: Application, rules: StatusRules) -> str | None:
    """Return the status code if no rule matches it, to be counted and reported (rule C1)."""
    status_class = rules.classify(application.status, application.status_string)
    return (application.status or application.status_string) if status_class is None else None
