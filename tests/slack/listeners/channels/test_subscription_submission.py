"""A submitted subscription form: what is saved, and what is refused under its field (rules S1, W2)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal

import pytest

from bot.slack.listeners.channels import subscription_submission
from bot.slack.views.building import ids
from bot.store.engine.tables import channels, reports
from tests.patience import NONE
from tests.slack.conftest import RunningBot
from tests.slack.listeners.channels.subscription_form import opened, opened_whole, sent


async def test_a_channel_is_subscribed_with_style_and_schedule(bot: RunningBot) -> None:
    """All fields are stored and shown when it is opened again, and what is late now comes as one digest."""
    bot.account.make_late(1)
    bot.account.make_late(3)
    await bot.status("2 late")
    view = await opened_whole(bot)
    exchange = await sent(
        bot,
        view,
        events=["late", "created"],
        filter="-title:birch",
        limit="7",
        style=["update", "full"],
        also_to_channel=["created"],
        schedule="hourly",
        quiet_from="20:00",
        quiet_to="08:00",
        weekends="quiet",
        zone="Europe/Lisbon",
        reminder_days="3",
        gate="0",
        begin="late",
    )
    assert exchange.view
    content = json.dumps(exchange.view.sent, ensure_ascii=False)
    assert "This channel is now subscribed to *created and late*" in content
    assert (
        "Notifications are posted every hour. Quiet hours are from 8:00 PM to 8:00 AM. Weekends are quiet. "
        "Time zone: Europe/Lisbon."
    ) in content
    assert "2 applications are already late and will be posted in one digest" in content
    (digest,) = await bot.posted("onboarding", "2 applications were already late when this channel subscribed")
    assert "Cedar" in digest.text
    (row,) = await bot.rows(channels.select())
    assert json.loads(row["style"]) == {
        "full": True,
        "update": True,
        "thread": False,
        "also_to_channel": ["created"],
        "personal_data": False,
        "gate": None,
        "reminder_days": 3,
        "shared_item_names": False,
        "action_replies": False,
        "language": "en",
    }
    await bot.slack.close_view(exchange.view)
    again = json.dumps((await opened_whole(bot)).sent)
    assert '"initial_time": "20:00"' in again
    assert '"initial_value": "Europe/Lisbon"' in again
    assert '"initial_value": "0"' in again
    assert "Notifications are posted every hour" in (await bot.say("subscriptions")).text


async def test_mistakes_stand_under_their_fields(idle_bot: RunningBot) -> None:
    """Invalid values are shown under their fields, and nothing is subscribed."""
    view = await opened_whole(idle_bot)
    for values, field, sentence in (
        ({"filter": "titel:acme"}, "filter", "Did you mean `title`?"),
        ({"quiet_from": "20:00"}, "quiet_to", "both times for quiet hours, or neither"),
        ({"quiet_from": None, "zone": "Europe/Lisbn"}, "zone", "Did you mean `Europe/Lisbon`?"),
        ({"zone": "UTC", "limit": "0"}, "limit", "from 1 to 1,000"),
        ({"limit": "7", "gate": "1001"}, "gate", "from 0 to 1,000"),
    ):
        exchange = await sent(idle_bot, view, **{"filter": "", **values})
        assert sentence in exchange.errors[field]
    assert "no subscriptions" in (await idle_bot.say("subscriptions")).text


async def test_only_an_admin_shows_item_names_to_other_organizations(idle_bot: RunningBot) -> None:
    """W2: subscribing a shared channel is allowed in words there. After that the form sets the rest, for admins."""
    shared = idle_bot.slack.workspace.channel("with-partner")
    exchange = await sent(idle_bot, await opened_whole(idle_bot), style=["shared_item_names"])
    assert "Only admins" in exchange.errors["style"]
    await idle_bot.click(
        await idle_bot.say("subscribe late", channel=shared, user="adrien"), "Allow it here", user="adrien"
    )
    await idle_bot.ask("subscribe", channel=shared, user="adrien")
    await idle_bot.window("adrien", "the last 14 days")
    view = idle_bot.slack.views.of(idle_bot.slack.workspace.admin.id)
    assert view
    await idle_bot.slack.click(view, ids.MORE_OPTIONS, value="", user="adrien")
    await idle_bot.window("adrien", "item names")
    view = idle_bot.slack.views.of(idle_bot.slack.workspace.admin.id)
    assert view
    exchange = await sent(idle_bot, view, style=["update", "shared_item_names"])
    assert not exchange.errors, exchange.errors
    await idle_bot.window("adrien", "This channel")
    (row,) = await idle_bot.rows(channels.select())
    assert json.loads(row["style"])["shared_item_names"] is True


async def test_a_slack_that_slows_us_down_is_a_sentence_in_the_form(
    idle_bot: RunningBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M1: if a 429 lasts longer than an acknowledgement may take, the form stays and can be sent again."""
    monkeypatch.setattr(subscription_submission, "CHECK_SECONDS", NONE)
    view = await opened(idle_bot)
    idle_bot.slack.rate_limit_method("conversations.info", 30)
    exchange = await sent(idle_bot, view, events=["late"])
    assert "Submit again" in exchange.errors["channel"]


async def test_where_slack_can_not_say_an_admin_has_no_right_to_a_group_message(idle_bot: RunningBot) -> None:
    """B5, W1: a direct message of several is for those in it. One that Slack says nothing about may be one of those."""
    people = idle_bot.slack.workspace
    members = {people.bot.id, people.member.id}
    places = [people.add_channel(name, kind=kind, members=members) for name, kind in PRIVATE.items()]
    await idle_bot.ask("subscribe", user=people.admin)
    await idle_bot.window("adrien", "the last 14 days")
    view = idle_bot.slack.views.of(people.admin.id)
    assert view
    for place in places:
        idle_bot.slack.fail_next("conversations.info", "internal_error")
        (option,) = await idle_bot.slack.options(view, "channel", "onboarding")
        exchange = await idle_bot.slack.submit(view, {"channel": {**option, "value": place.id}, "events": ["late"]})
        assert "right now" in exchange.errors["channel"]


PRIVATE: Mapping[str, Literal["mpim", "private"]] = {"mpdm-1": "mpim", "deal": "private"}


async def test_a_channel_gets_a_report_from_the_form(idle_bot: RunningBot) -> None:
    """How often is stored, said, and shown again, and *Never* ends it."""
    view = await opened_whole(idle_bot)
    exchange = await sent(idle_bot, view, report="weekly", zone="Europe/Lisbon")
    assert exchange.view
    words = "A report is posted on Mondays at 9:00 AM, Europe/Lisbon time."
    assert words in json.dumps(exchange.view.sent, ensure_ascii=False)
    assert words in (await idle_bot.say("subscriptions", user="mei")).text
    (row,) = await idle_bot.rows(reports.select())
    assert (row["rhythm"], row["set_by"]) == ("weekly", idle_bot.slack.workspace.member.id)
    again = await opened_whole(idle_bot)
    await sent(idle_bot, again, schedule="at_once")
    assert [row["rhythm"] for row in await idle_bot.rows(reports.select())] == ["weekly"]
    await sent(idle_bot, await opened_whole(idle_bot), report="none")
    assert await idle_bot.rows(reports.select()) == []
