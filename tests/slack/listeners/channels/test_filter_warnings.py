"""A person who subscribes with a filter that nothing matches reads that, in the form and in the answer."""

from __future__ import annotations

import pytest

from bot.slack.listeners.channels import filter_warnings
from tests.patience import NONE
from tests.slack.conftest import RunningBot
from tests.slack.listeners.channels.subscription_form import opened

NOTHING = "Nothing can match this filter."


async def test_the_answer_says_what_can_never_match(idle_bot: RunningBot) -> None:
    """It is saved all the same, with what is wrong beside it. A filter that could match comes without a warning."""
    answer = await idle_bot.say("subscribe approved late:yes")
    assert "This channel is now subscribed to *approved*" in answer.text
    assert f"{NOTHING} `late:yes` is never true for approved events." in answer.text
    answer = await idle_bot.say("subscribe late late:yes status:closed")
    assert f"{NOTHING} `status:closed` and `late:yes` are never true together." in answer.text
    assert NOTHING not in (await idle_bot.say("subscribe submitted late:yes")).text


async def test_the_form_says_so_before_it_is_sent(idle_bot: RunningBot) -> None:
    """Also of an account, which in the form is a field of its own."""
    view = await opened(idle_bot)
    for text, why in (
        ("connection:emea", "The subscription is for the account `default`"),
        ("template:none", "No template in Clust matches `template:none` right now."),
    ):
        await idle_bot.slack.click(view, "filter", value=text, values={"filter": text}, user="mei")
        await idle_bot.window("mei", why)


async def test_a_template_that_clust_lists_is_found(idle_bot: RunningBot) -> None:
    """By a part of its title, as the filter does, and one that is misspelled is suggested."""
    title = next(iter(idle_bot.account.templates.values())).title
    assert "No template" not in (await idle_bot.say(f'subscribe late template:"{title[:-1]}"')).text
    answer = await idle_bot.say(f'subscribe late template:"{title}x"')
    assert f"Did you mean `{title}`?" in answer.text


async def test_nothing_is_said_of_templates_that_can_not_be_read(
    idle_bot: RunningBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clust is away, or takes too long: not knowing is no warning."""
    idle_bot.account.faults.unreachable = True
    assert "No template" not in (await idle_bot.say("subscribe late template:none")).text
    idle_bot.account.faults.unreachable = False
    idle_bot.account.faults.delay_seconds = 3600
    monkeypatch.setattr(filter_warnings, "PATIENCE_SECONDS", NONE)
    answer = await idle_bot.say("subscribe late template:other")
    assert "This channel is now subscribed to *late*" in answer.text
    assert "No template" not in answer.text
    idle_bot.account.faults.delay_seconds = 0
