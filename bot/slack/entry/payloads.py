"""What Slack sends, by its shape: parsed once, before anything else looks at it.

The shapes are those of Slack's "Slash commands", "Interaction payloads" and "Events API", as far as this bot and Bolt
read them: each key may be absent or null, but for those that are needed; other keys are let through. So no listener
meets a list where a text should stand. What the texts say is still anyone's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.core.text import storable, storable_value

COMMAND = frozenset(
    {
        *("command", "text", "user_id", "user_name", "channel_id", "channel_name", "team_id", "team_domain"),
        *("enterprise_id", "enterprise_name", "is_enterprise_install", "api_app_id", "token"),
        *("response_url", "trigger_id", "ssl_check"),
    }
)
"""The keys of a slash command's form; others are left out."""


class Malformed(ValueError):
    """This is nothing that Slack sends."""


class _Told(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class _Named(_Told):
    """A workspace, an organisation, a channel, or a person somewhere."""

    id: str | None = None
    team_id: str | None = None
    enterprise_id: str | None = None


class _Person(_Named):
    id: str


class _Option(_Told):
    value: str | None = None


class _Entry(_Told):
    """What was entered into one element, or clicked."""

    value: str | None = None
    selected_option: _Option | None = None
    selected_options: list[_Option] | None = None
    selected_user: str | None = None
    selected_channel: str | None = None
    selected_conversation: str | None = None
    selected_date: str | None = None
    selected_time: str | None = None


class _Action(_Entry):
    type: str | None = None
    action_id: str
    block_id: str | None = None


class _State(_Told):
    values: dict[str, dict[str, _Entry]]


class _View(_Told):
    id: str
    type: str | None = None
    state: _State | None = None
    hash: str | None = None
    callback_id: str | None = None
    private_metadata: str | None = None
    team_id: str | None = None
    app_installed_team_id: str | None = None


class _FilledView(_View):
    state: _State


class _Container(_Told):
    channel_id: str | None = None
    message_ts: str | None = None


class _Interaction(_Told):
    user: _Person
    team: _Named | None = None
    enterprise: _Named | None = None
    channel: _Named | None = None
    view: _View | None = None
    container: _Container | None = None
    response_url: str | None = None
    trigger_id: str | None = None
    callback_id: str | None = None
    is_enterprise_install: bool | str | None = None


class _Click(_Interaction):
    view: _FilledView | None = None
    actions: list[_Action] = Field(min_length=1)
    trigger_id: str


class _Submission(_Interaction):
    view: _FilledView


class _Closing(_Interaction):
    """A window that a person closed; what was entered needn't come along."""

    view: _View


class _Search(_Interaction):
    view: _FilledView | None = None
    action_id: str
    block_id: str
    value: str


class _Tokens(_Told):
    bot: list[str] | None = None
    oauth: list[str] | None = None


class _Event(_Told):
    """Bolt looks for a person and a channel in its parts too."""

    type: str
    subtype: str | None = None
    user: str | _Named | None = None
    channel: str | _Named | None = None
    user_id: str | None = None
    channel_id: str | None = None
    team_id: str | None = None
    enterprise_id: str | None = None
    tab: str | None = None
    tokens: _Tokens | None = None
    view: dict[str, Any] | None = None


class _Authorization(_Told):
    user_id: str | None = None
    team_id: str | None = None
    enterprise_id: str | None = None
    is_enterprise_install: bool | None = None


class _Happening(_Told):
    event: _Event
    team_id: str | None = None
    enterprise_id: str | None = None
    authorizations: list[_Authorization] | None = None


class _Challenge(_Told):
    challenge: str


SHAPES: Mapping[str, type[_Told]] = {
    "block_actions": _Click,
    "view_submission": _Submission,
    "view_closed": _Closing,
    "block_suggestion": _Search,
    "event_callback": _Happening,
    "url_verification": _Challenge,
}
"""By the payload's type. Another is not for this bot."""


def read(body: str) -> dict[str, Any] | None:
    """Return the payload of a request's body, None for a kind that is not for this bot. Raises Malformed."""
    try:
        if body.lstrip()[:1] == "{":
            return _checked(_parsed(body))
        form = {name: storable(value) for name, value in parse_qsl(body, keep_blank_values=True)}
        if "payload" in form:
            return _checked(_parsed(form["payload"]))
    except (ValueError, RecursionError) as error:
        raise Malformed("no payload of Slack's") from error
    return {name: value for name, value in form.items() if name in COMMAND} or None


_NAMES_NO_TEXT = re.compile(r"\\u(?:0000|d[89a-f])", re.IGNORECASE)


def _parsed(text: str) -> Any:
    """Parse JSON, whose texts can be stored and sent on."""
    value = json.loads(text)
    return storable_value(value) if _NAMES_NO_TEXT.search(text) else value


def _checked(payload: Any) -> dict[str, Any] | None:
    """Return a payload whose shape is that of its type."""
    if not isinstance(payload, dict) or not isinstance(kind := payload.get("type"), str):
        raise Malformed("no payload of Slack's")
    shape = SHAPES.get(kind)
    if shape is None:
        return None
    try:
        shape.model_validate(payload)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(each)[:30] for each in first["loc"][:6])
        raise Malformed(f"a {kind} with {where} that can't be") from error
    return payload
