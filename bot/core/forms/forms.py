"""All forms: one model for each, one line for each field.

The type says what is stored and whether it is required; `Field` says how it is presented. `form` has what all forms
share.
"""

from __future__ import annotations

from datetime import time
from typing import Annotated, Any, Literal, get_args

from pydantic import ValidationInfo, field_validator

from bot.core.applications.triggers import TRIGGERS
from bot.core.forms.fields import MAX_TEXT_LENGTH, UNSET, Choice, Field, Kind, Wrong
from bot.core.forms.form import DraftT, Form
from bot.core.language import N_

NEW_TEMPLATE = "new"
"""The value of `template_id` for a template that is yet to be created."""

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
METHODS: tuple[Method, ...] = get_args(Method)
EVENT_WORDS = ("created", "late", "submitted", "pending submission", "approved")

_YES_NO = (Choice("1", "Yes"), Choice("0", "No"))
_TEMPLATE = Field(
    "Template",
    Kind.SELECT,
    placeholder="Choose a template",
    choices=(Choice(NEW_TEMPLATE, "Create a new template"),),
)
_FIRST_NAME = Field("First name", placeholder="Ana")
_LAST_NAME = Field("Last name", placeholder="Silva")
_EMAIL = Field("E-mail", Kind.EMAIL, placeholder="ana@example.com")
_AUTO_EMAILS = "Automatic e-mails"
_AUTO_HINT = "Yes: Clust mails the recipient on every change. No: you do it by hand."


_CONNECTION = Field("Clust account", Kind.SELECT, told_at_once=True, of_several=True)


class UpdateForm(Form):
    """Update an application. No field is required (rule M3)."""

    template_id: Annotated[str | None, _TEMPLATE] = None
    new_template: Annotated[str | None, Field("Title of the new template", only_with=("template_id", NEW_TEMPLATE))] = (
        None
    )
    first_name: Annotated[str | None, _FIRST_NAME] = None
    last_name: Annotated[str | None, _LAST_NAME] = None
    email: Annotated[str | None, _EMAIL] = None
    phone: Annotated[str | None, Field("Phone number", Kind.PHONE, placeholder="+351 210 555 010")] = None
    title: Annotated[str | None, Field("Title", hint="What the application is called in Clust and in Slack.")] = None
    external_id: Annotated[str | None, Field("External ID", hint="Any reference of your own.", max_length=100)] = None
    auto_emails: Annotated[
        str | None, Field(_AUTO_EMAILS, Kind.CHOICE, _AUTO_HINT, choices=(*_YES_NO, Choice(UNSET, "Unchanged")))
    ] = None
    folder_id: Annotated[int | None, Field("Folder ID", Kind.NUMBER, placeholder="123")] = None
    custom: Annotated[
        str | None,
        Field("Custom", Kind.LONG_TEXT, "About the recipient, who does not see it.", max_length=MAX_TEXT_LENGTH),
    ] = None
    webhook_url: Annotated[
        str | None, Field("Webhook URL", Kind.URL, "Clust calls it on the events below.", "https://example.com/clust")
    ] = None
    webhook_events: Annotated[
        tuple[str, ...],
        Field("Webhook events", Kind.SEVERAL, choices=tuple(Choice(word, word.capitalize()) for word in EVENT_WORDS)),
    ] = ()


