"""The forms of saved actions: which one, what it asks, and what an admin saves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from bot.core.forms.fields import MAX_TEXT_LENGTH, Field, Kind
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


ASKED: Mapping[tuple[str, ...], type[Form]] = {
    ("text",): AskTextForm,
    ("date",): AskDateForm,
    ("text", "date"): AskBothForm,
}
"""The form for what an action asks, as `RequestTemplate.asks` names it."""
