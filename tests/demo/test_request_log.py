"""The inspector's requests: complete, without secrets, and only the last ones."""

from __future__ import annotations

import json

import aiohttp
import pytest

from bot.demo.request_log import MAX_ENTRIES, MAX_TEXT_CHARS, RequestLog
from bot.sandbox.clust.serving import Served
from bot.sandbox.clust.stand_in import StandInAnswer, StandInRequest
from bot.sandbox.clust.webhooks import WebhookCall
from bot.sandbox.slack.stand_in import SandboxSlack

ONBOARDING = "C00000010"


async def call(slack: SandboxSlack, method: str, arguments: dict[str, object]) -> None:
    """Call a method as the bot does."""
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{slack.api_url}{method}", json=arguments, headers=headers),
    ):
        pass


async def test_the_three_ways(slack: SandboxSlack, request_log: RequestLog) -> None:
    """Requests to Slack, from Slack and to Clust have the same fields: title, outcome and duration."""
    await call(slack, "chat.postMessage", {"channel": ONBOARDING, "text": "hello"})
    await call(slack, "chat.update", {"channel": ONBOARDING, "ts": "1.000000", "text": "hello"})
    await slack.command("/clust", "help")
    request = StandInRequest("GET", "/dossiers", {"page": "1"}, b"")
    request_log.clust_served(Served(request, StandInAnswer(200, {}, b'{"data": []}'), 0.25))
    request_log.clust_served(Served(request, None, 1.0))
    assert [(one.way, one.title, one.outcome, one.is_fine) for one in request_log.entries()] == [
        ("bot→slack", "chat.postMessage", "200", True),
        ("bot→slack", "chat.update", "200 message_not_found", False),
        ("slack→bot", "/clust help · mei", "no connection", False),
        ("bot→clust", "GET /dossiers?page=1", "200", True),
        ("bot→clust", "GET /dossiers?page=1", "connection cut", False),
    ]
    first, *_, cut = request_log.entries()
    assert first.sent == {"channel": ONBOARDING, "text": "hello"}
    assert first.answer["message"]["text"] == "hello"
    assert (cut.seconds, cut.answer) == (1.0, None)


async def test_an_answer_by_response_url(slack: SandboxSlack, request_log: RequestLog) -> None:
    """Uses of response URLs are recorded too, even those that Slack refuses."""
    interaction = await slack.command("/clust", "help")
    url = interaction.payload["response_url"]
    async with aiohttp.ClientSession() as session:
        for sent in ({"text": "here"}, {"text": "x" * 50_000}):
            async with session.post(url, json=sent):
                pass
    entries = [(one.title, one.outcome) for one in request_log.entries() if one.way == "bot→slack"]
    assert entries[0] == ("reply via response URL", "200")
    assert entries[1][1].startswith("400 ")


async def test_no_secret_is_logged(slack: SandboxSlack, request_log: RequestLog) -> None:
    """Neither a secret by its value, wherever it stands, nor what stands under a secret's name."""
    await call(slack, "chat.postMessage", {"channel": ONBOARDING, "text": f"it is {slack.bot_token}"})
    body = {"api_key": {"value": "someone's key"}, "token": "t-1", "kept": "yes"}
    request_log.clust_served(
        Served(StandInRequest("POST", "/x", {"key": "clust-very-secret"}, json.dumps(body).encode()), None, 0)
    )
    entries = json.dumps([one.to_dict() for one in request_log.entries()])
    for secret in (slack.bot_token, "clust-very-secret", "someone's key", "t-1"):
        assert secret not in entries
    assert request_log.entries()[1].sent == {"api_key": "•••", "token": "•••", "kept": "yes"}


@pytest.mark.usefixtures("slack")
async def test_only_the_last_are_kept(request_log: RequestLog) -> None:
    """A poll every second pushes out nothing but polls, and no body grows without end."""
    for way in range(MAX_ENTRIES + 10):
        request = StandInRequest("GET", f"/dossiers/{way}", {}, b"")
        request_log.clust_served(Served(request, StandInAnswer(200, {}, b"x" * (MAX_TEXT_CHARS + 5)), 0))
    entries = request_log.entries()
    assert len(entries) == MAX_ENTRIES
    assert request_log.entry(entries[0].number) == entries[0]
    assert request_log.entry(entries[0].number - 1) is None
    assert entries[0].answer.endswith(" … and 5 more characters")


async def test_webhooks_are_shown_without_their_secret(request_log: RequestLog) -> None:
    """What Clust calls, and that no one answered, with the address in an application masked."""
    url = "https://bot.demo.invalid/clust/hook/s3cret"
    request_log.webhook_called(WebhookCall("late", 7, {"data": {"webhook": {"url": url}}}, 200, 0.1))
    request_log.webhook_called(WebhookCall("late", 8, {}, None, 0.1))
    first, second = request_log.entries()
    assert (first.way, first.title, first.outcome, first.is_fine) == ("clust→bot", "webhook late · 7", "200", True)
    assert (second.outcome, second.is_fine) == ("no connection", False)
    assert "s3cret" not in str(first.to_dict())
