"""The page's own words are in the language of the person whose view it is, through the catalogue of the bot."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from bot.core.forms.workflow_steps import declared_steps
from bot.core.language import Language, Languages
from bot.demo.page.commands import shortcuts
from bot.demo.page.fault_injection import Panel
from bot.demo.page.server import DemoPage
from bot.demo.page.words import FILES, words
from bot.demo.request_log import RequestLog
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.wiring.translation_catalogues import read_languages
from tests.demo.conftest import CHROMIUM, Bot, one_loop_fixture
from tests.demo.page.test_browser import at, typed
from tests.pseudo_language import pseudo

STRING = r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`[^`\n]*`"
COMMENT = re.compile(r"^\s*//.*$|/\*\*.*?\*/", re.MULTILINE | re.DOTALL)
MARKED = re.compile(rf"(?<![\w.$])(?:_\((?:{STRING})|ngettext\((?:{STRING}), (?:{STRING}))")
NO_TEXT = re.compile(
    rf"(?:\bclass: |\brel: |[=!]== |querySelector(?:All)?\(|\bfill: |\.get\(|REACHABLE = )(?:{STRING})"
)
"""Strings that no one reads: classes, keys of the keyboard, selectors, commands to be typed, headers."""

IN_WORDS = re.compile(r"(?:^|[^\w.#/-])[A-Z][a-z]{2}|[a-z]{2},? [a-z]{2}")
NAMES = frozenset({'"Clust"', '"Slack"', '"Content-Type"'})

NAMES_OF_APPS = frozenset({"Clust", "Slackbot", "Slack"})
MOMENT = re.compile(r"(⟦.*⟧|\d|[\s:./,]|AM|PM|ms|s|[A-Z][a-z]+)*")
"""Days, times and durations, as the browser writes them."""

SHOWN_TEXTS = """() => {
  const written = "noscript, .message-body, .passed-title, .avatar, .command-words, .step-select, .step-inputs";
  const texts = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { currentNode: node } = walker;
    const whole = node.parentElement.matches("b, code") ? node.parentElement.parentElement : node.parentElement;
    const isPart = whole.textContent.startsWith("⟦");
    if (!isPart && !whole.closest(written)) texts.push(node.data.trim());
  }
  for (const name of ["aria-label", "placeholder", "title"])
    for (const element of document.querySelectorAll(`[${name}]`))
      if (!element.closest(written)) texts.push(element.getAttribute(name));
  return texts.filter(Boolean);
}"""
"""What the page shows or reads out, but for what people and the bot wrote."""

REFUSED = """async (as) => {
  const token = document.querySelector('meta[name="page-token"]').content;
  const body = JSON.stringify({as, channel: "onboarding", ts: "x"});
  const answer = await fetch("/act/read", {method: "POST", headers: {"X-Page-Token": token}, body});
  return (await answer.json()).error;
}"""


@pytest.mark.parametrize("name", sorted(file.name for file in FILES.iterdir() if file.name.endswith(".js")))
def test_no_word_of_a_script_is_left_out_of_the_catalogue(name: str) -> None:
    """What looks like words stands inside `_()` or `ngettext()`, and Babel finds each of those."""
    code = COMMENT.sub("", (FILES / name).read_text(encoding="utf-8"))
    rest = NO_TEXT.sub("", MARKED.sub("", code))
    literals = [literal for literal in re.findall(STRING, rest) if literal not in NAMES]
    assert [each for each in literals if IN_WORDS.search(re.sub(r"\$\{[^}]*\}", "", each))] == []
    table = words(Language("en"))["words"]
    marked = [re.search(STRING, each) for each in MARKED.findall(code)]
    assert [each[0] for each in marked if each and each[0][1:-1] not in table] == []


def test_the_table_has_the_french_of_each_text_and_its_forms() -> None:
    """In French zero is singular. A language without a catalogue of its own gets English."""
    french, english = words(read_languages().of("fr-FR")), words(read_languages().of("tlh-KX"))
    assert (french["language"], english["language"]) == ("fr", "en")
    assert french["words"]["(edited)"] == "(modifié)"
    assert french["words"]["Skip to the message field"] == "Aller au champ de message"
    assert french["words"]["{count} reply"] == {"one": "{count} réponse", "other": "{count} réponses"}
    assert english["words"]["{count} reply"] == {"one": "{count} reply", "other": "{count} replies"}
    assert english["words"].keys() == french["words"].keys()


@one_loop_fixture
async def bracketed(
    bot: Bot, panel: Panel, request_log: RequestLog, slack: SandboxSlack, browser: Browser
) -> AsyncIterator[tuple[Page, str]]:
    """The page of Mei, whose language brackets every text, with its address. The others read English."""
    del bot  # It is there before the page is.
    slack.workspace.member.locale = "xa"
    async with DemoPage(panel, request_log, Languages({"xa": pseudo("xa")})) as served:
        page, faults = await at(browser, served.url)
        yield page, served.url
        assert [fault for fault in faults if "400 (Bad Request)" not in fault] == []


@pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium: apt-get install chromium")
async def test_whatever_the_page_shows_is_in_the_language_of_its_reader(
    bracketed: tuple[Page, str], slack: SandboxSlack
) -> None:
    """Every text and label but names and what people and the bot wrote, in a channel and behind the scenes."""
    page, _url = bracketed
    slack.state.workflows.functions = declared_steps()
    where = slack.workspace.onboarding.id
    parent = slack.state.messages.post(where, text="Late")
    reply = slack.state.messages.post(where, text="x", thread_ts=parent.ts, reply_broadcast=True)
    slack.state.messages.change(reply, text="y")
    slack.state.messages.post(where, text="z", visible_to=slack.workspace.member.id)
    await typed(page, "/nothing")
    await page.get_by_role("button", name="⟦Behind the scenes⟧").click()
    await page.locator("summary", has_text="⟦Workflow Builder⟧").click()
    await page.locator(".message-replies").click()
    await expect(page.locator("#thread")).to_contain_text("⟦Also sent to the channel⟧")
    await expect(page.locator(".main .message").last).to_contain_text("is not a valid command.")
    names = {*NAMES_OF_APPS, slack.state.team.name, *(user.real_name for user in slack.workspace.users.values())}
    names |= {channel.name for channel in slack.workspace.channels.values()}
    names |= {row["name"] for row in shortcuts()}  # as in the manifest
    texts = [text for text in await page.evaluate(SHOWN_TEXTS) if "⟦" not in text and re.search("[A-Za-z]", text)]
    assert "; ".join(text for text in texts if text.lstrip("#") not in names and not MOMENT.fullmatch(text)) == ""


@pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium: apt-get install chromium")
async def test_two_people_of_different_languages_use_one_page(bracketed: tuple[Page, str]) -> None:
    """A person who acts as someone else has the page in their language, in the same place, and what is refused too."""
    page, url = bracketed
    await page.get_by_role("button", name="general", exact=True).click()
    await page.get_by_label("⟦Act as⟧").select_option(label="Adrien Moreau · ⟦Admin⟧")
    await expect(page.get_by_role("heading", name="Channels")).to_be_visible()
    await expect(page.get_by_role("heading", name="general")).to_be_visible()
    assert await page.evaluate(REFUSED, "adrien") == "this isn't a timestamp"
    assert await page.evaluate(REFUSED, "mei") == "⟦this isn't a timestamp⟧"
    account = await page.context.new_page()
    await account.goto(f"{url}account")
    await expect(account.get_by_role("button", name="⟦Create⟧")).to_be_visible()
    await expect(account.locator("tbody tr").first).to_be_visible()
    await account.get_by_role("button", name="⟦Create⟧").click()
    await expect(account.locator("#said")).to_contain_text("⟦Created application #4. The bot will see it")
