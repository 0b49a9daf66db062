"""The triggers, and how two states of an application become events (rules B2, C2 to C4, E1, E2).

`TRIGGERS` has one row each. `detect(before, after)` compares the last known state with the present one. It uses no
clock and no database: the poller passes in both states and stores the result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.core.applications.lateness import lateness
from bot.core.applications.model import Application, StatusClass
from bot.core.applications.status_rules import StatusRules, classify
from bot.core.language import N_, ngettext

BASELINE_MARGIN = timedelta(hours=1)
"""An application made longer than this before the baseline was missed by it, not created since (rule B2)."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The last known state of an application: all that Clust sent, merged (rule R1), and our own fields."""

    application: Application
    status_class: StatusClass | None = None
    occurrences: Mapping[str, int] = field(default_factory=dict)
    gone: bool = False
    discovered: bool = False
    """It was older than the baseline when first seen after it, so it is not news (rule B2)."""
    assignee: str | None = None
    """The assignee: a Slack user id."""
    changed_at: datetime | None = None
    """When the bot last saw it change, by the bot's clock."""

    @property
    def is_late(self) -> bool:
        """Whether it counts as late: flagged and not finished. Unknown is not late."""
        return lateness(self.application, self.status_class) is True

    @property
    def is_flagged_late(self) -> bool:
        """Whether Clust flags it as late, finished or not. The event *late* follows this flag (rule C4)."""
        return self.application.is_late is True


@dataclass(frozen=True, slots=True)
class Trigger:
    """One kind of event: its word, its name and meaning for people, and the condition on two states.

    `count_text` returns how many events of this kind there are, in the current language: `2 late`. `urgency` orders the
    kinds of events in a digest, the lowest first: those that need someone come first. `status_class` is the class of
    every application at this event, None if it may be any. `names_missing`: someone has to do what is missing, so its
    cards name those items, and say if no one is assigned. Full cards name them for every event.
    """

    name: str
    title: str
    count_text: Callable[[int], str]
    emoji: str
    help: str
    happened: Callable[[Snapshot | None, Snapshot], bool]
    urgency: int
    status_class: StatusClass | None = None
    names_missing: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One trigger of one application, once. It keeps the application as it was then (rule E1)."""

    trigger: str
    occurrence: int
    application: Application
    status_class: StatusClass | None


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """One event in an application's history, as people see it."""

    trigger: str
    seen_at: datetime


def _appeared(before: Snapshot | None, _after: Snapshot) -> bool:
    return before is None


def _became_late(before: Snapshot | None, after: Snapshot) -> bool:
    return after.is_flagged_late and not (before and before.is_flagged_late)


def _rose_to(status_class: StatusClass) -> Callable[[Snapshot | None, Snapshot], bool]:
    """Return a condition: the class is entered from a lower one or from unknown (rule C2)."""

    def rose(before: Snapshot | None, after: Snapshot) -> bool:
        last = before.status_class if before else None
        return after.status_class is status_class and (last is None or last < status_class)

    return rose


TRIGGERS: Mapping[str, Trigger] = {
    row.name: row
    for row in (
        Trigger(
            "created",
            N_("Created"),
            lambda count: ngettext("{count} created", "{count:,} created", count),
            "🆕",
            N_("An application was created in Clust."),
            _appeared,
            urgency=5,
        ),
        Trigger(
            "late",
            N_("Late"),
            lambda count: ngettext("{count} late", "{count:,} late", count),
            "⏰",
            N_("Clust marked an application as late."),
            _became_late,
            urgency=1,
            names_missing=True,
        ),
        Trigger(
            "pending",
            N_("Pending submission"),
            StatusClass.PENDING.count_text,
            "📋",
            N_("Everything is filled in, but the recipient hasn't submitted the application yet."),
            _rose_to(StatusClass.PENDING),
            urgency=2,
            status_class=StatusClass.PENDING,
            names_missing=True,
        ),
        Trigger(
            "submitted",
            N_("Submitted"),
            StatusClass.SUBMITTED.count_text,
            "📨",
            N_("The recipient submitted an application for review."),
            _rose_to(StatusClass.SUBMITTED),
            urgency=3,
            status_class=StatusClass.SUBMITTED,
        ),
        Trigger(
            "approved",
            N_("Approved"),
            StatusClass.APPROVED.count_text,
            "✅",
            N_("An application was approved."),
            _rose_to(StatusClass.APPROVED),
            urgency=4,
            status_class=StatusClass.APPROVED,
        ),
    )
}
"""All triggers, in the order in which the events of one application are posted (rule E2)."""


def next_snapshot(
    before: Snapshot | None, row: Application | None, rules: StatusRules, single: Application | None = None
) -> Snapshot:
    """Merge a list's `row`, a `single` read, or both into `before`. Returns the merged application and its class.

    Raises ValueError if neither was read.
    """
    application = before.application if before else None
    if row:
        application = application.merged(row) if application else row
    if single:
        application = application.merged(single, is_single=True) if application else single
    if application is None:
        raise ValueError("There is nothing to look at.")
    return Snapshot(
        application=application,
        status_class=classify(application, rules, before.status_class if before else None),
        occurrences=before.occurrences if before else {},
        discovered=before is not None and before.discovered,
        assignee=before.assignee if before else None,
    )


def is_discovered(application: Application, baseline_at: datetime) -> bool:
    """Return whether an application seen for the first time is older than the baseline, so it is not news (rule B2)."""
    return application.created_at is not None and application.created_at < baseline_at - BASELINE_MARGIN


def detect(before: Snapshot | None, after: Snapshot) -> tuple[Snapshot, tuple[Event, ...]]:
    """Compare two states of one application.

    Returns the snapshot to store, with raised counters, and the events in the order in which they are posted. An
    application that was gone and has come back is not created again (rule B5).
    """
    happened = [trigger.name for trigger in TRIGGERS.values() if trigger.happened(before, after)]
    occurrences = {**after.occurrences, **{name: after.occurrences.get(name, 0) + 1 for name in happened}}
    events = tuple(Event(name, occurrences[name], after.application, after.status_class) for name in happened)
    return replace(after, occurrences=occurrences), events


def posting_order(event: Event) -> tuple[bool, datetime, bool, int, str, int]:
    """Return the sort key of an event in its cycle: `updated_at` (unknown last), id as a number, trigger (rule E2)."""
    application = event.application
    number = int(application.id) if application.id.isdecimal() else 0
    return (
        application.updated_at is None,
        application.updated_at or datetime.max.replace(tzinfo=UTC),
        not application.id.isdecimal(),
        number,
        application.id,
        list(TRIGGERS).index(event.trigger),
    )


def observe(
    before: Snapshot | None,
    row: Application | None,
    rules: StatusRules,
    baseline_at: datetime | None,
    single: Application | None = None,
) -> tuple[Snapshot, tuple[Event, ...]]:
    """Process what a list's `row` and a `single` read say about an application. Returns what to store and to announce.

    `baseline_at` is None while the baseline itself is read, which announces nothing (rule B1).
    """
    after = next_snapshot(before, row, rules, single)
    if baseline_at is None:
        return after, ()
    if before is None and is_discovered(after.application, baseline_at):
        return replace(after, discovered=True), ()
    return detect(before, after)


def wants_single_read(application: Application, status_class: StatusClass | None, row: Application) -> bool:
    """Return whether a new or changed list row needs a single read to detect pending submission (rule R2)."""
    near_completion = 80
    return (
        not row.has_counts
        and status_class in {StatusClass.OPEN, StatusClass.PENDING}
        and (application.progress is None or application.progress >= near_completion)
    )
