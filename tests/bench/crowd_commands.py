"""How fast `/clust list` is acknowledged where many workspaces are installed, against the same bare Bolt app."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime

from bot.core.notifications.states import UNSENT
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.store.engine.tables import deliveries
from tests.bench.acknowledging import by_turns
from tests.bench.crowd import NAME, installation_of
from tests.bench.crowd_server import PERSON
from tests.bench.crowd_stage import Stage, all_baselines
from tests.bench.figures import Figure, Size
from tests.bench.pages import serve_pages
from tests.bench.running import healthy, running
from tests.bench.slack_load import Load, answers_arrive
from tests.processes import held

APPLICATIONS = 1000
"""Of the workspace whose people ask, as in the row without others."""


async def figures(place: Stage, number: int, size: Size) -> AsyncIterator[Figure]:
    """Add one workspace with an account, and let its people ask."""
    slack = SandboxSlack()
    team_id = slack.workspace.member.team_id
    async with AsyncExitStack() as stack:
        bare, measured = stack.enter_context(held()), stack.enter_context(held())
        answers = await stack.enter_async_context(answers_arrive())
        clust_url = await stack.enter_async_context(serve_pages(APPLICATIONS))
        store, now = place.crowd.store, datetime.now(UTC)
        async with store.database.write() as tx:  # what the rows before have left: this one is about commands alone
            await tx.execute(deliveries.delete().where(deliveries.c.state.in_(UNSENT)))
        await store.installations.save(installation_of(team_id), now)
        await store.connections.connect(team_id, NAME, clust_url, "clust-token", PERSON, now)
        settings = {
            **place.settings,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "POLL_INTERVAL": "3600",
            "COMMANDS_PER_MINUTE": "1000000",
        }
        # Bolt would look for installations where it finds a client id.
        bare_settings = {name: value for name, value in settings.items() if not name.startswith("SLACK_CLIENT")}
        bare_settings["SLACK_BOT_TOKEN"] = slack.bot_token
        floor = running(
            *("-m", "tests.bench.bare_bolt"),
            settings=bare_settings,
            folder=place.folder,
            listening=bare,
        )
        bot = running("-m", "bot", "run", settings=settings, folder=place.folder, listening=measured)
        await stack.enter_async_context(floor)
        await stack.enter_async_context(bot)
        await healthy(bare.port)
        await healthy(measured.port)
        await all_baselines(place, number + 1)
        loads = (Load(slack, bare.port, answers, is_answered=False), Load(slack, measured.port, answers))
        subject = f"acknowledging `/clust list` with {number:,} workspaces installed"
        for figure in await by_turns(*loads, subject, size.rounds):
            yield figure
