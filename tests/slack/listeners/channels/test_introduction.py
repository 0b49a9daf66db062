"""The bot introduces itself in a channel that it is invited to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.store import open_store
from bot.store.engine.tables import idempotency_keys
from tests.slack.conftest import RunningBot


async def test_it_introduces_itself_once_with_the_details_in_the_thread(idle_bot: RunningBot) -> None:
    """One short message. If the bot is removed and invited again within 30 days, it says nothing."""
    slack = idle_bot.slack
    await slack.invite_bot("compliance")
    first, details = await idle_bot.posted("compliance", "I'm Clust", "/clust subscribe")
    assert first.thread_ts is None
    assert details.thread_ts == first.ts
    await slack.remove_bot("compliance")
    await slack.invite_bot("compliance")
    await idle_bot.say("status", channel="general")
    assert len(slack.messages("compliance")) == 2


async def test_it_introduces_itself_again_after_30_days(idle_bot: RunningBot) -> None:
    """Not for an event that Slack repeats three times, but for a person who invites it a month later."""
    slack = idle_bot.slack
    await slack.invite_bot("compliance")
    await idle_bot.posted("compliance", "I'm Clust", "/clust subscribe")
    joined = {"user": slack.workspace.bot.id, "inviter": slack.workspace.member.id}
    where = slack.workspace.private.id
    for number in (1, 2, 3):
        await slack.event("member_joined_channel", retry=(number, "http_timeout"), channel=where, **joined)
    await idle_bot.say("status", channel="general")
    assert len(slack.messages("compliance")) == 2
    store = open_store(idle_bot.settings.database_url, posts_per_minute=300)
    async with store.database.write() as tx:
        expires_at = idempotency_keys.c.expires_at
        (row,) = (await tx.execute(idempotency_keys.select().where(expires_at > datetime.now(UTC)))).all()
        assert row.expires_at - datetime.now(UTC) > timedelta(days=29)
        await tx.execute(idempotency_keys.update().values(expires_at=row.expires_at - timedelta(days=30)))
    await store.database.close()
    await slack.remove_bot("compliance")
    await slack.invite_bot("compliance")
    await idle_bot.posted("compliance", "I'm Clust", "/clust subscribe", "I'm Clust", "/clust subscribe")


async def test_a_channel_that_is_subscribed_needs_no_introduction(idle_bot: RunningBot) -> None:
    """A person who subscribed it and waited for the bot knows what it does."""
    assert "/invite @Clust" in (await idle_bot.say("subscribe late", channel="compliance")).text
    await idle_bot.slack.invite_bot("compliance")
    await idle_bot.direct_messages("mei", "")
    assert idle_bot.slack.messages("compliance") == []


async def test_a_channel_of_two_organizations_gets_none(idle_bot: RunningBot) -> None:
    """W2: nor does one about which Slack says nothing, or that refuses posts, and the bot goes on."""
    slack = idle_bot.slack
    await slack.invite_bot("with-partner")
    slack.refuse("conversations.info", slack.workspace.general.id, "internal_error")
    await slack.invite_bot("general")
    slack.workspace.channel("compliance").refused_posts = "restricted_action"
    await slack.invite_bot("compliance")
    await slack.say("@clust status")
    await slack.wait_for(lambda: slack.ephemeral("onboarding"))
    assert [slack.messages(name) for name in ("with-partner", "general", "compliance")] == [[], [], []]
