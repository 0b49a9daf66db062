"""The words of `/clust` in messages: a mention, a thread, a direct message. Answers are for the person alone."""

from __future__ import annotations

import json
from typing import Any

from bot.sandbox.slack.messages import PostedMessage
from bot.sandbox.slack.stand_in import SandboxSlack
from tests.slack.conftest import RunningBot, Start, buttons


async def _private(
    slack: SandboxSlack, channel: str = "onboarding", count: int = 1, *, thread_ts: str | None = None
) -> PostedMessage:
    """Wait for the answer that one person alone sees in a channel, or in a thread of it."""

    def answers() -> list[PostedMessage]:
        return [one for one in slack.ephemeral(channel) if one.thread_ts == thread_ts]

    await slack.wait_for(lambda: len(answers()) >= count)
    return answers()[count - 1]


async def _direct(slack: SandboxSlack, user: str, count: int) -> PostedMessage:
    """Wait for so many direct messages between someone and the bot, and return the last."""
    await slack.wait_for(lambda: len(slack.direct_messages(user)) >= count)
    return slack.direct_messages(user)[count - 1]


async def test_a_mention_is_answered_to_the_person_alone(idle_bot: RunningBot) -> None:
    """The answer is that of the command. Everyone else sees the question alone."""
    await idle_bot.slack.say("@clust list", user="bruno")
    answer = await _private(idle_bot.slack)
    assert answer.visible_to == idle_bot.slack.workspace.user("bruno").id
    assert "Acme" in answer.text
    assert [one.text for one in idle_bot.slack.messages("onboarding")] == [f"<@{idle_bot.slack.workspace.bot.id}> list"]


async def test_an_answer_to_a_thread_stands_in_it(idle_bot: RunningBot) -> None:
    """There the person reads it where they asked."""
    first = await idle_bot.slack.say("How are we doing?")
    await idle_bot.slack.say("@clust status", thread_ts=first.ts)
    answer = await _private(idle_bot.slack, thread_ts=first.ts)
    assert "All is well" in answer.text


async def test_a_mention_without_words_gets_a_hint(idle_bot: RunningBot) -> None:
    """Its buttons run commands, whose answers replace it."""
    await idle_bot.slack.say("@clust")
    hint = await _private(idle_bot.slack)
    assert "Mention me with a command" in hint.text
    assert buttons(hint) == ["My applications", "Late applications", "All commands"]
    assert "/clust list" in (await idle_bot.click(hint, "All commands")).text


async def test_a_direct_message_needs_no_mention(idle_bot: RunningBot) -> None:
    """It is a conversation: the answer is an ordinary message there, and a mistake is answered like any other."""
    place = idle_bot.slack.workspace.direct(idle_bot.slack.workspace.bot.id, idle_bot.slack.workspace.member.id)
    await idle_bot.slack.say("list", channel=place)
    assert "Acme" in (await _direct(idle_bot.slack, "mei", 2)).text
    await idle_bot.slack.say("list statu:open", channel=place)
    assert "Did you mean `status`" in (await _direct(idle_bot.slack, "mei", 4)).text


async def test_a_form_is_opened_by_a_button(idle_bot: RunningBot) -> None:
    """A message has no trigger. What was typed goes along: the title, or the application."""
    await idle_bot.slack.say("@clust create Acme & Sons")
    answer = await _private(idle_bot.slack)
    assert "Click *Continue*" in answer.text
    await idle_bot.press(answer, "Continue")
    view = await idle_bot.window("mei", "Acme & Sons")
    assert "application.create" in view


async def test_in_the_thread_of_a_card_the_application_need_not_be_named(bot: RunningBot) -> None:
    """`assign me` there assigns the card's application. Another one can still be named."""
    await bot.say("subscribe late")
    bot.account.make_late(1)
    (card,) = await bot.posted("onboarding", "Acme")
    await bot.slack.say("@clust assign me", user="bruno", thread_ts=card.ts)
    answer = await _private(bot.slack, thread_ts=card.ts)
    assert "Assigned to you" in answer.text
    await bot.shows(card, bot.slack.workspace.user("bruno").id)
    await bot.slack.say("@clust show 2", thread_ts=card.ts)
    assert "Birch" in (await _private(bot.slack, count=2, thread_ts=card.ts)).text
    await bot.slack.say("@clust", thread_ts=card.ts)
    assert "this application" in (await _private(bot.slack, count=3, thread_ts=card.ts)).text


async def test_an_event_that_comes_again_is_answered_once(idle_bot: RunningBot) -> None:
    """Slack repeats up to three times what it takes for lost."""
    message = await idle_bot.slack.say("@clust list")
    await _private(idle_bot.slack)
    again: dict[str, Any] = {"user": message.user, "text": message.text, "ts": message.ts, "channel": message.channel}
    for number in (1, 2, 3):
        await idle_bot.slack.event("app_mention", retry=(number, "http_timeout"), **again)
    await idle_bot.slack.say("@clust status")
    assert "All is well" in (await _private(idle_bot.slack, count=2)).text
    assert len(idle_bot.slack.ephemeral("onboarding")) == 2


