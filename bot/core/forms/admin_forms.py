"""The forms of roles and Clust accounts, for admins. One line for each field, as in `application_forms`."""

from __future__ import annotations

from typing import Annotated, Literal

from bot.core.forms.fields import Choice, Field, Kind
from bot.core.forms.validation import Form
from bot.core.language import N_


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
