"""A stand-in that answers as a recorded profile says: with its keys and types, statuses, pages and errors.

The account inside is the usual one, with its own status codes. They are translated to those of the profile only in
answers, so everything that can happen to an account can happen to this one too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from bot.core.applications.model import StatusClass
from bot.core.applications.status_rules import StatusRules, code_words
from bot.core.profiles.profile import Profile, ProfiledStatus, Types, ValueType
from bot.core.profiles.recording import value_type
from bot.sandbox.clust.account import STATUSES, Dossier
from bot.sandbox.clust.stand_in import SandboxClust, StandInAnswer
from bot.sandbox.clust.validation import ValidationRefusal

RATE_LIMIT = 300
"""Requests a minute, for an account whose headers announce a limit. No profile says how high it is."""

_OTHER_NAMES: Mapping[str, str] = {
    "progress_percentage": "progress",
    "contact": "recipient",
    "phone": "phone_number",
    "count_missing_items": "missing",
    "count_eligible_items": "eligible",
    "dossier_items": "items",
    "title": "name",
}
"""Keys of the stand-in, and what an account may call them instead."""

_SAMPLES: Mapping[ValueType, Any] = {
    "null": None,
    "boolean": True,
    "number": 1,
    "decimal": 0.5,
    "empty": "",
    "digits": "1",
    "date": "2026-01-01T00:00:00+00:00",
    "text": "made up",
    "list": [],
    "object": {},
}
"""Values for keys that the stand-in doesn't have."""


def _text(value: Any) -> str:
    """Return a value as text that is neither a number nor an ISO 8601 date."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict | list):
        return str(next(iter(value.values() if isinstance(value, dict) else value), ""))
    with suppress(ValueError, TypeError):
        return f"{datetime.fromisoformat(value):%d/%m/%Y %H:%M}"
    return str(value)


_CONVERTERS: Mapping[ValueType, Callable[[Any], Any]] = {
    "null": lambda _: None,
    "boolean": lambda value: bool(int(value)),
    "number": lambda value: int(float(value)),
    "decimal": float,
    "empty": lambda _: "",
    "digits": lambda value: str(int(float(value))),
    "date": lambda value: datetime.fromisoformat(value).isoformat(),
    "text": _text,
    "list": lambda value: list(value.values()) if isinstance(value, dict) else [value],
    "object": lambda value: {str(place): each for place, each in enumerate(value)},
}
"""What makes a value of one type from one of another. What can't be made stays as it is."""


