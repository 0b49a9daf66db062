"""How forms work: each field is checked as its `Field` says, and errors are collected in `Mistakes`.

The forms themselves, with one line for each field, are in `application_forms` and the like.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator

from bot.core.errors import UsageError
from bot.core.forms.fields import Field, Wrong, checked
from bot.core.language import N_, _

NEEDED = N_("Fill this in.")


class Mistakes(UsageError):
    """The input is invalid. `fields` has a message for each wrong field."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = dict(fields)


class Form(BaseModel):
    """A form with checked values. Each field is annotated with a `Field`."""

    # Built when its form is first opened, not when the process starts.
    model_config = ConfigDict(frozen=True, extra="ignore", validate_default=True, defer_build=True)

    @field_validator("*", mode="before")
    @classmethod
    def _as_asked(cls, typed: Any, info: ValidationInfo) -> Any:
        """Check the input by the field's kind."""
        name = str(info.field_name)
        field = asked_of(cls)[name]
        if field.only_with and info.data.get(field.only_with[0]) != field.only_with[1]:
            return None
        value = checked(field, typed)
        if value is None and (cls.model_fields[name].is_required() or field.only_with):
            raise Wrong(_(NEEDED))
        return value


DraftT = TypeVar("DraftT", bound=Form)


def asked_of(model: type[Form]) -> dict[str, Field]:
    """Return how each field of a form is presented, in order. A field without a `Field` is a programming error.

    The choice of the account comes first, because the other options depend on it.
    """
    fields = {
        name: next(each for each in field.metadata if isinstance(each, Field))
        for name, field in model.model_fields.items()
    }
    return dict(sorted(fields.items(), key=lambda each: not each[1].of_several))


def is_needed(model: type[Form], name: str) -> bool:
    """Return whether a field must be filled in when it is shown."""
    return model.model_fields[name].is_required() or asked_of(model)[name].only_with is not None


def is_shown(field: Field, values: Mapping[str, Any]) -> bool:
    """Return whether a field is shown, given the other values."""
    return field.only_with is None or values.get(field.only_with[0]) == field.only_with[1]


def read(model: type[DraftT], values: Mapping[str, Any]) -> DraftT:
    """Check the values, by field name, and return the form. Other keys are ignored. Raises Mistakes."""
    given = {name: values[name] for name in model.model_fields if values.get(name) is not None}
    needed = {name: None for name, field in model.model_fields.items() if field.is_required()}
    try:
        return model.model_validate(needed | given)
    except ValidationError as error:
        problems = error.errors(include_url=False)
        raise Mistakes({str(each["loc"][0]): _sentence(each) for each in problems}) from error


def _sentence(problem: Mapping[str, Any]) -> str:
    reason = problem.get("ctx", {}).get("error")
    return str(reason) if isinstance(reason, Wrong) else _("I don't understand this value. Check it and try again.")
