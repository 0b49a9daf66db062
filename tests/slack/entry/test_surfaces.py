"""What all surfaces have in common: limits for each person, ids that Slack could have sent, and errors that pass."""

from __future__ import annotations

from bot.sandbox.slack.workspace import Channel, User
from bot.slack.views.building import ids
from tests.slack.conftest import RunningBot, Start
from tests.slack.listeners.windows import needed, opened, text_of, written

BUTTON = {
    "type": "button",
    "action_id": ids.RUN_SUGGESTION,
    "value": "help",
    "text": {"type": "plain_text", "text": "Run"},
}


async def test_after_an_event_that_fails_the_next_one_is_handled(idle_bot: RunningBot) -> None:
    """An error in an event is logged, and the next event is handled."""
    await idle_bot.say("subscribe late")
    idle_bot.slack.fail_next("conversations.info", "internal_error")
    await idle_bot.slack.remove_bot("onboarding")
    await idle_bot.slack.wait_for(lambda: idle_bot.slack.calls[-1].answer.get("error") == "internal_error")
    idle_bot.slack.workspace.onboarding.members.add(idle_bot.slack.workspace.bot.id)
    await idle_bot.slack.remove_bot("onboarding")
    await idle_bot.direct_messages("mei", "is on hold. I'm not in the channel.")


async def test_a_rate_limited_method_of_slack_is_retried_once(idle_bot: RunningBot) -> None:
    """P2: a 429 for a method is waited out once, and the answer comes a little later."""
    idle_bot.slack.rate_limit_method("users.info", 0.5)
    assert "3 applications" in (await idle_bot.say("list", user="bruno")).text
    assert [call.status for call in idle_bot.slack.called("users.info")][-2:] == [429, 200]


async def test_malformed_ids_are_never_sent_to_slack(idle_bot: RunningBot) -> None:
    """D6: malformed ids of people and channels are never sent to Slack, and the person reads why."""
    for odd in ("not an id", "u1", "U1\n", "<@U1>", "C" * 41, "Ü1", "None"):
        before = len(idle_bot.slack.calls)
        stranger = await idle_bot.slack.command("/clust", "subscribe late", user=User(odd, "x", "X"))
        assert "Slack didn't tell me who you are" in (await stranger.answer()).text, odd
        assert len(idle_bot.slack.calls) == before, odd
        nowhere = await idle_bot.slack.command("/clust", "subscribe late", channel=Channel(odd, "x"))
        assert "which channel this is about" in (await nowhere.answer()).text, odd
        assert {call.method for call in list(idle_bot.slack.calls)[before:]} <= {"users.info"}, odd


async def test_a_command_over_the_limit_is_refused_by_its_acknowledgement(start: Start) -> None:
    """B10: the 13th command in a minute is answered by its acknowledgement, and other people are served."""
    bot = await start(poll_interval=3600, commands_per_minute=12)
    for number in range(17):
        exchange = await bot.slack.command("/clust", "help", user="mei")
        if number < 12:
            assert (exchange.status, exchange.body) == (200, None)
        else:
            assert "limit of 12 commands, clicks and forms per minute" in str(exchange.body)
    assert "/clust list" in (await bot.say("help", user="adrien")).text


async def test_a_click_over_the_limit_is_refused_once(start: Start) -> None:
    """B10: clicks count with commands. The first one too many is answered in place, the next ones are not."""
    bot = await start(poll_interval=3600, commands_per_minute=3)
    await bot.say("help list", user="mei")
    posts = [bot.put({"type": "actions", "elements": [BUTTON]}, visible_to="mei") for _ in range(4)]
    for post in posts[:2]:
        assert "/clust list" in (await bot.click(post, "Run", user="mei")).text
    assert "limit of 3 commands" in (await bot.click(posts[2], "Run", user="mei")).text
    quiet = await bot.press(posts[3], "Run", user="mei")
    assert "/clust list" in (await bot.say("help", user="adrien")).text
    assert quiet.answers == []


async def test_a_form_over_the_limit_keeps_its_values(start: Start) -> None:
    """B10: a form over the limit keeps its values and shows the sentence under its first field."""
    bot = await start(poll_interval=3600, commands_per_minute=1)
    view = await opened(bot)
    exchange = await bot.slack.submit(view, needed(bot))
    assert "limit of 1 commands" in str(exchange.errors)
    assert "first_name" in text_of(view)
    assert written(bot) == []


async def test_a_shortcut_over_the_limit_is_refused_in_a_window(start: Start) -> None:
    """B10: shortcuts count with commands. What a shortcut can't do is said in a window, and so is an excess."""
    bot = await start(poll_interval=3600, commands_per_minute=1)
    await bot.slack.shortcut("shortcut.create", user="gustav")
    await bot.window("gustav", "only members of this workspace")
    await bot.slack.shortcut("shortcut.create", user="gustav")
    await bot.window("gustav", "limit of 1 commands")
