"""`list`, `show` and Details in the real app: from the store with its age, or from Clust (rule L1)."""

from __future__ import annotations

import pytest

from bot.sandbox.clust.stand_in import ClustFaults
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.slack.views.building.blocks import button, section
from bot.slack.views.building.ids import DETAILS, LIST_PAGE
from tests.patience import late
from tests.slack.conftest import Account, RunningBot, Start, buttons

TROUBLES = (
    (ClustFaults(down=True), "Clust returned an error."),
    (ClustFaults(unreachable=True), "Clust couldn't be reached."),
    (ClustFaults(html=True), "Clust returned an error."),
    (ClustFaults(half_json=True), "Clust returned an error."),
    (ClustFaults(refuse_token=True), "Clust rejected the API token. Check it"),
    (ClustFaults(rate_limit=0), "Clust is receiving too many requests"),
)
"""Clust's trouble, and how a person reads it."""


def titles(text: str) -> list[str]:
    """Return the titles of the applications in a list, in order."""
    return [line.partition("|")[2].partition(">")[0] for line in text.splitlines() if line.startswith("<https://")]


async def test_a_list_is_what_was_read_newest_change_first(bot: RunningBot) -> None:
    """L1: a list comes from the store, says how old it is, and has Details for each application."""
    bot.account.make_late(1)
    await bot.account.read()
    answer = await bot.say("list")
    assert answer.text.startswith("3 applications, newest changes first")
    assert titles(answer.text) == ["Acme", "Cedar", "Birch"]
    assert "⏰ late · Missing · 0% done" in answer.text
    assert answer.text.endswith("Updated just now")
    assert buttons(answer) == ["Assign to me", "Details", "Update"] * 3 + ["Act on these…", "Share here"]


async def test_a_filter_says_what_it_could_not_judge(start: Start, account: Account) -> None:
    """C2: what lists lack is counted and named, and read in the background for the next look."""
    account.complete(1)
    bot = await start()
    await bot.baseline()
    first = (await bot.say("list missing:>0")).text
    assert "because Clust's list doesn't include the number of missing items." in first
    assert "Check again in a minute." in first
    text = await bot.until("list missing:>0", "2 applications match")
    assert "could not be judged" not in text
    assert titles(text) == ["Cedar", "Birch"]


async def test_what_is_excluded_without_knowing_is_said(idle_bot: RunningBot) -> None:
    """C2, F3: unknown values match an exclusion, and the list says for how many."""
    text = (await idle_bot.say("list -missing:>0")).text
    assert text.startswith("3 applications match")
    assert "I can't check 3 applications, because Clust's list doesn't include the number of missing items." in text


async def test_an_empty_list_says_what_to_try(start: Start, account: Account) -> None:
    """An empty list says so, and what to do. A filter is explained in words."""
    account.dossiers.clear()
    bot = await start(poll_interval=3600)
    await bot.baseline()
    answer = await bot.say("list")
    assert answer.text.startswith(
        "No applications yet.\nAs soon as one is created in Clust, `/clust list` will show it."
    )
    filtered = await bot.say("list late:yes")
    assert filtered.text.startswith("No applications match.\nFilter: *late*\nTry `/clust list` without a filter")
    assert buttons(filtered) == []


async def test_a_list_has_pages(start: Start, account: Account) -> None:
    """Next and Previous replace the page and keep filter and limit."""
    for number in range(1, 26):
        account.add(title=f"File {number:02}")
    bot = await start(poll_interval=3600)
    await bot.baseline()
    first = await bot.say("list title:file")
    assert first.text.startswith("25 applications match")
    assert titles(first.text) == [f"File {number}" for number in range(25, 15, -1)]
    assert "Page 1 of 3" in first.text
    assert buttons(first)[30:] == ["Next", "Act on these…", "Share here"]
    second = await bot.click(first, "Next")
    assert (second.ts, second.is_ephemeral) == (first.ts, True)
    assert titles(second.text) == [f"File {number:02}" for number in range(15, 5, -1)]
    assert buttons(second)[30:] == ["Previous", "Next", "Act on these…", "Share here"]
    third = await bot.click(second, f"{LIST_PAGE}:next")
    assert titles(third.text) == [f"File {number:02}" for number in range(5, 0, -1)]
    assert buttons(third)[15:] == ["Previous", "Act on these…", "Share here"]
    assert titles((await bot.click(third, "Previous")).text) == titles(second.text)
    assert len(titles((await bot.say("list")).text)) == 10
    assert len(titles((await bot.say("list limit:20")).text)) == 20


