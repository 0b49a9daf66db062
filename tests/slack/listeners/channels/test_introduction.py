"""The bot introduces itself in a channel that it is invited to."""

from __future__ import annotations

from tests.slack.conftest import RunningBot


async def test_it_introduces_itself_once_with_the_details_in_the_thread(idle_bot: RunningBot) -> None:
    """One short message; removed and invited again within 30 days it says nothing."""
    slack = idle_bot.slack
    await slack.invite_bot("compliance")
    first, details = await idle_bot.posted("compliance", "I'm Clust", "/clust subscribe")
    assert first.thread_ts is None
    assert details.thread_ts == first.ts
    await slack.remove_bot("compliance")
    await slack.invite_bot("compliance")
    await idle_bot.say("status", channel="general")
    assert len(slack.messages("compliance")) == 2


async def test_a_channel_that_is_subscribed_needs_no_introduction(idle_bot: RunningBot) -> None:
    """Whoever subscribed it, and waited for the bot, knows what it does."""
    assert "/invite @Clust" in (await idle_bot.say("subscribe late", channel="compliance")).text
    await idle_bot.slack.invite_bot("compliance")
    await idle_bot.direct_messages("mei", "")
    assert idle_bot.slack.messages("compliance") == []


async def test_a_channel_of_two_organizations_gets_none(idle_bot: RunningBot) -> None:
    """W2: nor does one about which Slack says nothing, or that refuses posts; the bot goes on."""
    slack = idle_bot.slack
    await slack.invite_bot("with-partner")
    slack.refuse("conversations.info", slack.workspace.general.id, "internal_error")
    await slack.invite_bot("general")
    slack.workspace.channel("compliance").refused_posts = "restricted_action"
    await slack.invite_bot("compliance")
    await slack.say("@clust status")
    await slack.wait_for(lambda: slack.ephemeral("onboarding"))
    assert [slack.messages(name) for name in ("with-partner", "general", "compliance")] == [[], [], []]
