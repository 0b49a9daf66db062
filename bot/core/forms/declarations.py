"""All forms: one model for each, one line for each field.

The type says what is stored and whether it is required; `Field` says how it is presented. `form` has what all forms
share.
"""

from __future__ import annotations

from datetime import time
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import model_validator

from bot.core.applications.triggers import TRIGGERS
from bot.core.forms.fields import MAX_TEXT_LENGTH, UNSET, Choice, Field, Kind
from bot.core.forms.validation import DraftT, Form, Mistakes
from bot.core.language import N_, _

NEW_TEMPLATE = "new"
"""The value of `template_id` for a template that is yet to be created."""

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
METHODS: tuple[Method, ...] = get_args(Method)
EVENT_CHOICES = (
    Choice("created", N_("Created")),
    Choice("late", N_("Late")),
    Choice("submitted", N_("Submitted")),
    Choice("pending submission", N_("Pending submission")),
    Choice("approved", N_("Approved")),
)

_YES_NO = (Choice("1", N_("Yes")), Choice("0", N_("No")))
_TEMPLATE = Field(
    N_("Template"),
    Kind.SELECT,
    placeholder=N_("Choose a template"),
    choices=(Choice(NEW_TEMPLATE, N_("Create a new template")),),
)
_FIRST_NAME = Field(N_("First name"), placeholder="Ana")
_LAST_NAME = Field(N_("Last name"), placeholder="Silva")
_EMAIL = Field("Email", Kind.EMAIL, placeholder="ana@example.com")
_AUTO_EMAILS = N_("Automatic emails")
_AUTO_HINT = N_("Yes: Clust emails the recipient about every change. No: you email them yourself.")


_CONNECTION = Field(N_("Clust account"), Kind.SELECT, dispatches=True, of_several=True)


class UpdateForm(Form):
    """Update an application. No field is required (rule M3)."""

    template_id: Annotated[str | None, _TEMPLATE] = None
    new_template: Annotated[str | None, Field(N_("New template title"), only_with=("template_id", NEW_TEMPLATE))] = None
    first_name: Annotated[str | None, _FIRST_NAME] = None
    last_name: Annotated[str | None, _LAST_NAME] = None
    email: Annotated[str | None, _EMAIL] = None
    phone: Annotated[str | None, Field(N_("Phone number"), Kind.PHONE, placeholder="+351 210 555 010")] = None
    title: Annotated[
        str | None, Field(N_("Title"), hint=N_("What the application is called in Clust and in Slack."))
    ] = None
    external_id: Annotated[
        str | None, Field(N_("External ID"), hint=N_("Your own reference, such as a customer number."), max_length=100)
    ] = None
    auto_emails: Annotated[
        str | None, Field(_AUTO_EMAILS, Kind.CHOICE, _AUTO_HINT, choices=(*_YES_NO, Choice(UNSET, N_("Unchanged"))))
    ] = None
    folder_id: Annotated[int | None, Field(N_("Folder ID"), Kind.NUMBER, placeholder="123")] = None
    custom: Annotated[
        str | None,
        Field(
            N_("Custom"),
            Kind.LONG_TEXT,
            N_("A note about the recipient, who can't see it."),
            max_length=MAX_TEXT_LENGTH,
        ),
    ] = None
    webhook_url: Annotated[
        str | None,
        Field(
            N_("Webhook URL"),
            Kind.URL,
            N_("Clust calls this URL when the events below happen."),
            "https://example.com/clust",
        ),
    ] = None
    webhook_events: Annotated[
        tuple[str, ...],
        Field(N_("Webhook events"), Kind.SEVERAL, choices=EVENT_CHOICES),
    ] = ()


class CreateForm(UpdateForm):
    """Create an application: the fields of an update, of which Clust requires some, and the account."""

    template_id: Annotated[str, _TEMPLATE]
    first_name: Annotated[str, _FIRST_NAME]
    last_name: Annotated[str, _LAST_NAME]
    email: Annotated[str, _EMAIL]
    auto_emails: Annotated[
        str | None, Field(_AUTO_EMAILS, Kind.CHOICE, _AUTO_HINT, choices=(*_YES_NO, Choice(UNSET, N_("Not set"))))
    ] = None
    webhook_to_bot: Annotated[
        str | None,
        Field(
            N_("Send webhooks to this bot"),
            Kind.CHOICE,
            N_(
                "Yes: Clust sends these events to me right away, not to the URL above. Leave “Webhook events” empty to "
                "get all of them."
            ),
            choices=(Choice("1", N_("Yes")), Choice(UNSET, N_("No"))),
        ),
    ] = None
    connection: Annotated[str | None, _CONNECTION] = None

    @model_validator(mode="after")
    def _has_one_address(self) -> Self:
        """Check that events have exactly one address. Raises Mistakes."""
        if self.webhook_to_bot and self.webhook_url:
            raise Mistakes(
                {"webhook_url": _("Leave this empty to send webhooks to this bot. Clust only calls one URL.")}
            )
        if self.webhook_events and not (self.webhook_to_bot or self.webhook_url):
            raise Mistakes(
                {"webhook_events": _("These events need a webhook URL. Fill it in above, or choose no events.")}
            )
        return self


