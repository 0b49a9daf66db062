"""`subscribe`, `unsubscribe`, `subscriptions` and their buttons in the real app (rules S1, S2, W2, W3)."""

from __future__ import annotations

import json
from functools import partial

import pytest
import sqlalchemy as sa

from bot.sandbox.slack.stand_in import SandboxSlack
from bot.store.engine.tables import deliveries
from tests.slack.conftest import Account, RunningBot, Start, buttons


async def test_a_public_channel_is_joined(bot: RunningBot) -> None:
    """W3: the bot joins a public channel that is subscribed, and its notifications come."""
    answer = await bot.say("subscribe all", channel="general")
    assert "This channel is now subscribed to *all events* for every application." in answer.text
    assert "I'll post at most 20 notifications of each kind at a time" in answer.text
    assert bot.slack.workspace.bot.id in bot.slack.workspace.general.members
    bot.account.make_late(1)
    await bot.posted("general", "⏰ *Late* · ")


async def test_a_word_that_is_no_event_is_said_to_be_searched_for(idle_bot: RunningBot) -> None:
    """A bare word without an event is explained. With an event, or as an exclusion, it is not."""
    answer = await idle_bot.say("subscribe foo", channel="general")
    assert (
        "Only applications with `foo` in their title or recipient will match. To subscribe to an event instead, "
        in answer.text
    )
    for plain in ("subscribe late foo", "subscribe -foo", "subscribe title:foo"):
        assert "an event instead" not in (await idle_bot.say(plain, channel="general")).text


async def test_typographic_signs_are_confirmed_as_what_they_mean(idle_bot: RunningBot) -> None:
    """A13, F4: a typographic dash excludes like a minus, and what is nearly a filter is asked about."""
    answer = await idle_bot.say("subscribe late \u2013title:test template\uff1a“KYC Søn”", channel="general")
    assert "for applications that match: template is “kyc son” and title doesn't contain “test”." in answer.text
    again = await idle_bot.say('subscribe late template:"kyc son" -title:test', channel="general")
    assert "already" in again.text
    confirmation = await idle_bot.say("subscribe all status=open", channel="general")
    assert "Did you mean `status:open`?" in confirmation.text
    assert "is now subscribed to" not in confirmation.text


async def test_a_private_channel_invites_first(bot: RunningBot) -> None:
    """W3: in a private channel the subscription waits for `/invite @Clust`, starts by itself and tells its owner."""
    answer = await bot.say("subscribe late,approved limit:3", channel="compliance")
    assert "Type `/invite @Clust` here. The subscription then starts automatically" in answer.text
    assert "Waiting to subscribe: *late and approved*" in answer.text
    listed = await bot.say("subscriptions", channel="compliance")
    assert "⏸️ On hold. I'm not in the channel." in listed.text
    await bot.slack.invite_bot("compliance")
    await bot.direct_messages("mei", "Thanks for inviting me.")
    bot.account.make_late(1)
    await bot.posted("compliance", "⏰ *Late* · ")


async def test_a_direct_message_between_people_is_refused(idle_bot: RunningBot) -> None:
    """W3: apps cannot join direct messages between people, of two or more."""
    people = idle_bot.slack.workspace
    several = people.add_channel("mpdm-mei--adrien--bruno-1", kind="mpim", members={people.member.id, people.admin.id})
    for channel in (people.people_only, several):
        answer = await idle_bot.say("subscribe late", channel=channel)
        assert "Slack doesn't let apps post in direct messages between people" in answer.text
        assert "no subscriptions" in (await idle_bot.say("subscriptions", channel=channel)).text


async def test_the_direct_message_with_the_bot_can_be_subscribed(bot: RunningBot) -> None:
    """The direct message with the bot can be subscribed like a channel."""
    people = bot.slack.workspace
    own = people.direct(people.bot.id, people.member.id)
    assert "This channel is now subscribed to *late*" in (await bot.say("subscribe late", channel=own)).text
    bot.account.make_late(2)
    await bot.posted(own, "Birch")


