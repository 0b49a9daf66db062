"""What a person does on the page comes to the bot as from Slack. What Slack would not allow is refused."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.slack.block_kit.elements import with_ids
from bot.sandbox.slack.stand_in import SandboxSlack

ADRIEN, MEI, GUSTAV = "U00000002", "U00000003", "U00000005"
ONBOARDING, PRIVATE = "C00000010", "C00000011"


def plain(text: str) -> dict[str, Any]:
    """Return a plain text object."""
    return {"type": "plain_text", "text": text}


OPTION = {"text": plain("#12 · Acme"), "value": "12"}
DETAILS = {"type": "button", "text": plain("Details"), "action_id": "details"}
ROWS = [
    {"type": "section", "block_id": name, "text": plain(name), "accessory": {**DETAILS, "value": name}}
    for name in ("first", "second")
]
FORM = {
    "type": "modal",
    "callback_id": "form",
    "title": plain("Form"),
    "submit": plain("Save"),
    "blocks": [
        {
            "type": "input",
            "block_id": "name",
            "label": plain("Name"),
            "element": {"type": "plain_text_input", "action_id": "value"},
        },
        {
            "type": "input",
            "block_id": "application",
            "label": plain("Application"),
            "optional": True,
            "element": {"type": "external_select", "action_id": "value", "min_query_length": 1},
        },
    ],
}


def ephemeral(slack: SandboxSlack) -> list[str]:
    """Return the ephemeral messages to one person."""
    return [message.text for message in slack.ephemeral()]


async def test_a_message(slack: SandboxSlack, page_client: Any) -> None:
    """What is typed is posted as from that person, its signs escaped and people named by their ids, in a thread too."""
    await page_client.act("say", ADRIEN, channel=ONBOARDING, text=" <b> for @mei ")
    (message,) = slack.messages("onboarding")
    assert (message.user, message.text) == (ADRIEN, f"&lt;b&gt; for <@{MEI}>")
    await page_client.act("say", MEI, channel=ONBOARDING, text="thanks", thread_ts=message.ts)
    reply = slack.messages("onboarding")[1]
    assert (reply.text, reply.thread_ts, reply.is_in_thread_only) == ("thanks", message.ts, True)


async def test_a_command(bot: Any, page_client: Any) -> None:
    """A command reaches the bot from the person and the channel that were chosen."""
    await page_client.act("say", GUSTAV, channel=ONBOARDING, text="/clust list  late:yes")
    sent = bot.received[0]
    assert (sent["command"], sent["text"]) == ("/clust", "list  late:yes")
    assert (sent["user_name"], sent["channel_name"]) == ("gustav", "onboarding")


async def test_a_command_that_nobody_takes(slack: SandboxSlack, page_client: Any) -> None:
    """Where the bot is not there, Slackbot says so to the person alone."""
    slack.events_url = "http://127.0.0.1:9/slack/events"
    await page_client.act("say", MEI, channel=ONBOARDING, text="/clust help")
    assert ephemeral(slack) == ['/clust failed with the error "dispatch_failed"']


async def test_commands_that_are_none(slack: SandboxSlack, bot: Any, page_client: Any) -> None:
    """An unknown command, and any in a thread, are answered as Slack does. The bot is sent nothing."""
    message = slack.state.messages.post(ONBOARDING, text="card")
    await page_client.act("say", MEI, channel=ONBOARDING, text="/cluster")
    await page_client.act("say", MEI, channel=ONBOARDING, text="/dance")
    await page_client.act("say", MEI, channel=ONBOARDING, text="/clust list", thread_ts=message.ts)
    messages = ephemeral(slack)
    assert messages[0].startswith("`/cluster` is not a valid command.")
    assert messages[1].startswith("`/dance` is not a valid command.")
    assert messages[2] == "/clust is not supported in threads. Sorry!"
    assert bot.received == []


async def test_the_bot_is_invited_and_removed(slack: SandboxSlack, bot: Any, page_client: Any) -> None:
    """`/invite @clust` and `/remove @clust` work as in Slack, and the bot gets the events."""
    await page_client.act("say", MEI, channel=PRIVATE, text="/invite @clust")
    assert slack.workspace.bot.id in slack.workspace.private.members
    await page_client.act("say", MEI, channel=PRIVATE, text="/remove @clust")
    assert slack.workspace.bot.id not in slack.workspace.private.members
    assert [one["event"]["type"] for one in bot.received] == ["member_joined_channel", "group_left"]


async def test_where_one_can_not_write(slack: SandboxSlack, page_client: Any) -> None:
    """No one writes where they are not, in an archived channel, or nothing."""
    assert await page_client.fail("say", GUSTAV, channel=PRIVATE, text="hello") == "they aren't in this channel"
    assert (
        await page_client.fail("say", MEI, channel=ONBOARDING, text="  ")
        == "a message must have 1 to 12,000 characters"
    )
    await slack.archive("onboarding")
    assert await page_client.fail("say", MEI, channel=ONBOARDING, text="hi") == "nobody can post in an archived channel"
    assert await page_client.fail("say", "U0CLUST", channel=ONBOARDING, text="hi") == "this person doesn't exist"


async def test_a_click_names_its_block(slack: SandboxSlack, bot: Any, page_client: Any) -> None:
    """Of two buttons with one action id, the one in the named block is pressed."""
    message = slack.state.messages.post(ONBOARDING, text="rows", blocks=with_ids(ROWS))
    place = {"channel": ONBOARDING, "ts": message.ts}
    await page_client.act("click", MEI, **place, block_id="second", action_id="details")
    (sent,) = bot.received
    assert sent["actions"][0]["value"] == "second"
    assert sent["user"]["id"] == MEI
    error = await page_client.fail("click", MEI, **place, block_id="third", action_id="details")
    assert error == "this no longer exists"
    slack.state.messages.delete(message)
    assert (
        await page_client.fail("click", MEI, **place, block_id="second", action_id="details") == "the message is gone"
    )


@pytest.mark.parametrize("who", [GUSTAV, ADRIEN])
async def test_what_others_see_can_not_be_pressed(slack: SandboxSlack, page_client: Any, who: str) -> None:
    """No one presses what only someone else sees, or closes their window."""
    message = slack.state.messages.post(ONBOARDING, text="rows", blocks=with_ids(ROWS), visible_to=MEI)
    place = {"channel": ONBOARDING, "ts": message.ts}
    assert (
        await page_client.fail("click", who, **place, block_id="second", action_id="details") == "the message is gone"
    )
    view = slack.state.views.open(slack.state.views.trigger(MEI), FORM)
    assert await page_client.fail("close", who, view=view.id) == "this window isn't open"
    assert await page_client.fail("submit", who, view=view.id, values={}) == "this window isn't open"


async def test_a_form(slack: SandboxSlack, bot: Any, page_client: Any) -> None:
    """An empty field is refused before the bot sees it, its mistakes stand under the fields, and then it closes."""
    view = slack.state.views.open(slack.state.views.trigger(MEI), FORM)
    assert await page_client.act("submit", MEI, view=view.id, values={}) == {"ok": True, "refused": True}
    assert (view.errors, bot.received) == ({"name": "Please complete this required field."}, [])
    bot.answers["view_submission"] = {"response_action": "errors", "errors": {"name": "Too short."}}
    await page_client.act("submit", MEI, view=view.id, values={"name": "A"})
    assert view.errors == {"name": "Too short."}
    bot.answers.clear()
    await page_client.act("submit", MEI, view=view.id, values={"name": "Ana"})
    assert bot.received[-1]["view"]["state"]["values"]["name"]["value"]["value"] == "Ana"
    assert slack.views.of(MEI) is None


async def test_an_external_select(slack: SandboxSlack, bot: Any, page_client: Any) -> None:
    """What the bot offers can be chosen by its value, and comes back to it whole. What was not offered can't."""
    view = slack.state.views.open(slack.state.views.trigger(MEI), FORM)
    bot.answers["block_suggestion"] = {"options": [OPTION]}
    place = {"view": view.id, "block_id": "application", "action_id": "value"}
    assert (await page_client.act("options", MEI, **place, typed="acme"))["options"] == [OPTION]
    assert bot.received[0]["value"] == "acme"
    refused = await page_client.fail("submit", MEI, view=view.id, values={"name": "Ana", "application": "13"})
    assert refused == "this option wasn't offered"
    await page_client.act("submit", MEI, view=view.id, values={"name": "Ana", "application": "12"})
    assert bot.received[-1]["view"]["state"]["values"]["application"]["value"]["selected_option"] == OPTION