class FromMessageForm(Form):
    """Choose what of a message fills in the form of a new application. `contact` is the position in what was read."""

    connection: Annotated[str | None, _CONNECTION] = None
    contact: Annotated[str | None, Field(N_("Who is it for?"), Kind.SELECT)] = None
    link: Annotated[
        str | None,
        Field(
            N_("Link to this message in the Custom field"),
            Kind.CHOICE,
            N_("A note in Clust that the recipient can't see."),
            choices=(Choice("1", N_("Yes")), Choice(UNSET, N_("No"))),
        ),
    ] = None


class PickForm(Form):
    """Choose the application for a command that was typed without an id."""

    connection: Annotated[str | None, _CONNECTION] = None
    application: Annotated[
        str,
        Field(N_("Application"), Kind.SELECT, placeholder=N_("Title, recipient or number"), external=True, letters=1),
    ]


class DeleteForm(Form):
    """Confirm a deletion (rule M4)."""


class SubscribeForm(Form):
    """Subscribe a channel: which events, and how and when they are posted.

    A further field that was not shown stays as the channel has it.
    """

    channel: Annotated[
        str,
        Field(
            N_("Channel"),
            Kind.SELECT,
            placeholder=N_("A channel that Clust is in"),
            external=True,
            dispatches=True,
        ),
    ]
    events: Annotated[
        tuple[str, ...],
        Field(
            N_("Events"),
            Kind.SEVERAL,
            N_("Leave empty for all events."),
            choices=tuple(Choice(name, row.title) for name, row in TRIGGERS.items()),
            dispatches=True,
        ),
    ] = ()
    filter: Annotated[
        str | None,
        Field(
            N_("Filter"),
            hint=N_(
                "Leave empty for every application. Press Enter to check the filter and preview what it "
                "would have posted."
            ),
            placeholder='template:"KYC company" -title:test',
            max_length=500,
            dispatches=True,
        ),
    ] = None
    limit: Annotated[
        int | None,
        Field(
            N_("Limit"), Kind.NUMBER, N_("How many notifications of each kind to post at a time."), "20", further=True
        ),
    ] = None
    style: Annotated[
        tuple[str, ...],
        Field(
            N_("Style"),
            Kind.SEVERAL,
            choices=(
                Choice("update", N_("Update cards in place")),
                Choice("thread", N_("Post later events as replies in the card's thread")),
                Choice("action_replies", N_("Say in the card's thread who used a saved action")),
                Choice("full", N_("Show full cards instead of compact ones")),
                Choice("personal_data", N_("Show email and phone on cards to everyone here")),
                Choice("shared_item_names", N_("Show item names on cards if this channel is shared (admins only)")),
            ),
            further=True,
        ),
    ] = ()
    also_to_channel: Annotated[
        tuple[str, ...],
        Field(
            N_("Also send these replies to the channel"),
            Kind.SEVERAL,
            choices=tuple(Choice(name, row.title) for name, row in TRIGGERS.items()),
            further=True,
        ),
    ] = ()
    schedule: Annotated[
        Literal["at_once", "hourly", "daily"],
        Field(
            N_("Post notifications"),
            Kind.SELECT,
            choices=(
                Choice("at_once", N_("Right away")),
                Choice("hourly", N_("Every hour")),
                Choice("daily", N_("Daily, at a set time")),
            ),
            further=True,
        ),
    ] = "at_once"
    daily_at: Annotated[
        time | None, Field(N_("Daily at"), Kind.TIME, only_with=("schedule", "daily"), further=True)
    ] = None
    quiet_from: Annotated[time | None, Field(N_("Quiet from"), Kind.TIME, further=True)] = None
    quiet_to: Annotated[time | None, Field(N_("Quiet until"), Kind.TIME, further=True)] = None
    weekends: Annotated[
        str | None,
        Field(
            N_("On weekends"),
            Kind.CHOICE,
            choices=(Choice("quiet", N_("Quiet, with one digest on Monday")), Choice(UNSET, N_("Same as other days"))),
            further=True,
        ),
    ] = None
    zone: Annotated[str | None, Field(N_("Time zone"), placeholder="Europe/Lisbon", max_length=64, further=True)] = None
    language: Annotated[str | None, Field(N_("Language of notifications"), Kind.SELECT, further=True)] = None
    report: Annotated[
        Literal["none", "weekly", "monthly"],
        Field(
            N_("Post a report"),
            Kind.SELECT,
            N_("Covers all applications. Posted at the daily time, or at 9:00 AM if there isn't one."),
            choices=(
                Choice("none", N_("Never")),
                Choice("weekly", N_("Every Monday")),
                Choice("monthly", N_("On the first of each month")),
            ),
            further=True,
        ),
    ] = "none"
    reminder_days: Annotated[
        int | None,
        Field(
            N_("Remind about late, untouched applications after"),
            Kind.NUMBER,
            N_("In business days. Leave empty for no reminders."),
            "3",
            further=True,
        ),
    ] = None
    connection: Annotated[str | None, _CONNECTION] = None
    gate: Annotated[
        int | None,
        Field(
            N_("Ask before posting more than"),
            Kind.NUMBER,
            N_("If more than this many are due at once, I'll ask first. Enter 0 to never be asked. The default is 20."),
            "20",
            further=True,
        ),
    ] = None
    begin: Annotated[
        str | None,
        Field(
            N_("Start with"),
            Kind.CHOICE,
            choices=(Choice("late", N_("What's already late, as one digest")), Choice(UNSET, N_("New events only"))),
            further=True,
        ),
    ] = None


