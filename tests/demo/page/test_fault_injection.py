"""What a visitor can break, and that it is mended again."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.core.notifications.report_rhythm import ReportRhythm
from bot.core.notifications.schedule import Schedule
from bot.demo.account_speed import AccountSpeed
from bot.demo.page.fault_injection import Panel
from bot.sandbox.clust.serving import serve_clust
from bot.sandbox.clust.stand_in import SandboxClust
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.sandbox.slack.workspace import TEAM_ID
from bot.store import open_store

ONBOARDING = "C00000010"


async def inject(page_client: Any, name: str, value: str = "") -> None:
    """Inject a fault, which must succeed."""
    assert await page_client.post(f"fault/{name}", {"value": value}) == (200, {"ok": True})


@pytest.mark.parametrize(("value", "status"), [("down", 503), ("refusing", 401), ("limiting", 200), ("fine", 200)])
async def test_clust_is_broken(account: SandboxClust, panel: Panel, page_client: Any, value: str, status: int) -> None:
    """Clust is as the fault says, and how it is stands in the state."""
    await inject(page_client, "clust", value)
    headers = {"Authorization": f"Bearer {account.token}"}
    assert account.respond("GET", "/dossiers", {}, headers, b"").status == status
    assert panel.to_dict()["clust"] == value


async def test_faults_of_clust_replace_each_other_and_end(account: SandboxClust, page_client: Any) -> None:
    """Only one thing is wrong with Clust at a time, and nothing when it works."""
    for value in ("slow", "down", "away", "refusing", "limiting"):
        await inject(page_client, "clust", value)
    faults = account.faults
    assert (faults.delay_seconds, faults.down, faults.unreachable, faults.refuse_token) == (0, False, False, False)
    assert faults.rate_limit == 10
    await inject(page_client, "clust", "fine")
    assert faults.rate_limit is None


async def test_clust_is_away(account: SandboxClust, page_client: Any) -> None:
    """An unreachable Clust cuts the connection, and the inspector shows it."""
    served: list[Any] = []
    async with serve_clust(account, on_served=served.append) as url:
        await inject(page_client, "clust", "away")
        with pytest.raises(aiohttp.ClientConnectionError):
            await _get(page_client, f"{url}/dossiers")
        await inject(page_client, "clust", "fine")
        assert await _get(page_client, f"{url}/dossiers?page=2") == 401
    assert [(one.request.path, one.answer and one.answer.status) for one in served][-1] == ("/dossiers", 401)
    assert served[0].answer is None


async def _get(page_client: Any, url: str) -> int:
    async with page_client.session.get(url) as response:
        return int(response.status)


async def test_slack_limits_a_channel(slack: SandboxSlack, page_client: Any) -> None:
    """Messages in a channel are answered 429 for a while, and again as before once the fault is set back."""
    await inject(page_client, "limit", ONBOARDING)
    assert await _post(slack, page_client) == 429
    await inject(page_client, "limit", ONBOARDING)
    assert await _post(slack, page_client) == 200


async def test_slack_hangs_up(slack: SandboxSlack, panel: Panel, page_client: Any) -> None:
    """The next message is taken and the connection cut."""
    await inject(page_client, "cut")
    assert panel.to_dict()["cut"] == 1
    with pytest.raises(aiohttp.ClientConnectionError):
        await _post(slack, page_client)
    assert [message.text for message in slack.messages("onboarding")] == ["notice"]


async def _post(slack: SandboxSlack, page_client: Any) -> int:
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    url, arguments = f"{slack.api_url}chat.postMessage", {"channel": ONBOARDING, "text": "notice"}
    async with page_client.session.post(url, json=arguments, headers=headers) as response:
        return int(response.status)


async def test_a_channel_is_archived(slack: SandboxSlack, bot: Any, page_client: Any) -> None:
    """A channel is archived and restored. The bot gets both events."""
    for is_archived in (True, False):
        await inject(page_client, "archive", ONBOARDING)
        assert slack.workspace.onboarding.is_archived is is_archived
    assert [one["event"]["type"] for one in bot.received] == ["channel_archive", "channel_unarchive"]


async def test_every_page_learns_of_a_fault(page_client: Any) -> None:
    """Every open page is sent a fault when it is injected."""
    async with page_client.watching("live") as stream:
        state = await stream.next("state")
        assert (state["faults"]["clust"], state["faults"]["speed"]) == ("fine", "normal")
        assert state["faults"]["bot"] == {"state": "stopped", "pid": None, "starts": 0, "mode": "signed requests"}
        await inject(page_client, "speed", "paused")
        assert (await stream.next("faults"))["faults"]["speed"] == "paused"


@pytest.mark.parametrize(("name", "value"), [("clust", "green"), ("speed", "2"), ("limit", "D1"), ("archive", "")])
async def test_values_that_a_fault_refuses(page_client: Any, name: str, value: str) -> None:
    """A fault takes what it is made for."""
    status, answer = await page_client.post(f"fault/{name}", {"value": value})
    assert status == 400
    assert answer["error"]


async def test_the_account_lives_and_rests(account: SandboxClust) -> None:
    """The account lives at the pace it is given, from the moment it is given. A pause is a pause."""
    changed: asyncio.Queue[int] = asyncio.Queue()
    account.on_change.append(changed.put_nowait)
    living = AccountSpeed(account, interval_seconds=None)
    task = asyncio.create_task(living.run())
    await asyncio.sleep(0)
    assert changed.empty()
    living.set_interval(0.01)
    async with asyncio.timeout(60):
        for _ in range(3):
            await changed.get()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_charts_can_be_refused_and_accepted_again(slack: SandboxSlack, panel: Panel, page_client: Any) -> None:
    """As in a workspace that doesn't have them yet."""
    await inject(page_client, "charts")
    assert (slack.faults.no_charts, panel.to_dict()["charts"]) == (True, False)
    await inject(page_client, "charts")
    assert not slack.faults.no_charts


async def test_a_regular_report_is_due_when_a_visitor_wants_it(page_client: Any, tmp_path: Path) -> None:
    """A channel without one is refused. Otherwise it is due now instead of next Monday."""
    status, answer = await page_client.post("fault/report", {"value": ONBOARDING})
    assert (status, "no regular report" in answer["error"]) == (400, True)
    store = open_store(f"sqlite+aiosqlite:///{tmp_path / 'clust-bot.db'}", posts_per_minute=300)
    connection = await store.connections.ensure(TEAM_ID, "default", "https://clust.invalid/api", "any-token")
    place, now = (TEAM_ID, ONBOARDING), datetime.now(UTC)
    await store.regular_reports.set(*place, connection.id, ReportRhythm.WEEKLY, Schedule(), "U1", now)
    await inject(page_client, "report", ONBOARDING)
    report = await store.regular_reports.get(*place)
    await store.database.close()
    assert report
    assert now <= report.due_at <= datetime.now(UTC)