async def test_a_channel_shared_with_others_needs_an_admin(bot: RunningBot) -> None:
    """W2: a member is referred to an admin, and an admin gets a question whose click subscribes."""
    refused = await bot.say("subscribe late", channel="with-partner")
    assert "Ask an admin to subscribe it." in refused.text
    assert buttons(refused) == []
    question = await bot.say("subscribe late limit:2", channel="with-partner", user="adrien")
    assert "*Events:* late\n*Applications:* every application" in question.text
    assert "no subscriptions" in (await bot.say("subscriptions", channel="with-partner")).text
    done = await bot.click(question, "Allow it here")
    assert (done.ts, "This channel is now subscribed to *late*" in done.text) == (question.ts, True)
    bot.account.make_late(1)
    await bot.posted("with-partner", "Acme")


async def test_an_archived_channel_is_refused(idle_bot: RunningBot) -> None:
    """An archived channel takes no messages, so it cannot be subscribed."""
    await idle_bot.slack.archive("general")
    assert "This channel is archived" in (await idle_bot.say("subscribe late", channel="general")).text


async def test_the_same_filter_is_the_same_subscription(idle_bot: RunningBot) -> None:
    """S1: the same filter adds events and replaces the limit, but another filter is another subscription."""
    await idle_bot.say("subscribe late template:KYC limit:5")
    changed = await idle_bot.say("sub approved TEMPLATE:kyc")
    assert "Updated. This channel is subscribed to *late and approved*" in changed.text
    assert "at most 20 notifications" in changed.text
    assert (
        "This channel is already subscribed to *late and approved*"
        in (await idle_bot.say("subscribe late template:kyc")).text
    )
    assert (
        "This channel is now subscribed to *submitted*"
        in (await idle_bot.say("subscribe submitted status:open limit:1")).text
    )
    listed = await idle_bot.say("subscriptions")
    assert listed.text.startswith("*2 subscriptions in this channel*")
    assert "*late and approved* for applications that match: template is “kyc”" in listed.text
    assert "At most 1 at a time" in listed.text
    assert f"Owner: <@{idle_bot.slack.workspace.member.id}>" in listed.text


async def test_a_subscription_gets_what_it_asked_for_alone(bot: RunningBot) -> None:
    """Only events that match the filter and event words are posted."""
    await bot.say("subscribe late title:birch")
    for number in (1, 2, 3):
        bot.account.make_late(number)
    bot.account.submit(1)
    (card,) = await bot.posted("onboarding", "Birch")
    await bot.account.read()
    rows = await bot.rows(sa.select(deliveries.c.application_id, deliveries.c.message_ts))
    assert [(row["application_id"], row["message_ts"]) for row in rows] == [("2", card.ts)]


async def test_before_the_baseline_a_subscription_may_be_made(start: Start, account: Account) -> None:
    """S1: a subscription counts from its answer on, even before the first sweep is complete."""
    account.populate(120)
    account.faults.cut_page = 2
    bot = await start()
    answer = await bot.say("subscribe late")
    assert "I'm still reading Clust for the first time" in answer.text
    account.faults.cut_page = None
    await bot.baseline()
    account.make_late(1)
    await bot.posted("onboarding", "Acme")


async def test_unsubscribe_asks_which(idle_bot: RunningBot) -> None:
    """S1: without arguments it asks with buttons, and the click ends one, or all, in place of the question."""
    for text in ("subscribe late", "subscribe approved status:submitted", "subscribe created title:acme"):
        await idle_bot.say(text)
    question = await idle_bot.say("unsubscribe")
    assert buttons(question) == ["End"] * 3 + ["End all"]
    done = await idle_bot.click(question, "End")
    assert done.ts == question.ts
    assert (
        "Done. This channel is no longer subscribed to *late*. It's still subscribed to *created and approved*."
        in done.text
    )
    rest = await idle_bot.say("unsubscribe")
    assert buttons(rest) == ["End", "End", "End all"]
    assert "It has no other subscriptions." in (await idle_bot.click(rest, "End all")).text
    again = await idle_bot.click(idle_bot.put(*rest.blocks, visible_to="mei"), "End")
    assert "This channel has no subscriptions." in again.text


