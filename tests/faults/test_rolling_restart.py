"""Every process is replaced while people type and notices go out: nobody is left without an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

import pytest

from bot.sandbox.slack.interaction import SLACKBOT
from tests.faults.deployment import Deployment, deployment
from tests.faults.fleet import fleet
from tests.processes import Held, baseline_read, held
from tests.slack.conftest import healthy

AT_ONCE = 2
"""People who type at the same time."""


async def asking(place: Deployment, stop: asyncio.Event) -> list[str]:
    """Type commands, each after the answer to the one before; returns the answers that are none."""
    odd: list[str] = []
    for text in cycle(("list", "show 1", "status", "help", "why 1")):
        if stop.is_set():
            return odd
        interaction = await place.slack.command("/clust", text)
        answer = await interaction.answer(timeout=60)
        if not interaction.is_acknowledged or answer.user == SLACKBOT or "went wrong" in answer.text:
            odd.append(f"/clust {text}: {interaction.status} {answer.text}")
    return odd


@pytest.mark.long
@pytest.mark.timeout(400)
async def test_a_rolling_restart_under_load(postgresql_url: str, tmp_path: Path) -> None:
    """Two `web` and two `worker` are stopped by SIGTERM and replaced; each command is answered, no notice lost."""
    with held() as first, held() as second:
        await _rolling_restart(postgresql_url, tmp_path, (first, second))


async def _rolling_restart(url: str, folder: Path, doors: Sequence[Held]) -> None:
    async with (
        deployment(url, channels=4) as place,
        fleet(folder, place.settings, "web", "web", "worker", "worker", listening=[*doors, None, None]) as ships,
    ):
        addresses = [door.events_url for door in doors]
        place.slack.faults.acknowledge_within = 60  # a busy machine is slow; what counts is that nobody is left out
        place.slack.faults.delay = 0.05
        place.slack.events_url = addresses[0]
        await baseline_read(place.store)
        await asyncio.gather(*(healthy(door.port, within=60) for door in doors))
        stop = asyncio.Event()
        people = [asyncio.create_task(asking(place, stop)) for _ in range(AT_ONCE)]
        happening = asyncio.create_task(place.events(10_000, waiting=8))
        codes: list[int] = []
        for number in (0, 1):
            place.slack.events_url = addresses[1 - number]  # as a load balancer does before it stops a process
            codes += await asyncio.gather(ships.replace(number), ships.replace(2 + number))
            await healthy(doors[number].port, within=60)
        stop.set()
        odd = [one for answers in await asyncio.gather(*people) for one in answers]
        happening.cancel()
        await asyncio.gather(happening, return_exceptions=True)
        await place.quiet()
        count = await place.tally()
        assert (odd, codes) == ([], [0] * 4)
        assert count.is_right, count
        assert count.expected > len(place.channels)
        assert "Traceback" not in ships.output
