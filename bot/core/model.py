"""What Clust tells, parsed once and frozen: applications, their recipients and templates.

Tolerant in what it reads: every key is optional but `id`; a value that can't be understood counts as
absent, and absent means unknown (rule R1). The names of the keys are those of the API (`clust-api`, Dossiers).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import IntEnum
from hashlib import blake2b
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from bot.core.words import storable_value


def _id_text(value: object) -> object:
    """Numbers and strings name the same application: `7` and `"7"` are one id."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else value


def _in_utc(value: datetime) -> datetime:
    """A moment without a zone is read as UTC (the API's zone is unknown; ISO 8601 is presumed)."""
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("In UTC it is outside the calendar.") from error


ClustId = Annotated[str, BeforeValidator(_id_text), Field(min_length=1, max_length=100)]
Moment = Annotated[datetime, AfterValidator(_in_utc)]


class StatusClass(IntEnum):
    """What a status means for the five triggers, in the order in which an application rises (rule C1)."""

    OPEN = 1
    PENDING = 2
    SUBMITTED = 3
    APPROVED = 4
    CLOSED = 5

    @property
    def word(self) -> str:
        """The name people type and read, in lower case."""
        return self.name.lower()


class _Known(BaseModel):
    """A frozen piece of what Clust told; `None` is unknown."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, allow_inf_nan=False)

    def merged(self, newer: Self) -> Self:
        """Return this with everything that `newer` knows; what it does not know stays (rule R1)."""
        update: dict[str, Any] = {}
        for name in type(self).model_fields:
            new, old = getattr(newer, name), getattr(self, name)
            if new is None or new == old:
                continue
            update[name] = old.merged(new) if isinstance(old, _Known) else new
        return self.model_copy(update=update) if update else self


class Recipient(_Known):
    """The client who fills in an application. E-mail and phone stay out of channels."""

    firstname: str | None = None
    lastname: str | None = None
    full_name: str | None = None
    email: str | None = None
    phone: str | None = Field(default=None, validation_alias=AliasChoices("phone", "phone_number"))

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, raw: object) -> object:
        """A null `phone` must not hide the `phone_number` beside it."""
        return {key: value for key, value in raw.items() if value is not None} if isinstance(raw, dict) else raw

    @property
    def name(self) -> str | None:
        """The name as a person would say it, or None."""
        return self.full_name or " ".join(part for part in (self.firstname, self.lastname) if part) or None


class Template(_Known):
    """The documents and forms that an application runs through."""

    id: ClustId | None = None
    title: str | None = None
    is_live: bool | None = None


class Application(_Known):
    """One client's run through a template: Clust's dossier, as much of it as an answer carried."""

    id: ClustId
    title: str | None = None
    status: str | None = None
    status_string: str | None = None
    is_late: bool | None = None
    progress: float | None = Field(default=None, validation_alias=AliasChoices("progress_percentage", "progress"))
    missing: int | None = Field(default=None, validation_alias=AliasChoices("count_missing_items", "missing"))
    eligible: int | None = Field(default=None, validation_alias=AliasChoices("count_eligible_items", "eligible"))
    recipient: Recipient | None = Field(default=None, validation_alias=AliasChoices("contact", "recipient"))
    template: Template | None = None
    template_id: ClustId | None = None
    external_id: ClustId | None = None
    public_url: str | None = None
    secured_list_url: str | None = None
    created_at: Moment | None = None
    updated_at: Moment | None = None

    @property
    def name(self) -> str:
        """What to call it: its title, else its recipient, else its number."""
        return self.title or (self.recipient and self.recipient.name) or f"Application {self.id}"

    @property
    def template_name(self) -> str | None:
        """The template's title, else its id, else None."""
        if self.template and self.template.title:
            return self.template.title
        return (self.template.id if self.template else None) or self.template_id


ModelT = TypeVar("ModelT", bound=_Known)


def read_tolerantly(model: type[ModelT], raw: Mapping[str, Any]) -> ModelT:
    """Parse `raw`, leaving out each value that can't be understood.

    Raises pydantic's ValidationError only for what can't be done without: an `id`.
    """
    kept: dict[str, Any] = storable_value(dict(raw))
    while True:
        try:
            return model.model_validate(kept)
        except ValidationError as error:
            removed = [_without(kept, problem["loc"]) for problem in error.errors(include_url=False)]
            if not any(removed):
                raise


def _without(raw: dict[str, Any], loc: tuple[int | str, ...]) -> bool:
    """Remove what `loc` points at, copying on the way; False where nothing was there."""
    *outer, last = map(str, loc)
    for name in outer:
        if not isinstance(raw.get(name), dict):  # pragma: no cover  should pydantic point at what is not there
            last = name
            break
        raw[name] = dict(raw[name])
        raw = raw[name]
    return raw.pop(last, None) is not None


# People copy it from the browser, which may leave out the scheme: then a dot says that a host comes first.
_LINK = re.compile(
    r"(?:https?://[^\s/?#]+|[^\s/?#]+\.[^\s/?#]+)/(?:[^\s?]*/)?([0-9]{1,100})/?(?:[?#]\S*)?", re.IGNORECASE
)


def clust_id(text: str) -> str | None:
    """Return the application's id in what a person typed: `123`, `#123` or a Clust link whose path ends in it."""
    text = text.strip()
    if found := re.fullmatch(r"#?([A-Za-z0-9_-]{1,100})", text):
        return found[1]
    found = _LINK.fullmatch(text)
    return found[1] if found else None


def fingerprint(application: Application) -> int:
    """Return a number of 64 bits that changes when anything known of `application` does; the same in every process."""
    # What model_dump_json returns, as the bytes that it is made of: a poll does this for every row.
    told = Application.__pydantic_serializer__.to_json(application, exclude_none=True)
    return int.from_bytes(blake2b(told, digest_size=8).digest(), "big", signed=True)
