"""What follows from a comparison, as text to be written: settings as a fragment of `.env`, and actions to import."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.core.applications.model import StatusClass
from bot.core.errors import UsageError
from bot.core.language import _
from bot.core.permissions import Role
from bot.core.saved_actions.request_template import RequestTemplate
from bot.core.saved_actions.saved_action import SavedAction, checked
from bot.core.saved_actions.transfer import exported
from bot.doctor.openapi.comparison import Comparison
from bot.doctor.openapi.description import ApiDescription, DescribedField, DescribedOperation, line_of
from bot.doctor.openapi.difference import Difference, settings_that_follow
from bot.doctor.openapi.locating import APPLICATION_WORDS, LocatedOperation, normalized

_UNDECIDED = frozenset({StatusClass.OPEN, StatusClass.PENDING, StatusClass.SUBMITTED})


@dataclass(frozen=True, slots=True)
class ProposedVerb:
    """An action by the words that a path ends with: its name, and the classes of applications that it is for."""

    name: str
    words: str
    classes: frozenset[StatusClass] = frozenset()


VERBS = (
    ProposedVerb("Close", "close closed closing", frozenset(StatusClass) - {StatusClass.CLOSED}),
    ProposedVerb("Reopen", "reopen open", frozenset({StatusClass.APPROVED, StatusClass.CLOSED})),
    ProposedVerb("Approve", "approve approval accept validate", frozenset({StatusClass.SUBMITTED})),
    ProposedVerb("Reject", "reject refuse decline", frozenset({StatusClass.SUBMITTED})),
    ProposedVerb("Remind", "remind reminder reminders relaunch", _UNDECIDED),
    ProposedVerb("Assign in Clust", "assign assignee assignees stakeholder stakeholders transfer"),
    ProposedVerb("Archive", "archive"),
    ProposedVerb("Pause", "pause suspend", _UNDECIDED),
    ProposedVerb("Resume", "resume unpause"),
    ProposedVerb("Write to client", "message messages"),
    ProposedVerb("Ask for an item", "item items tasks task", _UNDECIDED),
)
"""Actions that are proposed, in this order."""


def fragment(present: Mapping[str, str], differences: Iterable[Difference]) -> str:
    """Return lines for `.env`: each setting with its whole value, and what needs a decision as comments.

    `present` has the values that the settings have now.
    """
    every = tuple(differences)
    lines = ["# " + _("Made by doctor --openapi from Clust's description. Check each line before you use it.")]
    for name, value in settings_that_follow(present, every).items():
        lines += ["", *(f"# {line_of(f'{each.bot} {each.clust}')}" for each in every if each.setting == name)]
        lines.append(f"{name}='{value}'")
    others = [each for each in every if not each.setting]
    lines += ["", *(f"# {line_of(f'{each.bot} {each.clust}')} {line_of(each.advice)}" for each in others)]
    return "\n".join(lines).rstrip() + "\n"


def actions(description: ApiDescription, comparison: Comparison) -> list[SavedAction]:
    """Return the actions that a description offers for applications, where it is clear what to send."""
    proposed: list[SavedAction] = []
    for verb in VERBS:
        words = verb.words.split()
        for operation in description.operations:
            if _verb_of(operation, comparison) not in words:
                continue
            action = _action(verb, operation, operation.path.removeprefix(comparison.before))
            if action and action.name not in {each.name for each in proposed}:
                proposed.append(action)
    return proposed


def as_import(proposed: list[SavedAction]) -> str:
    """Return actions as `actions import` reads them."""
    return exported(proposed)


def _verb_of(operation: DescribedOperation, comparison: Comparison) -> str:
    """Return the word behind an application's ID in the path of something that changes it. Empty if there is none."""
    parts = operation.path.removeprefix(comparison.before).strip("/").split("/")
    if operation.method in ("GET", "DELETE") or len(parts) < 3 or operation.path.count("{") != 1:  # noqa: PLR2004
        return ""
    resource, parameter, verb = parts[-3:]
    words = {normalized(located.path.strip("/").split("/")[-2]) for located in _about_one(comparison)}
    is_theirs = normalized(resource) in {*words, *APPLICATION_WORDS}
    return normalized(verb) if is_theirs and parameter.startswith("{") else ""


def _about_one(comparison: Comparison) -> Iterator[LocatedOperation]:
    yield from (located for key, located in comparison.operations.items() if key in ("read", "update", "delete"))


def _action(verb: ProposedVerb, operation: DescribedOperation, path: str) -> SavedAction | None:
    """Return an action, or None if Clust needs something that no one can be asked for."""
    body: dict[str, object] = {}
    for name, field in operation.sent.items():
        if field.is_required or (name in _TEXTS and not body):
            value = _value(name, field)
            if value is None or "." in name:
                return None
            body[name] = value
    before, _brace, rest = path.partition("{")
    try:
        request = RequestTemplate.parse(
            operation.method, f"{before}{{id}}{rest.partition('}')[2]}", body=json.dumps(body) if body else ""
        )
        action = SavedAction(verb.name, request, verb.classes, Role.EDITOR)
        checked(action, (), None)
    except UsageError:
        return None
    return action


_TEXTS = ("message", "text", "comment", "reason", "title")


def _value(name: str, field: DescribedField) -> object:
    """Return what to send for a field: a placeholder or its only value, or None if there is none."""
    if len(field.values) == 1:
        return field.values[0]
    if normalized(name) in ("email", "recipient_email"):
        return "{email}"
    if field.type == "string" and not field.values:
        return "{date}" if normalized(name).endswith(("_at", "date", "_on")) else "{text}"
    return "{text:number}" if field.type in ("integer", "number") else None
