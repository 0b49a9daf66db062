"""The events that a page gets, and which person's page gets them."""

from __future__ import annotations

from typing import Any

from bot.demo.request_log import RequestLog
from bot.sandbox.slack.stand_in import SandboxSlack

MEI, GUSTAV, XAVIER = "U00000003", "U00000005", "U00000007"


async def test_it_begins_with_everything(slack: SandboxSlack, page_client: Any) -> None:
    """The first event is the whole state, so that a page that comes back needs nothing else."""
    slack.state.messages.post(slack.workspace.onboarding.id, text="before")
    async with page_client.watching(f"live?as={MEI}") as stream:
        state = await stream.next("state")
    assert state["me"] == MEI
    assert [message["text"] for message in state["messages"]] == ["before"]
    rooms = {channel["name"]: channel["kind"] for channel in state["channels"]}
    assert rooms == {
        "general": "public",
        "onboarding": "public",
        "compliance": "private",
        "with-partner": "public",
        "Adrien Moreau": "im",
        "Clust": "im",
    }
    roles = {person["name"]: person["role"] for person in state["people"]}
    assert roles["olivia"] == "Owner"
    assert roles["adrien"] == "Admin"
    assert roles["mei"] == "Member"
    assert roles["gustav"] == "Guest"
    assert roles["xavier"] == "Other organization"
    assert "dora" not in roles


async def test_without_a_name_one_is_a_member(page_client: Any) -> None:
    """A page without a name acts as Mei. No one can act as the bot, or as someone who left."""
    async with page_client.watching("live") as stream:
        assert (await stream.next("state"))["me"] == MEI
    for nobody in ("U0CLUST", "U00000008", "none"):
        assert (await page_client.get(f"live?as={nobody}"))[0] == 404


async def test_messages_come_change_and_go(slack: SandboxSlack, page_client: Any) -> None:
    """A message causes an event when it is posted, changed and deleted."""
    where = slack.workspace.onboarding.id
    async with page_client.watching(f"live?as={MEI}") as stream:
        await stream.next("state")
        message = slack.state.messages.post(where, text="one")
        assert (await stream.next("message"))["message"]["text"] == "one"
        message = slack.state.messages.change(message, text="two")
        changed = (await stream.next("message"))["message"]
        assert (changed["text"], "edited" in changed) == ("two", True)
        slack.state.messages.delete(message)
        assert await stream.next("gone") == {"kind": "gone", "channel": where, "ts": message.ts}


async def test_each_sees_what_is_theirs(slack: SandboxSlack, page_client: Any) -> None:
    """Others see neither what one person alone sees, nor what is said where they are not, nor their windows."""
    slack_state, rooms = slack.state, slack.workspace
    view = {"type": "modal", "title": {"type": "plain_text", "text": "Form"}, "blocks": [{"type": "divider"}]}
    async with page_client.watching(f"live?as={GUSTAV}") as stream:
        state = await stream.next("state")
        assert {channel["name"] for channel in state["channels"]} == {"onboarding", "Clust"}
        slack_state.messages.post(rooms.onboarding.id, text="for mei", visible_to=MEI)
        slack_state.messages.post(rooms.private.id, text="in private")
        slack_state.views.open(slack_state.views.trigger(MEI), view)
        slack_state.messages.post(rooms.onboarding.id, text="for all")
        assert (await stream.next("message"))["message"]["text"] == "for all"
        slack_state.views.open(slack_state.views.trigger(GUSTAV), view)
        (view_payload,) = (await stream.next("views"))["views"]
        assert view_payload["view"]["title"]["text"] == "Form"


async def test_the_workspace_changes(slack: SandboxSlack, page_client: Any) -> None:
    """Archiving a channel and inviting the bot cause events at once."""
    async with page_client.watching(f"live?as={MEI}") as stream:
        await stream.next("state")
        await slack.archive("general")
        channels = {one["name"]: one for one in (await stream.next("workspace"))["channels"]}
        assert channels["general"]["archived"]
        await slack.invite_bot("with-partner")
        channels = {one["name"]: one for one in (await stream.next("workspace"))["channels"]}
        assert channels["with-partner"]["app_is_in"]


async def test_the_home_tab(slack: SandboxSlack, page_client: Any) -> None:
    """A published Home tab causes an event for its person."""
    async with page_client.watching(f"live?as={XAVIER}") as stream:
        assert (await stream.next("state"))["home"] is None
        slack.state.views.publish(XAVIER, {"type": "home", "blocks": [{"type": "divider"}]})
        assert (await stream.next("home"))["home"]["view"]["blocks"][0]["type"] == "divider"


async def test_what_was_read_stays_read(slack: SandboxSlack, page_client: Any) -> None:
    """How far someone has read is kept for them, whichever page they look at. It never goes back."""
    where = slack.workspace.onboarding.id
    first, second = (slack.state.messages.post(where, text=text).ts for text in ("one", "two"))
    for ts in (second, first):
        await page_client.act("read", MEI, channel=where, ts=ts)
    for person, upto in ((MEI, second), (GUSTAV, "0")):
        async with page_client.watching(f"live?as={person}") as stream:
            channels = (await stream.next("state"))["channels"]
            assert {one["name"]: one["read"] for one in channels}["onboarding"] == upto
    assert await page_client.fail("read", MEI, channel=where, ts="tomorrow") == "this isn't a timestamp"


async def test_each_request_to_the_bot_is_an_event_of_the_page(request_log: RequestLog, page_client: Any) -> None:
    """A request between Slack and the bot causes an event with one line. The whole of it can be requested."""
    async with page_client.watching(f"live?as={MEI}") as stream:
        await stream.next("state")
        await page_client.act("say", MEI, channel="C00000010", text="/clust list late:yes")
        entry = (await stream.next("requests"))["entry"]
    assert (entry["way"], entry["title"], entry["outcome"]) == ("slack→bot", "/clust list late:yes · mei", "200")
    assert request_log.entry(entry["number"])
    status, text = await page_client.get(f"requests/{entry['number']}")
    assert status == 200
    assert '"text": "list late:yes"' in text
    assert (await page_client.get("requests/99"))[0] == 404
