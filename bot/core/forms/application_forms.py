"""The forms of applications: create, update, and choose or assign one. One line for each field.

The type says what is stored and whether it is required. `Field` says how it is presented. `validation.Form` has what
all forms share.
"""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import model_validator

from bot.core.forms.fields import CONNECTION, MAX_TEXT_LENGTH, UNSET, Choice, Field, Kind
from bot.core.forms.validation import DraftT, Form, Mistakes
from bot.core.language import N_, _

NEW_TEMPLATE = "new"
"""The value of `template_id` for a template that is yet to be created."""

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
    connection: Annotated[str | None, CONNECTION] = None

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

    connection: Annotated[str | None, CONNECTION] = None
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

    connection: Annotated[str | None, CONNECTION] = None
    application: Annotated[
        str,
        Field(N_("Application"), Kind.SELECT, placeholder=N_("Title, recipient or number"), external=True, letters=1),
    ]


class AssignForm(Form):
    """Who handles an application from now on."""

    assignee: Annotated[
        str | None, Field(N_("Assign to"), Kind.PERSON, N_("This person gets a message. Leave empty to unassign."))
    ] = None


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
