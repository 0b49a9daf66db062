"""Slack's failures, sorted once, and answers by `response_url`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.core.errors import (
    ChannelRefused,
    DeliveryError,
    MessageRefused,
    NotSent,
    OutcomeUnclear,
    SlackBroken,
    ThreadRefused,
    Throttled,
    TokenRefused,
)
from bot.core.notifications.slack_exceptions import Doing
from bot.sandbox.slack.interaction import Interaction
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.slack.views.answers import plain_answer
from bot.slack.views.building.blocks import Message
from bot.slack.web_api.client import DEFAULT_WAIT_SECONDS, answer, delivery_error
from tests.patience import LONG


def refused(code: object, status: int = 200, **headers: str) -> SlackApiError:
    """Return the error that slack_sdk raises for an answer."""
    response = AsyncSlackResponse(
        client=None,
        http_verb="POST",
        api_url="https://slack.com/api/chat.postMessage",
        req_args={},
        data={"ok": False, "error": code} if code else {},
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        status_code=status,
    )
    return SlackApiError("refused", response)  # type: ignore[no-untyped-call]  # the library's


CUT: list[Exception] = [
    TimeoutError(),
    aiohttp.ServerDisconnectedError(),
    ConnectionResetError(),
    json.JSONDecodeError("x", "", 0),
    SlackRequestError("x"),
]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (refused("channel_not_found"), ChannelRefused),
        (refused("token_revoked"), TokenRefused),
        (refused("something_new"), ChannelRefused),
        (refused("invalid_blocks"), MessageRefused),
        (refused("thread_not_found"), ThreadRefused),
        (refused("internal_error"), OutcomeUnclear),
        (refused("fatal_error", 200), OutcomeUnclear),
        (refused("service_unavailable", 503), OutcomeUnclear),
        (refused(None, 502), OutcomeUnclear),
        (refused(["odd"]), SlackBroken),
        (refused(None), SlackBroken),
        (refused(None, 404), SlackBroken),
        (refused("ratelimited", 429, Retry_After="3"), Throttled),
        (refused("ratelimited"), Throttled),
        *((error, OutcomeUnclear) for error in CUT),
    ],
)
def test_what_a_failed_post_means(error: Exception, kind: type[DeliveryError]) -> None:
    """A refusal of the channel holds it, one of the message fails it, and whatever may have arrived is unclear (T2)."""
    assert type(delivery_error(error, Doing.POSTING)) is kind


@pytest.mark.parametrize("doing", [Doing.ASKING, Doing.CHANGING])
@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (refused("internal_error"), SlackBroken),
        (refused("service_unavailable", 503), SlackBroken),
        (refused(None, 502), SlackBroken),
        *((error, NotSent) for error in CUT),
    ],
)
def test_whatever_is_no_post_can_be_done_once_more(error: Exception, kind: type[DeliveryError], doing: Doing) -> None:
    """D6: no one reads of a message where none was sent: Slack was not reached, or has trouble."""
    assert type(delivery_error(error, doing)) is kind


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("3", 3.0), ("", DEFAULT_WAIT_SECONDS), ("soon", DEFAULT_WAIT_SECONDS), ("-1", DEFAULT_WAIT_SECONDS)],
)
def test_how_long_a_429_lasts(header: str, seconds: float) -> None:
    """P2: as long as `Retry-After` says, however it is written, or half a minute where it says nothing."""
    for name in ("Retry_After", "retry_after"):
        error = delivery_error(refused("ratelimited", 429, **{name: header}))
        assert isinstance(error, Throttled)
        assert error.retry_after == seconds


HELLO: Message = plain_answer("Hello")


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Open a client that no busy machine is too slow for."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=LONG)) as session:
        yield session


def exchange_of(slack: SandboxSlack) -> tuple[Interaction, str]:
    """Let Mei ask something, and return where to answer."""
    exchange = Interaction(slack.state, {}, slack.workspace.member.id, slack.workspace.onboarding.id)
    return exchange, slack.urls.give(exchange)


async def test_an_answer_is_for_the_person_alone(slack: SandboxSlack, session: aiohttp.ClientSession) -> None:
    """By default an answer is ephemeral and replaces nothing."""
    exchange, url = exchange_of(slack)
    assert await answer(session, url, HELLO)
    assert await answer(session, url, HELLO, response_type="in_channel")
    assert [one.visible_to for one in exchange.answers] == [slack.workspace.member.id, None]


async def test_a_response_url_is_good_for_five_answers(slack: SandboxSlack, session: aiohttp.ClientSession) -> None:
    """The sixth answer is refused: that returns False and is logged, never raised."""
    exchange, url = exchange_of(slack)
    assert [await answer(session, url, HELLO) for _ in range(6)] == [True] * 5 + [False]
    assert len(exchange.answers) == 5


async def test_an_answer_that_can_not_be_sent(slack: SandboxSlack, session: aiohttp.ClientSession) -> None:
    """Returns False if Slack is down or the address is invalid."""
    _, url = exchange_of(slack)
    slack.faults.down = True
    assert not await answer(session, url, HELLO)
    await slack.stop()
    assert not await answer(session, url, HELLO)
    assert not await answer(session, "no address", HELLO)


CHART = {
    "type": "data_visualization",
    "title": "x",
    "chart": {"type": "pie", "segments": [{"label": "x", "value": 1}]},
}
"""A block that not every workspace has yet."""


async def test_where_blocks_are_refused_the_fallback_is_sent(
    slack: SandboxSlack, session: aiohttp.ClientSession
) -> None:
    """Slack answers `invalid_blocks`: the same comes as text. Without a fallback nothing can be sent."""
    exchange, url = exchange_of(slack)
    slack.faults.no_charts = True
    assert await answer(session, url, Message("x", (CHART,), HELLO), response_type="in_channel")
    assert [(one.text, one.visible_to) for one in exchange.answers] == [("Hello", None)]
    assert not await answer(session, url, Message("x", (CHART,)))
    assert not await answer(session, url, Message("x", (CHART,), Message("x", (CHART,))))
