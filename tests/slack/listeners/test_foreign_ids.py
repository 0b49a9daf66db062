"""IDs in buttons, menus and modals are checked against the channel and the person of the click (fault B6).

Bruno, an editor, clicks every kind of button and submits every form with IDs from two private channels that he isn't
in. Nothing there may change, and he may learn nothing about them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from bot.sandbox.slack.views import View
from bot.sandbox.slack.workspace import Channel, User
from bot.slack.entry.buttons import BUTTONS
from bot.slack.entry.forms import FORMS
from bot.slack.listeners.card_menu import MENU
from bot.slack.listeners.channels.floods import FLOOD
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import button, section
from bot.store.engine.tables import channels, deliveries, drafts, floods, mutes, subscriptions
from tests.slack.conftest import RunningBot
from tests.slack.listeners.windows import needed, text_of

SILENT = {
    *(kind for kind, row in BUTTONS.items() if row.handler is BUTTONS[ids.OPEN_IN_CLUST].handler),
    *(ids.CONSOLE_PRESET, ids.VALUE, ids.MORE_OPTIONS, ids.DISCARD),
}
"""Kinds that say nothing where they stand in a message."""

WATCHED = (subscriptions, floods, channels, mutes, drafts)


@dataclass
class Foreign:
    """A running bot, the person who clicks, and IDs that belong to channels they aren't in."""

    bot: RunningBot
    clicks: User
    places: Sequence[Channel]
    numbers: Sequence[str]

    async def state(self) -> str:
        """Return everything that the bot stores about those channels and about drafts of Mei."""
        mei = self.bot.slack.workspace.member.id
        rows: list[Any] = []
        for table in WATCHED:
            theirs = (
                table.c.user_id == mei if table is drafts else table.c.channel_id.in_([one.id for one in self.places])
            )
            rows += [dict(row) for row in await self.bot.rows(sa.select(table).where(theirs))]
        held = sa.select(deliveries.c.id, deliveries.c.state).where(deliveries.c.kind == "event")
        rows += [dict(row) for row in await self.bot.rows(held.order_by(deliveries.c.id))]
        for row in rows:
            row.pop("dirty_at", None)  # the card's numbers are brought up to date by themselves
        return json.dumps(rows, default=str, sort_keys=True)

    def assert_untold(self, response: str, *sent: str) -> None:
        """Assert that nothing names those channels, except where it repeats what was `sent`."""
        for place in self.places:
            assert place.id not in response or place.id in sent[-1], sent
            assert place.name not in response, sent

    async def click(self, kind: str, value: str, *, user: User | None = None) -> str:
        """Click a button in #onboarding with this value, and return everything shown afterwards."""
        who, slack = user or self.clicks, self.bot.slack
        exchange = await self.bot.press(self.bot.put(section("x", button("Click", kind, value))), "Click", user=who)

        def content() -> str:
            view = slack.views.of(who.id)
            if view and "Reading from Clust" not in text_of(view) and "Saving" not in text_of(view):
                return text_of(view)
            return json.dumps([answer.blocks for answer in exchange.answers]) if exchange.answers else ""

        if ids.kind(kind) in SILENT:
            return ""
        response = await slack.wait_for(content)
        if view := slack.views.of(who.id):
            await slack.close_view(view, everything=True)
        return response


@pytest.fixture
async def foreign(idle_bot: RunningBot, monkeypatch: pytest.MonkeyPatch) -> Foreign:
    """A flood card, subscriptions, drafts and a stored response in one channel, and a second channel on hold."""
    bot, slack, people = idle_bot, idle_bot.slack, idle_bot.slack.workspace
    # No one clicks hundreds of times a minute, and what is tried here is not how fast windows may open.
    monkeypatch.setattr(slack.state.rate_limits, "admit", lambda *_: None)
    insiders = {people.member.id, people.bot.id}
    channel = people.add_channel("takeover", kind="private", members=set(insiders))
    held = people.add_channel("litigation", kind="private", members=set(insiders))
    await bot.say("subscribe created", channel=channel)
    await bot.say("subscribe late title:acme", channel=held)
    await slack.archive(held)
    await bot.direct_messages("mei", "is on hold. The channel is archived.")
    for number in range(25):
        bot.account.add(title=f"File {number}")
    await bot.poll_once()
    await bot.posted(channel, "25 notifications")
    (flood,) = [row["delivery_id"] for row in await bot.rows(sa.select(floods))]
    numbers = [str(flood), *(str(row["id"]) for row in await bot.rows(sa.select(subscriptions)))]
    await bot.say("api GET /users", channel=channel)
    await bot.ask("create", channel=channel)
    await bot.window("mei", "first_name")
    draft_ids = [row["id"] for row in await bot.rows(sa.select(drafts))]
    return Foreign(bot, people.second_member, (channel, held), [*numbers, *draft_ids, channel.id, held.id])


