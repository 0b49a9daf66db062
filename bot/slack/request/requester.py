"""Who did something, and for which installation of the app."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.slack.web_api.responses import SLACK_ID


@dataclass(frozen=True, slots=True)
class Actor:
    """The workspace and its organization, as Slack names them, and the person.

    `may_be_foreign`: the app is installed for the whole organization, and nothing in the payload says that the
    workspace is one of it. It can be that of a stranger in a shared channel.
    `is_organization_certain` is False if the organization is only that of the workspace. It can be a stranger's, too.
    """

    team_id: str
    enterprise_id: str | None
    user_id: str
    may_be_foreign: bool = field(default=False, compare=False)
    is_organization_certain: bool = field(default=True, compare=False)


def is_id(value: object) -> bool:
    """Return whether a value has the form of an id of Slack."""
    return isinstance(value, str) and SLACK_ID.fullmatch(value) is not None


def first_id(*values: str | None) -> str:
    """Return the first value that has the form of an id of Slack, an empty text if none does."""
    return next((value for value in values if value and is_id(value)), "")
