"""What tests do with steps of Workflow Builder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bot.core.forms.workflow_steps import declared_steps
from bot.sandbox.slack.workflows import StepExecution
from tests.slack.conftest import RunningBot


@pytest.fixture
def steps(idle_bot: RunningBot) -> RunningBot:
    """A bot in a workspace whose app has its steps."""
    idle_bot.slack.state.workflows.functions = declared_steps()
    return idle_bot


async def over(bot: RunningBot, callback_id: str, inputs: Mapping[str, Any], **how: Any) -> StepExecution:
    """Run a step, and wait until it is over."""
    execution = await bot.slack.run_step(callback_id, inputs, **how)
    await bot.slack.wait_for(lambda: execution.is_over)
    assert execution.refused == []
    return execution
