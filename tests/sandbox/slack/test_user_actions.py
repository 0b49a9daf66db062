"""What people do in the sandbox's Slack: the payloads that the bot gets, and what its answers bring about."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from bot.sandbox.slack.block_kit.elements import Impossible
from bot.sandbox.slack.interaction import Interaction
from bot.sandbox.slack.messages import PostedMessage
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.sandbox.slack.user_actions import TROUBLE
from bot.sandbox.slack.views import View


def plain(text: str) -> dict[str, Any]:
    """Return a plain text object."""
    return {"type": "plain_text", "text": text}


def field(name: str, kind: str = "plain_text_input", *, optional: bool = False, **keys: Any) -> dict[str, Any]:
    """Return an input block."""
    element = {"type": kind, "action_id": "value", **keys}
    return {"type": "input", "block_id": name, "label": plain(name), "optional": optional, "element": element}


YES_OR_NO = [{"text": plain(word), "value": word.lower()} for word in ("Yes", "No")]
FORM = {
    "type": "modal",
    "callback_id": "form",
    "private_metadata": "draft-1",
    "title": plain("Form"),
    "submit": plain("Save"),
    "blocks": [
        field("first_name", initial_value="Ana"),
        field("email", "email_text_input"),
        field("sends", "static_select", optional=True, options=YES_OR_NO),
        field("template", "external_select", optional=True, min_query_length=1),
        {
            "type": "actions",
            "block_id": "more",
            "elements": [{"type": "button", "text": plain("More"), "action_id": "m"}],
        },
    ],
}
OTHER = {"type": "modal", "title": plain("Other"), "blocks": [{"type": "section", "text": plain("Saved")}]}
LIST = {
    "text": "page 1",
    "blocks": [
        {"type": "section", "text": plain("page 1")},
        {
            "type": "actions",
            "block_id": "b",
            "elements": [
                {"type": "button", "text": plain("Next"), "action_id": "next", "value": "2"},
                {"type": "overflow", "action_id": "menu", "options": YES_OR_NO},
            ],
        },
    ],
}


class Clock:
    """A clock that stands still until it is moved."""

    now = 1_767_326_125.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


class Bot:
    """A bot that records requests, checks signatures, and answers as it is set to."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.retries: list[str | None] = []
        self.answers: dict[str, Any] = {}

    async def serve(self, request: web.Request) -> web.Response:
        """Take one request."""
        body = await request.text()
        if not SignatureVerifier("sandbox-signing-secret").is_valid_request(body, dict(request.headers)):
            return web.Response(status=401)
        self.retries.append(request.headers.get("X-Slack-Retry-Num"))
        form = dict(parse_qsl(body, keep_blank_values=True)) if request.content_type != "application/json" else {}
        payload = json.loads(form.get("payload") or body) if "command" not in form else form
        self.received.append(payload)
        answer = self.answers.get(payload.get("type", "command"))
        return answer if isinstance(answer, web.Response) else web.json_response(answer) if answer else web.Response()


@pytest.fixture
def clock() -> Clock:
    """A moment."""
    return Clock()


@pytest.fixture
async def slack(clock: Clock) -> AsyncIterator[SandboxSlack]:
    """Serve a workspace."""
    async with SandboxSlack(clock=clock) as slack:
        yield slack


