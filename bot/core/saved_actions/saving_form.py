"""The form in which admins save an action, and what it says as a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from bot.core.applications.model import StatusClass
from bot.core.forms.console_request import METHODS, ConsoleMistakes, Method
from bot.core.forms.fields import MAX_TEXT_LENGTH, Choice, Field, Kind
from bot.core.forms.validation import Form, Mistakes
from bot.core.language import N_
from bot.core.permissions import Role
from bot.core.saved_actions.request_template import RequestTemplate
from bot.core.saved_actions.saved_action import MAX_DONE_LENGTH, MAX_NAME_LENGTH, SavedAction

_YES, _NO = Choice("1", N_("Yes")), Choice("0", N_("No"))


class SaveActionForm(Form):
    """Save a call of Clust's API as an action. `RequestTemplate` checks the call."""

    name: Annotated[
        str,
        Field(
            N_("Name"),
            hint=N_("What people click or type."),
            placeholder=N_("Close application"),
            max_length=MAX_NAME_LENGTH,
        ),
    ]
    method: Annotated[
        Method, Field(N_("Method"), Kind.SELECT, choices=tuple(Choice(method, method) for method in METHODS))
    ] = "POST"
    path: Annotated[str, Field(N_("Path"), placeholder="/dossiers/{id}/close", max_length=2000)]
    query: Annotated[
        str | None, Field(N_("Query string"), Kind.LONG_TEXT, placeholder="reason={text}", max_length=MAX_TEXT_LENGTH)
    ] = None
    headers: Annotated[
        str | None,
        Field(
            N_("Headers"),
            Kind.LONG_TEXT,
            N_("One per line, without credentials. I add my own."),
            "Accept-Language: fr",
        ),
    ] = None
    body: Annotated[
        str | None,
        Field(
            N_("Body"),
            Kind.LONG_TEXT,
            placeholder='{"message": "{text}"}',
        ),
    ] = None
    classes: Annotated[
        tuple[str, ...],
        Field(
            N_("Show it for"),
            Kind.SEVERAL,
            N_("Leave empty to show it for all applications."),
            N_("All applications"),
            choices=(
                Choice("open", N_("Open")),
                Choice("pending", N_("Pending submission")),
                Choice("submitted", N_("Submitted")),
                Choice("approved", N_("Approved")),
                Choice("closed", N_("Closed")),
            ),
        ),
    ] = ()
    role: Annotated[
        Literal["viewer", "editor", "admin"],
        Field(
            N_("Who can use it"),
            Kind.SELECT,
            choices=(
                Choice("editor", N_("Editors and admins")),
                Choice("admin", N_("Only admins")),
                Choice("viewer", N_("Everyone"), N_("GET only")),
            ),
        ),
    ] = "editor"
    asks: Annotated[
        str | None, Field(N_("Show the exact request before it's sent"), Kind.CHOICE, choices=(_YES, _NO))
    ] = "1"
    done: Annotated[
        str | None,
        Field(
            N_("What to say when it's done"),
            hint=N_("Leave empty to show Clust's response."),
            max_length=MAX_DONE_LENGTH,
        ),
    ] = None
    pinned: Annotated[
        str | None,
        Field(N_("Button on cards"), Kind.CHOICE, N_("At most two actions can have one."), choices=(_YES, _NO)),
    ] = "0"
    application: Annotated[
        str,
        Field(
            N_("Preview with"),
            Kind.SELECT,
            N_("You'll see the exact request for this application. Nothing is sent."),
            N_("Title, recipient or number"),
            external=True,
            letters=1,
        ),
    ]


class ImportActionsForm(Form):
    """Import actions from the text of an export."""

    text: Annotated[
        str,
        Field(
            N_("Exported actions"),
            Kind.LONG_TEXT,
            N_("You'll see every call before anything is imported. For long exports, use the command line."),
            max_length=MAX_TEXT_LENGTH,
        ),
    ]


def action_of(form: SaveActionForm) -> SavedAction:
    """Return the action that a form describes. Raises Mistakes with a message for each wrong field of its call."""
    try:
        request = RequestTemplate.parse(form.method, form.path, form.query or "", form.headers or "", form.body or "")
    except ConsoleMistakes as error:
        raise Mistakes(error.fields) from error
    return SavedAction(
        name=form.name,
        request=request,
        classes=frozenset(each for each in StatusClass if each.word in form.classes),
        role=Role[form.role.upper()],
        asks_first=form.asks != "0",
        done=form.done or "",
        is_pinned=form.pinned == "1",
    )


def values_of_action(action: SavedAction) -> Mapping[str, Any]:
    """Return what the form of an action begins with."""
    request = action.request
    return {
        "name": action.name,
        "method": request.method,
        "path": request.path,
        "query": request.query or None,
        "headers": request.headers or None,
        "body": request.body or None,
        "classes": [each.word for each in sorted(action.classes)],
        "role": action.role.word,
        "asks": "1" if action.asks_first else "0",
        "done": action.done or None,
        "pinned": "1" if action.is_pinned else "0",
    }