@pytest.mark.parametrize("words", ["", "title:file "])
async def test_a_limit_bounds_the_whole_list(start: Start, account: Account, words: str) -> None:
    """C13: `limit:22` is pages of 10, 10 and 2, with and without a filter, and the documentation's Limit is of all."""
    for number in range(1, 26):
        account.add(title=f"File {number:02}")
    bot = await start(poll_interval=3600)
    await bot.baseline()
    first = await bot.say(f"list {words}limit:22")
    assert first.text.startswith(f"First 22 of {25 if words else 28} applications")
    assert len(titles(first.text)) == 10
    third = await bot.click(await bot.click(first, "Next"), f"{LIST_PAGE}:next")
    assert titles(third.text) == ["File 05", "File 04"]
    assert buttons(third)[6:] == ["Previous", "Act on these…", "Share here"]
    assert third.text.startswith("First 22 of ")
    shared = await bot.click(third, "Share here")
    assert titles(shared.text) == ["File 05", "File 04"]
    assert len(titles((await bot.say(f"list {words}limit:1000")).text)) == 10
    assert len(titles((await bot.say(f"list {words}limit:3")).text)) == 3


async def test_a_page_past_the_end_says_so(start: Start, account: Account) -> None:
    """If the list became shorter, Next says so, with a way back."""
    for number in range(4, 24):
        account.add(title=f"File {number:02}")
    bot = await start()
    await bot.baseline()
    first = await bot.say("list -late:yes")
    second = await bot.click(first, "Next")
    for number in range(2, 23):
        bot.account.make_late(number)
    await bot.account.read()
    third = await bot.click(second, f"{LIST_PAGE}:next")
    assert "This page is empty because the list got shorter." in third.text
    assert titles((await bot.click(third, "Previous")).text) == ["File 23", "Acme"]


async def test_before_the_baseline_a_list_is_page_1_of_clust(start: Start, account: Account) -> None:
    """L1: before the first sweep is complete, Clust's first page is shown and labeled."""
    account.populate(150)
    account.faults.cut_page = 2
    bot = await start()
    answer = await bot.say("list")
    assert titles(answer.text)[0] == "Cedar"
    assert "Clust's first page, read just now. I'm still reading everything for the first time." in answer.text
    account.faults.cut_page = None


async def test_a_list_before_the_baseline_with_clust_down_says_why(start: Start, account: Account) -> None:
    """If nothing was read yet and Clust refuses, the reason is the answer."""
    account.faults.refuse_token = True
    bot = await start(poll_interval=3600)
    assert "Clust rejected the API token. Check it" in (await bot.say("list")).text


async def test_a_list_is_shared_with_the_channel(idle_bot: RunningBot) -> None:
    """Share here posts the page for everyone in the channel, without page buttons, and says who shared it."""
    shared = await idle_bot.click(await idle_bot.say("list late:no limit:2"), "Share here")
    assert not shared.is_ephemeral
    assert f"Shared by <@{idle_bot.slack.workspace.member.id}>" in shared.text
    assert titles(shared.text) == ["Cedar", "Birch"]
    assert buttons(shared) == ["Assign to me", "Details", "Update"] * 2


async def test_a_list_is_shared_where_the_bot_is_not(idle_bot: RunningBot) -> None:
    """An admin can share into a private channel without the bot: who reads it is unknown (W2)."""
    listed = await idle_bot.say("list", channel="compliance")
    assert "Sorry, only admins can do this." in (await idle_bot.click(listed, "Share here")).text
    listed = await idle_bot.say("list", channel="compliance", user="adrien")
    question = await idle_bot.click(listed, "Share here")
    assert not (await idle_bot.click(question, "Allow it here")).is_ephemeral