@pytest.fixture
async def bot(slack: SandboxSlack) -> AsyncIterator[Bot]:
    """Let a bot listen."""
    bot = Bot()
    server = web.Application()
    server.router.add_post("/slack/events", bot.serve)
    runner = web.AppRunner(server, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.events_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    yield bot
    await runner.cleanup()


async def respond(interaction: Interaction, **sent: Any) -> int:
    """Use a response URL as the bot does. Returns the status of the answer."""
    url = str(interaction.payload["response_url"])
    async with aiohttp.ClientSession() as session, session.post(url, json=sent) as response:
        return response.status


def opened(slack: SandboxSlack, view: Mapping[str, Any] = FORM) -> View:
    """Open a view for Mei."""
    return slack.views.open(slack.views.trigger(slack.workspace.member.id), view)


async def answered(slack: SandboxSlack) -> tuple[Interaction, PostedMessage]:
    """Type a command that is answered with a list."""
    interaction = await slack.command("/clust", "list")
    assert await respond(interaction, **LIST) == 200
    return interaction, await interaction.answer()


async def test_a_command(slack: SandboxSlack, bot: Bot) -> None:
    """A command arrives signed, with all that Slack sends along and its text escaped."""
    interaction = await slack.command("/clust", "list created:<7d", user="bruno", channel=slack.workspace.people_only)
    assert interaction.is_acknowledged
    (received,) = bot.received
    assert received == interaction.payload
    assert (received["text"], received["channel_name"]) == ("list created:&lt;7d", "directmessage")
    assert received["user_id"] == slack.workspace.second_member.id


async def test_an_answer_in_the_acknowledgement(slack: SandboxSlack, bot: Bot) -> None:
    """What stands in the acknowledgement of a command is shown, and is no use of the response URL."""
    bot.answers["command"] = {"text": "here", "response_type": "in_channel"}
    interaction = await slack.command("/clust")
    assert (interaction.answers[0].text, interaction.uses) == ("here", 0)
    assert [message.text for message in slack.messages("onboarding")] == ["here"]


@pytest.mark.parametrize("status", [401, 404, 500])
async def test_a_bot_that_fails(slack: SandboxSlack, bot: Bot, status: int) -> None:
    """A bot that answers anything but 200 makes Slackbot say so."""
    bot.answers["command"] = web.Response(status=status)
    interaction = await slack.command("/clust")
    assert (interaction.status, interaction.answers[0].text) == (
        status,
        '/clust failed with the error "dispatch_failed"',
    )


@pytest.mark.usefixtures("bot")
async def test_five_uses(slack: SandboxSlack) -> None:
    """A response URL takes five answers, not six. One that Slack doesn't take counts too."""
    interaction = await slack.command("/clust")
    statuses = [await respond(interaction, text=text) for text in ("1", "2", "", "4", "5", "6")]
    assert statuses == [200, 200, 400, 200, 200, 404]
    assert interaction.refused == ["no_text", "used_url"]
    assert [message.text for message in slack.ephemeral()] == ["1", "2", "4", "5"]


@pytest.mark.usefixtures("bot")
async def test_thirty_minutes(slack: SandboxSlack, clock: Clock) -> None:
    """A response URL lives for thirty minutes."""
    interaction = await slack.command("/clust")
    clock.now += 1801
    assert (await respond(interaction, text="late"), interaction.refused) == (404, ["expired_url"])


async def test_a_click_in_an_ephemeral_message(slack: SandboxSlack, bot: Bot) -> None:
    """A click in what one person alone sees comes from that person, without the message, and can replace it."""
    _, answer = await answered(slack)
    interaction = await slack.click(answer, "next")
    payload = bot.received[-1]
    assert payload["container"]["is_ephemeral"]
    assert "message" not in payload
    assert (payload["actions"][0]["value"], payload["user"]["id"]) == ("2", answer.visible_to)
    assert await respond(interaction, text="page 2", replace_original=True) == 200
    assert [message.text for message in slack.ephemeral("onboarding")] == ["page 2"]
    assert await respond(interaction, delete_original=True) == 200
    assert slack.ephemeral("onboarding") == []
    with pytest.raises(Impossible, match="gone"):
        await slack.click(answer, "next")


async def test_a_click_in_a_channel(slack: SandboxSlack, bot: Bot) -> None:
    """A click on a posted message brings the message, the person's own team and the app's, and a new trigger."""
    card = slack.state.messages.post(slack.workspace.shared.id, text="card", blocks=LIST["blocks"])
    interaction = await slack.click(card, "menu", value="yes", user="xavier")
    payload = bot.received[-1]
    assert payload["message"]["ts"] == card.ts
    assert payload["user"]["team_id"] != payload["team"]["id"]
    assert payload["actions"][0]["selected_option"]["value"] == "yes"
    assert slack.views.open(payload["trigger_id"], OTHER).user == interaction.user
    assert await respond(interaction, text="only you") == 200
    assert [message.visible_to for message in slack.ephemeral("with-partner")] == [slack.workspace.stranger.id]
    for target in ("nowhere", 7):
        with pytest.raises(Impossible, match="nothing to act on"):
            await slack.click(card, target)
    with pytest.raises(Impossible, match="not among the options"):
        await slack.click(card, "menu", value="perhaps")


async def test_a_submission(slack: SandboxSlack, bot: Bot) -> None:
    """A submission has every field's value. An empty acknowledgement closes the view."""
    view = opened(slack)
    interaction = await slack.submit(view, {"email": "ana@example.com", "sends": "Yes"})
    view_payload = bot.received[-1]["view"]
    assert (view_payload["private_metadata"], view_payload["callback_id"], interaction.view) == (
        "draft-1",
        "form",
        None,
    )
    values = {name: entry["value"] for name, entry in view_payload["state"]["values"].items()}
    assert values == {
        "first_name": {"type": "plain_text_input", "value": "Ana"},
        "email": {"type": "email_text_input", "value": "ana@example.com"},
        "sends": {"type": "static_select", "selected_option": YES_OR_NO[0]},
        "template": {"type": "external_select", "selected_option": None},
    }
    assert slack.views.of(view.user) is None


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize(
    ("entered", "why"),
    [
        ({}, "email"),
        ({"email": "ana"}, "an email address"),
        ({"email": "a@b.c", "sends": "Perhaps"}, "not among the options"),
        ({"email": "a@b.c", "nickname": "x"}, "no field is called nickname"),
        ({"email": "a@b.c", "first_name": "x" * 3001}, "3,001 characters"),
    ],
)
async def test_what_slack_does_not_send(slack: SandboxSlack, entered: dict[str, Any], why: str) -> None:
    """Slack's own client sends no form that is not filled in or holds what can't be entered."""
    view = opened(slack)
    with pytest.raises(Impossible, match=why):
        await slack.submit(view, entered)


async def test_errors_under_fields(slack: SandboxSlack, bot: Bot) -> None:
    """Errors for fields leave the view open with what was entered. For anything else Slack shows that it failed."""
    view = opened(slack)
    bot.answers["view_submission"] = {"response_action": "errors", "errors": {"email": "Taken"}}
    interaction = await slack.submit(view, {"email": "ana@example.com"})
    assert (interaction.errors, view.errors) == ({"email": "Taken"}, {"email": "Taken"})
    bot.answers["view_submission"] = {"response_action": "errors", "errors": {"more": "Not a field"}}
    interaction = await slack.submit(view)
    assert (interaction.errors, view.trouble) == ({}, TROUBLE)
    assert interaction.payload["view"]["state"]["values"]["email"]["value"]["value"] == "ana@example.com"


async def test_what_a_submission_brings(slack: SandboxSlack, bot: Bot) -> None:
    """An acknowledgement can put another view in place, on top, or close them all."""
    view = opened(slack)
    bot.answers["view_submission"] = {"response_action": "push", "view": FORM}
    pushed = (await slack.submit(view, {"email": "ana@example.com"})).view
    assert pushed is not None
    assert (slack.views.of(view.user), pushed.root) == (pushed, view)
    bot.answers["view_submission"] = {"response_action": "update", "view": {**OTHER, "type": "home"}}
    refused = await slack.submit(pushed, {"email": "ana@example.com"})
    assert (refused.refused, pushed.trouble) == (["invalid_arguments"], TROUBLE)
    bot.answers["view_submission"] = {"response_action": "clear"}
    await slack.submit(pushed)
    assert slack.views.of(view.user) is None


async def test_a_submission_that_fails(slack: SandboxSlack, bot: Bot) -> None:
    """A submission that isn't acknowledged leaves the view open, with Slack's words of trouble."""
    view = opened(slack)
    bot.answers["view_submission"] = web.Response(status=500)
    await slack.submit(view, {"email": "ana@example.com"})
    assert (slack.views.of(view.user), view.trouble) == (view, TROUBLE)


async def test_a_click_in_a_view(slack: SandboxSlack, bot: Bot) -> None:
    """A click in a view brings the view with what was entered by then. What was entered stays for the submission."""
    view = opened(slack)
    await slack.click(view, "More", values={"email": "ana@example.com"})
    payload = bot.received[-1]
    assert payload["container"] == {"type": "view", "view_id": view.id}
    assert payload["view"]["state"]["values"]["email"]["value"]["value"] == "ana@example.com"
    assert "response_url" not in payload
    assert (await slack.submit(view)).is_acknowledged


async def test_an_external_select(slack: SandboxSlack, bot: Bot) -> None:
    """Typing into an external select asks the bot. What it offers can be chosen."""
    bot.answers["block_suggestion"] = {"options": YES_OR_NO}
    view = opened(slack)
    offered = await slack.options(view, "template", "y")
    assert (bot.received[-1]["value"], offered) == ("y", YES_OR_NO)
    await slack.submit(view, {"email": "ana@example.com", "template": offered[0]})
    assert bot.received[-1]["view"]["state"]["values"]["template"]["value"]["selected_option"] == YES_OR_NO[0]
    with pytest.raises(Impossible, match="too short"):
        await slack.options(opened(slack), "template", "")


async def test_closing(slack: SandboxSlack, bot: Bot) -> None:
    """The bot gets `view_closed` if the view asks for it."""
    assert await slack.close_view(opened(slack)) is None
    closed = await slack.close_view(opened(slack, {**FORM, "notify_on_close": True}), everything=True)
    assert closed is not None
    assert (bot.received[-1]["type"], bot.received[-1]["is_cleared"]) == ("view_closed", True)
    with pytest.raises(Impossible, match="isn't open"):
        await slack.submit("V404")


async def test_events(slack: SandboxSlack, bot: Bot) -> None:
    """An event has its kind and its authorizations. A redelivery has the same ID and a reason."""
    first = await slack.event("app_uninstalled")
    event_id = first.payload["event_id"]
    await slack.event("app_uninstalled", retry=(1, "http_timeout"), event_id=event_id)
    assert [received["event_id"] for received in bot.received] == [event_id, event_id]
    assert bot.retries == [None, "1"]
    await slack.open_home(user="mei")
    assert (bot.received[-1]["event"]["tab"], bot.received[-1]["event"]["type"]) == ("home", "app_home_opened")


async def test_what_is_done_to_the_workspace(slack: SandboxSlack, bot: Bot) -> None:
    """The bot gets the events of archiving, unarchiving, sharing, and of its removal and invitation."""
    await slack.archive("onboarding")
    assert slack.workspace.onboarding.is_archived
    await slack.unarchive("onboarding")
    await slack.share_externally("onboarding")
    assert slack.workspace.onboarding.is_ext_shared
    await slack.remove_bot("onboarding")
    await slack.invite_bot("compliance", inviter="adrien")
    await slack.revoke_token()
    slack.subscribed.clear()
    await slack.archive("compliance")
    assert [received["event"]["type"] for received in bot.received] == [
        "channel_archive",
        "channel_unarchive",
        "channel_shared",
        "channel_left",
        "member_joined_channel",
        "tokens_revoked",
    ]


async def test_messages_to_the_bot(slack: SandboxSlack, bot: Bot) -> None:
    """The bot gets mentions where it is, and all direct messages, only with the scope and the subscription."""
    direct = slack.workspace.direct(slack.workspace.bot.id, slack.workspace.member.id)
    message = await slack.say("@clust late <now>")
    await slack.say("@clust show", thread_ts=message.ts)
    await slack.say("late", channel=direct)
    await slack.say("@clust late", channel="compliance")
    await slack.say("late")
    await slack.events_sent()
    mention = f"<@{slack.workspace.bot.id}>"
    sent = [(one["event"]["type"], one["event"]["text"], one["event"].get("thread_ts")) for one in bot.received]
    assert sent == [
        ("app_mention", f"{mention} late &lt;now&gt;", None),
        ("app_mention", f"{mention} show", message.ts),
        ("message", "late", None),
    ]
    assert bot.received[-1]["event"]["channel_type"] == "im"
    slack.faults.missing_scopes = frozenset({"app_mentions:read"})
    await slack.say("@clust late")
    slack.subscribed.discard("message.im")
    await slack.say("late", channel=direct)
    await slack.events_sent()
    assert len(bot.received) == 3


async def test_links_are_reported_of_people_alone(slack: SandboxSlack, bot: Bot) -> None:
    """Those of the app's domains, wherever they stand, but none that an app posts. A composer has no channel."""
    url = "https://app.clust.invalid/1?x"
    await slack.post(f"{url} https://elsewhere.invalid/1 https://clust.invalid.evil.example/1")
    await slack.compose(url)
    own = slack.state.messages.post(slack.workspace.onboarding.id, text=url)
    await slack.refresh(own)
    sent = [(one["event"]["channel"], one["event"]["source"], one["event"]["links"]) for one in bot.received]
    links = [{"url": url, "domain": "clust.invalid"}]
    assert sent == [
        (slack.workspace.onboarding.id, "conversations_history", links),
        ("COMPOSER", "composer", links),
    ]


async def test_what_a_stranger_does_comes_from_their_workspace(slack: SandboxSlack, bot: Bot) -> None:
    """In a shared channel the origin of an event is that of the person. The app's workspace is among those allowed."""
    shared, people = slack.workspace.shared, slack.workspace
    await slack.event("app_mention", user=people.stranger.id, channel=shared.id)
    await slack.event("app_mention", user=people.member.id, channel=shared.id)
    origins = [(one["team_id"], one["authorizations"][0]["team_id"]) for one in bot.received]
    assert origins == [(people.stranger.team_id, people.team.id), (people.team.id, people.team.id)]
    assert all(one["is_ext_shared_channel"] for one in bot.received)


async def test_shortcuts(slack: SandboxSlack, bot: Bot) -> None:
    """A global one has a trigger and no channel, but one on a message brings it along, if everyone sees it."""
    await slack.shortcut("make")
    assert bot.received[-1]["type"] == "shortcut"
    assert "channel" not in bot.received[-1]
    message = await slack.say("Ana")
    await slack.message_shortcut(message, "about", user="bruno")
    payload = bot.received[-1]
    assert (payload["type"], payload["message"]["text"], payload["channel"]["id"]) == (
        "message_action",
        "Ana",
        message.channel,
    )
    assert payload["trigger_id"]
    private = slack.state.messages.post(message.channel, text="x", visible_to=slack.workspace.member.id)
    with pytest.raises(Impossible, match="no shortcuts"):
        await slack.message_shortcut(private, "about")
