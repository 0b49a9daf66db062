"""The forms of saved actions: which one, what it asks, and what an admin saves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from bot.core.forms.fields import MAX_TEXT_LENGTH, Choice, Field, Kind
from bot.core.forms.validation import Form
from bot.core.language import N_


class ChooseActionForm(Form):
    """Choose what to do with an application."""

    action: Annotated[str, Field(N_("Action"), Kind.SELECT, placeholder=N_("Choose an action"))]


MAX_AT_ONCE = 20
"""Applications that something is done with at once."""


class ActOnManyForm(Form):
    """Choose what to do, and with which applications of a list."""

    applications: Annotated[
        tuple[str, ...],
        Field(N_("Applications"), Kind.MANY, placeholder=N_("Choose applications"), max_chosen=MAX_AT_ONCE),
    ]
    action: Annotated[str, Field(N_("Action"), Kind.SELECT, placeholder=N_("Choose an action"))]


class AskTextForm(Form):
    """What an action with `{text}` asks."""

    text: Annotated[str, Field(N_("Text"), Kind.LONG_TEXT, max_length=MAX_TEXT_LENGTH)]


class AskDateForm(Form):
    """What an action with `{date}` asks."""

    date: Annotated[date, Field(N_("Date"), Kind.DATE)]


class AskBothForm(AskDateForm, AskTextForm):
    """What an action with `{text}` and `{date}` asks."""


class AskPersonForm(Form):
    """The user to assign applications to."""

    person: Annotated[str, Field(N_("Assign to"), Kind.PERSON, N_("This person gets a message."))]


class AskDurationForm(Form):
    """How long to mute applications in the channel."""

    until: Annotated[
        str,
        Field(N_("Mute until"), hint=N_("A duration or a time: 2h, 3d, tomorrow 9:00 or monday."), placeholder="2h"),
    ]


class AskFieldForm(Form):
    """Which field of applications to change, and to what."""

    field: Annotated[
        Literal["title", "external_id", "first_name", "last_name", "email", "phone", "folder_id", "custom"],
        Field(
            N_("Field"),
            Kind.SELECT,
            choices=(
                Choice("title", N_("Title")),
                Choice("external_id", N_("External ID")),
                Choice("first_name", N_("First name")),
                Choice("last_name", N_("Last name")),
                Choice("email", N_("Email")),
                Choice("phone", N_("Phone number")),
                Choice("folder_id", N_("Folder ID")),
                Choice("custom", N_("Custom")),
            ),
        ),
    ]
    value: Annotated[str | None, Field(N_("New value"), hint=N_("Leave empty to clear the field."))] = None


ASK_FORMS: Mapping[tuple[str, ...], type[Form]] = {
    ("text",): AskTextForm,
    ("date",): AskDateForm,
    ("text", "date"): AskBothForm,
}
"""The form for what an action asks, as `RequestTemplate.asks` names it."""
