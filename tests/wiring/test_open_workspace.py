"""Opening a workspace costs little, and one that fails stops no other."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from bot.core.permissions import Workspace
from bot.wiring.open_workspace import OpenWorkspace, SharedServices
from tests.many_workspaces import SharedBot, StartSharedBot
from tests.statements import counted


def _looked_at(statement: str) -> str | None:
    """Return the table of a statement that asks who a workspace is, who may do what there, or for its account."""
    table = (statement.partition(" FROM ")[2].split() or [""])[0]
    is_about_one = "team_id = " in statement or "installations.id IN" in statement
    return table if table in {"installations", "roles", "connections", "defaults"} and is_about_one else None


async def test_the_first_look_at_a_workspace_is_three_statements(start_shared_bot: StartSharedBot) -> None:
    """Opening a workspace takes one statement each for its installation, roles and account, in an organization too."""
    shared_bot: SharedBot = await start_shared_bot(poll_interval=3600)
    tenant = await shared_bot.tenant("T0ONE", org="E0ORG", is_in=False, accounts=0)
    await shared_bot.grid.install(tenant.slack, f"{shared_bot.base}/slack/install", org_wide=True)
    statements: Counter[str] = Counter()
    with counted(statements):
        await tenant.say("mutes")
    looks = [table for statement in statements.elements() if (table := _looked_at(statement))]
    assert sorted(looks) == ["connections", "installations", "roles"]


async def test_a_workspace_that_can_not_be_opened_stops_no_other(
    shared_bot: SharedBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A8: if opening one workspace fails unexpectedly, the others are served."""
    opened = SharedServices.team

    def team(shared: SharedServices, workspace: Workspace, *given: Any) -> OpenWorkspace:
        if workspace.team_id == "T0ONE":
            raise KeyError("url")
        return opened(shared, workspace, *given)

    monkeypatch.setattr(SharedServices, "team", team)
    one = await shared_bot.tenant("T0ONE", is_in=False)
    await shared_bot.grid.install(one.slack, f"{shared_bot.base}/slack/install")
    two = await shared_bot.tenant("T0TWO", accounts=1)
    await two.say("subscribe late")
    two.accounts["emea"].make_late(1)
    await two.posted("onboarding", "emea of T0TWO")
