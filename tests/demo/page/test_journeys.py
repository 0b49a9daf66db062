"""The whole demo as visitors use it, typing and clicking: every feature, and nothing lost whatever they break."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.demo.conftest import CHROMIUM, one_loop_fixture
from tests.demo.page.test_browser import at, typed
from tests.demo.test_run import LONG, running

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium: apt-get install chromium"),
]


@dataclass
class BrowserUser:
    """Someone at the demo's page."""

    page: Page
    browser: Browser
    url: str

    async def say(self, text: str, *words: str) -> Locator:
        """Type a command and return its answer, which holds all of `words`."""
        aside = self.page.locator(".message-ephemeral")
        before = await aside.count()
        await typed(self.page, text)
        answer = aside.nth(before)
        for word in words:
            await expect(answer).to_contain_text(word)
        return answer

    async def become(self, name: str, initials: str) -> None:
        """Act as someone else."""
        await self.page.get_by_label("Act as").select_option(label=name)
        await expect(self.page.locator(".cast")).to_contain_text(initials)

    def window(self, title: str) -> Locator:
        """Return the window with this title."""
        return self.page.get_by_role("dialog", name=title)

    def cards(self, words: str) -> Locator:
        """Return the notifications in the channel that contain these words."""
        return self.page.locator(".message:not(.message-ephemeral)", has_text=words)

    async def account(self) -> Page:
        """Open the account's own page."""
        page = await self.browser.new_page()
        await page.goto(f"{self.url}account")
        await expect(page.get_by_role("row").nth(2)).to_be_visible()
        return page


@one_loop_fixture
async def user(browser: Browser, tmp_path: Path) -> AsyncIterator[BrowserUser]:
    """Someone who has opened the page of a demo whose account stands still."""
    async with running(tmp_path, *LONG) as demo:
        url = (await demo.says(r"Open +(http://127\.0\.0\.1:\d+/)"))[1]
        page, _ = await at(browser, url)
        await page.get_by_role("button", name="Behind the scenes").click()
        await page.get_by_role("button", name="paused").click()
        await page.get_by_role("button", name="Dismiss the five steps").click()
        await expect(page.locator(".message-ephemeral").first).to_be_visible()  # the demo has subscribed the channel
        yield BrowserUser(page, browser, url)


async def test_looking_up_changing_and_deleting(user: BrowserUser) -> None:
    """A list with pages, show, update, the console, and delete by an admin."""
    page = user.page
    listed = await user.say("/clust list", "Page 1 of")
    await listed.get_by_role("button", name="Next").click()
    await expect(listed).to_contain_text("Page 2 of")
    await user.say("/clust show 3", "Progress", "Read from Clust")
    await typed(page, "/clust update 3")
    form = user.window("Update application")
    await form.get_by_label("External ID (optional)").fill("CRM-7")
    await form.get_by_role("button", name="Update").click()
    await expect(form).to_contain_text("External ID: (empty) → CRM-7")
    await page.keyboard.press("Escape")
    await typed(page, "/clust api")
    console = user.window("Clust API")
    await console.get_by_label("Path").fill("/dossiers/3")
    await console.get_by_role("button", name="Run").click()
    await expect(console).to_contain_text('"external_id": "CRM-7"')
    await page.keyboard.press("Escape")
    await user.say("/clust delete 3", "Sorry, only admins can do this.")
    await user.become("Adrien Moreau · Admin", "AM")
    await typed(page, "/clust delete 3")
    question = user.window("Delete application")
    await question.get_by_role("button", name="Delete").click()
    await expect(question).to_contain_text("✅ Deleted")
    await page.keyboard.press("Escape")
    await typed(page, "/clust api DELETE /dossiers/5")
    await console.get_by_role("button", name="Run").click()
    sure = user.window("Send this to Clust?")
    await expect(sure).to_contain_text("DELETE /dossiers/5")
    await sure.get_by_role("button", name="Send DELETE").click()
    await expect(console).to_contain_text("204 No Content")
    await console.get_by_role("button", name="Close").first.click()
    await typed(page, "/clust show")
    pick = user.window("Application")
    await pick.get_by_role("combobox", name="Application").press_sequentially("4")
    await pick.get_by_role("option").first.click()
    await pick.get_by_role("button", name="Continue").click()
    await expect(pick).to_contain_text("Progress")


