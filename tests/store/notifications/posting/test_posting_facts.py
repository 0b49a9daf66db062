"""What posts depend on is read for many channels at once (rule P5)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.core.check_schedule import CheckOutcome
from bot.store import Store
from bot.store.notifications.check_schedule import CHANNEL, PERSON, Observation
from bot.store.notifications.subscriptions import SubscriptionRequest
from tests.conftest import NOON


async def test_each_channel_has_its_subscriptions_and_what_slack_said(store: Store) -> None:
    """Of its own workspace, and nothing of what no one asked Slack about."""
    for team_id, channel_id, owner in (("T1", "C1", "U1"), ("T1", "C1", "U2"), ("T2", "C1", "U1"), ("T2", "C2", "U3")):
        connection = await store.connections.ensure(team_id, "default", "http://clust/api", "token")
        wish = SubscriptionRequest(team_id, channel_id, connection.id, f"title:{owner}", ("late",), None, owner, "UTC")
        await store.subscriptions.save(wish, NOON)
    looks = [("T1", CHANNEL, "C1"), ("T1", PERSON, "U2"), ("T2", PERSON, "U1"), ("T2", PERSON, "U3")]
    for team_id, kind, subject in looks:
        facts = {"of": f"{team_id} {subject}"}
        keep = store.check_schedule.keep_check
        await keep(team_id, kind, subject, CheckOutcome.WELL, NOON, timedelta(hours=1), facts)
    channels = [("T1", "C1"), ("T2", "C1"), ("T2", "C2"), ("T2", "C3"), ("T1", "C1")]
    of_channels = await asyncio.gather(*(store.posting_facts.of_channel(*channel) for channel in channels))
    assert [[row.created_by for row in each.subscriptions] for each in of_channels] == [
        ["U1", "U2"],
        ["U1"],
        ["U3"],
        [],
        ["U1", "U2"],
    ]
    assert [each.observations for each in of_channels[:4]] == [
        {(CHANNEL, "C1"): Observation({"of": "T1 C1"}, NOON), (PERSON, "U2"): Observation({"of": "T1 U2"}, NOON)},
        {(PERSON, "U1"): Observation({"of": "T2 U1"}, NOON)},
        {(PERSON, "U3"): Observation({"of": "T2 U3"}, NOON)},
        {},
    ]