async def test_no_button_reaches_another_channel(foreign: Foreign) -> None:
    """B6: every kind of button with every foreign ID, clicked by a member and by an uninvolved admin."""
    before = await foreign.state()
    kinds = [*(kind for kind in BUTTONS if kind not in {ids.FLOOD, ids.MORE}), *FLOOD]
    for number in foreign.numbers:
        carried = [(kind, number) for kind in kinds]
        carried += [(ids.MORE, f"{name} {number}") for name in MENU]
        carried.append((ids.SHARE_APPLICATION, f"{number} 1"))
        for kind, value in carried:
            foreign.assert_untold(await foreign.click(kind, value), kind, value)
    assert await foreign.state() == before


async def test_no_question_of_another_channel_is_answered(foreign: Foreign) -> None:
    """B6: a flood card's ID works only in its own channel, for admins too."""
    (number, *_), (target, _) = foreign.numbers, foreign.places
    for user in (foreign.clicks, foreign.bot.slack.workspace.admin):
        for action_id in FLOOD:
            assert "question is closed" in await foreign.click(action_id, number, user=user)
    (card,) = foreign.bot.slack.messages(target)
    await foreign.bot.press(card, "Mark as seen")
    await foreign.bot.shows(card, "marked them as seen")


async def test_no_window_reaches_another_channel(foreign: Foreign) -> None:
    """B6: every form submitted with every foreign ID in its metadata."""
    before, bot, who = await foreign.state(), foreign.bot, foreign.clicks
    await bot.ask("create", user=who)
    await bot.window(who.id, "first_name")
    view = bot.slack.views.of(who.id)
    assert view
    form_view, values = view.sent, needed(bot)
    tag = str(form_view["private_metadata"]).partition("~")[0]
    for form in FORMS:
        for number in foreign.numbers:
            # As often as this no window may be opened (Slack: views.open, tier 4).
            view.sent = {**form_view, "callback_id": form, "private_metadata": f"{tag}~{number}"}
            exchange = await bot.slack.submit(view, values)
            content = json.dumps([exchange.errors, exchange.view.sent if exchange.view else ""])
            foreign.assert_untold(content, form, number)
            assert bot.slack.views.of(who.id) is view
    assert await foreign.state() == before


async def channel_form(foreign: Foreign) -> View:
    """Open a form with a channel select, as Bruno."""
    await foreign.bot.ask("subscribe", user=foreign.clicks)
    await foreign.bot.window(foreign.clicks.id, "the last 14 days")
    view = foreign.bot.slack.views.of(foreign.clicks.id)
    assert view
    return view


async def redrawn(foreign: Foreign, view: View, values: dict[str, Any]) -> View:
    """Click *More options* with other values, and return the redrawn form."""
    before, slack = view.sent, foreign.bot.slack
    await slack.click(view, ids.MORE_OPTIONS, value="", values=values)
    await slack.wait_for(lambda: view.sent is not before)
    return view


async def test_no_channel_is_chosen_that_one_may_not_know_of(foreign: Foreign) -> None:
    """B6: a channel ID in a select or in metadata is checked for the person. A foreign channel's name isn't shown."""
    before, slack = await foreign.state(), foreign.bot.slack
    await slack.invite_bot("general")
    for place in foreign.places:
        view = await channel_form(foreign)
        (general,) = await slack.options(view, "channel", "general")
        chosen = {"channel": {**general, "value": place.id}}
        exchange = await slack.submit(view, chosen)
        assert "aren't in this channel" in exchange.errors["channel"]
        again = await redrawn(foreign, view, chosen)
        assert place.name not in text_of(again)
        again.sent = {**again.sent, "callback_id": ids.MOVE, "private_metadata": place.id}
        exchange = await slack.submit(again, {"channel": general})
        assert "You don't own a subscription" in exchange.errors["channel"]
        await slack.close_view(again, everything=True)
    assert await foreign.state() == before
