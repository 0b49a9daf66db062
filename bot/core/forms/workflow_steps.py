"""`STEPS`: the bot's steps for Slack's Workflow Builder, with their inputs and outputs (Slack: Custom steps).

The manifest declares them, and `bot.slack.entry.steps` runs them. No output holds an email address or a phone number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.forms.application_forms import CreateForm
from bot.core.forms.validation import asked_of, is_needed
from bot.core.language import N_, _

CREATE, SHOW, LIST = "create_application", "look_up_application", "list_applications"
TEMPLATES, APPLICATIONS = "template_options", "application_options"
"""Callback ids of the steps, and of the functions that offer options for their inputs."""

PERSON = "user_context"
"""The input that Slack fills in with the person who started the workflow. No one can choose it."""

ACCOUNT, APPLICATION, FILTER, QUERY = "account", "application", "filter", "query"

FORM_FIELDS = ("template_id", "first_name", "last_name", "email", "phone", "title", "external_id")
"""The fields of the create form that a step fills in, in the order of its inputs."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """An input or output. `options` is the function that offers its options while the builder types."""

    name: str
    title: str
    description: str = ""
    type: str = "string"
    is_required: bool = False
    options: str = ""

    def declared(self) -> dict[str, Any]:
        """Return the parameter as the manifest declares it."""
        options = {"function": f"#/functions/{self.options}", "inputs": _OPTION_INPUTS}
        return {
            "type": self.type,
            "name": self.name,
            "title": _(self.title),
            "description": _(self.description),
            "is_required": self.is_required,
            **({"dynamic_options": options} if self.options else {}),
        }


_OPTION_INPUTS = {
    QUERY: {"value": "{{client.query}}"},
    ACCOUNT: {"value": "{{input_parameters.account}}"},
    PERSON: {"value": "{{client.builder_context}}"},
}
"""What a search for options gets: what was typed, the account, and who builds the workflow."""


@dataclass(frozen=True, slots=True)
class WorkflowStep:
    """A function of the manifest: a step, or one that offers options."""

    title: str
    description: str
    inputs: tuple[Parameter, ...]
    outputs: tuple[Parameter, ...]

    def declared(self) -> dict[str, Any]:
        """Return the function as the manifest declares it."""
        return {
            "title": _(self.title),
            "description": _(self.description),
            "input_parameters": {one.name: one.declared() for one in self.inputs},
            "output_parameters": {one.name: one.declared() for one in self.outputs},
        }


# Not required: a workflow that no one started has none, and has the role of workflows then.
_PERSON = Parameter(PERSON, N_("Person"), N_("Who started the workflow"), "slack#/types/user_context")
_ACCOUNT = Parameter(ACCOUNT, N_("Clust account"), N_("Its name, if there are several"))
_QUERY = Parameter(QUERY, N_("Search"))
_ONE = (
    Parameter("application_id", N_("Application number")),
    Parameter("title", N_("Title")),
    Parameter("status", N_("Status")),
    Parameter("link", N_("Clust link")),
)
_OPTIONS = (Parameter("options", N_("Options"), type="slack#/types/options_select"),)


def _form_inputs() -> tuple[Parameter, ...]:
    fields = asked_of(CreateForm)
    return tuple(
        Parameter(
            name,
            fields[name].label,
            fields[name].hint,
            is_required=is_needed(CreateForm, name),
            options=TEMPLATES if name == "template_id" else "",
        )
        for name in FORM_FIELDS
    )


STEPS: Mapping[str, WorkflowStep] = {
    CREATE: WorkflowStep(
        N_("Create an application"), N_("Creates an application in Clust"), (_ACCOUNT, *_form_inputs(), _PERSON), _ONE
    ),
    SHOW: WorkflowStep(
        N_("Look up an application"),
        N_("Reads one application in Clust"),
        (
            _ACCOUNT,
            Parameter(
                APPLICATION,
                N_("Application"),
                N_("Choose one, or insert an application number from an earlier step"),
                is_required=True,
                options=APPLICATIONS,
            ),
            _PERSON,
        ),
        _ONE,
    ),
    LIST: WorkflowStep(
        N_("List applications"),
        N_("Finds the applications that match a filter, newest changes first"),
        (
            _ACCOUNT,
            Parameter(FILTER, N_("Filter"), N_("Such as late:yes. Leave empty for every application.")),
            _PERSON,
        ),
        (
            Parameter("count", N_("Number of applications listed"), type="integer"),
            Parameter("list", N_("List"), N_("One application per line")),
            *_ONE,
        ),
    ),
    TEMPLATES: WorkflowStep(N_("Templates"), N_("Offers templates"), (_QUERY, _ACCOUNT, _PERSON), _OPTIONS),
    APPLICATIONS: WorkflowStep(N_("Applications"), N_("Offers applications"), (_QUERY, _ACCOUNT, _PERSON), _OPTIONS),
}


def declared_steps() -> dict[str, Any]:
    """Return `functions` of the manifest (Slack: App manifest reference)."""
    return {callback_id: step.declared() for callback_id, step in STEPS.items()}
