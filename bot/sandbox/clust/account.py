"""A Clust account in memory: its applications, and the changes that can happen to them.

An application stores only its template, how many steps are done, and its status. The keys of the API are derived from
these. A test that needs another value sets that key, and it is returned unchanged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from bot.core.language import N_, _
from bot.sandbox.clust.fake_people import TEAM, TEMPLATES, FakeTemplate, someone

WEB = "https://clust.invalid"
"""Base URL of application pages. The `.invalid` domain can't exist."""

NOT_STARTED, ONGOING, PENDING = "0_not_started", "1_ongoing", "2_pending_submission"
SUBMITTED, APPROVED, CLOSED = "3_submitted", "4_approved", "5_closed"
ON_HOLD = "6_on_hold"
"""A status that an account may have made up: the bot does not know it, and asks an admin what it means (rule B3)."""

STATUSES: Mapping[str | None, tuple[str, str]] = {
    NOT_STARTED: (N_("Missing"), "#9ca3af"),
    ONGOING: (N_("Ongoing"), "#3b82f6"),
    PENDING: (N_("Pending submission"), "#f59e0b"),
    SUBMITTED: (N_("Submitted"), "#8b5cf6"),
    APPROVED: (N_("Approved"), "#10b981"),
    CLOSED: (N_("Closed"), "#111827"),
    ON_HOLD: (N_("On hold"), "#f97316"),
}
"""Each status code with its label for people and its color."""

_OPEN = frozenset({NOT_STARTED, ONGOING})
_COUNTS = ("count_missing_items", "count_eligible_items", "progress_percentage")
_LABELS = ("status_string", "status_string_full", "status_color")
_ATTRIBUTES = frozenset({"title", "status", "is_late", "external_id"})


@dataclass(slots=True)
class Dossier:
    """One application.

    `done` counts the steps of its template that are done. `overrides` are keys returned unchanged.
    """

    id: int
    template: FakeTemplate
    contact: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    title: str | None = None
    status: str | None = NOT_STARTED
    done: int = 0
    is_late: bool | None = False
    external_id: str | None = None
    overrides: dict[str, Any] = field(default_factory=dict)
    row: bytes | None = None
    """The encoded list row, until the next change."""

    @property
    def is_open(self) -> bool:
        """True until it is submitted."""
        return self.status in _OPEN

    @property
    def is_complete(self) -> bool:
        """True when every step is done."""
        return self.done == len(self.template.steps)

    @property
    def full_name(self) -> str:
        """The recipient's name."""
        return " ".join(part for part in (self.contact["firstname"], self.contact["lastname"]) if part)

    def counts(self) -> dict[str, Any]:
        """Return the item counts, which lists leave out."""
        total = len(self.template.steps)
        counts = {"count_eligible_items": total, "count_missing_items": total - self.done}
        return {key: self.overrides.get(key, value) for key, value in counts.items()}

    def in_list(self) -> dict[str, Any]:
        """Return the keys that an application has in a list."""
        label, color = STATUSES.get(self.status) or ((self.status or "").partition("_")[2].capitalize(), "#9ca3af")
        label = _(label)
        total = len(self.template.steps)
        secret = hashlib.sha256(f"{self.id}".encode()).hexdigest()[:20]
        keys = {
            "id": self.id,
            "title": self.title,
            "status": self.status,
            "status_string": label,
            "status_string_full": _("{label} ({done} of {total})", label=label, done=self.done, total=total),
            "status_color": color,
            "is_late": self.is_late,
            "progress_percentage": 100 * self.done // total if total else 0,
            "public_url": f"{WEB}/c/{secret}",
            "secured_list_url": f"{WEB}/app/dossiers/{self.id}",
            "contact": {"full_name": self.full_name, **self.contact},
            "template": {"id": self.template.id, "title": self.template.title},
            "template_id": self.template.id,
            "external_id": self.external_id,
            "team": TEAM,
            "created_at": self.created_at.isoformat(),
            "updated_at": self.updated_at.isoformat(),
        }
        return {**keys, **{key: self.overrides[key] for key in keys.keys() & self.overrides.keys()}}

    def in_full(self) -> dict[str, Any]:
        """Return every key, as a single read does."""
        items = [
            {
                "id": 100 * self.id + place,
                "title": step,
                "type": self.template.types.get(step, "file_upload"),
                "status": self._item_status(place),
                "is_mandatory": True,
            }
            for place, step in enumerate(self.template.steps)
        ]
        recipient = {"type": "contact", "email": self.contact["email"]}
        details = {"dossier_items": items, "form_fields": [], "stakeholders": [recipient]}
        return {**self.in_list(), **self.counts(), **details, **self.overrides}

    def _item_status(self, place: int) -> str:
        """Return the status of one item. The last one handed in is reviewed first."""
        if place >= self.done:
            return "Missing"
        if self.status in {APPROVED, CLOSED}:
            return "Approved"
        return "Pending Review" if self.status == SUBMITTED or place == self.done - 1 else "Completed"


