"""Rate limits for each person: who exceeds them reads so, and nobody else notices (issue 14, B10)."""

from __future__ import annotations

from bot.slack.request.person_queues import MAX_AT_ONCE
from bot.slack.request.requester import Actor
from bot.slack.request.user_rate_limits import MAX_IDLE, SEARCHES_FOR_AN_ACT, Allowances
from bot.slack.views.building import ids
from tests.slack.conftest import RunningBot, Start
from tests.slack.listeners.windows import needed, opened, text_of, written

BUTTON = {
    "type": "button",
    "action_id": ids.RUN_SUGGESTION,
    "value": "help",
    "text": {"type": "plain_text", "text": "Run"},
}
ANA, BOB = Actor("T1", None, "U1"), Actor("T1", None, "U2")


def test_searches_count_for_less() -> None:
    """B10: searches in selects, one for each letter, have a limit of their own."""
    allowances = Allowances(2, lambda: 0.0)
    assert [allowances.search(ANA) for _ in range(2 * SEARCHES_FOR_AN_ACT + 1)] == [
        *[True] * (2 * SEARCHES_FOR_AN_ACT),
        False,
    ]
    assert allowances.act(ANA) is None


def test_it_is_told_now_and_then() -> None:
    """B10: each excess has a sentence with the seconds to wait, to be sent once in ten seconds to each person."""
    now = 0.0
    allowances = Allowances(1, lambda: now)
    assert allowances.act(ANA) is None
    first, second = allowances.act(ANA), allowances.act(ANA)
    now = 15.0
    third = allowances.act(ANA)
    assert first
    assert second
    assert third
    assert (first.is_news, second.is_news, third.is_news) == (True, False, True)
    assert "limit of 1 commands, clicks and forms per minute" in first.sentence
    assert "in 60 seconds" in first.sentence
    assert "in 45 seconds" in third.sentence
    assert allowances.act(BOB) is None
    now = 61.0
    assert allowances.act(ANA) is None


def test_those_who_do_nothing_any_more_are_forgotten() -> None:
    """B10: only people who were active within the last minute stay in memory."""
    now = 0.0
    allowances = Allowances(1, lambda: now)
    for number in range(MAX_IDLE):
        allowances.act(Actor("T1", None, f"U{number}"))
    now = 120.0
    allowances.act(Actor("T1", None, "UNEW"))
    assert len(allowances._people) == 1  # noqa: SLF001  nothing else tells what is remembered


async def test_one_who_types_on_and_on_is_told(start: Start) -> None:
    """B10: the 121st command in a minute is answered by its acknowledgement; other people are served."""
    bot = await start(commands_per_minute=120)
    for number in range(125):
        exchange = await bot.slack.command("/clust", "help", user="mei")
        if number < 120:
            assert (exchange.status, exchange.body) == (200, None)
        else:
            assert "limit of 120 commands, clicks and forms per minute" in str(exchange.body)
    assert "/clust list" in (await bot.say("help", user="adrien")).text


async def test_one_who_clicks_on_and_on_is_told_once(start: Start) -> None:
    """B10: clicks count with commands; the first one too many is answered in place, the next ones are not."""
    bot = await start(commands_per_minute=3)
    await bot.say("help list", user="mei")
    posts = [bot.put({"type": "actions", "elements": [BUTTON]}, visible_to="mei") for _ in range(4)]
    for post in posts[:2]:
        assert "/clust list" in (await bot.click(post, "Run", user="mei")).text
    assert "limit of 3 commands" in (await bot.click(posts[2], "Run", user="mei")).text
    quiet = await bot.press(posts[3], "Run", user="mei")
    assert "/clust list" in (await bot.say("help", user="adrien")).text
    assert quiet.answers == []


async def test_a_form_too_many_stays_as_it_is(start: Start) -> None:
    """B10: a form over the limit keeps its values and shows the sentence under its first field."""
    bot = await start(commands_per_minute=1)
    view = await opened(bot)
    exchange = await bot.slack.submit(view, needed(bot))
    assert "limit of 1 commands" in str(exchange.errors)
    assert "first_name" in text_of(view)
    assert written(bot) == []


async def test_one_person_waits_for_themselves(idle_bot: RunningBot) -> None:
    """B10: a few of one person's commands run at a time, however often another person's are answered meanwhile."""
    path, requests = "/dossiers/1", idle_bot.account.requests
    idle_bot.account.faults.delay = 3600
    shows = [await idle_bot.ask("show 1", user="mei") for _ in range(20)]
    await idle_bot.account.asked_for(path, MAX_AT_ONCE)
    # Without the limit, all that Mei asked for would come to Clust long before the last of these is answered.
    for _ in range(10):
        assert "/clust list" in (await idle_bot.say("help", user="adrien")).text
    assert sum(request.path == path for request in requests) == MAX_AT_ONCE
    idle_bot.account.faults.delay = 0.0
    for one in shows:
        assert "Acme" in (await one.answer()).text
