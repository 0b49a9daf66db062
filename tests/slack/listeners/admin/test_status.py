"""`status` in every state, and what admins answer when detection is suspended (rule B4), in the real app."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.slack.views.building.blocks import button, section
from bot.slack.views.building.ids import CHECK_NOW, GO_ON, NEW_BASELINE
from bot.store import open_store
from tests.slack.conftest import Account, Start, World, buttons


async def test_status_when_all_is_well(world: World) -> None:
    """Three lines: Clust, the applications, the notifications; and how often Clust is polled."""
    world.account.make_late(1)
    world.account.approve(2)
    await world.say("subscribe all")
    await world.account.read()
    text = (await world.say("status")).text
    assert "🟢 *All is well.* Updated just now." in text
    assert "3 applications: 2 open, 1 approved · 1 late" in text
    assert "1 subscription" in text


async def test_status_before_anything_was_read(start: Start, account: Account) -> None:
    """It says that the first sweep is under way."""
    account.populate(120)
    account.faults.cut_page = 2
    world = await start(poll_interval=3600)
    assert "for the first time" in (await world.say("status")).text
    account.faults.cut_page = None


async def test_status_while_clust_fails_and_after(world: World) -> None:
    """While Clust fails it says why, how old the data is, and that nothing is lost; then that all is well."""
    world.account.faults.refuse_token = True
    text = await world.status("Clust is unreachable")
    assert "🔴 *Clust is unreachable.* Updated just now." in text
    assert "Clust rejected the API token. Check it" in text
    assert "*What to do:*" in text
    world.account.faults.refuse_token = False
    await world.say("show 1")
    await world.status("All is well")


@pytest.mark.parametrize("asked", ["console", "list of templates", "form", "check"])
async def test_any_call_that_succeeds_puts_the_status_right(calm: World, asked: str) -> None:
    """A15, C1: after a refused token any successful call ends the pause, and `status` says so at once."""
    calm.account.faults.refuse_token = True
    store = open_store(calm.settings.database_url, posts_per_minute=300)
    (connection,) = await store.connections.all()
    paused = {"paused_until": datetime.now(UTC) + timedelta(minutes=15), "failing_since": datetime.now(UTC)}
    await store.connections.note(
        connection.id, error="Clust refused the API token.", failing_way="unauthorized", **paused
    )
    await store.database.close()
    red = (await calm.say("status")).text
    assert "🔴 *Clust is unreachable.*" in red
    assert "Trying again <!date" in red
    assert "is read every" not in red
    calm.account.faults.refuse_token = False
    if asked == "console":
        await calm.say("api GET /dossiers/1", user="adrien")
    elif asked == "list of templates":
        await calm.say("api GET /templates", user="adrien")
    elif asked == "form":
        await calm.ask("create")
        await calm.window("mei", "First name")
    else:
        answer = await calm.click(await calm.say("status"), "Check now")
        assert "✅ Clust responded in " in answer.text
        assert "🟢" in answer.text
    assert "🟢" in (await calm.say("status")).text


async def test_check_now_says_what_clust_says(calm: World) -> None:
    """C1: *Check now* shows how Clust refuses or fails beside the status; viewers can use it, guests not."""
    status = await calm.say("status", channel="general")
    calm.account.faults.down = True
    answer = await calm.click(status, "Check now")
    assert "❌ I just tried. Clust returned an error." in answer.text
    assert "3 applications" in answer.text
    before = len(calm.account.requests)
    refusal = await calm.click(calm.put(section("x", button("Check now", CHECK_NOW, ""))), "Check now", user="gustav")
    assert "Sorry, only" in refusal.text
    assert len(calm.account.requests) == before


async def test_what_will_not_mend_itself_is_said(calm: World) -> None:
    """A10: a failure that lasts for an hour is called lasting in `status`, with the remedy."""
    store = open_store(calm.settings.database_url, posts_per_minute=300)
    (connection,) = await store.connections.all()
    since = datetime.now(UTC) - timedelta(minutes=59)
    wrong = {"error": "Clust counts 4 applications but listed 3.", "failing_way": "count"}
    await store.connections.note(connection.id, **wrong, failing_alike_since=since)
    assert "I'll keep trying" in (await calm.say("status")).text
    await store.connections.note(connection.id, failing_alike_since=since - timedelta(minutes=1))
    text = (await calm.say("status")).text
    assert "won't fix itself. Clust counts applications that it doesn't list for this API token" in text
    assert "keep trying" not in text
    await store.database.close()


async def test_status_names_unknown_codes(world: World) -> None:
    """C1: unknown status codes are counted and named, with what to do."""
    world.account.change(1, status="7_signed")
    await world.account.read()
    text = (await world.say("status")).text
    assert "🟡 *Clust is responding.*" in text
    assert "Unknown statuses: `7_signed` (1). I can't detect their events." in text
    assert "`CLUST_STATUS_RULES`" in text


async def test_status_names_held_channels_and_what_waits(world: World) -> None:
    """A held channel is named with its remedy, and its waiting notifications are counted."""
    await world.say("subscribe late")
    await world.slack.archive("onboarding")
    await world.told("mei", "is on hold. The channel is archived.")
    world.account.make_late(1)
    await world.account.read()
    text = (await world.say("status", channel="general")).text
    assert f"<#{world.slack.workspace.onboarding.id}> is on hold. The channel is archived." in text
    assert "*What to do:* Unarchive it, or move its subscriptions to another channel." in text
    assert "on hold: 1 " in text


async def test_status_names_no_channel_of_others(world: World) -> None:
    """B5, B6: a held private channel is named only to those who may see it; others see a count."""
    people = world.slack.workspace
    board = people.add_channel("board", kind="private", members={people.bot.id, people.member.id})
    await world.say("subscribe late", channel=board)
    await world.slack.remove_bot(board)
    await world.told("mei", "is on hold")
    for user, is_named in (("mei", True), ("adrien", True), ("bruno", False)):
        text = (await world.say("status", user=user)).text
        assert (board.id in text) is is_named, user
        assert ("1 channel that I can't show you" in text) is not is_named, user


async def test_status_tells_of_the_limit(world: World) -> None:
    """S3: notifications held by the limit of a subscription are counted as such."""
    await world.say("subscribe late limit:1")
    world.slack.rate_limit("onboarding", 60)
    for number in (1, 2, 3):
        world.account.make_late(number)
    await world.slack.wait_for(lambda: world.slack.called("chat.postMessage"))
    assert "waiting" in (await world.say("status")).text
    await world.say("unsubscribe all")


async def test_status_says_when_clust_sets_the_pace(start: Start, account: Account) -> None:
    """R3: if rate-limit headers slow polling down, `status` says so."""
    account.faults.rate_limit = 600
    world = await start()
    await world.status("All is well.", "Clust allows 600 requests per minute. Polling uses up to 420 of them.")


async def test_admins_are_asked_when_detection_is_suspended(world: World) -> None:
    """B4, W4: if half of the applications are missing, known admins are asked, and only an admin's click counts."""
    await world.say("status", user="adrien")
    await world.say("subscribe all")
    world.account.dossiers.clear()
    world.account.add(title="Another")
    (asked,) = await world.told("adrien", "Is this still the same Clust account?")
    assert buttons(asked) == ["Continue", "New baseline"]
    status = (await world.say("status")).text
    assert "Posting is suspended. The last list had only 0 of 3 known applications." in status
    assert "An admin needs to answer the question" in status
    assert world.slack.direct_messages("mei") == []
    for wanted in ("Continue", "New baseline"):
        refused = await world.click(asked, wanted, user="mei")
        assert "Sorry, only admins can do this." in refused.text
    assert "suspended" in (await world.say("status")).text
    done = await world.click(asked, "Continue", user="adrien")
    assert (done.ts, "I'll continue from the last known data at the next check." in done.text) == (asked.ts, True)
    await world.posted("onboarding", "Another")


