"""The forms of the API console. One line for each field, as in `application_forms`. `console_request` checks more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from bot.core.forms.console_request import METHODS, Method
from bot.core.forms.fields import Choice, Field, Kind
from bot.core.forms.validation import Form
from bot.core.language import N_

PRESETS: Mapping[str, str] = {
    N_("Applications"): "/dossiers",
    N_("Templates"): "/templates",
    N_("Contacts"): "/contacts",
    N_("Companies"): "/companies",
    N_("Users"): "/users",
    N_("Teams"): "/teams",
    N_("Tags"): "/tags",
    N_("Portals"): "/portals",
    N_("Forms"): "/forms",
    N_("Data fields"): "/data-fields",
    N_("Item uploads"): "/uploads?dossier_item_id=",
}
"""Paths to start from, by name."""


class ConsoleForm(Form):
    """Send a request to Clust's API. `console_request` checks it (rule M5)."""

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
