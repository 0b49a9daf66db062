"""A channel's settings: how and when its notifications are posted, and its mutes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.mutes import Mute
from bot.core.notifications.schedule import Rhythm, Schedule
from bot.store import Store
from bot.store.notifications.channel_settings import ChannelRow, styles, zones
from bot.store.notifications.subscriptions import SubscriptionRequest
from bot.store.people.installations import Installation, Tokens
from bot.store.people.people import Person
from tests.conftest import Clock
from tests.delivery.conftest import Outbox

INSTALLED: dict[str, Any] = {
    **dict.fromkeys(("name", "url", "bot_user_id", "bot_id", "scopes"), ""),
    "installed_by": "UANA",
    "tokens": Tokens("xoxb-1"),
}


async def _uses_slack_in(store: Store, team_id: str, user_id: str, locale: str | None, now: datetime) -> None:
    await store.people.remember(Person(team_id, user_id, is_admin=False, zone="UTC", locale=locale), now)


async def _subscribe(store: Store, channel_id: str, user_id: str, now: datetime) -> None:
    connection = await store.connections.ensure("T1", "default", "http://clust/api", "token")
    await store.subscriptions.save(
        SubscriptionRequest("T1", channel_id, connection.id, "", ("late",), None, user_id, "UTC"), now
    )


async def test_another_schedule_counts_for_what_waits(outbox: Outbox) -> None:
    """Later than it was, or at once. One that is saved as it was changes nothing."""

    async def hears(**schedule: Any) -> list[str]:
        await outbox.store.channel_settings.save(
            outbox.team_id, outbox.channel("onboarding"), MessageStyle(), Schedule(**schedule), "U1", outbox.clock()
        )
        await outbox.tick()
        await outbox.send(5)
        return outbox.posted("onboarding")

    await outbox.subscribe("onboarding")
    await hears(rhythm=Rhythm.DAILY, at=time(14))
    await outbox.happen(("1", "late"))
    await outbox.tick()
    assert await hears(rhythm=Rhythm.DAILY, at=time(14)) == []
    assert await hears(rhythm=Rhythm.DAILY, at=time(17)) == []
    outbox.clock.now = outbox.clock.now.replace(hour=15)
    assert await hears(rhythm=Rhythm.DAILY, at=time(17)) == []
    (card,) = await hears()
    assert "Late" in card


async def test_a_channel_that_has_set_nothing_has_the_defaults(store: Store, clock: Clock) -> None:
    """And what one has set is its own."""
    assert await store.channel_settings.get("T1", "C1") == ChannelRow()
    style, schedule = MessageStyle(full=True), Schedule(rhythm=Rhythm.HOURLY, zone="Europe/Lisbon")
    await store.channel_settings.save("T1", "C1", style, schedule, "U1", clock())
    assert await store.channel_settings.get("T1", "C1") == ChannelRow(style, schedule, "U1")
    assert await store.channel_settings.get("T1", "C2") == await store.channel_settings.get("T2", "C1") == ChannelRow()


async def test_styles_and_zones_of_several_channels(store: Store, clock: Clock) -> None:
    """Those that have set none are left out, and nothing is asked for nothing."""
    await store.channel_settings.save(
        "T1", "C1", MessageStyle(full=True), Schedule(zone="Europe/Lisbon"), "U1", clock()
    )
    async with store.database.read() as tx:
        assert (await styles(tx, []), await zones(tx, [])) == ({}, {})
        assert await styles(tx, [("T1", "C1"), ("T1", "C2")]) == {("T1", "C1"): MessageStyle(full=True)}
        assert await zones(tx, [("T1", "C1"), ("T2", "C1")]) == {("T1", "C1"): "Europe/Lisbon"}


async def test_a_mute_is_replaced_by_one_of_the_same(store: Store, clock: Clock) -> None:
    """So it ends when the newer one says, and one that is over does not count."""
    now = clock()
    first, longer, other = (Mute("1", until=now + timedelta(hours=hours)) for hours in (1, 2, 3))
    other = replace(other, application_id="2")
    for mute in (first, other, longer):
        await store.channel_settings.mute("T1", "C1", [mute], "U1", now)
    assert await store.channel_settings.mutes("T1", "C1", now) == [other, longer]
    assert await store.channel_settings.mutes("T1", "C1", now + timedelta(hours=2)) == [other]


async def test_mutes_are_ended_one_by_one_or_all_at_once(store: Store, clock: Clock) -> None:
    """Also those of one account alone. It says how many, and other channels are left alone."""
    mutes = [Mute("1"), Mute("2", connection_id=7), Mute(trigger="late", connection_id=7), Mute("3")]
    for channel_id in ("C1", "C2"):
        await store.channel_settings.mute("T1", channel_id, mutes, "U1", clock())
    assert await store.channel_settings.unmute("T1", "C1", [Mute("1")], clock()) == 1
    assert await store.channel_settings.unmute("T1", "C1", [], clock(), connection_id=7) == 2
    assert await store.channel_settings.mutes("T1", "C1", clock()) == [Mute("3")]
    assert await store.channel_settings.unmute("T1", "C1", [], clock()) == 1
    assert len(await store.channel_settings.mutes("T1", "C2", clock())) == 4


async def test_a_channels_language_is_that_of_who_subscribed_first_else_of_the_installer(
    store: Store, clock: Clock
) -> None:
    """Until one is chosen. A subscriber whose locale is unknown doesn't count, and other channels are left alone."""
    await store.installations.save(Installation("T1", is_org=False, enterprise_id=None, **INSTALLED), clock())
    assert await store.channel_settings.locale("T1", "C1") is None
    await _uses_slack_in(store, "T1", "UANA", "fr-FR", clock())
    assert await store.channel_settings.locale("T1", "C1") == "fr-FR"
    await _uses_slack_in(store, "T1", "UBEA", None, clock())
    await _subscribe(store, "C1", "UBEA", clock())
    assert await store.channel_settings.locale("T1", "C1") == "fr-FR"
    await _uses_slack_in(store, "T1", "UBEA", "en-GB", clock())
    assert await store.channel_settings.locale("T1", "C1") == "en-GB"
    assert await store.channel_settings.locale("T1", "C2") == "fr-FR"
    await store.channel_settings.save("T1", "C1", MessageStyle(language="fr"), Schedule(), "UBEA", clock())
    assert await store.channel_settings.locale("T1", "C1") == "fr"


