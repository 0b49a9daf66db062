"""Whose request something is, read from any payload of Slack's: commands, interactions and events.

Where the app is installed for a whole organisation, interactions name no workspace in `team`, and views name the
organisation as the one that installed it: then the view's own workspace counts, or the person's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.slack.web_api.responses import SLACK_ID


@dataclass(frozen=True, slots=True)
class Actor:
    """The workspace and its organisation, as Slack names them, and the person."""

    team_id: str
    enterprise_id: str | None
    user_id: str


def sender_of(body: Mapping[str, Any]) -> Actor:
    """Return who sent a payload. What it does not say is empty, or None for the organisation."""
    view, team, user = _part(body, "view"), _part(body, "team"), _part(body, "user")
    event = _part(body, "event")
    # A modal opened in a channel shared with another organisation may stand in a workspace without the app.
    installed = str(view.get("app_installed_team_id") or "")
    teams = (
        installed if installed.startswith("T") else "",
        body.get("team_id"),
        team.get("id"),
        view.get("team_id"),
        user.get("team_id"),
    )
    enterprises = (body.get("enterprise_id"), _part(body, "enterprise").get("id"), team.get("enterprise_id"))
    people = (body.get("user_id"), user.get("id"), event.get("user"))
    return Actor(
        team_id=_first(teams),
        enterprise_id=_first(enterprises) or None,
        user_id=_first(one for one in people if isinstance(one, str)),
    )


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = whole.get(name)
    return part if isinstance(part, Mapping) else {}


def is_id(value: object) -> bool:
    """Tell whether something looks like an id of Slack's."""
    return isinstance(value, str) and SLACK_ID.fullmatch(value) is not None


def _first(values: Any) -> str:
    return next((str(one) for one in values if is_id(one)), "")
