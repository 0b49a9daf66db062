"""The steps of Workflow Builder are declared as Slack wants them, and give no one's email address away."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from bot.core.forms.workflow_steps import APPLICATIONS, CREATE, LIST, PERSON, SHOW, STEPS, TEMPLATES, declared_steps

SCHEMA = Path(__file__).parents[2] / "manifest.schema.json"


def test_slacks_schema_takes_the_functions() -> None:
    """Slack's own schema of the manifest, which is older than selects of dynamic options."""
    schema = json.loads(SCHEMA.read_text())
    definition = {"$ref": "#/definitions/app-manifests.v1.hermes.functions", "definitions": schema["definitions"]}
    jsonschema.Draft7Validator(definition).validate(declared_steps())


@pytest.mark.parametrize("callback_id", [CREATE, SHOW, LIST])
def test_no_output_is_personal(callback_id: str) -> None:
    """Neither an email address nor a phone number leaves a step, and the person is never a visible input."""
    step = STEPS[callback_id]
    assert {"application_id", "title", "status", "link"} <= {one.name for one in step.outputs}
    assert not {"email", "phone"} & {one.name for one in step.outputs}
    (person,) = [one for one in step.inputs if one.name == PERSON]
    assert (person.type, person.is_required) == ("slack#/types/user_context", False)
    assert not [one for one in step.inputs if one.type == "slack#/types/user_id"]


def test_searched_inputs_ask_a_function_that_takes_what_they_pass() -> None:
    """Templates and applications are searched while someone builds the workflow."""
    declared = declared_steps()
    searched = {
        (callback_id, name): one["dynamic_options"]
        for callback_id, step in declared.items()
        for name, one in step["input_parameters"].items()
        if "dynamic_options" in one
    }
    assert {one["function"] for one in searched.values()} == {f"#/functions/{TEMPLATES}", f"#/functions/{APPLICATIONS}"}
    assert set(searched) == {(CREATE, "template_id"), (SHOW, "application")}
    for (callback_id, _name), options in searched.items():
        function = declared[options["function"].removeprefix("#/functions/")]
        assert options["inputs"].keys() == function["input_parameters"].keys()
        assert "account" in declared[callback_id]["input_parameters"]
