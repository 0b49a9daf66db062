"""What a visitor can break, and that it is mended again."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from bot.demo.account_speed import AccountSpeed
from bot.demo.page.fault_injection import Panel
from bot.sandbox.clust.serving import serve_clust
from bot.sandbox.clust.stand_in import SandboxClust
from bot.sandbox.slack.stand_in import SandboxSlack

ONBOARDING = "C00000010"


async def turn(visitor: Any, name: str, value: str = "") -> None:
    """Turn a knob, in a way that must succeed."""
    assert await visitor.post(f"knob/{name}", {"value": value}) == (200, {"ok": True})


@pytest.mark.parametrize(("value", "status"), [("down", 503), ("refusing", 401), ("limiting", 200), ("fine", 200)])
async def test_clust_is_broken(account: SandboxClust, panel: Panel, visitor: Any, value: str, status: int) -> None:
    """Clust is as the knob says, and how it is stands in the state."""
    await turn(visitor, "clust", value)
    headers = {"Authorization": f"Bearer {account.token}"}
    assert account.respond("GET", "/dossiers", {}, headers, b"").status == status
    assert panel.to_dict()["clust"] == value


async def test_clust_is_mended(account: SandboxClust, visitor: Any) -> None:
    """Only one thing is wrong with Clust at a time, and nothing when it works."""
    for value in ("slow", "down", "away", "refusing", "limiting"):
        await turn(visitor, "clust", value)
    knobs = account.faults
    assert (knobs.delay, knobs.down, knobs.unreachable, knobs.refuse_token) == (0, False, False, False)
    assert knobs.rate_limit == 10
    await turn(visitor, "clust", "fine")
    assert knobs.rate_limit is None


async def test_clust_is_away(account: SandboxClust, visitor: Any) -> None:
    """What can't be reached cuts the connection, and the inspector is told so."""
    served: list[Any] = []
    async with serve_clust(account, on_served=served.append) as url:
        await turn(visitor, "clust", "away")
        with pytest.raises(aiohttp.ClientConnectionError):
            await _get(visitor, f"{url}/dossiers")
        await turn(visitor, "clust", "fine")
        assert await _get(visitor, f"{url}/dossiers?page=2") == 401
    assert [(one.request.path, one.answer and one.answer.status) for one in served][-1] == ("/dossiers", 401)
    assert served[0].answer is None


async def _get(visitor: Any, url: str) -> int:
    async with visitor.session.get(url) as response:
        return int(response.status)


async def test_slack_limits_a_channel(slack: SandboxSlack, visitor: Any) -> None:
    """Messages in a channel are answered 429 for a while, and again as before once the knob is turned back."""
    await turn(visitor, "limit", ONBOARDING)
    assert await _post(slack, visitor) == 429
    await turn(visitor, "limit", ONBOARDING)
    assert await _post(slack, visitor) == 200


async def test_slack_hangs_up(slack: SandboxSlack, panel: Panel, visitor: Any) -> None:
    """The next message is taken and the connection cut."""
    await turn(visitor, "cut")
    assert panel.to_dict()["cut"] == 1
    with pytest.raises(aiohttp.ClientConnectionError):
        await _post(slack, visitor)
    assert [message.text for message in slack.messages("onboarding")] == ["notice"]


async def _post(slack: SandboxSlack, visitor: Any) -> int:
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    url, arguments = f"{slack.api_url}chat.postMessage", {"channel": ONBOARDING, "text": "notice"}
    async with visitor.session.post(url, json=arguments, headers=headers) as response:
        return int(response.status)


async def test_a_channel_is_archived(slack: SandboxSlack, bot: Any, visitor: Any) -> None:
    """A channel is archived and brought back; the bot is told of both."""
    for is_archived in (True, False):
        await turn(visitor, "archive", ONBOARDING)
        assert slack.workspace.onboarding.is_archived is is_archived
    assert [one["event"]["type"] for one in bot.received] == ["channel_archive", "channel_unarchive"]


async def test_the_knobs_are_told(visitor: Any) -> None:
    """Every page learns of a knob that was turned."""
    async with visitor.watching("live") as stream:
        state = await stream.next("state")
        assert (state["knobs"]["clust"], state["knobs"]["speed"]) == ("fine", "normal")
        assert state["knobs"]["bot"] == {"state": "stopped", "pid": None, "starts": 0, "mode": "signed requests"}
        await turn(visitor, "speed", "paused")
        assert (await stream.next("knobs"))["knobs"]["speed"] == "paused"


@pytest.mark.parametrize(("name", "value"), [("clust", "green"), ("speed", "2"), ("limit", "D1"), ("archive", "")])
async def test_what_a_knob_does_not_take(visitor: Any, name: str, value: str) -> None:
    """A knob takes what it is made for."""
    status, answer = await visitor.post(f"knob/{name}", {"value": value})
    assert status == 400
    assert answer["error"]


async def test_the_account_lives_and_rests(account: SandboxClust) -> None:
    """The account lives at the pace it is given, from the moment it is given; a pause is a pause."""
    changed: asyncio.Queue[int] = asyncio.Queue()
    account.on_change.append(changed.put_nowait)
    living = AccountSpeed(account, every=None)
    task = asyncio.create_task(living.run())
    await asyncio.sleep(0)
    assert changed.empty()
    living.pace(0.01)
    async with asyncio.timeout(10):
        for _ in range(3):
            await changed.get()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