async def test_subscribing_and_the_home_tab(user: BrowserUser) -> None:
    """What a channel gets is begun, muted, shown and ended. The Home tab shows how things stand, and asks an admin."""
    page, account = user.page, await user.account()
    await account.get_by_role("button", name="Put on hold").first.click()
    await account.get_by_label("Title").fill("Seen after that")
    await account.get_by_role("button", name="Create").click()
    await expect(user.cards("Seen after that")).to_be_visible()
    await user.say("/clust subscribe late title:nothing-like-it", "This channel is now subscribed to late")
    await user.say("/clust mute created 2h", "Muted Created events in this channel until")
    await user.say("/clust subscriptions", "2 subscriptions in this channel", "Created events are muted until")
    await user.say("/clust unmute", "Unmuted")
    question = await user.say("/clust unsubscribe", "Which subscription do you want to end?")
    await question.get_by_role("button", name="End all").click()
    await user.window("End all subscriptions?").get_by_role("button", name="End all").click()
    await expect(question).to_contain_text("It has no other subscriptions")
    await page.get_by_role("button", name=re.compile(r"^Clust( \d+ unread)?$")).click()
    await page.get_by_role("tab", name="Home").click()
    home = page.get_by_role("tabpanel", name="Home")
    await expect(home.get_by_role("heading", name="Late")).to_be_visible()
    await expect(home).to_contain_text("No channel is subscribed yet")
    await home.get_by_role("button", name="Details").first.click()
    await expect(user.window("Application")).to_contain_text("Progress")
    await page.keyboard.press("Escape")
    await expect(user.window("Application")).to_be_hidden()
    await user.become("Adrien Moreau · Admin", "AM")
    await expect(home).to_contain_text("6_on_hold · 1 application")
    await home.get_by_role("combobox").click()
    await home.get_by_role("option", name="Closed").click()
    await expect(home).to_contain_text("No issues")


async def test_nothing_is_lost_whatever_is_broken(user: BrowserUser) -> None:
    """Clust down and back, a channel archived, the bot killed, Slack disconnecting: each notification comes once."""
    page, account = user.page, await user.account()
    await account.get_by_label("Title").fill("Made by hand")
    await account.get_by_role("button", name="Create").click()
    card = user.cards("Made by hand").first
    await expect(card).to_contain_text("Created")
    await page.get_by_role("button", name="down (503)").click()
    await account.get_by_role("button", name="Mark as late").first.click()
    await page.get_by_role("button", name="works", exact=True).click()
    await expect(card).to_contain_text("Late")
    await page.get_by_role("button", name="Archive the channel").click()
    await account.get_by_label("Title").fill("While archived")
    await account.get_by_role("button", name="Create").click()
    await page.get_by_role("button", name="Unarchive the channel").click()
    await expect(user.cards("While archived").first).to_contain_text("Created")
    await page.get_by_role("button", name="Drop the connection after a message").click()
    await page.get_by_role("button", name="Kill the bot (kill -9)").click()
    await account.get_by_label("Title").fill("While it was dead")
    await account.get_by_role("button", name="Create").click()
    # The killed bot's lease must lapse first, and what Slack took without saying so is looked up.
    arrived = user.cards("While it was dead")
    await expect(arrived.first).to_contain_text("Created")
    looked_up = page.get_by_role("list", name="Requests, newest first").get_by_text("conversations.history")
    await expect(looked_up.first).to_be_visible()
    await expect(arrived).to_have_count(1)


