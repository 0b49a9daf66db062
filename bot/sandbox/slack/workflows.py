"""Workflow Builder in the stand-in: the app's functions, and their runs as steps of workflows.

From Slack's "Custom steps", "Dynamic options", `function_executed`, `functions.completeSuccess` and `.completeError`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.core.language import _
from bot.sandbox.slack.block_kit.elements import Impossible
from bot.sandbox.slack.web_api_call import WebApiRefusal

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "slack#/types/user_context": dict,
    "slack#/types/options_select": list,
}


@dataclass(slots=True, eq=False)
class StepExecution:
    """One run of a function. `outputs` or `error` is set once it has ended. `refused` are the bot's invalid answers."""

    id: str
    callback_id: str
    token: str = field(repr=False)
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any] | None = None
    error: str | None = None
    refused: list[str] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether the bot has reported how it ended."""
        return self.outputs is not None or self.error is not None


class Workflows:
    """The functions that the app's manifest declares, and their runs by id."""

    def __init__(self) -> None:
        self.functions: Mapping[str, Mapping[str, Any]] = {}
        self.executions: dict[str, StepExecution] = {}

    def begin(self, callback_id: str, inputs: Mapping[str, Any], number: int) -> StepExecution:
        """Return a new run. Raises Impossible for inputs that Workflow Builder wouldn't allow."""
        declared = self.functions.get(callback_id)
        if declared is None:
            raise Impossible(_("the app doesn't have this step"))
        parameters = declared["input_parameters"]
        if unknown := inputs.keys() - parameters.keys():
            raise Impossible(f"the step has no input {min(unknown)}")
        for name, parameter in parameters.items():
            if parameter["is_required"] and not inputs.get(name):
                raise Impossible(f"the step needs {name}")
        execution = StepExecution(f"Fx{number:08}", callback_id, f"xwfp-sandbox-{number}", dict(inputs))
        self.executions[execution.id] = execution
        return execution

    def complete(self, execution_id: str, token: str, outputs: Any) -> StepExecution:
        """End a run with its outputs, which must fit the function's declaration. Raises WebApiRefusal."""
        execution = self._running(execution_id, token)
        parameters = self.functions[execution.callback_id]["output_parameters"]
        if not isinstance(outputs, Mapping) or any(
            name not in parameters or not isinstance(value, _TYPES[parameters[name]["type"]])
            for name, value in outputs.items()
        ):
            execution.refused.append("parameter_validation_failed")
            raise WebApiRefusal("parameter_validation_failed")
        execution.outputs = outputs
        return execution

    def fail(self, execution_id: str, token: str, error: str) -> StepExecution:
        """End a run with an error. Raises WebApiRefusal."""
        execution = self._running(execution_id, token)
        execution.error = error
        return execution

    def admit(self, token: str) -> bool:
        """Return whether a token came with the event of a run."""
        return any(one.token == token for one in self.executions.values())

    def _running(self, execution_id: str, token: str) -> StepExecution:
        execution = self.executions.get(execution_id)
        if execution is None:
            raise WebApiRefusal("function_execution_not_found")
        if execution.is_over:
            raise WebApiRefusal("execution_not_in_running_state")
        if token.startswith("xwfp-") and token != execution.token:
            raise WebApiRefusal("access_denied")
        return execution