async def test_sharing_with_another_organization_needs_an_admin(idle_bot: RunningBot) -> None:
    """W2: in a channel shared with another organization a member is refused and an admin is asked."""
    listed = await idle_bot.say("list", channel="with-partner")
    refused = await idle_bot.click(listed, "Share here")
    assert (refused.is_ephemeral, "Sorry, only admins can do this." in refused.text) == (True, True)
    listed = await idle_bot.say("list", channel="with-partner", user="adrien")
    question = await idle_bot.click(listed, "Share here")
    assert question.is_ephemeral
    assert "whose members will see this list of applications" in question.text
    shared = await idle_bot.click(question, "Allow it here")
    assert (shared.is_ephemeral, titles(shared.text)) == (False, ["Cedar", "Birch", "Acme"])


async def test_an_application_is_read_from_clust(idle_bot: RunningBot) -> None:
    """L1: `show` reads from Clust, not from the store."""
    idle_bot.account.rename(1, "Acme renamed")
    answer = await idle_bot.say("show 1")
    assert "Acme renamed" in answer.text
    assert "Read from Clust" in answer.text
    assert "*Email*\nanamaria.1@example.com" in answer.text
    assert "Client page (anyone with the link can open it)" in answer.text


async def test_show_has_the_new_contact_alone(idle_bot: RunningBot) -> None:
    """A7: `show` has the new contact alone, although only the old one was stored."""
    idle_bot.account.change(
        1, contact={"firstname": "Bob", "lastname": "Stone", "email": "bob@example.com", "phone": None}
    )
    before = await idle_bot.say("show 2")
    idle_bot.account.change(2, contact={"phone": None})
    answer = (await idle_bot.say("show 1")).text
    assert "*Recipient*\nBob Stone" in answer
    assert "bob@example.com" in answer
    assert "Phone" not in answer
    assert "Phone" in before.text
    assert "Phone" not in (await idle_bot.say("show 2")).text


async def test_show_lists_the_events_of_the_application(bot: RunningBot) -> None:
    """`show` lists the events of the application in order."""
    bot.account.make_late(1)
    await bot.account.read()
    bot.account.submit(1)
    await bot.account.read()
    text = (await bot.say("show 1")).text
    assert "*History*\n⏰ Late · " in text
    assert text.index("⏰ Late") < text.index("Submitted · <!date")


async def test_an_application_that_clust_does_not_know_any_more(idle_bot: RunningBot) -> None:
    """L1: after a 404 `show` says that it is gone from Clust, with the stored state."""
    idle_bot.account.remove(1)
    answer = await idle_bot.say("show 1")
    assert "Acme" in answer.text
    assert "Last known data, just now. This application is no longer in Clust." in answer.text


async def test_an_application_while_clust_fails(idle_bot: RunningBot) -> None:
    """L1: at Clust's first failure the stored state is shown, with its age and the reason."""
    for trouble, sentence in TROUBLES:
        idle_bot.account.faults = trouble
        answer = await idle_bot.say("show 2")
        assert "Birch" in answer.text
        assert f"Last known data, just now. {sentence}" in answer.text


async def test_an_application_while_clust_is_slow(idle_bot: RunningBot) -> None:
    """K1, L1: while Clust is slow, `show` is acknowledged at once and answered from the store."""
    with late(idle_bot.account):
        answer = await idle_bot.say("show 1")
    assert "Acme" in answer.text
    assert "Last known data, just now. Clust didn't respond within 2 seconds." in answer.text
    view = await idle_bot.press(answer, "Open in Clust")
    assert view.answers == []


async def test_a_call_of_a_person_ends_the_pause_after_a_refused_token(bot: RunningBot) -> None:
    """R3: a refused token pauses polls, not people's calls, and a successful call resumes polling."""
    bot.account.faults.refuse_token = True
    await bot.status("rejected the API token")
    bot.account.faults.refuse_token = False
    assert "Read from Clust" in (await bot.say("show 1")).text
    await bot.status("All is well.")


