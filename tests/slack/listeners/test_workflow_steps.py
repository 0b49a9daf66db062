"""Steps of Workflow Builder: the checks of the form, one result for each run, and words where it fails."""

from __future__ import annotations

import sqlalchemy as sa

from bot.core.forms.workflow_steps import CREATE, LIST, SHOW
from bot.store.engine.tables import audit
from tests.slack.conftest import RunningBot
from tests.slack.listeners.windows import needed, template, written
from tests.slack.workflow_runs import over, steps

__all__ = ["steps"]


async def test_a_workflow_creates_an_application(steps: RunningBot) -> None:
    """The person who started it is in the audit log, and the outputs hold no email address and no phone number."""
    inputs = needed(steps, title="Acme", phone="+351 210 555 010")
    execution = await over(steps, CREATE, inputs)
    assert execution.outputs == {
        "application_id": "4",
        "title": "Acme",
        "status": "Missing",
        "link": "https://clust.invalid/app/dossiers/4",
    }
    ((_method, _path, sent),) = written(steps)
    assert sent["contact"] == {
        "firstname": "Ana",
        "lastname": "Silva",
        "email": "ana@example.com",
        "phone": "+351 210 555 010",
    }
    (row,) = await steps.rows(sa.select(audit))
    member = steps.slack.workspace.member.id
    assert (row["user_id"], row["action"], row["outcome"], row["target"]) == (member, "create", "ok", "4")


async def test_a_repeated_event_creates_nothing_twice(steps: RunningBot) -> None:
    """Slack sends an event again that it thinks was lost. The run has one result, and one application."""
    execution = await over(steps, CREATE, needed(steps))
    before = len(steps.slack.calls)
    await steps.slack.step_event(execution, retry=(1, "http_timeout"))
    await steps.slack.wait_for(lambda: len(steps.slack.calls) > before)
    assert len(written(steps)) == 1
    assert steps.slack.calls[-1].answer["error"] == "execution_not_in_running_state"


async def test_a_step_that_failed_is_not_tried_again(steps: RunningBot) -> None:
    """Clust's refusal is explained in words, and a repeated event doesn't ask Clust once more."""
    steps.account.faults.refuse_token = True
    failed = await over(steps, CREATE, needed(steps))
    assert failed.error is not None
    assert failed.error.startswith("Clust rejected the API token.")
    before = len(written(steps))
    steps.account.faults.refuse_token = False
    failed.error = None
    await steps.slack.step_event(failed, retry=(1, "http_timeout"))
    await steps.slack.wait_for(lambda: failed.is_over)
    assert "already failed" in (failed.error or "")
    assert len(written(steps)) == before


async def test_a_step_with_an_unknown_outcome_is_not_repeated(steps: RunningBot) -> None:
    """A connection cut after Clust took it: the outcome is unknown, also to a repeated event (rule M1)."""
    steps.account.faults.disconnect_writes = True
    execution = await over(steps, CREATE, needed(steps))
    assert "confirm" in (execution.error or "")
    steps.account.faults.disconnect_writes = False
    execution.error = None
    await steps.slack.step_event(execution, retry=(1, "http_timeout"))
    await steps.slack.wait_for(lambda: execution.is_over)
    assert len(written(steps)) == 1


async def test_wrong_inputs_are_named(steps: RunningBot) -> None:
    """As in the form, with the name of the field, and nothing is sent to Clust."""
    for name, value, sentence in (
        ("email", "nobody", "Email: Enter an email address, such as ana@example.com."),
        ("phone", "call me", "Phone number: Enter a phone number"),
        ("template_id", "new", "New template title: Fill this in."),
        ("account", "elsewhere", "Unknown account `elsewhere`"),
    ):
        execution = await over(steps, CREATE, needed(steps, **{name: value}))
        assert sentence in (execution.error or ""), name
    assert written(steps) == []


async def test_one_application_and_a_list(steps: RunningBot) -> None:
    """By number, `#123` or link. It finds a list by a filter, at most 20, with the first one's outputs."""
    for application in ("2", "#2", "https://clust.invalid/app/dossiers/2"):
        execution = await over(steps, SHOW, {"application": application})
        assert (execution.outputs or {})["title"] == "Birch"
    listed = (await over(steps, LIST, {"filter": "title:birch"})).outputs or {}
    assert (listed["count"], listed["application_id"]) == (1, "2")
    assert listed["list"].startswith("Birch · ")
    assert (await over(steps, LIST, {})).outputs is not None
    assert (await over(steps, LIST, {"filter": "title:nothing"})).outputs == {"count": 0, "list": ""}


async def test_a_step_names_what_it_could_not_find(steps: RunningBot) -> None:
    """An application of another account, a path, an unknown filter."""
    for callback_id, inputs, sentence in (
        (SHOW, {"application": "99"}, "Clust has no application `99`."),
        (SHOW, {"application": "../users"}, "isn't an application"),
        (LIST, {"filter": "flavor:red"}, "flavor"),
    ):
        assert sentence in ((await over(steps, callback_id, inputs)).error or ""), inputs


async def test_inputs_are_searched(steps: RunningBot) -> None:
    """Templates and applications, as the builder of the workflow sees them.

    The result comes before the acknowledgement.
    """
    templates = await steps.slack.step_options(CREATE, "template_id")
    assert template(steps) in [one["value"] for one in templates]
    (offered,) = await steps.slack.step_options(SHOW, "application", "bir")
    assert offered == {"text": {"type": "plain_text", "text": "Birch (2)", "emoji": False}, "value": "2"}
    assert await steps.slack.step_options(SHOW, "application", "bir", user=steps.slack.workspace.guest.id) == []
    assert await steps.slack.step_options(SHOW, "application", "bir", account="elsewhere") == []
