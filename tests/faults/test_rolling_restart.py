"""Every process is replaced while people type and notifications go out: no one is left without an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

import pytest

from bot.sandbox.slack.interaction import SLACKBOT
from tests.faults.deployment import Deployment, together
from tests.faults.fleet import fleet
from tests.faults.kills import set_up
from tests.processes import Held, baseline_read, held
from tests.slack.conftest import healthy

AT_ONCE = 2
"""People who type at the same time, each in one workspace after the other."""

COMMANDS = ("list", "show 1", "status", "help", "why 1")


async def asking(places: Sequence[Deployment], stop: asyncio.Event) -> list[str]:
    """Type commands, each after the answer to the one before. Returns the answers that are none."""
    odd: list[str] = []
    for place, text in zip(cycle(places), cycle(COMMANDS), strict=False):
        if stop.is_set():
            break
        interaction = await place.slack.command("/clust", text)
        answer = await interaction.answer()
        if not interaction.is_acknowledged or answer.user == SLACKBOT or "went wrong" in answer.text:
            odd.append(f"/clust {text}: {interaction.status} {answer.text}")
    return odd


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("workspaces", [1, 30])
async def test_a_rolling_restart_under_load(postgresql_url: str, tmp_path: Path, workspaces: int) -> None:
    """Two `web` and two `worker` are stopped by SIGTERM and replaced. Each command is answered, no message lost."""
    with held() as first, held() as second:
        async with set_up(postgresql_url, workspaces, seed=1) as places:
            await _rolling_restart(places, tmp_path, (first, second))


async def _rolling_restart(places: Sequence[Deployment], folder: Path, doors: Sequence[Held]) -> None:
    settings, listening = places[0].settings, [*doors, None, None]
    async with fleet(folder, settings, "web", "web", "worker", "worker", listening=listening) as ships:
        for place in places:
            # A busy machine is slow, and what counts is that no one is left out.
            place.slack.faults.acknowledge_seconds = 60
            place.slack.faults.delay_seconds = 0.05
            place.slack.events_url = doors[0].events_url
        await baseline_read(places[0].store)
        await asyncio.gather(*(healthy(door.port, within=60) for door in doors))
        stop = asyncio.Event()
        people = [asyncio.create_task(asking(places, stop)) for _ in range(AT_ONCE)]
        waiting = max(1, 8 // len(places))
        happening = [asyncio.create_task(place.events(10_000, waiting=waiting)) for place in places]
        codes: list[int] = []
        for number in (0, 1):
            for place in places:  # as a load balancer does before it stops a process
                place.slack.events_url = doors[1 - number].events_url
            codes += await asyncio.gather(ships.replace(number), ships.replace(2 + number))
            await healthy(doors[number].port, within=60)
        stop.set()
        odd = [one for answers in await asyncio.gather(*people) for one in answers]
        for task in happening:
            task.cancel()
        await asyncio.gather(*happening, return_exceptions=True)
        for place in places:
            await place.quiet()
        count = together([await place.tally() for place in places])
        assert (odd, codes) == ([], [0] * 4)
        assert count.is_right, count
        assert count.expected > len(places[0].channels)
        assert "Traceback" not in ships.output