async def test_an_organizations_installer_counts_in_each_workspace_that_it_serves(store: Store, clock: Clock) -> None:
    """With the locale recorded there. A workspace's own installation comes first, and one that ended doesn't count."""
    org = Installation("E1", is_org=True, enterprise_id="E1", **INSTALLED)
    await store.installations.save(org, clock())
    for team_id, locale in (("T1", "fr-FR"), ("T2", "de-DE"), ("T3", "fr-FR")):
        await _uses_slack_in(store, team_id, "UANA", locale, clock())
    for team_id in ("T1", "T2"):
        await store.installations.serve(team_id, "E1")
    assert [await store.channel_settings.locale(team, "C1") for team in ("T1", "T2", "T3")] == ["fr-FR", "de-DE", None]
    own = Installation("T2", is_org=False, enterprise_id="E1", **{**INSTALLED, "installed_by": "UBEA"})
    await store.installations.save(own, clock())
    assert await store.channel_settings.locale("T2", "C1") is None
    await store.installations.end("E1", clock())
    assert await store.channel_settings.locale("T1", "C1") is None


async def test_nobody_installed_a_bot_token_of_the_settings(store: Store, clock: Clock) -> None:
    """So a channel that no one subscribed has no language of its own, whichever people use the bot. It gets English."""
    await _uses_slack_in(store, "T1", "UANA", "fr-FR", clock())
    assert await store.channel_settings.locale("T1", "C1") is None
