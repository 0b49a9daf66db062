"""`status` in every state, and what admins answer when detection is suspended (rule B4), in the real app."""

from __future__ import annotations

from bot.slack.ids import GO_ON, NEW_BASELINE
from bot.slack.views.blocks import button, section
from tests.slack.conftest import Account, Start, World, buttons


async def test_status_when_all_is_well(world: World) -> None:
    """Three lines: Clust, the applications, the notifications; and how often Clust is read."""
    world.account.make_late(1)
    world.account.approve(2)
    await world.say("subscribe all")
    await world.account.read()
    text = (await world.say("status")).text
    assert "🟢 *All is well.* The data is from just now." in text
    assert "3 applications: 2 open, 1 approved · 1 late" in text
    assert "1 subscription" in text


async def test_status_before_anything_was_read(start: Start, account: Account) -> None:
    """Before the first sweep it says so."""
    account.populate(120)
    account.knobs.cut_page = 2
    world = await start(poll_interval=3600)
    assert "for the first time" in (await world.say("status")).text
    account.knobs.cut_page = None


async def test_status_while_clust_fails_and_after(world: World) -> None:
    """While Clust can't be read it says why, how old the data is, and that nothing is lost; then that all is well."""
    world.account.knobs.refuse_token = True
    text = await world.status("Clust can't be read")
    assert "🔴 *Clust can't be read.* The data is from just now." in text
    assert "Clust refused the API token: check it" in text
    assert "*What to do:*" in text
    world.account.knobs.refuse_token = False
    await world.say("show 1")
    await world.status("All is well")


async def test_status_names_unknown_codes(world: World) -> None:
    """C1: a status that no rule knows is counted and named, with what to do."""
    world.account.change(1, status="7_signed")
    await world.account.read()
    text = (await world.say("status")).text
    assert "🟡 *Clust answers.*" in text
    assert "Statuses that the bot does not know: `7_signed` (1). Their events can't be seen." in text
    assert "`CLUST_STATUS_RULES`" in text


async def test_status_names_held_channels_and_what_waits(world: World) -> None:
    """A channel that takes no messages is named, with what mends it, and what waits for it is counted."""
    await world.say("subscribe late")
    await world.slack.archive("onboarding")
    await world.told("mei", "is held: the channel is archived.")
    world.account.make_late(1)
    await world.account.read()
    text = (await world.say("status", channel="general")).text
    assert f"<#{world.slack.workspace.onboarding.id}> is held: the channel is archived." in text
    assert "*What to do:* Unarchive it, or move what it gets to another channel." in text
    assert "held: 1 " in text


async def test_status_tells_of_the_limit(world: World) -> None:
    """S3: what the limit of a subscription holds is counted as such."""
    await world.say("subscribe late limit:1")
    world.slack.rate_limit("onboarding", 60)
    for number in (1, 2, 3):
        world.account.make_late(number)
    await world.slack.wait_for(lambda: world.slack.called("chat.postMessage"))
    assert "waiting" in (await world.say("status")).text
    await world.say("unsubscribe all")


async def test_status_says_when_clust_sets_the_pace(start: Start, account: Account) -> None:
    """R3: where rate-limit headers slow the poll down, `status` says so."""
    account.knobs.rate_limit = 600
    world = await start()
    await world.status("All is well.", "Clust allows 600 requests a minute; polling keeps to 420.")


async def test_admins_are_asked_when_detection_is_suspended(world: World) -> None:
    """B4, W4: half of the applications missing asks the admins who used the bot; only an admin's click counts."""
    await world.say("status", user="adrien")
    await world.say("subscribe all")
    world.account.dossiers.clear()
    world.account.add(title="Another")
    (asked,) = await world.told("adrien", "Is this still the same Clust account?")
    assert buttons(asked) == ["Go on", "New baseline"]
    status = (await world.say("status")).text
    assert "Announcing is suspended: Of 3 known applications the last list held 0." in status
    assert "An admin answers the question" in status
    assert world.slack.direct_messages("mei") == []
    for wanted in ("Go on", "New baseline"):
        refused = await world.click(asked, wanted, user="mei")
        assert "Sorry, you may not do this. Admins may." in refused.text
    assert "suspended" in (await world.say("status")).text
    done = await world.click(asked, "Go on", user="adrien")
    assert (done.ts, "The next poll goes on from what the bot saw before." in done.text) == (asked.ts, True)
    await world.posted("onboarding", "Another")


async def test_an_admin_takes_a_new_baseline(world: World) -> None:
    """B4: after New baseline what Clust holds now is where the bot starts, without announcements; once is enough."""
    await world.say("subscribe all", user="adrien")
    world.account.dossiers.clear()
    world.account.add(title="Another")
    (asked,) = await world.told("adrien", "Is this still the same Clust account?")
    again = world.put(*asked.blocks, visible_to="adrien")
    assert "The next poll is the new baseline" in (await world.click(asked, "New baseline", user="adrien")).text
    await world.status("All is well")
    assert "This is settled already: detection goes on." in (await world.click(again, "Go on", user="adrien")).text
    world.account.make_late(4)
    await world.posted("onboarding", "Late")


async def test_without_known_admins_those_who_subscribed_are_asked(world: World) -> None:
    """W4: where no admin has used the bot, those who made subscriptions are told; their click does not count (B4)."""
    await world.say("subscribe all")
    world.account.dossiers.clear()
    world.account.add()
    (asked,) = await world.told("mei", "Is this still the same Clust account?")
    assert "Admins may." in (await world.click(asked, "Go on", user="mei")).text
    assert "goes on from what" in (await world.click(asked, "Go on", user="olivia")).text


async def test_a_question_of_another_connection_is_settled(world: World) -> None:
    """A button that names a connection that is none changes nothing."""
    for wanted, action_id in (("99", GO_ON), ("x", NEW_BASELINE)):
        stale = world.put(section("Which?", button("This", action_id, wanted)), visible_to="adrien")
        assert "This is settled already" in (await world.click(stale, "This")).text