async def test_closing(slack: SandboxSlack, page_client: Any) -> None:
    """A window is closed. Once closed, it can't be closed again."""
    view = slack.state.views.open(slack.state.views.trigger(MEI), FORM)
    await page_client.act("close", MEI, view=view.id)
    assert slack.views.of(MEI) is None
    assert await page_client.fail("close", MEI, view=view.id) == "this window isn't open"


async def test_a_shortcut(slack: SandboxSlack, bot: Any, page_client: Any) -> None:
    """One anywhere, one on a message that the person sees, but no other, and none in another's place."""
    assert await page_client.act("shortcut", MEI, callback_id="shortcut.create") == {"ok": True}
    await page_client.act("say", MEI, channel=ONBOARDING, text="Ana")
    (message,) = slack.messages("onboarding")
    place = {"channel": ONBOARDING, "ts": message.ts}
    assert await page_client.act("shortcut", MEI, callback_id="shortcut.about", **place) == {"ok": True}
    sent = [(one["type"], one["callback_id"]) for one in bot.received]
    assert sent == [("shortcut", "shortcut.create"), ("message_action", "shortcut.about")]
    for wrong in ({"callback_id": "shortcut.about"}, {"callback_id": "shortcut.create", **place}, {"callback_id": "x"}):
        assert "doesn't exist" in await page_client.fail("shortcut", MEI, **wrong)