class MoveForm(Form):
    """Move a channel's subscriptions to another channel."""

    channel: Annotated[
        str, Field(N_("Move to"), Kind.SELECT, placeholder=N_("A channel that Clust is in"), external=True)
    ]


class RoleForm(Form):
    """Give a role to a person or a user group."""

    person: Annotated[str | None, Field(N_("Person"), Kind.PERSON)] = None
    group: Annotated[
        str | None, Field(N_("Or a user group"), Kind.SELECT, placeholder=N_("Name or @handle"), external=True)
    ] = None
    role: Annotated[
        Literal["viewer", "editor", "admin", "none"],
        Field(
            N_("Role"),
            Kind.SELECT,
            choices=(
                Choice("viewer", N_("Viewer"), N_("Can look things up")),
                Choice("editor", N_("Editor"), N_("Can also create, update and subscribe")),
                Choice("admin", N_("Admin"), N_("Can do everything")),
                Choice("none", N_("No role"), N_("The default role applies")),
            ),
        ),
    ]


class AssignForm(Form):
    """Who handles an application from now on."""

    assignee: Annotated[
        str | None, Field(N_("Assign to"), Kind.PERSON, N_("This person gets a message. Leave empty to unassign."))
    ] = None


class ConnectForm(Form):
    """Connect a Clust account, or connect it again."""

    name: Annotated[
        str,
        Field(
            N_("Account name"),
            hint=N_("A short name. To use this account, people add connection: and the name to a command."),
            placeholder="emea",
            max_length=40,
        ),
    ]
    api_key: Annotated[
        str | None,
        Field(
            N_("API token"),
            hint=N_(
                "In Clust, go to Team settings > Developers > API. The token is stored encrypted and never shown "
                "again. Leave empty to keep the current token for this name."
            ),
            max_length=1000,
            secret=True,
        ),
    ] = None
    environment: Annotated[
        Literal["production", "sandbox", "other"],
        Field(
            N_("Environment"),
            Kind.SELECT,
            choices=(
                Choice("production", "Clust"),
                Choice("sandbox", N_("Clust sandbox")),
                Choice("other", N_("Another address")),
            ),
        ),
    ] = "production"
    url: Annotated[
        str | None,
        Field(N_("API address"), Kind.URL, placeholder="https://…/api", only_with=("environment", "other")),
    ] = None
    meant: Annotated[
        Literal["named", "channel", "workspace"],
        Field(
            N_("Default for"),
            Kind.SELECT,
            choices=(
                Choice("named", N_("Only when specified")),
                Choice("channel", N_("This channel")),
                Choice("workspace", N_("The whole workspace")),
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
            N_("Path"),
            hint=N_("Relative to the API's base address, such as /dossiers."),
            placeholder="/dossiers",
            max_length=2000,
        ),
    ]
    method: Annotated[
        Method,
        Field(
            N_("Method"),
            Kind.SELECT,
            N_("Only admins can use methods other than GET. You'll see the request before it's sent."),
            choices=tuple(Choice(method, method) for method in METHODS),
        ),
    ] = "GET"
    headers: Annotated[
        str | None,
        Field(N_("Headers"), Kind.LONG_TEXT, N_("One per line. I add Authorization."), "Accept-Language: fr"),
    ] = None
    query: Annotated[
        str | None,
        Field(N_("Query string"), Kind.LONG_TEXT, N_("On one line, or one pair per line."), "status=late&page=1"),
    ] = None
    body: Annotated[
        str | None, Field(N_("Body"), Kind.LONG_TEXT, N_("JSON. GET requests can't have one."), '{"title": "Acme"}')
    ] = None


class LookUpDraft(ConsoleForm):
    """Send a GET to Clust's API, for someone who can only look things up."""

    method: Annotated[
        Literal["GET"],
        Field(N_("Method"), Kind.SELECT, N_("Only admins can use other methods."), choices=(Choice("GET", "GET"),)),
    ] = "GET"


_OF_THE_FORM = ("new_template", "connection", "webhook_to_bot")
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