async def test_unsubscribe_names_the_filter_that_ended(idle_bot: RunningBot) -> None:
    """S1: where another subscription still has the same events, the answer says which applications no longer count."""
    for text in ("subscribe all", "subscribe all title:acme"):
        await idle_bot.say(text)
    assert (
        "I ended this subscription: *all events* for applications that match: title contains “acme”.\n"
        "The channel is still subscribed to *all events* through other subscriptions."
    ) in (await idle_bot.say("unsubscribe title:acme")).text


async def test_unsubscribe_takes_events_away(idle_bot: RunningBot) -> None:
    """`unsubscribe late` keeps the other events, and an event that isn't subscribed is named."""
    await idle_bot.say("subscribe created,late,submitted,approved")
    done = await idle_bot.say("unsubscribe late approved")
    assert "no longer subscribed to *late and approved*. It's still subscribed to *created and submitted*." in done.text
    assert (
        "This channel isn't subscribed to *late or approved*" in (await idle_bot.say("unsubscribe late,approved")).text
    )
    for text in ("title:acme", "created title:acme", "submitted connection:default title:acme"):
        assert "None of this channel's subscriptions match." in (await idle_bot.say(f"unsubscribe {text}")).text
    assert "It has no other subscriptions." in (await idle_bot.say("unsub all")).text


async def test_a_button_of_another_channel_ends_nothing_here(idle_bot: RunningBot) -> None:
    """A subscription can only be ended in its own channel: a button's value is a claim, never a permission."""
    await idle_bot.say("subscribe late")
    question = await idle_bot.say("unsubscribe")
    elsewhere = idle_bot.put(*question.blocks, channel="general", visible_to="mei")
    assert "This channel has no subscriptions." in (await idle_bot.click(elsewhere, "End")).text
    assert "*late*" in (await idle_bot.say("subscriptions")).text


async def test_what_was_not_sent_is_skipped(idle_bot: RunningBot) -> None:
    """S2: unsubscribing skips waiting notifications, with the reason, and posts none of them."""
    await idle_bot.say("subscribe created limit:1")
    for _ in range(15):
        idle_bot.account.add()
    await idle_bot.poll_once()
    await idle_bot.posted("onboarding", "Created")
    await idle_bot.say("unsubscribe all")
    mei = idle_bot.slack.workspace.member.id
    rows = await idle_bot.rows(sa.select(deliveries.c.state, deliveries.c.reason).order_by(deliveries.c.id))
    assert rows[0]["state"] in {"sending", "sent"}
    assert [(row["state"], row["reason"]) for row in rows[1:]] == [("skipped", f"unsubscribed:{mei}")] * 14
    assert len(idle_bot.slack.messages("onboarding")) == 1


async def test_subscriptions_of_private_channels_are_for_those_inside(
    idle_bot: RunningBot, slack: SandboxSlack
) -> None:
    """`subscriptions all` shows public channels to everyone, private ones to their members and admins."""
    await slack.invite_bot("compliance")
    await idle_bot.say("subscribe late")
    await idle_bot.say("subscribe approved", channel="compliance")
    private = f"<#{slack.workspace.private.id}>"
    assert (await idle_bot.say("subscriptions all", user="bruno")).text.startswith("*1 subscription in all channels*")
    for user in ("mei", "olivia"):
        listing = (await idle_bot.say("subscriptions all", user=user)).text
        assert listing.startswith("*2 subscriptions in all channels*")
        assert private in listing


