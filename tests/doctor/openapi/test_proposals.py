"""What follows from a description: a fragment of `.env`, and actions to import."""

from __future__ import annotations

from io import StringIO

import pytest
from dotenv import dotenv_values

from bot.core.saved_actions.transfer import imported
from bot.doctor.openapi import proposals
from bot.doctor.openapi.comparison import Believed, compare
from bot.doctor.openapi.description import DescribedField, DescribedOperation
from bot.doctor.openapi.difference import Difference
from tests.doctor.openapi.examples import AS_BELIEVED, api, operation

URL = "https://app.clustdoc.com/api"


def proposed(*operations: DescribedOperation) -> dict[str, str]:
    """Return the calls of the actions that are proposed, by their names."""
    description = api(*AS_BELIEVED, *operations)
    actions = proposals.actions(description, compare(description, Believed(URL)))
    assert not actions or imported(proposals.as_import(actions)) == actions
    return {action.name: action.request.as_text() for action in actions}


def needing(**types: str) -> dict[str, DescribedField]:
    """Return required fields."""
    return {name: DescribedField(type_, is_required=True) for name, type_ in types.items()}


def test_a_fragment_is_read_as_it_is_meant() -> None:
    """Each setting has its lines of comment. What no setting settles is a comment alone, on one line."""
    text = proposals.fragment(
        {"CLUST_PATHS": "list=/a"},
        [
            Difference("paths", "The bot\nreads.", "Clust\x1b says.", "CLUST_PATHS", (("read", "/a/{id}"),)),
            Difference("status", "No class.", "Nothing said.", advice="Set\nit."),
        ],
    )
    assert dotenv_values(stream=StringIO(text)) == {"CLUST_PATHS": "list=/a,read=/a/{id}"}
    assert "# The bot reads. Clust says.\nCLUST_PATHS=" in text
    assert text.endswith("\n# No class. Nothing said. Set it.\n")


@pytest.mark.parametrize(
    ("described", "name", "call"),
    [
        (operation("POST /dossiers/{id}/close"), "Close", "POST /dossiers/{id}/close"),
        (operation("PUT /dossiers/{dossier}/Approval"), "Approve", "PUT /dossiers/{id}/Approval"),
        (operation("POST /v2/dossiers/{id}/reopen"), "Reopen", "POST /v2/dossiers/{id}/reopen"),
        (
            operation("POST /dossiers/{id}/reminders", sent={"message": DescribedField("string")}),
            "Remind",
            'POST /dossiers/{id}/reminders\n{"message": "{text}"}',
        ),
        (
            operation("POST /dossiers/{id}/items", sent=needing(title="string", due_at="string", kind="integer")),
            "Ask for an item",
            'POST /dossiers/{id}/items\n{"title": "{text}", "due_at": "{date}", "kind": "{text:number}"}',
        ),
        (
            operation(
                "POST /dossiers/{id}/assign",
                sent={**needing(email="string"), "role": DescribedField("string", ("owner",), is_required=True)},
            ),
            "Assign in Clust",
            'POST /dossiers/{id}/assign\n{"email": "{email}", "role": "owner"}',
        ),
    ],
)
def test_calls_that_change_an_application_are_proposed(described: DescribedOperation, name: str, call: str) -> None:
    """What Clust needs is asked for in the window, or is what it can only be."""
    assert proposed(described) == {name: call}


@pytest.mark.parametrize(
    "described",
    [
        operation("GET /dossiers/{id}/close"),
        operation("POST /users/{id}/close"),
        operation("POST /dossiers/close"),
        operation("POST /dossiers/{id}/items/{item}/approve"),
        operation("POST /dossiers/{id}/items/approve"),
        operation("POST /dossiers/{id}/dance"),
        operation("POST /dossiers/{id}/close", sent=needing(choice="object")),
        operation("POST /dossiers/{id}/close", sent={**needing(a="object"), **needing(**{"a.b": "string"})}),
        operation("POST /dossiers/{id}/close", sent=needing(**{"a{b": "string"})),
    ],
)
def test_what_is_not_proposed(described: DescribedOperation) -> None:
    """Reads, other resources, parts of an application, unknown verbs, and what a window can't ask for."""
    assert proposed(described) == {}


def test_one_action_of_each_name() -> None:
    """Where two calls would have one name, the first is proposed."""
    assert proposed(operation("POST /dossiers/{id}/close"), operation("PUT /dossiers/{id}/closed")) == {
        "Close": "POST /dossiers/{id}/close"
    }