class FakeAccount:
    """The applications and templates of one Clust account.

    Each method that changes an application sets its `updated_at` from the clock and returns the application as a
    single read does. For an unknown ID it raises KeyError.
    """

    def __init__(self, *, seed: int, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.templates = {template.id: template.translated() for template in TEMPLATES}
        # By id, in the order of their last change, so that a page needs no sorting.
        self.dossiers: dict[int, Dossier] = {}
        self.on_change: list[Callable[[int], None]] = []
        """Functions that are called with the id of each application that was changed, created or removed."""
        self._last_id = 0
        self._random = Random(seed)

    def add(self, **fields: Any) -> dict[str, Any]:
        """Create an application of a plausible client. `fields` are any other keys of the API.

        They can be keys that are usually derived (counts, labels, dates …) or unknown ones, and are returned unchanged.
        """
        now = self.clock().astimezone(UTC)
        template = self.templates[int(fields.pop("template_id"))] if "template_id" in fields else None
        dossier = self._plausible(now, now, template)
        self.dossiers[dossier.id] = dossier
        return self._set(dossier, fields)

    def add_template(self, title: str, *, is_live: bool = True) -> FakeTemplate:
        """Create a template with one step and return it."""
        template = FakeTemplate(max(self.templates) + 1, title, title, ("Identity document",), is_live=is_live)
        self.templates[template.id] = template
        return template

    def change(self, dossier_id: int, **fields: Any) -> dict[str, Any]:
        """Set any keys of the API, as `add` does. Objects such as `contact` are merged."""
        return self._set(self._touched(dossier_id), fields)

    def complete_step(self, dossier_id: int) -> dict[str, Any]:
        """Do the next step. After the last one nothing is missing, and the status stays *ongoing*, as in real life."""
        return self._advance(dossier_id, 1)

    def complete(self, dossier_id: int) -> dict[str, Any]:
        """Complete all steps. Only its submission is missing then."""
        return self._advance(dossier_id)

    def submit(self, dossier_id: int) -> dict[str, Any]:
        """Submit it, with all its steps completed."""
        return self._advance(dossier_id, status=SUBMITTED)

    def approve(self, dossier_id: int) -> dict[str, Any]:
        """Approve it, with all its steps completed."""
        return self._advance(dossier_id, status=APPROVED)

    def close(self, dossier_id: int) -> dict[str, Any]:
        """Close it in its present state."""
        return self.change(dossier_id, status=CLOSED)

    def ask_for(self, dossier_id: int, title: str) -> dict[str, Any]:
        """Ask the client for one more document."""
        full = self.dossiers[dossier_id].in_full()
        item = {"id": 100 * dossier_id + len(full["dossier_items"]), "title": title, "type": "file_upload"}
        counts = {name: full[name] + 1 for name in ("count_missing_items", "count_eligible_items")}
        items = [*full["dossier_items"], {**item, "status": "Missing", "is_mandatory": True}]
        return self.change(dossier_id, dossier_items=items, **counts)

    def hold(self, dossier_id: int) -> dict[str, Any]:
        """Put it on hold."""
        return self.change(dossier_id, status=ON_HOLD)

    def resume(self, dossier_id: int) -> dict[str, Any]:
        """Take it off hold."""
        return self.change(dossier_id, status=ONGOING)

    def make_late(self, dossier_id: int) -> dict[str, Any]:
        """Let its deadline pass."""
        return self.change(dossier_id, is_late=True)

    def clear_late(self, dossier_id: int) -> dict[str, Any]:
        """Move its deadline into the future."""
        return self.change(dossier_id, is_late=False)

    def rename(self, dossier_id: int, title: str | None) -> dict[str, Any]:
        """Give it another title, or none."""
        return self.change(dossier_id, title=title)

    def remove(self, dossier_id: int) -> dict[str, Any]:
        """Delete it, and return its last state."""
        removed = self._touched(dossier_id).in_full()
        del self.dossiers[dossier_id]
        self._changed(dossier_id)
        return removed

    def populate(self, count: int) -> None:
        """Add `count` applications that changed within the last 90 days, all older than the existing ones."""
        now = self.clock().astimezone(UTC)
        statuses = self._random.choices((NOT_STARTED, ONGOING, SUBMITTED, APPROVED, CLOSED), (2, 4, 1, 2, 3), k=count)
        past: dict[int, Dossier] = {}
        for place, status in enumerate(statuses):
            updated = now - timedelta(days=90) * ((count - place) / count)
            dossier = self._plausible(updated - timedelta(days=self._random.randrange(1, 30)), updated)
            steps = len(dossier.template.steps)
            dossier.status = status
            dossier.done = {NOT_STARTED: 0, ONGOING: self._random.randrange(1, steps)}.get(status, steps)
            dossier.is_late = dossier.is_open and self._random.random() < 1 / 8
            past[dossier.id] = dossier
        self.dossiers = {**past, **self.dossiers}

    def _plausible(self, created: datetime, updated: datetime, template: FakeTemplate | None = None) -> Dossier:
        self._last_id += 1
        template = template or self.templates[self._random.choice(TEMPLATES).id]
        client = someone(self._random, self._last_id)
        return Dossier(self._last_id, template, client.contact, created, updated, client.title(template))

    def _touched(self, dossier_id: int, *settled: str) -> Dossier:
        """Mark it as just changed. Removes the overrides of the keys in `settled`."""
        dossier = self.dossiers[dossier_id] = self.dossiers.pop(dossier_id)
        dossier.updated_at = self.clock().astimezone(UTC)
        dossier.row = None
        for key in ("updated_at", *settled):
            dossier.overrides.pop(key, None)
        return dossier

    def _advance(self, dossier_id: int, steps: int | None = None, **fields: Any) -> dict[str, Any]:
        """Complete so many more steps (None: all), and set `fields`."""
        dossier = self._touched(dossier_id, *_COUNTS)
        total = len(dossier.template.steps)
        dossier.done = total if steps is None else min(dossier.done + steps, total)
        begun = {"status": ONGOING} if dossier.status == NOT_STARTED else {}
        return self._set(dossier, {**begun, **fields})

    def _set(self, dossier: Dossier, fields: Mapping[str, Any]) -> dict[str, Any]:
        if "status" in fields:
            for label in _LABELS:
                dossier.overrides.pop(label, None)
        for key, value in fields.items():
            if key == "template_id":
                dossier.template = self.templates[int(value)]
                dossier.done = min(dossier.done, len(dossier.template.steps))
            elif key == "contact":
                dossier.contact |= value
            elif key in _ATTRIBUTES:
                setattr(dossier, key, value)
            elif isinstance(value, dict):
                dossier.overrides[key] = {**(dossier.overrides.get(key) or {}), **value}
            else:
                dossier.overrides[key] = value.isoformat() if isinstance(value, datetime) else value
        self._changed(dossier.id)
        return dossier.in_full()

    def _changed(self, dossier_id: int) -> None:
        for listener in self.on_change:
            listener(dossier_id)