async def test_opening_home(bot: Any, page_client: Any) -> None:
    """The bot gets an event when someone opens the app's Home tab."""
    await page_client.act("home", MEI)
    event = bot.received[0]["event"]
    assert (event["type"], event["user"], event["tab"]) == ("app_home_opened", MEI, "home")


STEP = {
    "title": "Look up",
    "input_parameters": {
        "application": {
            "type": "string",
            "is_required": True,
            "dynamic_options": {"function": "#/functions/search", "inputs": {"query": {"value": "{{client.query}}"}}},
        },
        "user_context": {"type": "slack#/types/user_context", "is_required": False},
    },
    "output_parameters": {"title": {"type": "string"}},
}
SEARCH = {
    "title": "Search",
    "input_parameters": {"query": {"type": "string", "is_required": False}},
    "output_parameters": {"options": {"type": "slack#/types/options_select"}},
}


async def test_a_step_of_a_workflow(slack: SandboxSlack, bot: Any, page_client: Any) -> None:
    """It runs as the person's or no one's, and the page gets what came of it. Only steps are offered to be run."""
    workflows = slack.state.workflows
    workflows.functions = {"look_up": STEP, "search": SEARCH}
    assert (await page_client.act("steps", MEI))["steps"].keys() == {"look_up"}

    def end(change: Any) -> None:
        if change.kind == "acknowledged" and change.subject.payload.get("event", {}).get("type") == "function_executed":
            run = workflows.executions[change.subject.payload["event"]["function_execution_id"]]
            outputs = {"title": "Acme"} if run.callback_id == "look_up" else {"options": [OPTION]}
            slack.state.changes.publish("step", workflows.complete(run.id, run.token, outputs))

    slack.on_change.append(end)
    inputs = {"application": "12", "user_context": ""}
    ended = await page_client.act("run_step", MEI, step="look_up", inputs={**inputs, "user_context": None})
    assert (ended["outputs"], ended["failed"]) == ({"title": "Acme"}, None)
    assert bot.received[-1]["event"]["inputs"]["user_context"]["id"] == MEI
    await page_client.act("run_step", MEI, step="look_up", inputs=inputs, alone=True)
    assert "user_context" not in bot.received[-1]["event"]["inputs"]
    assert (await page_client.act("step_options", MEI, step="look_up", input="application", typed="ac"))["ok"]
    assert bot.received[-1]["event"]["inputs"] == {"query": "ac"}


async def test_what_workflow_builder_would_not_do_is_refused(slack: SandboxSlack, page_client: Any) -> None:
    """An unknown step, an input that is missing or unknown, another person, and a search of what isn't searched."""
    slack.state.workflows.functions = {"look_up": STEP, "search": SEARCH}
    for sent, reason in (
        ({"step": "other", "inputs": {}}, "the app doesn't have this step"),
        ({"step": "look_up", "inputs": {}}, "the step needs application"),
        ({"step": "look_up", "inputs": {"application": "1", "x": "y"}}, "the step has no input x"),
        ({"step": "look_up", "inputs": "1"}, "the inputs can't be read"),
        (
            {"step": "look_up", "inputs": {"application": "1", "user_context": {"id": ADRIEN}}},
            "user_context can't be filled in, because Slack does that itself",
        ),
    ):
        assert await page_client.fail("run_step", MEI, **sent) == reason
    assert await page_client.fail("step_options", MEI, step="look_up", input="x") == "this input has no search"