async def test_details_open_at_once_and_are_filled(idle_bot: RunningBot) -> None:
    """Details opens a modal with a loading view before Clust is asked, and fills it."""
    contents: list[str] = []
    idle_bot.slack.on_change.append(
        lambda change: contents.append(str(change.subject.blocks[0]["text"]["text"])) if change.kind == "view" else None
    )
    await idle_bot.press(await idle_bot.say("list"), "Details")
    await idle_bot.slack.wait_for(lambda: len(contents) == 2)
    assert contents[0] == "Reading from Clust…"
    assert "Cedar" in contents[1]
    view = idle_bot.slack.views.of(idle_bot.slack.workspace.member.id)
    assert view
    assert "Read from Clust" in str(view.blocks)


async def test_details_of_an_application_that_nobody_knows(idle_bot: RunningBot) -> None:
    """For an unknown application the window says why it is empty."""
    await idle_bot.press(idle_bot.put(section("A card", button("Details", DETAILS, "999"))), "Details")
    assert "Clust has no application `999`." in await _modal(idle_bot)


async def test_details_of_a_gone_application(idle_bot: RunningBot) -> None:
    """L1: Details, too, says that it is gone, with the stored state."""
    listed = await idle_bot.say("list")
    idle_bot.account.remove(3)
    await idle_bot.press(listed, "Details")
    contents = await _modal(idle_bot)
    assert "Cedar" in contents
    assert "no longer in Clust" in contents


async def test_details_closed_while_loading_are_no_error(idle_bot: RunningBot) -> None:
    """Closing the window while it loads is no error."""
    listed = await idle_bot.say("list")
    idle_bot.account.faults.delay_seconds = 3600
    exchange = await idle_bot.press(listed, "Details")
    view = await idle_bot.slack.wait_for(lambda: idle_bot.slack.views.of(idle_bot.slack.workspace.member.id))
    assert view
    await idle_bot.slack.close_view(view)
    idle_bot.account.faults.delay_seconds = 0
    update = (await idle_bot.slack.wait_for(lambda: idle_bot.slack.called("views.update")))[0]
    assert update.answer["error"] == "not_found"
    assert "Read from Clust" in (await idle_bot.say("show 1")).text
    assert exchange.answers == []


async def test_an_expired_trigger_asks_to_click_again(idle_bot: RunningBot) -> None:
    """If a trigger has expired, the answer asks the person to click again."""
    listed = await idle_bot.say("list")
    idle_bot.slack.fail_next("views.open", "expired_trigger_id")
    sentence = await idle_bot.click(listed, "Details")
    assert "Try again" in sentence.text


async def test_titles_stay_text(start: Start, account: Account, slack: SandboxSlack) -> None:
    """Markup in a title is shown as text, in lists, answers, windows and cards."""
    for title in ("<!channel>", "<https://evil.invalid|click>", "*bold* @here", "\u202eabc", "x" * 300, "عربي"):
        account.add(title=title)
    bot = await start()
    await bot.baseline()
    await bot.say("subscribe late")
    for number in range(4, 10):
        answer = await bot.say(f"show {number}")
        assert "<!channel>" not in answer.text
        assert "<https://evil" not in answer.text
    assert "&lt;!channel&gt;" in (await bot.say("list limit:20")).text
    account.make_late(4)
    (card,) = await bot.posted("onboarding", "Late")
    assert "&lt;!channel&gt;" in card.text
    assert "<!channel>" not in card.text
    assert slack.messages("onboarding") == [card]


async def _modal(bot: RunningBot) -> str:
    """Return what stands in Mei's modal once it is filled."""
    await bot.slack.wait_for(lambda: bot.slack.called("views.update"))
    view = bot.slack.views.of(bot.slack.workspace.member.id)
    assert view
    return str(view.blocks)


async def test_a_misspelled_status_is_hinted_at(idle_bot: RunningBot) -> None:
    """A list or subscription without matches suggests what may have been meant."""
    for text in ("list status:aproved", "subscribe late status:aproved"):
        assert "Did you mean `status:approved`?" in (await idle_bot.say(text)).text
