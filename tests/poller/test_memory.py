"""What a large account costs a real process."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.sandbox.clust.serving import serve_clust
from bot.sandbox.clust.stand_in import SandboxClust
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.store import open_store
from bot.store.notifications.subscriptions import SubscriptionRequest
from tests.processes import baseline_read, environment, killed_at_the_end


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of another process from /proc")
async def test_ten_thousand_applications_peak_below_250_mb(sqlite_url: str, tmp_path: Path) -> None:
    """The first poll of 10,000 applications announces nothing, and one change is one message. The peak stays low."""
    account = SandboxClust(clock=lambda: datetime.now(UTC))
    account.populate(10_000)
    store = open_store(sqlite_url, posts_per_minute=300)
    async with SandboxSlack() as slack, serve_clust(account) as clust_url:
        settings = environment(slack, clust_url, account.token, sqlite_url)
        async with killed_at_the_end("worker", settings, tmp_path) as process:
            await baseline_read(store)
            channels = ("onboarding", "general")
            for name in channels:
                slack.workspace.channel(name).members.add(slack.workspace.bot.id)
                wish = SubscriptionRequest(
                    "T0SANDBOX",
                    slack.workspace.channel(name).id,
                    1,
                    "",
                    ("late",),
                    None,
                    slack.workspace.member.id,
                    "UTC",
                )
                await store.subscriptions.save(wish, datetime.now(UTC))
            assert not any(slack.messages(name) for name in channels)
            account.clear_late(5)
            account.make_late(5)
            await slack.wait_for(lambda: all(slack.messages(name) for name in channels))
            status = Path(f"/proc/{process.pid}/status").read_text()  # noqa: ASYNC240  no disk is read
            peak = re.search(r"VmHWM:\s+(\d+) kB", status)
            assert [len(slack.messages(name)) for name in channels] == [1, 1]
    await store.database.close()
    assert peak is not None
    assert int(peak[1]) < 250_000
