"""The stand-in for Slack as a whole: a real client and a real Bolt app against it, by HTTP and by Socket Mode."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack.messages import Change
from bot.sandbox.slack.stand_in import SandboxSlack

BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "Details"}, "action_id": "details", "value": "12"}
CARD: list[dict[str, Any]] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*Late* · Acme"}},
    {"type": "actions", "elements": [BUTTON]},
]


@pytest.fixture
async def slack() -> AsyncIterator[SandboxSlack]:
    """Serve a workspace."""
    async with SandboxSlack() as slack:
        yield slack


@pytest.fixture
async def client(slack: SandboxSlack) -> AsyncIterator[AsyncWebClient]:
    """Open the client that the bot uses."""
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])


def small_app(slack: SandboxSlack, client: AsyncWebClient) -> AsyncApp:
    """Build a Bolt app that answers a command, a click and an event."""
    app = AsyncApp(client=client, signing_secret=slack.signing_secret)

    @app.command("/clust")
    async def command(ack: Any, respond: Any, command: dict[str, Any]) -> None:
        await ack()
        await respond(text=f"you said {command['text']}", blocks=CARD)

    @app.action("details")
    async def details(ack: Any, respond: Any, action: dict[str, Any]) -> None:
        await ack()
        await respond(text=f"details of {action['value']}", replace_original=True)

    @app.event("member_joined_channel")
    async def joined(event: dict[str, Any], client: AsyncWebClient) -> None:
        await client.chat_postMessage(channel=event["channel"], text="Hello")

    return app


@pytest.fixture
async def over_http(slack: SandboxSlack, client: AsyncWebClient) -> AsyncIterator[AsyncApp]:
    """Run the small app where it takes signed requests."""
    app = small_app(slack, client)

    async def serve(request: web.Request) -> web.Response:
        headers: dict[str, str | Sequence[str]] = {**request.headers}
        answer = await app.async_dispatch(AsyncBoltRequest(body=await request.text(), headers=headers))
        return web.Response(status=answer.status, body=answer.body, headers=answer.first_headers())

    server = web.Application()
    server.router.add_post("/slack/events", serve)
    runner = web.AppRunner(server, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.events_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    yield app
    await runner.cleanup()


@pytest.fixture
async def over_socket(slack: SandboxSlack, client: AsyncWebClient) -> AsyncIterator[AsyncApp]:
    """Run the small app connected by Socket Mode."""
    app = small_app(slack, client)
    handler = AsyncSocketModeHandler(app, slack.app_token)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    yield app
    await handler.close_async()  # type: ignore[no-untyped-call]


async def converse(slack: SandboxSlack) -> None:
    """Type a command, click in its answer, and invite the bot."""
    interaction = await slack.command("/clust", "list late:yes", user="mei", channel="onboarding")
    assert (interaction.status, interaction.seconds < 3) == (200, True)
    answer = await interaction.answer()
    assert (answer.text, answer.visible_to) == ("you said list late:yes", slack.workspace.member.id)
    clicked = await slack.click(answer, "Details")
    assert (await clicked.answer()).text == "details of 12"
    assert [message.text for message in slack.ephemeral("onboarding")] == ["details of 12"]
    await slack.invite_bot("general")
    assert [message.text for message in await slack.wait_for(lambda: slack.messages("general"))] == ["Hello"]


@pytest.mark.usefixtures("over_http")
async def test_bolt_app_over_http(slack: SandboxSlack) -> None:
    """A Bolt app that takes signed requests gets commands, clicks and events, and answers them."""
    await converse(slack)


@pytest.mark.usefixtures("over_socket")
async def test_bolt_app_over_socket_mode(slack: SandboxSlack) -> None:
    """A Bolt app that is connected by Socket Mode gets the same."""
    assert slack.socket.is_connected
    await converse(slack)


async def test_post_and_history(slack: SandboxSlack, client: AsyncWebClient) -> None:
    """What is posted stands in the channel with its metadata, and in its history with metadata where asked."""
    metadata = {"event_type": "delivery", "event_payload": {"id": "d1"}}
    posted = await client.chat_postMessage(
        channel=slack.workspace.onboarding.id, text="Late", blocks=CARD, metadata=metadata
    )
    (message,) = slack.messages("onboarding")
    assert (message.ts, message.text, message.metadata) == (posted["ts"], "Late", metadata)
    plain = await client.conversations_history(channel=message.channel)
    assert "metadata" not in plain["messages"][0]
    whole = await client.conversations_history(channel=message.channel, include_all_metadata=True)
    assert whole["messages"][0]["metadata"] == metadata


async def test_wrong_tokens(slack: SandboxSlack, client: AsyncWebClient) -> None:
    """A missing, a wrong, a revoked token and one of another kind have different errors."""
    await slack.revoke_token()
    codes = []
    for token in ("", "xoxb-other", slack.app_token, slack.bot_token):
        with pytest.raises(SlackApiError) as refused:
            await AsyncWebClient(token=token, base_url=slack.api_url, session=client.session).auth_test()
        codes.append(refused.value.response["error"])
    assert codes == ["not_authed", "invalid_auth", "not_allowed_token_type", "token_revoked"]
    slack.restore_token()
    assert (await client.auth_test())["user_id"] == slack.workspace.bot.id


async def test_cut_after_accepting(slack: SandboxSlack, client: AsyncWebClient) -> None:
    """A post that is cut after it was accepted is in the channel, and the caller gets no response."""
    slack.faults.cut_after_accept = 1
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=slack.workspace.onboarding.id, text="Late")
    assert [message.text for message in slack.messages("onboarding")] == ["Late"]
    assert slack.called("chat.postMessage")[0].status is None


async def test_cut_before_accepting(slack: SandboxSlack, client: AsyncWebClient) -> None:
    """A post that is cut before it was accepted stands nowhere."""
    slack.faults.chance_before_accept = 1.0
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=slack.workspace.onboarding.id, text="Late")
    assert slack.messages("onboarding") == []


async def test_down_and_failing(slack: SandboxSlack, client: AsyncWebClient) -> None:
    """While Slack is down everything is 503. A method that is made to fail says so once."""
    slack.faults.down = True
    with pytest.raises(SlackApiError) as down:
        await client.auth_test()
    assert down.value.response.status_code == 503
    slack.faults.down = False
    slack.fail_next("auth.test", "internal_error")
    with pytest.raises(SlackApiError) as failed:
        await client.auth_test()
    assert failed.value.response["error"] == "internal_error"
    await client.auth_test()


async def test_command_nobody_takes(slack: SandboxSlack) -> None:
    """Where no bot listens, Slackbot says that the command could not be sent."""
    interaction = await slack.command("/clust", "list")
    assert [answer.text for answer in interaction.answers] == ['/clust failed with the error "dispatch_failed"']


async def test_command_not_acknowledged_in_time(slack: SandboxSlack) -> None:
    """A bot that takes longer than Slack waits makes Slackbot say so."""
    release = asyncio.Event()

    async def dawdle(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await release.wait()
        writer.close()

    server = await asyncio.start_server(dawdle, "127.0.0.1", 0)
    slack.events_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/slack/events"
    slack.faults.acknowledge_seconds = 0.1
    interaction = await slack.command("/clust", "list")
    assert (interaction.status, interaction.answers[0].text) == (
        None,
        '/clust failed with the error "operation_timeout"',
    )
    release.set()
    server.close()
    await server.wait_closed()


async def refused_as_too_fast(slack: SandboxSlack, client: AsyncWebClient, retry_after: str) -> None:
    """Post, and assert a 429."""
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel=slack.workspace.onboarding.id, text="Late")
    answer = refused.value.response
    assert (answer.status_code, answer["error"]) == (429, "ratelimited")
    assert answer.headers["Retry-After"] == retry_after


async def test_too_fast(slack: SandboxSlack, client: AsyncWebClient) -> None:
    """Posting too fast gets a 429 with Retry-After, and posts nothing."""
    slack.rate_limit("onboarding", 20)
    await refused_as_too_fast(slack, client, "20")
    slack.rate_limit_method("chat.postMessage", 30)
    await refused_as_too_fast(slack, client, "30")
    assert slack.messages("onboarding") == []


async def test_files(slack: SandboxSlack, client: AsyncWebClient) -> None:
    """A file is announced, uploaded and shared in a channel."""
    channel = slack.workspace.onboarding.id
    await client.files_upload_v2(channel=channel, filename="report.csv", content="a,b", initial_comment="All of it")
    (message,) = slack.messages("onboarding")
    assert (message.text, message.files[0]["name"]) == ("All of it", "report.csv")
    assert [file.content for file in slack.state.files.values()] == [b"a,b"]
    announced = await client.files_getUploadURLExternal(filename="report.csv", length=3)
    with pytest.raises(SlackApiError, match="file_not_found"):
        await client.files_completeUploadExternal(files=[{"id": announced["file_id"], "title": "x"}])


async def test_direct_message(slack: SandboxSlack, client: AsyncWebClient) -> None:
    """What the bot writes to someone stands in their direct message."""
    await client.chat_postMessage(channel=slack.workspace.member.id, text="Hello")
    assert [message.text for message in slack.direct_messages("mei")] == ["Hello"]


async def test_a_listener_is_notified_of_each_change(slack: SandboxSlack, client: AsyncWebClient) -> None:
    """A listener is notified of every message that is posted, changed or deleted."""
    changes: list[Change] = []
    slack.on_change.append(changes.append)
    channel = slack.workspace.onboarding.id
    posted = await client.chat_postMessage(channel=channel, text="Late")
    await client.chat_update(channel=channel, ts=posted["ts"], text="Not late")
    await client.chat_delete(channel=channel, ts=posted["ts"])
    messages = [(change.kind, change.subject.text) for change in changes if change.kind != "call"]
    assert messages == [("posted", "Late"), ("changed", "Not late"), ("deleted", "Not late")]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.1", "slack.com", "::"])
async def test_loopback_alone(host: str) -> None:
    """The sandbox refuses to listen where others could reach it."""
    with pytest.raises(ValueError, match="loopback"):
        await SandboxSlack().start(host)
