"""`RUNS`: what runs each step of Workflow Builder, and the role that it needs.

`bot.core.forms.workflow_steps` declares the steps.

The person is the one that Slack names in the hidden input, never one that a builder chose. Without one, the role that
admins gave to workflows counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.core.errors import CutShort, NotAllowed, UsageError
from bot.core.forms.workflow_steps import ACCOUNT, APPLICATIONS, CREATE, LIST, PERSON, SHOW, TEMPLATES
from bot.core.language import _
from bot.core.permissions import REQUIREMENTS, WORKFLOWS, Role
from bot.slack.listeners import workflow_steps
from bot.slack.request.access import WorkflowAsker
from bot.slack.request.error_boundary import answer_to
from bot.slack.request.event_payloads import InnerEvent
from bot.slack.request.payload_models import PersonPayload
from bot.slack.request.requester import is_id
from bot.slack.request.services import Later, Request, Services, zone_of
from bot.slack.web_api.step_results import complete_step, fail_step

OPTIONS_SECONDS = 2.0
"""For the options of an input: its event has 3 seconds to be acknowledged, after its result was sent."""


@dataclass(frozen=True, slots=True)
class StepRun:
    """One run of a step: its function, its inputs, and the token to answer with."""

    callback_id: str
    inputs: Mapping[str, Any]
    execution_id: str
    token: str | None = field(repr=False)

    @property
    def offers_options(self) -> bool:
        """Whether it fills a select, so its event is acknowledged after its result (Slack: Dynamic options)."""
        return self.callback_id in OPTIONS


@dataclass(frozen=True, slots=True)
class _Runner:
    role: Role
    run: Callable[[Request, Mapping[str, Any], str], Awaitable[dict[str, Any]]]


RUNS: Mapping[str, _Runner] = {
    CREATE: _Runner(REQUIREMENTS["create"], workflow_steps.create_application),
    SHOW: _Runner(REQUIREMENTS["show"], workflow_steps.look_up_application),
    LIST: _Runner(REQUIREMENTS["list"], workflow_steps.list_applications),
    TEMPLATES: _Runner(REQUIREMENTS["create"], workflow_steps.template_options),
    APPLICATIONS: _Runner(REQUIREMENTS["show"], workflow_steps.application_options),
}

OPTIONS = frozenset({TEMPLATES, APPLICATIONS})


def person_in(inputs: Mapping[str, Any]) -> str | None:
    """Return the id of the person who started the workflow, or None if no one did.

    Raises UsageError if it can't be read.
    """
    context = inputs.get(PERSON)
    if context is None:
        return None
    user_id = context.get("id") if isinstance(context, Mapping) else None
    if not is_id(user_id):
        raise UsageError(_("Slack didn't tell me who started this workflow, so I did nothing. Run the workflow again."))
    return str(user_id)


def step_run(event: InnerEvent) -> StepRun | None:
    """Return the run of one of the bot's steps, or None if the event is about something else."""
    callback_id = event.function.callback_id if event.function else ""
    if callback_id not in RUNS or not event.function_execution_id:
        return None
    return StepRun(callback_id, event.inputs or {}, event.function_execution_id, event.bot_access_token)


async def carry_out(services: Services, step: StepRun, request: Callable[[], Awaitable[Request]]) -> None:
    """Run a step, and send Slack its outputs, or in a sentence why it failed.

    `request` returns the request that it runs for. Nothing is sent for a repeated event while the first one is handled.
    """
    try:
        async with asyncio.timeout(OPTIONS_SECONDS if step.offers_options else None):
            outputs = await run(await request(), step)
    except workflow_steps.AlreadyRunningError:
        return
    except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  the boundary: the workflow gets a sentence
        problem = error if isinstance(error, Exception) else CutShort()
        sentence = answer_to(problem).text.removeprefix("⚠️ ")
        await fail_step(services.client, step.execution_id, step.token, sentence)
    else:
        await complete_step(services.client, step.execution_id, step.token, outputs)


async def request_of_nobody(services: Services, later: Later) -> Request:
    """Return the request of a workflow that no one started in person, with the role that admins gave to workflows."""
    role = (await services.store.roles.all(services.workspace.team_id)).get(WORKFLOWS, Role.NOBODY)
    asker, account = WorkflowAsker(services.access, role), await services.meant("")
    return Request(services, PersonPayload(), WORKFLOWS, "", role, asker, zone_of("UTC"), later, account)


async def run(request: Request, step: StepRun) -> dict[str, Any]:
    """Run a step, and return its outputs. Raises NotAllowed, and what the step raises."""
    runner = RUNS[step.callback_id]
    if request.user_id == WORKFLOWS and request.role < runner.role:
        raise NotAllowed(
            _(
                "This workflow wasn't started by a person, and workflows have no role that allows this step. An admin "
                "can give them one with `/clust roles set workflows {role}`.",
                role=runner.role.word,
            )
        )
    await request.needs(runner.role)
    account = step.inputs.get(ACCOUNT)
    if isinstance(account, str) and account.strip():
        request = await request.about(account.strip())
    return await runner.run(request, step.inputs, step.execution_id)
