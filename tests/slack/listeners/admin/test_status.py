"""`status` in every state, and what admins answer when detection is suspended (rule B4), in the real app."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.slack.stand_in import SandboxSlack
from bot.slack.views.building.blocks import button, section
from bot.slack.views.building.ids import CHECK_NOW, GO_ON, NEW_BASELINE
from bot.store import open_store
from tests.slack.conftest import Account, RunningBot, Start, buttons


async def test_status_when_all_is_well(bot: RunningBot) -> None:
    """Three lines: Clust, the applications, the notifications, and how often Clust is polled."""
    bot.account.make_late(1)
    bot.account.approve(2)
    await bot.say("subscribe all")
    await bot.account.read()
    text = (await bot.say("status")).text
    assert "🟢 *All is well.* Updated just now." in text
    assert "3 applications: 2 open, 1 approved · 1 late" in text
    assert "1 subscription" in text


async def test_status_before_anything_was_read(start: Start, account: Account) -> None:
    """It says that the first sweep is under way."""
    account.populate(120)
    account.faults.cut_page = 2
    bot = await start(poll_interval=3600)
    assert "for the first time" in (await bot.say("status")).text
    account.faults.cut_page = None


async def test_status_while_clust_fails_and_after(bot: RunningBot) -> None:
    """While Clust fails it says why, how old the data is, and that nothing is lost, and then that all is well."""
    bot.account.faults.refuse_token = True
    text = await bot.status("I can't read Clust right now")
    assert "🔴 *I can't read Clust right now.* Updated just now." in text
    assert "Clust rejected the API token. Check it" in text
    assert "*What to do:*" in text
    bot.account.faults.refuse_token = False
    await bot.say("show 1")
    await bot.status("All is well")


@pytest.mark.parametrize("command", ["console", "list of templates", "form", "check"])
async def test_any_call_that_succeeds_puts_the_status_right(idle_bot: RunningBot, command: str) -> None:
    """A15, C1: after a refused token any successful call ends the pause, and `status` says so at once."""
    idle_bot.account.faults.refuse_token = True
    store = open_store(idle_bot.settings.database_url, posts_per_minute=300)
    (connection,) = await store.connections.all()
    paused = {"paused_until": datetime.now(UTC) + timedelta(minutes=15), "failing_since": datetime.now(UTC)}
    await store.connections.note(
        connection.id, error="Clust refused the API token.", failing_way="unauthorized", **paused
    )
    await store.database.close()
    red = (await idle_bot.say("status")).text
    assert "🔴 *I can't read Clust right now.*" in red
    assert "Trying again <!date" in red
    assert "is read every" not in red
    idle_bot.account.faults.refuse_token = False
    if command == "console":
        await idle_bot.say("api GET /dossiers/1", user="adrien")
    elif command == "list of templates":
        await idle_bot.say("api GET /templates", user="adrien")
    elif command == "form":
        await idle_bot.ask("create")
        await idle_bot.window("mei", "First name")
    else:
        answer = await idle_bot.click(await idle_bot.say("status"), "Check now")
        assert "✅ Clust responded in " in answer.text
        assert "🟢" in answer.text
    assert "🟢" in (await idle_bot.say("status")).text


async def test_check_now_says_what_clust_says(idle_bot: RunningBot) -> None:
    """C1: *Check now* shows how Clust refuses or fails beside the status. Viewers can use it, guests can't."""
    status = await idle_bot.say("status", channel="general")
    idle_bot.account.faults.down = True
    answer = await idle_bot.click(status, "Check now")
    assert "❌ I just tried, and it didn't work. Clust returned an error." in answer.text
    assert "3 applications" in answer.text
    before = len(idle_bot.account.requests)
    refusal = await idle_bot.click(
        idle_bot.put(section("x", button("Check now", CHECK_NOW, ""))), "Check now", user="gustav"
    )
    assert "Sorry, only" in refusal.text
    assert len(idle_bot.account.requests) == before