async def test_bots_and_edits_are_ignored(idle_bot: RunningBot) -> None:
    """No answer, and no error: two bots would talk forever, and an edit would run a command again."""
    slack = idle_bot.slack
    mention: dict[str, Any] = {
        "user": slack.workspace.member.id,
        "channel": slack.workspace.onboarding.id,
        "text": f"<@{slack.workspace.bot.id}> list",
    }
    ignored: tuple[dict[str, Any], ...] = (
        {"bot_id": "B0OTHER"},
        {"edited": {"user": "U1", "ts": "9.9"}},
        {"subtype": "message_changed"},
    )
    for number, fields in enumerate(ignored):
        await slack.event("app_mention", ts=f"{number}.000001", **mention, **fields)
        await slack.event("message", ts=f"{number}.000002", channel_type="im", **mention, **fields)
    await slack.say("@clust status")
    assert "All is well" in (await _private(slack)).text
    assert len(slack.ephemeral("onboarding")) == 1


async def test_refusals_are_only_visible_to_the_person_refused(idle_bot: RunningBot) -> None:
    """W1: in a channel shared with another organization members are answered, and no one else is."""
    slack = idle_bot.slack
    slack.workspace.shared.members.add(slack.workspace.bot.id)
    await slack.say("@clust list", channel="with-partner", user="xavier")
    refusal = await _private(slack, "with-partner")
    assert refusal.visible_to == slack.workspace.stranger.id
    assert "only members of this workspace" in refusal.text
    await slack.say("@clust list", channel="with-partner", user="mei")
    assert "Acme" in (await _private(slack, "with-partner", 2)).text


async def test_in_a_channel_of_another_organization_only_members_read_something(idle_bot: RunningBot) -> None:
    """W1, W2: shared, about to be shared or unknown: a member's answer is theirs alone, a stranger learns no name."""
    slack = idle_bot.slack
    shared, everyone = slack.workspace.shared, set(slack.workspace.shared.members)
    pending = slack.workspace.add_channel("soon", members=set(everyone), is_pending_ext_shared=True)
    unknown = slack.workspace.add_channel("unknown", members=set(everyone))
    slack.refuse("conversations.info", unknown.id, "internal_error")
    for where in (shared, pending, unknown):
        where.members |= {slack.workspace.bot.id, slack.workspace.stranger.id}
        for number, words in enumerate(("", "list", "show 1", "create Acme", "list connection:emea", "lits"), 1):
            await slack.say(f"@clust {words}", channel=where, user="xavier")
            answer = await _private(slack, where.name, number)
            assert answer.visible_to == slack.workspace.stranger.id
            assert not [name for name in ("Acme", "Birch", "Cedar", "default") if name in json.dumps(answer.blocks)]
        await slack.say("@clust show 1", channel=where)
        answer = await _private(slack, where.name, 7)
        assert (answer.visible_to, "Acme" in answer.text) == (slack.workspace.member.id, True)
        assert [one for one in slack.messages(where) if one.user == slack.workspace.bot.id] == []


async def test_what_slack_refuses_in_the_channel_comes_by_direct_message(idle_bot: RunningBot) -> None:
    """An answer is never lost for its place. If nothing works it is logged, and the bot goes on."""
    slack = idle_bot.slack
    slack.fail_next("chat.postEphemeral", "user_not_in_channel", times=2)
    await slack.say("@clust list", user="bruno")
    assert "Acme" in (await _direct(slack, "bruno", 1)).text
    slack.fail_next("conversations.open", "internal_error", times=4)
    await slack.say("@clust list", user="bruno")
    await slack.say("@clust status", user="bruno")
    assert "All is well" in (await _private(slack)).text


async def test_too_many_messages_are_refused_once(start: Start) -> None:
    """The limit is that of commands: one refusal, then silence."""
    bot = await start(commands_per_minute=2, poll_interval=3600)
    for _number in range(5):
        await bot.slack.say("@clust help")
    await bot.slack.events_sent()
    refusals = await bot.slack.wait_for(
        lambda: [one for one in bot.slack.ephemeral("onboarding") if "reached the limit" in one.text]
    )
    assert len(refusals) == 1


async def test_without_the_scope_everything_else_works(start: Start, slack: SandboxSlack) -> None:
    """Slack sends no mention then. Commands are answered as before."""
    slack.faults.missing_scopes = frozenset({"app_mentions:read"})
    bot = await start(poll_interval=3600)
    await bot.baseline()
    await slack.say("@clust list")
    await slack.events_sent()
    assert "Acme" in (await bot.say("list")).text
    assert [one.text for one in slack.ephemeral("onboarding") if "Acme" in one.text] != []
    assert slack.called("chat.postEphemeral") == []
