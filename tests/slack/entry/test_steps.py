"""Who runs a step of Workflow Builder: the person that Slack names, or workflows, with the role they were given."""

from __future__ import annotations

from functools import partial

import sqlalchemy as sa

from bot.core.forms.workflow_steps import CREATE, SHOW
from bot.store.engine.tables import audit
from tests.slack.conftest import RunningBot
from tests.slack.listeners.windows import needed, written
from tests.slack.workflow_runs import over, steps

__all__ = ["steps"]


async def test_who_may_not_is_refused(steps: RunningBot) -> None:
    """W1: a guest, someone of another workspace, who has left, and a viewer who creates."""
    slack = steps.slack.workspace
    await steps.say(f"roles set {slack.member.id} viewer", user="adrien")
    for user in (slack.guest.id, slack.stranger.id, slack.member.id):
        execution = await over(steps, CREATE, needed(steps), user=user)
        assert "Sorry, only" in (execution.error or ""), user
    assert (await over(steps, SHOW, {"application": "1"})).outputs
    assert written(steps) == []


async def test_who_has_left_is_refused(steps: RunningBot) -> None:
    """W1: a workflow that a person started who is deactivated by now."""
    member = steps.slack.workspace.owner
    member.deleted = True
    execution = await over(steps, SHOW, {"application": "1"}, user=member.id)
    assert "Sorry, only" in (execution.error or "")


async def test_without_a_person_the_role_of_workflows_counts(steps: RunningBot) -> None:
    """At first none. Admins can make workflows viewers or editors, and take that back."""
    refused = await over(steps, SHOW, {"application": "1"}, started=False)
    assert "`/clust roles set workflows viewer`" in (refused.error or "")
    assert "can be viewers or editors" in (await steps.say("roles set workflows admin", user="adrien")).text
    assert "now a viewer" in (await steps.say("roles set workflows viewer", user="adrien")).text
    assert (await over(steps, SHOW, {"application": "1"}, started=False)).outputs
    assert (await over(steps, CREATE, needed(steps), started=False)).error
    await steps.say("roles set workflows editor", user="adrien")
    assert (await over(steps, CREATE, needed(steps), started=False)).outputs
    (row,) = [row for row in await steps.rows(sa.select(audit)) if row["action"] == "create"]
    assert row["user_id"] == "workflows"
    assert "workflows" in (await steps.say("roles", user="adrien")).text
    await steps.say("roles remove workflows", user="adrien")
    assert (await over(steps, SHOW, {"application": "1"}, started=False)).error


async def test_an_unreadable_person_has_no_role(steps: RunningBot) -> None:
    """What stands in the hidden input and is no person isn't taken for a workflow that no one started."""
    await steps.say("roles set workflows editor", user="adrien")
    contexts: tuple[object, ...] = ({"id": ""}, {"id": 7}, {}, "U1", ["U1"])
    for number, context in enumerate(contexts):
        execution = steps.slack.state.workflows.begin(SHOW, {"application": "1"}, 99 + number)
        execution.inputs = {**execution.inputs, "user_context": context}
        await steps.slack.step_event(execution)
        await steps.slack.wait_for(partial(getattr, execution, "is_over"))
        assert "didn't tell me who started" in (execution.error or ""), context


async def test_events_of_unknown_functions_are_ignored(steps: RunningBot) -> None:
    """An event of a function that the app doesn't have is acknowledged, and nothing else happens."""
    exchange = await steps.slack.event(
        "function_executed", function={"callback_id": "other"}, inputs={}, function_execution_id="Fx9"
    )
    assert exchange.status == 200