async def test_a_lasting_failure_is_shown_with_its_remedy(idle_bot: RunningBot) -> None:
    """A10: a failure that lasts for an hour is called lasting in `status`, with the remedy."""
    store = open_store(idle_bot.settings.database_url, posts_per_minute=300)
    (connection,) = await store.connections.all()
    since = datetime.now(UTC) - timedelta(minutes=59)
    wrong = {"error": "Clust's total number of applications is 4, but it listed 3.", "failing_way": "count"}
    await store.connections.note(connection.id, **wrong, failing_alike_since=since)
    assert "I'll keep trying" in (await idle_bot.say("status")).text
    await store.connections.note(connection.id, failing_alike_since=since - timedelta(minutes=1))
    text = (await idle_bot.say("status")).text
    assert "won't fix itself. Clust counts applications that it doesn't list for this API token" in text
    assert "keep trying" not in text
    await store.database.close()


async def test_status_names_unknown_codes(bot: RunningBot) -> None:
    """C1: unknown status codes are counted and named, with what to do."""
    bot.account.change(1, status="7_signed")
    await bot.account.read()
    text = (await bot.say("status")).text
    assert "🟡 *Clust is responding.*" in text
    assert "Unknown status: `7_signed` (1). I can't detect its events." in text
    assert "`CLUST_STATUS_RULES`" in text


async def test_status_names_held_channels_and_what_waits(bot: RunningBot) -> None:
    """A held channel is named with its remedy, and its waiting notifications are counted."""
    await bot.say("subscribe late")
    await bot.slack.archive("onboarding")
    await bot.direct_messages("mei", "is on hold. The channel is archived.")
    bot.account.make_late(1)
    await bot.account.read()
    text = (await bot.say("status", channel="general")).text
    assert f"<#{bot.slack.workspace.onboarding.id}> is on hold. The channel is archived." in text
    assert "*What to do:* Unarchive it, or move its subscriptions to another channel." in text
    assert "on hold: 1 " in text


async def test_status_names_no_channel_of_others(idle_bot: RunningBot) -> None:
    """B5, B6: a held private channel is named only to those who may see it, and others see a count."""
    people = idle_bot.slack.workspace
    board = people.add_channel("board", kind="private", members={people.bot.id, people.member.id})
    await idle_bot.say("subscribe late", channel=board)
    await idle_bot.slack.remove_bot(board)
    await idle_bot.direct_messages("mei", "is on hold")
    for user, is_named in (("mei", True), ("adrien", True), ("bruno", False)):
        text = (await idle_bot.say("status", user=user)).text
        assert (board.id in text) is is_named, user
        assert ("1 channel that you may not be able to see" in text) is not is_named, user


async def test_status_counts_notifications_held_by_the_limit(bot: RunningBot) -> None:
    """S3: notifications held by the limit of a subscription are counted as held by it."""
    await bot.say("subscribe late limit:1")
    bot.slack.rate_limit("onboarding", 60)
    for number in (1, 2, 3):
        bot.account.make_late(number)
    await bot.slack.wait_for(lambda: bot.slack.called("chat.postMessage"))
    assert "waiting" in (await bot.say("status")).text
    await bot.say("unsubscribe all")


async def test_status_says_when_clust_sets_the_pace(start: Start, account: Account) -> None:
    """R3: if rate-limit headers slow polling down, `status` says so."""
    account.faults.rate_limit = 600
    bot = await start()
    await bot.status("All is well.", "Clust allows 600 requests per minute. My checks use up to 420 of them.")


async def test_admins_are_asked_when_detection_is_suspended(bot: RunningBot) -> None:
    """B4, W4: if half of the applications are missing, known admins are asked, and only an admin's click counts."""
    await bot.say("status", user="adrien")
    await bot.say("subscribe all")
    bot.account.dossiers.clear()
    bot.account.add(title="Another")
    (question,) = await bot.direct_messages("adrien", "Is this still the same Clust account?")
    assert buttons(question) == ["Continue", "New baseline"]
    status = (await bot.say("status")).text
    assert "Posting is suspended. The latest list from Clust has none of the applications I know about (3)." in status
    assert "An admin needs to answer the question" in status
    assert bot.slack.direct_messages("mei") == []
    for label in ("Continue", "New baseline"):
        refused = await bot.click(question, label, user="mei")
        assert "Sorry, only admins can do this." in refused.text
    assert "suspended" in (await bot.say("status")).text
    done = await bot.click(question, "Continue", user="adrien")
    assert (done.ts, "I'll continue from the last known data at the next check." in done.text) == (question.ts, True)
    await bot.posted("onboarding", "Another")