@pytest.mark.parametrize("sparse", [0.0, 1.0])
async def test_direct_messages_are_for_those_in_them(idle_bot: RunningBot, sparse: float) -> None:
    """B5: no one else, not even an admin, sees what is subscribed in direct messages."""
    people, homes = idle_bot.slack.workspace, idle_bot.slack.views.homes
    mei, bruno = (people.user(name).id for name in ("mei", "bruno"))
    inside = {"confidential": {"mei"}, "classified": {"mei", "bruno"}}
    await idle_bot.say("subscribe late title:confidential", channel=people.direct(people.bot.id, mei))
    await idle_bot.say("subscribe late title:classified", channel=people.room(people.bot.id, mei, bruno))
    idle_bot.slack.faults.sparse = sparse
    for name in ("mei", "bruno", "olivia", "adrien"):
        listed = (await idle_bot.say("subscriptions all", user=name)).text
        await idle_bot.slack.open_home(user=name)
        await idle_bot.slack.wait_for(partial(homes.get, people.user(name).id))
        home = json.dumps(homes[people.user(name).id].sent)
        for word, readers in inside.items():
            assert (word in listed, word in home) == (name in readers, name in readers), (name, word)


async def test_direct_messages_with_unknown_members_are_shown_to_nobody(idle_bot: RunningBot) -> None:
    """B5: a direct message with unknown members is shown to no one, not even an admin."""
    people = idle_bot.slack.workspace
    await idle_bot.say("subscribe late title:confidential", channel=people.direct(people.bot.id, people.member.id))
    for name in ("bruno", "olivia"):
        idle_bot.slack.fail_next("conversations.info", "internal_error")
        assert "confidential" not in (await idle_bot.say("subscriptions all", user=name)).text


async def test_slack_that_can_not_be_asked_about_the_channel(idle_bot: RunningBot) -> None:
    """If Slack fails while subscribing, the person reads so, and nothing is saved."""
    idle_bot.slack.fail_next("conversations.info", "internal_error")
    answer = await idle_bot.say("subscribe late", channel="general")
    assert "⚠️ Slack" in answer.text
    assert "no subscriptions" in (await idle_bot.say("subscriptions", channel="general")).text


async def test_joining_that_fails_for_the_moment_saves_nothing(idle_bot: RunningBot) -> None:
    """D6: temporary trouble is called that, and the same command works a little later."""
    idle_bot.slack.fail_next("conversations.join", "internal_error")
    answer = await idle_bot.say("subscribe late", channel="general")
    assert "Slack isn't working properly right now." in answer.text
    assert "no subscriptions" in (await idle_bot.say("subscriptions", channel="general")).text
    assert "This channel is now subscribed to" in (await idle_bot.say("subscribe late", channel="general")).text


async def test_a_channel_that_the_bot_has_no_permission_to_ask_about(idle_bot: RunningBot) -> None:
    """D6: a channel that cannot be looked up is not called private: joining is tried, and says what is missing."""
    for method in ("conversations.info", "conversations.join"):
        idle_bot.slack.fail_next(method, "missing_scope")
    answer = await idle_bot.say("subscribe late", channel="general")
    assert "private" not in answer.text
    assert "I'm missing a permission in Slack." in answer.text


async def test_a_code_that_slack_does_not_document_is_said_as_it_is(idle_bot: RunningBot) -> None:
    """D6: an unknown error code is shown as it is."""
    idle_bot.slack.fail_next("conversations.info", "a_new_code")
    answer = await idle_bot.say("subscribe late", channel="general")
    assert "Slack refused my request. (a_new_code)" in answer.text


async def test_a_public_channel_that_can_not_be_joined(idle_bot: RunningBot) -> None:
    """D6: if joining is refused, the subscription waits for an invitation, and the channel is not called private."""
    idle_bot.slack.fail_next("conversations.join", "missing_scope")
    answer = await idle_bot.say("subscribe late", channel="general")
    assert "I couldn't join this channel. I'm missing a permission in Slack." in answer.text
    assert "private" not in answer.text
    assert "/invite @Clust" in answer.text
    await idle_bot.slack.invite_bot("general")
    await idle_bot.direct_messages("mei", "Thanks for inviting me.")