async def test_a_webhook_of_clust_reaches_the_bot(user: BrowserUser) -> None:
    """An application is created with the bot's webhook. Clust calls it, the card follows, and the secret is masked."""
    page = user.page
    await typed(page, "/clust create")
    form = user.window("New application")
    await form.get_by_role("combobox", name="Template").click()
    await form.get_by_role("option", name="KYC company").click()
    for label, value in (("First name", "Ana"), ("Last name", "Silva"), ("Email", "ana@example.com")):
        await form.get_by_label(label, exact=True).fill(value)
    await form.get_by_label("Title (optional)", exact=True).fill("A webhook's application")
    await form.get_by_role("radiogroup", name="Send webhooks to this bot").get_by_text("Yes", exact=True).click()
    await form.get_by_role("button", name="Create").click()
    await expect(form).to_contain_text("✅ Created")
    await page.keyboard.press("Escape")
    await expect(user.cards("A webhook's application").first).to_be_visible()
    called = page.locator(".passed-one", has_text="webhook created")
    await expect(called).to_contain_text("200")
    await called.locator("summary").click()
    await expect(called).to_contain_text("/clust/hook/•••")
    await user.say("/clust status", "last webhook")


async def test_a_workflow_is_run_from_the_page(user: BrowserUser) -> None:
    """A step with what the builder searched, as a member, and refused where no one has started it."""
    page = user.page
    await page.locator("summary", has_text="Workflow Builder").click()
    workflow = page.get_by_role("form", name="Workflow")
    await workflow.get_by_label("Step").select_option(label="Look up an application")
    await workflow.get_by_label("Application *").fill("3")
    await workflow.get_by_role("button", name="Run the workflow").click()
    await expect(workflow).to_contain_text('application_id: "3"')
    await workflow.get_by_label("Nobody started it").check()
    await workflow.get_by_role("button", name="Run the workflow").click()
    await expect(workflow).to_contain_text("The step failed: This workflow wasn't started by a person")


async def test_a_pasted_link_its_pane_and_an_edit_there(user: BrowserUser) -> None:
    """The card stands below the message, the pane beside it. A member edits the title, a guest reads who can see it."""
    page = user.page
    await typed(page, "Look at https://clust.invalid/app/dossiers/1")
    card = page.locator(".message .card")
    await expect(card).to_contain_text("#1")
    await card.locator(".card-title").click()
    pane = page.locator("#card-pane")
    await pane.get_by_role("button", name="Edit").click()
    await pane.get_by_label("Title").fill("Renamed in the pane")
    await pane.get_by_role("button", name="Save").click()
    await expect(card.locator(".card-title")).to_have_text("Renamed in the pane")
    await expect(pane).to_contain_text("Renamed in the pane")
    await user.become("Gustav Lind · Guest", "GL")
    await page.locator(".message .card .card-title").click()
    await expect(pane).to_contain_text("only members of this workspace")


async def test_from_a_message_to_a_card_and_its_thread(user: BrowserUser) -> None:
    """An application is made from a message, its card arrives, and is assigned by a mention in its thread."""
    page = user.page
    await typed(page, "Please onboard Ana Silva <ana@example.com> and Bo Li <bo@example.com>")
    message = user.cards("Please onboard").first
    await message.get_by_label("Shortcuts on this message").press("Enter")
    await message.get_by_role("menuitem", name="Create application").press("Enter")
    form = user.window("New application")
    await expect(form.get_by_role("combobox", name="Who is it for?")).to_have_value("Ana Silva, ana@example.com")
    await form.get_by_role("button", name="Continue").click()
    await expect(form.get_by_label("First name", exact=True)).to_have_value("Ana")
    await form.get_by_role("combobox", name="Template").click()
    await form.get_by_role("option", name="KYC company").click()
    await form.get_by_label("Title (optional)", exact=True).fill("Made from a message")
    await form.get_by_role("button", name="Create").click()
    await expect(form).to_contain_text("✅ Created")
    await page.keyboard.press("Escape")
    card = user.cards("Made from a message").first
    await card.get_by_label("Reply in thread").press("Enter")
    reply = page.get_by_role("combobox", name="Reply…")
    await reply.fill("@clust assign me")
    await reply.press("Enter")
    await expect(page.locator(".thread .message-ephemeral")).to_contain_text("Assigned to you")
    await expect(card).to_contain_text("Assigned to")