class CreateForm(UpdateForm):
    """Create an application: the fields of an update, of which Clust requires some, and the account."""

    template_id: Annotated[str, _TEMPLATE]
    first_name: Annotated[str, _FIRST_NAME]
    last_name: Annotated[str, _LAST_NAME]
    email: Annotated[str, _EMAIL]
    auto_emails: Annotated[
        str | None, Field(_AUTO_EMAILS, Kind.CHOICE, _AUTO_HINT, choices=(*_YES_NO, Choice(UNSET, "Not set")))
    ] = None
    connection: Annotated[str | None, _CONNECTION] = None

    @field_validator("webhook_events")
    @classmethod
    def _has_an_address(cls, events: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if events and info.data.get("webhook_url", "wrong itself") is None:
            raise Wrong("Clust calls a webhook on these: fill in its URL above, or choose none.")
        return events


class PickForm(Form):
    """Choose the application for a command that was typed without an id."""

    connection: Annotated[str | None, _CONNECTION] = None
    application: Annotated[
        str,
        Field("Application", Kind.SELECT, placeholder="Title, recipient or ID", external=True, letters=1),
    ]


class DeleteForm(Form):
    """Confirm a deletion (rule M4)."""


class SubscribeForm(Form):
    """Subscribe a channel: which events, and how and when they are posted."""

    channel: Annotated[str, Field("Channel", Kind.SELECT, placeholder="A channel that Clust is in", external=True)]
    events: Annotated[
        tuple[str, ...],
        Field(
            "Events",
            Kind.SEVERAL,
            "None chosen: all of them.",
            choices=tuple(Choice(name, row.title) for name, row in TRIGGERS.items()),
            told_at_once=True,
        ),
    ] = ()
    filter: Annotated[
        str | None,
        Field(
            "Filter",
            hint="Empty: every application. Enter checks it and shows what it would have posted.",
            placeholder='template:"KYC company" -title:test',
            max_length=500,
            told_at_once=True,
        ),
    ] = None
    limit: Annotated[int | None, Field("Limit", Kind.NUMBER, "Notices of each kind at a time.", "20")] = None
    style: Annotated[
        tuple[str, ...],
        Field(
            "Style",
            Kind.SEVERAL,
            choices=(
                Choice("update", "Cards are updated in place"),
                Choice("thread", "Later events are replies in the card's thread"),
                Choice("full", "Full cards instead of compact ones"),
                Choice("personal_data", "E-mail and phone on cards: everybody here reads them"),
                Choice("shared_item_names", N_("Item names on cards if this channel is shared (admins)")),
            ),
        ),
    ] = ()
    also_to_channel: Annotated[
        tuple[str, ...],
        Field(
            "Replies that are sent to the channel too",
            Kind.SEVERAL,
            choices=tuple(Choice(name, row.title) for name, row in TRIGGERS.items()),
        ),
    ] = ()
    schedule: Annotated[
        Literal["at_once", "hourly", "daily"],
        Field(
            "Notices come",
            Kind.SELECT,
            choices=(Choice("at_once", "At once"), Choice("hourly", "Every hour"), Choice("daily", "Daily, at a time")),
        ),
    ] = "at_once"
    daily_at: Annotated[time | None, Field("Daily at", Kind.TIME, only_with=("schedule", "daily"))] = None
    quiet_from: Annotated[time | None, Field("Quiet from", Kind.TIME)] = None
    quiet_to: Annotated[time | None, Field("Quiet until", Kind.TIME)] = None
    weekends: Annotated[
        str | None,
        Field(
            "On Saturdays and Sundays",
            Kind.CHOICE,
            choices=(Choice("quiet", "Quiet: one summary on Monday"), Choice(UNSET, "As on other days")),
        ),
    ] = None
    zone: Annotated[str | None, Field("Time zone", placeholder="Europe/Lisbon", max_length=64)] = None
    reminder_days: Annotated[
        int | None,
        Field("Remind of what is late and untouched after", Kind.NUMBER, "Working days. Empty: never.", "3"),
    ] = None
    connection: Annotated[str | None, _CONNECTION] = None
    gate: Annotated[
        int | None,
        Field(
            "Ask before more than",
            Kind.NUMBER,
            "Notices at once: then one question with their counts comes instead. 0: never ask. Empty: 20.",
            "20",
        ),
    ] = None
    begin: Annotated[
        str | None,
        Field(
            "Begin",
            Kind.CHOICE,
            choices=(Choice("late", "Also with what is late now, as one digest"), Choice(UNSET, "From now on")),
        ),
    ] = None


class MoveForm(Form):
    """Move a channel's subscriptions to another channel."""

    channel: Annotated[str, Field("To", Kind.SELECT, placeholder="A channel that Clust is in", external=True)]


class RoleForm(Form):
    """Give a role to a person or a user group."""

    person: Annotated[str | None, Field("Person", Kind.PERSON)] = None
    group: Annotated[
        str | None, Field("Or a user group", Kind.SELECT, placeholder="Name or @handle", external=True)
    ] = None
    role: Annotated[
        Literal["viewer", "editor", "admin", "none"],
        Field(
            "Role",
            Kind.SELECT,
            choices=(
                Choice("viewer", "Viewer", "may look things up"),
                Choice("editor", "Editor", "may also create, update and subscribe"),
                Choice("admin", "Admin", "may do everything"),
                Choice("none", "No role of their own", "what holds for everyone holds again"),
            ),
        ),
    ]


class AssignForm(Form):
    """Who handles an application from now on."""

    assignee: Annotated[
        str | None, Field(N_("Assign to"), Kind.PERSON, N_("They get a message. Leave it empty to unassign."))
    ] = None


class ConnectForm(Form):
    """Connect a Clust account, or connect it again."""

    name: Annotated[
        str,
        Field(
            "Connection name",
            hint="A short word, which people type after connection: to mean this account.",
            placeholder="emea",
            max_length=40,
        ),
    ]
    api_key: Annotated[
        str | None,
        Field(
            "API key",
            hint="In Clust: Team settings > Developers > API. It is kept encrypted and never shown again. "
            "Empty: the one that is kept for this name.",
            max_length=1000,
            secret=True,
        ),
    ] = None
    environment: Annotated[
        Literal["production", "sandbox", "other"],
        Field(
            "Where it is",
            Kind.SELECT,
            choices=(
                Choice("production", "Clust"),
                Choice("sandbox", "Clust's sandbox"),
                Choice("other", "Another address"),
            ),
        ),
    ] = "production"
    url: Annotated[
        str | None,
        Field("Address of its API", Kind.URL, placeholder="https://…/api", only_with=("environment", "other")),
    ] = None
    meant: Annotated[
        Literal["named", "channel", "workspace"],
        Field(
            "Use it",
            Kind.SELECT,
            choices=(
                Choice("named", "Only when it is named"),
                Choice("channel", "In this channel, where no account is named"),
                Choice("workspace", "In the whole workspace, where no account is named"),
            ),
        ),
    ] = "named"


class DisconnectForm(Form):
    """Confirm that an account is disconnected."""


class ConsoleForm(Form):
    """Send a request to Clust's API; `console_request` checks it (rule M5)."""

    path: Annotated[
        str,
        Field(
            "Path", hint="Relative to the API's base, as in GET /dossiers.", placeholder="/dossiers", max_length=2000
        ),
    ]
    method: Annotated[
        Method,
        Field(
            "Method",
            Kind.SELECT,
            "All but GET are for admins; what will be sent is shown first.",
            choices=tuple(Choice(method, method) for method in METHODS),
        ),
    ] = "GET"
    headers: Annotated[
        str | None,
        Field("Headers", Kind.LONG_TEXT, "One on each line. The bot sends Authorization.", "Accept-Language: fr"),
    ] = None
    query: Annotated[
        str | None, Field("Query string", Kind.LONG_TEXT, "On one line, or one on each.", "status=late&page=1")
    ] = None
    body: Annotated[str | None, Field("Body", Kind.LONG_TEXT, "JSON. A GET has none.", '{"title": "Acme"}')] = None


class LookUpDraft(ConsoleForm):
    """Send a GET to Clust's API, for someone who can only look things up."""

    method: Annotated[
        Literal["GET"],
        Field("Method", Kind.SELECT, "Only admins can use other methods.", choices=(Choice("GET", "GET"),)),
    ] = "GET"


_OF_THE_FORM = ("new_template", "connection")
"""Fields that are not sent to Clust."""


def filled(draft: Form) -> dict[str, Any]:
    """Return the fields that have a value, by name: what a create sends."""
    values = {name: getattr(draft, name) for name in type(draft).model_fields if name not in _OF_THE_FORM}
    return {name: _plain(value) for name, value in values.items() if value not in {None, ()}}


def with_template(draft: DraftT, template_id: str) -> DraftT:
    """Return the form with the template that was just created for it (rule M2)."""
    return draft.model_copy(update={"template_id": template_id, "new_template": None})


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
