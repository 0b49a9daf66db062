"""Clust's answers, parsed once into frozen values: applications, recipients and templates.

Parsing is tolerant: every key except `id` is optional, a value that can't be understood counts as absent, and absent
means unknown (rule R1). The keys have the API's names (docs/clust-api.md).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from enum import IntEnum
from functools import cache
from hashlib import blake2b
from typing import Annotated, Any, ClassVar, Self, TypeVar

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

from bot.core.applications.items import ChecklistItem, counted, read_items
from bot.core.language import N_, _, ngettext
from bot.core.typed_text import storable_value


def _id_text(value: object) -> object:
    """Return an id as text: `7` and `"7"` are the same application."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else value


def _in_utc(value: datetime) -> datetime:
    """Read a moment without a zone as UTC. The API doesn't document its zone."""
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("In UTC it is outside the calendar.") from error


ClustId = Annotated[str, BeforeValidator(_id_text), Field(min_length=1, max_length=100)]
Moment = Annotated[datetime, AfterValidator(_in_utc)]


class StatusClass(IntEnum):
    """What a status means for the five triggers, in the order in which an application advances (rule C1)."""

    OPEN = 1
    PENDING = 2
    SUBMITTED = 3
    APPROVED = 4
    CLOSED = 5

    @property
    def word(self) -> str:
        """The name that people type and read, in lower case."""
        return self.name.lower()

    @property
    def title(self) -> str:
        """The name people read, in the current language."""
        title, _count_text = _CLASS_TEXTS[self]
        return _(title)

    def count_text(self, count: int) -> str:
        """Return how many applications have this class, in the current language: `2 open`."""
        _title, count_text = _CLASS_TEXTS[self]
        return count_text(count)


_CLASS_TEXTS: Mapping[StatusClass, tuple[str, Callable[[int], str]]] = {
    StatusClass.OPEN: (N_("Open"), lambda count: ngettext("{count} open", "{count:,} open", count)),
    StatusClass.PENDING: (
        N_("Pending submission"),
        lambda count: ngettext("{count} pending submission", "{count:,} pending submission", count),
    ),
    StatusClass.SUBMITTED: (
        N_("Submitted"),
        lambda count: ngettext("{count} submitted", "{count:,} submitted", count),
    ),
    StatusClass.APPROVED: (N_("Approved"), lambda count: ngettext("{count} approved", "{count:,} approved", count)),
    StatusClass.CLOSED: (N_("Closed"), lambda count: ngettext("{count} closed", "{count:,} closed", count)),
}
"""Each class's title, and how many applications have it. In French, most numbers have a plural of their own."""


class _ClustModel(BaseModel):
    """A frozen part of what Clust returned. `None` is unknown, or in a single read that set it, empty."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, allow_inf_nan=False)

    never_emptied: ClassVar[frozenset[str]] = frozenset()
    """Fields that keep their last value where a single read has a null."""

    @model_validator(mode="before")
    @classmethod
    def _prefer_values(cls, raw: object) -> object:
        """Drop a null that stands beside the same field under its other name, as `phone` beside `phone_number`."""
        if not isinstance(raw, dict) or None not in raw.values():
            return raw
        nulls = set()
        for names in _names_of_fields(cls):
            empty = [name for name in names if name in raw and raw[name] is None]
            if empty and any(raw.get(name) is not None for name in names):
                nulls.update(empty)
        return {key: value for key, value in raw.items() if key not in nulls} if nulls else raw

    def merged(self, newer: Self, *, is_single: bool = False) -> Self:
        """Return this with everything that `newer` knows, a part that stands for something else replaced (rule R1).

        What `newer` leaves out stays. A null stays out as well, but in a single read (`is_single`) it empties.
        """
        if self.differs_from(newer):
            return newer
        fields = {
            name: value
            for name in newer.model_fields_set
            if (value := getattr(newer, name)) is not None or (is_single and name not in self.never_emptied)
        }
        outlived = self.outlived_by(fields)
        for name in fields.keys() - outlived:
            old, new = getattr(self, name), fields[name]
            if isinstance(old, _ClustModel) and isinstance(new, _ClustModel):
                fields[name] = old.merged(new, is_single=is_single)
        update = {
            name: value for name, value in (dict.fromkeys(outlived) | fields).items() if value != getattr(self, name)
        }
        return self.model_copy(update=update) if update else self

    def differs_from(self, newer: Self) -> bool:
        """Return whether `newer` stands for something else, by its id, so that nothing of this may stay (rule R1)."""
        return _are_different(getattr(self, "id", None), getattr(newer, "id", None))

    def outlived_by(self, _fields: Mapping[str, Any], /) -> Collection[str]:
        """Return the fields of this that can't be right any more once these `_fields` are known (rule R1)."""
        return ()


@cache  # every row of every list is read by it
def _names_of_fields(model: type[BaseModel]) -> list[list[str]]:
    """Return the names of each field that Clust calls by several."""
    aliases = [field.validation_alias for field in model.model_fields.values()]
    return [
        [name for name in each.choices if isinstance(name, str)] for each in aliases if isinstance(each, AliasChoices)
    ]


def _are_different(one: object, other: object) -> bool:
    """Return whether two values are known and differ."""
    return one is not None and other is not None and one != other