async def test_an_admin_takes_a_new_baseline(bot: RunningBot) -> None:
    """B4: after *New baseline* the bot starts from what Clust holds, without announcements. Once is enough."""
    await bot.say("subscribe all", user="adrien")
    bot.account.dossiers.clear()
    bot.account.add(title="Another")
    (question,) = await bot.direct_messages("adrien", "Is this still the same Clust account?")
    again = bot.put(*question.blocks, visible_to="adrien")
    assert "The next check becomes the new baseline" in (await bot.click(question, "New baseline", user="adrien")).text
    await bot.status("All is well")
    assert "This was already answered. Posting continues." in (await bot.click(again, "Continue", user="adrien")).text
    bot.account.make_late(4)
    await bot.posted("onboarding", "Late")


async def test_without_known_admins_those_who_subscribed_are_asked(bot: RunningBot) -> None:
    """W4: if no admin has used the bot, owners of subscriptions get the message, but their click doesn't count (B4)."""
    await bot.say("subscribe all")
    bot.account.dossiers.clear()
    bot.account.add()
    (question,) = await bot.direct_messages("mei", "Is this still the same Clust account?")
    assert "Sorry, only admins can do this." in (await bot.click(question, "Continue", user="mei")).text
    assert "continue from the last known data" in (await bot.click(question, "Continue", user="olivia")).text


async def test_a_question_of_another_connection_is_settled(idle_bot: RunningBot) -> None:
    """A button with an unknown connection changes nothing."""
    for value, action_id in (("99", GO_ON), ("x", NEW_BASELINE)):
        stale = idle_bot.put(section("Which?", button("This", action_id, value)), visible_to="adrien")
        assert "This was already answered" in (await idle_bot.click(stale, "This")).text


async def test_status_shows_a_dead_worker_before_the_lease_ends(start: Start) -> None:
    """C7: its lease still runs, and nothing was read for longer than twice the interval: that isn't well."""
    bot = await start(poll_interval=60)
    await bot.baseline()
    assert "All is well" in (await bot.say("status")).text
    store = open_store(bot.settings.database_url, posts_per_minute=300)
    (connection,) = await store.connections.all()
    other = await store.connections.ensure(bot.slack.workspace.team.id, "emea", "http://clust/api", "other")
    for one in (connection, other):
        await store.connections.note(one.id, read_at=datetime.now(UTC) - timedelta(minutes=3))
    await store.database.close()
    text = (await bot.say("status")).text
    assert "🟡 *The next check of Clust is overdue.* Updated 3 minutes ago." in text
    assert "emea: I should have checked Clust again by now." in text
    assert "All is well" not in text


async def test_a_missing_scope_is_named_once(start: Start, slack: SandboxSlack) -> None:
    """Without the scope of mentions all is well: one line says what is off, and how to turn it on."""
    slack.faults.missing_scopes = frozenset({"app_mentions:read"})
    bot = await start()
    text = (await bot.say("status")).text
    assert text.count("I don't answer when you mention me.") == 1
    assert "`python -m bot manifest --diff`" in text
    assert "All is well" in await bot.status("Updated ")


async def test_what_was_left_out_on_purpose_is_not_named(start: Start, slack: SandboxSlack) -> None:
    """SLACK_FEATURES_OFF says so: nothing is off that anyone misses."""
    slack.faults.missing_scopes = frozenset({"app_mentions:read"})
    bot = await start(slack_features_off="mentions")
    assert "mention me" not in await bot.status("Updated ")
