"""How a step ended reaches Slack, also where Slack doesn't take it at first."""

from __future__ import annotations

from bot.core.forms.workflow_steps import SHOW
from tests.slack.conftest import RunningBot
from tests.slack.workflow_runs import over, steps

__all__ = ["steps"]


async def test_a_result_that_slack_does_not_take_is_sent_again(steps: RunningBot) -> None:
    """A failure of Slack is tried again, a refusal isn't."""
    steps.slack.fail_next("functions.completeSuccess", "internal_error", times=2)
    assert (await over(steps, SHOW, {"application": "1"})).outputs
    steps.slack.fail_next("functions.completeSuccess", "function_execution_not_found")
    execution = await steps.slack.run_step(SHOW, {"application": "1"})
    await steps.slack.wait_for(lambda: steps.slack.called("functions.completeSuccess")[-1].answer.get("error"))
    assert not execution.is_over
