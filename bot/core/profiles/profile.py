"""A profile of a Clust account: the form of its answers, and no value out of them.

`python -m bot doctor --record` writes one, and the stand-in for Clust plays it. It is JSON, so that the sender can read
it first and take out what they like.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.core.errors import UsageError
from bot.core.language import _

MAX_PROFILE_CHARACTERS = 200_000
"""Characters of a profile that is read."""

MAX_NAMES = 400
"""Keys, statuses or headers of each kind in a profile."""

MAX_COUNT = 10_000_000
"""The highest number of applications that a profile may name."""

PagingShape = Literal["full", "meta", "none", "bare", "flat", "simple", "simple_meta", "cursor", "cursor_meta"]
"""What a list says of its other pages.

`full`: meta and links. `meta`: without links. `none`: neither. `bare`: the rows alone, not in `data`. `flat` is
Laravel's plain paginator and `simple` its simple one, with their members at the top level. `simple_meta` is the simple
one in a resource. `cursor` and `cursor_meta` use a cursor.
"""

ProfiledOrder = Literal["changed", "oldest", "created"]
"""How lists are sorted: newest change first, oldest change first, newest creation first."""

ValueType = Literal["null", "boolean", "number", "decimal", "empty", "digits", "date", "text", "list", "object"]
"""The type of a value. Text is `empty`, a whole number (`digits`), an ISO 8601 `date`, or else `text`."""

ProvokedError = Literal["no_application", "no_route"]
"""What is asked for to see the form of an error: an application, and a path, that don't exist."""

Timed = Literal["list", "single"]
"""What is read: the list, or one application."""

Count = Annotated[int, Field(ge=0, le=MAX_COUNT)]
ProfiledSeconds = Annotated[float, Field(ge=0, le=600)]
Name = Annotated[str, Field(min_length=1, max_length=90)]
Types = dict[ValueType, Count]
Keys = Annotated[dict[Name, Types], Field(max_length=MAX_NAMES)]


class _ProfilePart(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ProfiledStatus(_ProfilePart):
    """A status code with its label, and how many applications have it. None is unknown or not to be written."""

    code: Name | None = None
    label: Name | None = None
    count: Count = 0


class ErrorForm(_ProfilePart):
    """The form of an error: its HTTP status, what its body is, and which keys that has."""

    status: Annotated[int, Field(ge=100, le=599)]
    body: Literal["json", "page", "empty", "other"] = "json"
    keys: Keys = {}


class ListForm(_ProfilePart):
    """How the list of applications comes in pages. None is unknown."""

    paging: PagingShape = "none"
    rows_by_id: bool = False
    counts_as_text: bool = False
    heeds_page: bool | None = None
    heeds_per_page: bool | None = None
    max_per_page: Annotated[int, Field(ge=1, le=10_000)] | None = None
    heeds_search: bool | None = None
    order: ProfiledOrder | None = None
    members: Keys = {}
    """What an answer has besides its rows."""
    other_members: Count = 0


class Profile(_ProfilePart):
    """One account. Each `other_…` counts what has a name that isn't written."""

    profile: Literal[1] = 1
    """The version of this format."""
    applications: Count = 0
    is_complete: bool = True
    """Whether all applications were read."""
    list: ListForm = ListForm()
    row_keys: Keys = {}
    """Keys of a list's rows, those one level down after a dot, with how many rows have which type."""
    other_row_keys: Count = 0
    single_is_bare: bool = False
    single_keys: Keys = {}
    """Keys of applications that were read singly."""
    other_single_keys: Count = 0
    statuses: Annotated[tuple[ProfiledStatus, ...], Field(max_length=MAX_NAMES)] = ()
    other_statuses: Count = 0
    other_status_rows: Count = 0
    """Applications whose status isn't written."""
    headers: Annotated[tuple[Name, ...], Field(max_length=MAX_NAMES)] = ()
    other_headers: Count = 0
    errors: Annotated[Mapping[Literal["no_application", "no_route"], ErrorForm], Field(strict=False)] = {}
    seconds: Annotated[
        Mapping[Literal["list", "single"], Annotated[float, Field(ge=0, le=600)]], Field(strict=False)
    ] = {}
    """Until an answer, by what was read: the median, to a tenth."""

    def as_text(self) -> str:
        """Return the profile as it is written to a file."""
        return f"{self.model_dump_json(indent=2)}\n"


def read_profile(text: str) -> Profile:
    """Read what `as_text` wrote and a person may have edited. Raises UsageError that names the first mistake."""
    if len(text) > MAX_PROFILE_CHARACTERS:
        raise UsageError(
            _("A profile can have at most {count:,} characters. This one is longer.", count=MAX_PROFILE_CHARACTERS)
        )
    try:
        return Profile.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"]))
    if not place:
        raise UsageError(_("The profile isn't valid. {why}.", why=first["msg"]))
    raise UsageError(_("`{place}` in the profile isn't valid. {why}.", place=place[:90], why=first["msg"]))