class ProfiledClust(SandboxClust):
    """An account that answers as `profile` says. Anything that the profile leaves open is as in the stand-in."""

    def __init__(
        self, profile: Profile, *, token: str = "sandbox-clust-token", seed: int = 1, clock: Callable[[], datetime]
    ) -> None:
        super().__init__(token=token, seed=seed, clock=clock)
        self.profile, self._names = profile, _statuses(profile)
        listing, faults = profile.list, self.faults
        faults.paging, faults.rows_by_id, faults.counts_as_text = (
            listing.paging,
            listing.rows_by_id,
            listing.counts_as_text,
        )
        faults.repeat_first_page, faults.ignore_per_page = listing.heeds_page is False, listing.heeds_per_page is False
        faults.cap_per_page, faults.ignore_filters = listing.max_per_page, listing.heeds_search is False
        faults.order, faults.bare = listing.order or "changed", profile.single_is_bare
        faults.rate_limit = RATE_LIMIT if "x-ratelimit-limit" in profile.headers else None
        faults.delay_seconds = profile.seconds.get("list", 0.0)

    def populate(self, count: int) -> None:
        """Add applications, with statuses that the bot doesn't know as often as the account has them."""
        super().populate(count)
        unknown = [one for one in self.profile.statuses if _class(one) is None]
        places = iter(list(self.dossiers.values()))
        for status in unknown:
            for _ in range(max(1, count * status.count // max(1, self.profile.applications))):
                if dossier := next(places, None):
                    dossier.status = status.code
                    dossier.overrides["status_string"] = status.label

    def _row(self, dossier: Dossier) -> bytes:
        if dossier.row is None:
            row = {**dossier.in_list(), **dossier.counts()} if self.profile.row_keys else dossier.in_list()
            dossier.row = json.dumps(self._formed(row, self.profile.row_keys)).encode()
        return dossier.row

    def _dossier_answer(self, status: int, dossier: dict[str, Any]) -> StandInAnswer:
        return super()._dossier_answer(status, self._formed(dossier, self.profile.single_keys))

    def _refused(self, refusal: ValidationRefusal) -> StandInAnswer:
        """Return an error in the form of the profile's, if it has one of that kind."""
        name = next((name for name in refusal.errors if name in {"dossier", "route"}), None)
        form = self.profile.errors.get("no_application" if name == "dossier" else "no_route") if name else None
        if form is None:
            return super()._refused(refusal)
        if form.body == "json":
            message = refusal.message
            body = {key: message if "object" not in types else dict(refusal.errors) for key, types in form.keys.items()}
            return StandInAnswer(form.status, {"content-type": "application/json"}, json.dumps(body).encode())
        text = {"page": b"<!DOCTYPE html><h1>Not found</h1>", "empty": b"", "other": b"Not found"}[form.body]
        return StandInAnswer(form.status, {"content-type": "text/html"}, text)

    def _formed(self, application: Mapping[str, Any], keys: Mapping[str, Types]) -> dict[str, Any]:
        """Return an application with the profile's keys, types and statuses."""
        named = {**application, **self._status_of(application)}
        return _with_keys(named, keys) if keys else named

    def _status_of(self, application: Mapping[str, Any]) -> dict[str, Any]:
        status = self._names.get(application["status"])
        if status is None:
            return {}
        label = status.label or application["status_string"]
        return {"status": status.code, "status_string": label}


def _class(status: ProfiledStatus) -> StatusClass | None:
    return StatusRules().classify(status.code, status.label)


def _statuses(profile: Profile) -> dict[str, ProfiledStatus]:
    """Return the profile's status for each code of the stand-in, where the profile has one of the same class."""
    names: dict[str, ProfiledStatus] = {}
    for code, (label, _color) in [*STATUSES.items()][::-1]:  # of two that are open, the later is the commoner
        status_class = StatusRules().classify(code, label)
        alike = [one for one in profile.statuses if _class(one) is status_class and (one.code or one.label)]
        word = code_words(code)[-1]
        alike.sort(key=lambda one: (word not in code_words(one.code), one in names.values(), -one.count))
        if code and alike:
            names[code] = alike[0]
    return names


def _with_keys(values: Mapping[str, Any], keys: Mapping[str, Types], within: str = "") -> dict[str, Any]:
    """Return an object with the keys of the profile that are `within` one of its keys."""
    formed: dict[str, Any] = {}
    for path, types in keys.items():
        outer, _, name = path.rpartition(".")
        if outer != within:
            continue
        names = (name, *(ours for ours, theirs in _OTHER_NAMES.items() if theirs == name))
        ours = next((one for one in names if one in values), None)
        kind = _commonest(types)
        value = _SAMPLES[kind] if ours is None else values[ours]
        if isinstance(value, dict) and kind == "object":
            value = _with_keys(value, keys, path)
        elif isinstance(value, list) and kind in {"list", "object"}:
            value = [_with_keys(one, keys, path) if isinstance(one, dict) else one for one in value]
        formed[name] = _as_type(value, kind)
    if not within:
        formed.setdefault("id", values["id"])
    return formed


def _commonest(types: Types) -> ValueType:
    """Return the type that a key has most often. Null only if it never has another."""
    return max(types, key=lambda kind: (kind != "null", types[kind]), default="null")


def _as_type(value: Any, kind: ValueType) -> Any:
    """Return a value as this type. One that is unknown, or can't become that, stays as it is."""
    if value is None or value_type(value) == kind:
        return value
    with suppress(ValueError, TypeError, AttributeError):
        return _CONVERTERS[kind](value)
    return value