class Recipient(_ClustModel):
    """The client who completes an application. Their email and phone are not shown in channels."""

    id: ClustId | None = None
    firstname: str | None = None
    lastname: str | None = None
    full_name: str | None = None
    email: str | None = None
    phone: str | None = Field(default=None, validation_alias=AliasChoices("phone", "phone_number"))

    @property
    def name(self) -> str | None:
        """The full name, or None."""
        return self.full_name or " ".join(part for part in (self.firstname, self.lastname) if part) or None

    def differs_from(self, newer: Self) -> bool:
        """Return whether `newer` is someone else: by id, and by email where one of them has no id (rule R1)."""
        if self.id is not None and newer.id is not None:
            return self.id != newer.id
        return _are_different(_same_case(self.email), _same_case(newer.email))

    def outlived_by(self, fields: Mapping[str, Any], /) -> Collection[str]:
        """Return the full name where one of its parts changed, the parts where it did (rule R1).

        A part that is learned only now, and is in the full name, is not a change.
        """
        full_name, parts = fields.get("full_name"), ("firstname", "lastname")
        if full_name is not None:
            is_other = _are_different(_same_case(self.full_name), _same_case(full_name))
            return [one for one in parts if is_other or not _stands_in(getattr(self, one), full_name)]
        changed = [
            one
            for one in parts
            if one in fields
            and (getattr(self, one) not in {None, fields[one]} or not _stands_in(fields[one], self.full_name))
        ]
        return ["full_name"] if changed else []


def _same_case(text: str | None) -> str | None:
    """Return a text normalized for comparison, or None if it is empty."""
    return " ".join(text.split()).casefold() or None if text else None


def _stands_in(part: str | None, whole: str | None) -> bool:
    """Return whether a part of a name occurs in the full name. A part that is unknown on either side doesn't count."""
    part, whole = _same_case(part), _same_case(whole)
    return part is None or whole is None or part in whole


class Template(_ClustModel):
    """The set of documents and forms that an application is made from."""

    id: ClustId | None = None
    title: str | None = None
    is_live: bool | None = None


class Application(_ClustModel):
    """An application (Clust: dossier), with as much of it as an answer contained."""

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
    items: Annotated[tuple[ChecklistItem, ...] | None, BeforeValidator(read_items)] = Field(
        default=None, validation_alias=AliasChoices("dossier_items", "items")
    )

    never_emptied: ClassVar[frozenset[str]] = frozenset({"is_late"})
    """Null is neither yes nor no: where lists say yes it would be announced again and again (rule C4)."""

    @property
    def name(self) -> str:
        """What to call it: its title, else its recipient, else its number."""
        return self.title or (self.recipient and self.recipient.name) or _("Application {id}", id=self.id)

    @property
    def template_name(self) -> str | None:
        """The template's title, else its id, else None."""
        if self.template and self.template.title:
            return self.template.title
        return _template_id(self.template, self.template_id)

    @property
    def has_counts(self) -> bool:
        """Whether Clust gave a count of the items that are missing or needed."""
        return self.missing is not None or self.eligible is not None

    @property
    def items_done(self) -> tuple[int, int] | None:
        """How many items are done, and how many there are, or None where neither items nor counts are known."""
        if self.items:
            return counted(self.items)
        if self.missing is None or self.eligible is None:
            return None
        return max(0, self.eligible - self.missing), self.eligible

    def with_items(self, single: Application) -> Application | None:
        """Return this with the items of a single read, or None if that saw a later or an earlier state.

        Where Clust lists none, there are none: nothing is gained by asking again.
        """
        dated = self.updated_at is not None and single.updated_at is not None
        names = ("updated_at",) if dated else ("status", "progress")
        if any(_are_different(getattr(self, name), getattr(single, name)) for name in names):
            return None
        return self.model_copy(update={"items": single.items or ()})

    def outlived_by(self, fields: Mapping[str, Any], /) -> Collection[str]:
        """Return what can't be right any more: both places of another template, and the items of an earlier state.

        Lists don't carry items. So a row that changed says that those that were read singly may be outdated (rule R1).
        """
        is_other = _are_different(
            _template_id(self.template, self.template_id),
            _template_id(fields.get("template"), fields.get("template_id")),
        )
        has_moved = is_other or any(_are_different(getattr(self, name), fields.get(name)) for name in _MOVES_ITEMS)
        return (*(("template", "template_id") if is_other else ()), *(("items",) if has_moved else ()))


_MOVES_ITEMS = ("status", "progress", "missing", "eligible", "updated_at")
"""What changes where an item does."""


def _template_id(template: Template | None, template_id: str | None) -> str | None:
    """Return the id of the template, which Clust may put in two places."""
    return (template.id if template else None) or template_id


ModelT = TypeVar("ModelT", bound=_ClustModel)


def read_tolerantly(model: type[ModelT], raw: Mapping[str, Any]) -> ModelT:
    """Parse `raw`, leaving out every value that can't be understood.

    Raises pydantic's ValidationError only if the `id` is missing.
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
    """Remove the value at `loc`, copying on the way. Returns False if there was none."""
    *outer, last = map(str, loc)
    for name in outer:
        if not isinstance(raw.get(name), dict):  # pragma: no cover  should pydantic point at what is not there
            last = name
            break
        raw[name] = dict(raw[name])
        raw = raw[name]
    return raw.pop(last, None) is not None


def fingerprint(application: Application) -> int:
    """Return a 64-bit number that changes when anything known of `application` does, the same in every process."""
    # What model_dump_json returns, as the bytes that it is made of: a poll does this for every row.
    content = Application.__pydantic_serializer__.to_json(application, exclude_none=True)
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "big", signed=True)