async def test_an_admin_takes_a_new_baseline(world: World) -> None:
    """B4: after *New baseline* the bot starts from what Clust holds, without announcements; once is enough."""
    await world.say("subscribe all", user="adrien")
    world.account.dossiers.clear()
    world.account.add(title="Another")
    (asked,) = await world.told("adrien", "Is this still the same Clust account?")
    again = world.put(*asked.blocks, visible_to="adrien")
    assert "The next check becomes the new baseline" in (await world.click(asked, "New baseline", user="adrien")).text
    await world.status("All is well")
    assert "This was already answered. Posting continues." in (await world.click(again, "Continue", user="adrien")).text
    world.account.make_late(4)
    await world.posted("onboarding", "Late")


async def test_without_known_admins_those_who_subscribed_are_asked(world: World) -> None:
    """W4: if no admin has used the bot, owners of subscriptions are told; their click does not count (B4)."""
    await world.say("subscribe all")
    world.account.dossiers.clear()
    world.account.add()
    (asked,) = await world.told("mei", "Is this still the same Clust account?")
    assert "Sorry, only admins can do this." in (await world.click(asked, "Continue", user="mei")).text
    assert "continue from the last known data" in (await world.click(asked, "Continue", user="olivia")).text


async def test_a_question_of_another_connection_is_settled(world: World) -> None:
    """A button with an unknown connection changes nothing."""
    for wanted, action_id in (("99", GO_ON), ("x", NEW_BASELINE)):
        stale = world.put(section("Which?", button("This", action_id, wanted)), visible_to="adrien")
        assert "This was already answered" in (await world.click(stale, "This")).text
