"""`functions.*`: how the app says that a step of a workflow has ended."""

from __future__ import annotations

from bot.sandbox.slack.state import SlackState
from bot.sandbox.slack.web_api_call import Answer, Arguments


def complete_success(state: SlackState, arguments: Arguments) -> Answer:
    """`functions.completeSuccess`."""
    execution_id, outputs = arguments.needed("function_execution_id"), arguments.json("outputs")
    state.changes.publish("step", state.workflows.complete(execution_id, arguments.token, outputs))
    return {}


def complete_error(state: SlackState, arguments: Arguments) -> Answer:
    """`functions.completeError`."""
    execution_id, error = arguments.needed("function_execution_id"), arguments.needed("error")
    state.changes.publish("step", state.workflows.fail(execution_id, arguments.token, error))
    return {}
