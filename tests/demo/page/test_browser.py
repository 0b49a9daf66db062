"""The demo's page in a browser, as a visitor uses it. Nothing is ever asked of another machine.

Debian's `chromium` draws it (`.ci/run` installs it). Where there is none these tests are skipped, and say so.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from bot.sandbox.slack.block_kit.elements import with_ids
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.sandbox.slack.web_api import methods
from tests.demo.conftest import CHROMIUM, Bot, PageClient, one_loop_fixture
from tests.demo.test_run import LONG, running

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium: apt-get install chromium")

PATIENCE = 60_000
"""Milliseconds in which something must show, on a busy machine too."""

MODAL: dict[str, Any] = {
    "type": "modal",
    "callback_id": "x",
    "title": {"type": "plain_text", "text": "A window"},
    "submit": {"type": "plain_text", "text": "Send"},
    "close": {"type": "plain_text", "text": "Cancel"},
}


def plain(text: str) -> dict[str, Any]:
    """Return a plain text object."""
    return {"type": "plain_text", "text": text}


def options(*words: str) -> list[dict[str, Any]]:
    """Return options whose values are their words in lower case."""
    return [{"text": plain(word), "value": word.lower()} for word in words]


def field(name: str, label: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return an input block."""
    element = {"action_id": "value", **element}
    return {"type": "input", "block_id": name, "label": plain(label), "element": element, **more}


async def at(browser: Browser, url: str, **how: Any) -> tuple[Page, list[str]]:
    """Open the page, and return it with what went wrong there so far: errors, and requests to elsewhere."""
    context = await browser.new_context(viewport=how.pop("viewport", {"width": 1280, "height": 860}), **how)
    page, faults = await context.new_page(), list[str]()
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: None if request.url.startswith(url) else faults.append(request.url))
    await page.goto(url)
    await expect(page.get_by_role("heading", name="onboarding")).to_be_visible()
    return page, faults


@one_loop_fixture
async def page(browser: Browser, page_client: PageClient) -> AsyncIterator[Page]:
    """The page between the stand-ins, with a bot that only answers."""
    page, faults = await at(browser, page_client.url)
    yield page
    assert faults == []


async def typed(page: Page, text: str) -> None:
    """Type into the composer and send it."""
    composer = page.get_by_role("combobox", name="Message #onboarding")
    await composer.fill(text)
    await composer.press("Escape")
    await composer.press("Enter")


async def opened(slack: SandboxSlack, bot: Bot, page: Page, *blocks: dict[str, Any]) -> str:
    """Let Mei type a command that the bot answers with a window, and return the view's id."""
    await typed(page, "/clust create")
    await slack.wait_for(lambda: bool(bot.received))
    view = {**MODAL, "blocks": list(blocks)}
    opening = slack.views.open(bot.received[-1]["trigger_id"], view)
    await expect(page.get_by_role("dialog", name="A window")).to_be_visible()
    return opening.id


async def test_a_visitor_goes_through_the_five_steps(browser: Browser, tmp_path: Path) -> None:
    """List what is late, open Details, create, watch it arrive, break Clust, and see a guest refused."""
    async with running(tmp_path, *LONG) as demo:
        url = (await demo.says(r"Open +(http://127\.0\.0\.1:\d+/)"))[1]
        await demo.says("#onboarding · Clust")
        page, faults = await at(browser, url)
        await typed(page, "/clust list late:yes")
        aside = page.locator(".message-ephemeral", has_text=re.compile("match(es)?"))
        await expect(aside).to_contain_text("Only visible to you")
        await aside.get_by_role("button", name="Details").first.click()
        details = page.get_by_role("dialog", name="Application")
        await expect(details).to_contain_text("Read from Clust")
        await details.get_by_role("button", name="Close").last.click()
        await typed(page, "/clust create")
        form = page.get_by_role("dialog", name="New application")
        await form.get_by_role("combobox", name="Template").click()
        await form.get_by_role("option", name="KYC company").click()
        for label, value in (("First name", "Ana"), ("Last name", "Silva"), ("Email", "nonsense")):
            await form.get_by_label(label, exact=True).fill(value)
        await form.get_by_label("Title (optional)", exact=True).fill("A visitor's application")
        await form.get_by_role("button", name="Create").click()
        await expect(form.get_by_role("alert")).to_contain_text("Enter an email address")
        await expect(form.get_by_label("First name")).to_have_value("Ana")
        await form.get_by_label("Email", exact=True).fill("ana@example.com")
        await form.get_by_role("button", name="Create").click()
        await expect(form).to_contain_text("✅ Created")
        await page.keyboard.press("Escape")
        card = page.locator(".message:not(.message-ephemeral)", has_text="🆕 Created · A visitor's application").first
        await expect(card).to_be_visible()
        await page.get_by_role("button", name="Behind the scenes").click()
        await page.get_by_role("button", name="down (503)").click()
        await expect(page.locator(".guide-head")).to_contain_text("Done! You've tried all five steps.")
        await page.get_by_role("button", name="works", exact=True).click()
        await page.get_by_label("Act as").select_option(label="Gustav Lind · Guest")
        await expect(page.locator(".cast")).to_contain_text("GL")
        await page.locator(".composer-field").first.fill("/clust list")
        await page.keyboard.press("Escape")
        await page.keyboard.press("Enter")
        await expect(page.locator(".message-ephemeral").last).to_contain_text("Sorry, only")
        assert [one for one in faults if "400" not in one and "503" not in one] == []


async def test_what_the_bot_uses_is_drawn(slack: SandboxSlack, page: Page) -> None:
    """Sections with fields and accessory, header, context, divider, actions, rich text, and all signs of mrkdwn."""
    people = slack.workspace
    text = (
        f"*Bold* _italic_ ~struck~ `code` &lt;b&gt; <https://a.example|a link> <@{people.member.id}> "
        f"<#{people.general.id}> <!date^1772721000^{{date_short_pretty}} at {{time}}|once>\n> quoted\n```block```"
    )
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": plain("A header")},
        {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "*Left*"}, {"type": "mrkdwn", "text": "Right"}]},
        {"type": "divider"},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "small print"}]},
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "exactly <this>"}]}],
        },
        {"type": "image", "image_url": "https://elsewhere.example/x.png", "alt_text": "a picture"},
        {
            "type": "actions",
            "elements": [
                {"type": "button", "text": plain("Press"), "action_id": "press", "style": "danger"},
                {"type": "overflow", "action_id": "more", "options": options("One", "Two")},
            ],
        },
        {"type": "hologram"},
    ]
    slack.state.messages.post(people.onboarding.id, text="x", blocks=with_ids(blocks))
    message = page.locator(".message").last
    for tag, words in {"b": "Bold", "i": "italic", "s": "struck", "code": "code", "blockquote": "quoted"}.items():
        await expect(message.locator(f".bk-text > {tag}").first).to_have_text(words)
    await expect(message.get_by_role("link", name="a link")).to_have_attribute("href", "https://a.example")
    await expect(message.locator(".bk-text")).to_contain_text(f"<b> a link @{people.member.real_name} #general")
    await expect(message.locator(".bk-text time")).to_have_text(re.compile(r"\w+ .*at "))
    await expect(message.locator(".bk-text pre")).to_have_text("block")
    await expect(message.get_by_role("heading", name="A header")).to_be_visible()
    await expect(message.locator(".bk-field")).to_have_count(2)
    await expect(message.locator(".bk-context")).to_have_text("small print")
    await expect(message.locator(".bk-rich pre")).to_have_text("exactly <this>")
    await expect(message.get_by_role("img", name="a picture")).to_be_visible()
    await expect(message.locator(".bk-fault")).to_have_text("This page can't show “hologram”.")
    await message.get_by_role("button", name="More actions").click()
    await expect(message.get_by_role("menuitem")).to_have_text(["One", "Two"])


ELEMENTS: dict[str, tuple[dict[str, Any], str, Any]] = {
    "text": ({"type": "plain_text_input"}, "fill:typed", "typed"),
    "lines": ({"type": "plain_text_input", "multiline": True}, "fill:one\ntwo", "one\ntwo"),
    "mail": ({"type": "email_text_input"}, "fill:a@b.example", "a@b.example"),
    "number": ({"type": "number_input", "is_decimal_allowed": False}, "fill:12", "12"),
    "time": ({"type": "timepicker"}, "fill:09:30", "09:30"),
    "one": ({"type": "static_select", "options": options("Red", "Blue")}, "choose:Blue", "blue"),
    "several": ({"type": "multi_static_select", "options": options("Cat", "Dog")}, "choose:Dog", ["dog"]),
    "person": ({"type": "users_select"}, "choose:Adrien Moreau", "person"),
    "radio": ({"type": "radio_buttons", "options": options("Yes", "No")}, "check:No", "no"),
    "boxes": ({"type": "checkboxes", "options": options("Left", "Rightmost")}, "check:Rightmost", ["rightmost"]),
}
"""Each kind of field: what a visitor does there, and what the bot receives then."""


async def test_every_kind_of_field_is_filled_in_and_sent(slack: SandboxSlack, bot: Bot, page: Page) -> None:
    """What stands in the fields reaches the bot as Slack would send it."""
    blocks = [field(name, f"The {name}", element, optional=True) for name, (element, _, _) in ELEMENTS.items()]
    await opened(slack, bot, page, *blocks)
    window = page.get_by_role("dialog", name="A window")
    for name, (_, words, _) in ELEMENTS.items():
        how, _, value = words.partition(":")
        block = window.locator(f'[data-block="{name}"]')
        if how == "fill":
            await block.locator("input, textarea").fill(value)
        elif how == "choose":
            await block.get_by_role("combobox").click()
            await block.get_by_role("option", name=value).click()
        else:
            await block.get_by_label(value).check()
    await window.get_by_role("button", name="Send").click()
    await slack.wait_for(lambda: bot.received[-1].get("type") == "view_submission")
    values = bot.received[-1]["view"]["state"]["values"]
    entered = {name: _entered(values[name]["value"]) for name in ELEMENTS}
    expected = {name: value for name, (_, _, value) in ELEMENTS.items()}
    assert entered == {**expected, "person": slack.workspace.admin.id}


def _entered(state: dict[str, Any]) -> Any:
    if "selected_options" in state:
        return [option["value"] for option in state["selected_options"]]
    if "selected_option" in state:
        return state["selected_option"]["value"]
    return next(state[key] for key in ("value", "selected_time", "selected_user") if key in state)


async def test_what_is_typed_outlives_an_update_and_errors_stand_below_their_fields(
    slack: SandboxSlack, bot: Bot, page: Page
) -> None:
    """As in Slack: the same block and action keep what was typed. A submission is answered with sentences."""
    fields = [field("name", "Name", {"type": "plain_text_input"}), field("mail", "Mail", {"type": "plain_text_input"})]
    view_id = await opened(slack, bot, page, *fields)
    window = page.get_by_role("dialog", name="A window")
    await window.get_by_label("Name").fill("Ana")
    note = {"type": "section", "text": {"type": "mrkdwn", "text": "Something new above"}}
    slack.views.update(view_id, {**MODAL, "blocks": [note, *fields]})
    await expect(window).to_contain_text("Something new above")
    await expect(window.get_by_label("Name")).to_have_value("Ana")
    await window.get_by_label("Mail").fill("wrong")
    bot.answers["view_submission"] = {"response_action": "errors", "errors": {"mail": "That is no address."}}
    await window.get_by_role("button", name="Send").click()
    await expect(window.get_by_role("alert")).to_have_text("That is no address.")
    await expect(window.get_by_label("Mail")).to_be_focused()
    await expect(window.get_by_label("Name")).to_have_value("Ana")


async def test_what_is_missing_is_said_below_its_field(slack: SandboxSlack, bot: Bot, page: Page) -> None:
    """Like Slack's client, the page focuses the field before it sends a form. The bot gets nothing."""
    mail = field("mail", "Mail", {"type": "email_text_input"}, optional=True)
    await opened(slack, bot, page, field("name", "Name", {"type": "plain_text_input"}), mail)
    window = page.get_by_role("dialog", name="A window")
    await window.get_by_role("button", name="Send").click()
    await expect(window.get_by_role("alert")).to_have_text("Please complete this required field.")
    await expect(window.get_by_label("Name")).to_be_focused()
    await window.get_by_label("Name").fill("Ana")
    await window.get_by_label("Mail").fill("wrong")
    await window.get_by_role("button", name="Send").click()
    await expect(window.get_by_role("alert")).to_have_text("“wrong” isn't an email address.")
    assert "view_submission" not in [one.get("type") for one in bot.received]


async def test_a_list_is_not_cut_off_by_its_window(slack: SandboxSlack, bot: Bot, page: Page) -> None:
    """The options of a select in a small window can all be seen, and chosen by a click."""
    many = options(*(f"Option {number}" for number in range(7)))
    await opened(slack, bot, page, field("one", "One", {"type": "static_select", "options": many}))
    window = page.get_by_role("dialog", name="A window")
    await window.get_by_role("combobox").click()
    last = window.get_by_role("option", name="Option 6")
    box = await last.bounding_box()
    assert box
    on_top = "([x, y]) => document.elementFromPoint(x, y)?.textContent"
    middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    assert await page.evaluate(on_top, middle) == "Option 6"
    await last.click()
    await expect(window.get_by_role("combobox")).to_have_value("Option 6")


async def test_sending_goes_to_the_end(slack: SandboxSlack, bot: Bot, page: Page) -> None:
    """A person who reads older messages and types a command sees its answer."""
    del bot
    for number in range(40):
        slack.state.messages.post(slack.workspace.onboarding.id, text=f"message {number}")
    await expect(page.get_by_text("message 39", exact=True)).to_be_in_viewport()
    await page.get_by_text("message 0", exact=True).scroll_into_view_if_needed()
    await expect(page.get_by_text("message 39", exact=True)).not_to_be_in_viewport()
    await typed(page, "/nothing")
    await expect(page.locator(".message").last).to_contain_text("is not a valid command")
    await expect(page.locator(".message").last).to_be_in_viewport()


async def test_people_and_channels_are_completed_where_they_are_typed(page: Page) -> None:
    """After @ by handle or name, after # by name, in the middle of a line too. Enter takes the one that is marked."""
    composer = page.get_by_role("combobox", name="Message #onboarding")
    await composer.press_sequentially("/clust assign 1 @adr")
    await expect(page.get_by_role("option", name="@adrien")).to_be_visible()
    await composer.press("Enter")
    await expect(composer).to_have_value("/clust assign 1 @adrien ")
    await expect(page.get_by_role("listbox", name="Suggestions")).to_have_count(0)
    await composer.fill("")
    await composer.press_sequentially("look, there")
    for _letter in "there":
        await composer.press("ArrowLeft")
    await composer.press_sequentially("#gen")
    await page.get_by_role("option", name="#general").click()
    await expect(composer).to_have_value("look, #general there")


async def test_a_card_that_is_updated_keeps_the_focus(slack: SandboxSlack, page: Page) -> None:
    """A person who uses the keyboard stays on the button of a message that the bot changes."""
    buttons = [{"type": "button", "text": plain(words), "action_id": words} for words in ("First", "Second")]
    blocks = with_ids([{"type": "actions", "elements": buttons}])
    message = slack.state.messages.post(slack.workspace.onboarding.id, text="x", blocks=blocks)
    await page.get_by_role("button", name="Second").focus()
    header = with_ids([{"type": "header", "text": plain("Changed")}])
    slack.state.messages.change(message, text="y", blocks=[*header, *blocks])
    await expect(page.get_by_role("heading", name="Changed")).to_be_visible()
    await expect(page.get_by_role("button", name="Second")).to_be_focused()


async def test_the_page_shows_messages_as_slack_does(slack: SandboxSlack, page: Page) -> None:
    """A reply sent to the channel names its thread, an edited one says so, and moments are in the person's zone."""
    where = slack.workspace.onboarding.id
    noon = 1_772_452_800  # 12:00 UTC, 1 PM in Mei's Paris
    parent = slack.state.messages.post(where, text="⏰ *Late* · <https://clust.invalid/app/dossiers/1|Acme>")
    words = with_ids([{"type": "section", "text": {"type": "mrkdwn", "text": f"at <!date^{noon}^{{time}}|noon>"}}])
    reply = slack.state.messages.post(where, text="x", blocks=words, thread_ts=parent.ts, reply_broadcast=True)
    slack.state.messages.change(reply, text="y", blocks=words)
    message = page.locator(f'.messages [data-ts="{reply.ts}"]').first
    await expect(message.locator(".message-head")).to_contain_text("(edited)")
    await expect(message).to_contain_text("replied to a thread: ⏰ Late · Acme")
    await expect(message).to_contain_text("at 1:00 PM")
    first = page.locator(f'.messages [data-ts="{parent.ts}"]').first
    await expect(first.locator(".emoji svg")).to_be_visible()
    await first.hover()
    await expect(first.get_by_role("button", name="Copy link")).to_be_visible()
    await message.locator(".message-parent").click()
    await expect(page.locator("#thread")).to_contain_text("Also sent to the channel")


async def test_dates_are_in_the_language_of_the_reader(
    browser: Browser, page_client: PageClient, slack: SandboxSlack
) -> None:
    """Those that the app writes, as in Slack: Mei's language is French, her browser's isn't."""
    slack.workspace.member.locale = "fr-FR"
    words = {"type": "mrkdwn", "text": "le <!date^1772452800^{date_short} à {time}|noon>"}
    section = with_ids([{"type": "section", "text": words}])
    slack.state.messages.post(slack.workspace.onboarding.id, text="x", blocks=section)
    page, faults = await at(browser, page_client.url)
    await expect(page.locator(".message").last).to_contain_text("le 2 mars 2026 à 13:00")
    assert faults == []


async def test_a_link_is_previewed_and_its_card_of_blocks_clicked(slack: SandboxSlack, bot: Bot, page: Page) -> None:
    """The preview shows what the card will, without its buttons."""
    url, details = "https://clust.invalid/1", {"type": "button", "action_id": "details", "text": plain("Details")}
    blocks = [{"type": "section", "text": plain("Acme")}, {"type": "actions", "elements": [details]}]
    await page.get_by_role("combobox", name="Message #onboarding").fill(f"Look: {url}")
    await slack.wait_for(lambda: slack.state.composers)
    sent = {"unfurl_id": list(slack.state.composers)[-1], "source": "composer", "unfurls": {url: {"blocks": blocks}}}
    assert methods.answer(slack.state, "chat.unfurl", slack.bot_token, sent)["ok"]
    preview = page.get_by_role("group", name="Preview")
    await expect(preview).to_have_text("Acme")
    await page.keyboard.press("Enter")
    await expect(preview).to_have_count(0)
    message = (await slack.wait_for(lambda: slack.messages("onboarding")))[0]
    place = {"channel": message.channel, "ts": message.ts, "unfurls": {url: {"blocks": blocks}}}
    assert methods.answer(slack.state, "chat.unfurl", slack.bot_token, place)["ok"]
    await page.locator(".message .card").get_by_role("button", name="Details").click()
    await slack.wait_for(lambda: any(one.get("type") == "block_actions" for one in bot.received))


async def test_a_link_to_a_message_opens_its_thread(slack: SandboxSlack, page: Page) -> None:
    """D7: as `/clust why` names where something was posted."""
    where = slack.workspace.onboarding.id
    parent = slack.state.messages.post(where, text="The card")
    link = f"https://sandbox.slack.com/archives/{where}/p{parent.ts.replace('.', '')}"
    slack.state.messages.post(where, text=f"It was <{link}|posted>.")
    await page.get_by_role("link", name="posted").click()
    await expect(page.locator("#thread")).to_contain_text("The card")


async def test_an_external_select_is_searched_as_one_types(slack: SandboxSlack, bot: Bot, page: Page) -> None:
    """The bot is asked, and what it offers can be chosen by the keyboard alone. Escape closes list, then window."""
    bot.answers["block_suggestion"] = {"options": options("Acme", "Acre")}
    await opened(slack, bot, page, field("which", "Which", {"type": "external_select", "min_query_length": 1}))
    window = page.get_by_role("dialog", name="A window")
    which = window.get_by_role("combobox", name="Which")
    await expect(which).to_be_focused()
    await page.keyboard.type("ac")
    await expect(window.get_by_role("option")).to_have_text(["Acme", "Acre"])
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(which).to_have_value("Acre")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Escape")
    await expect(window).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(window).to_be_hidden()
    assert [one["value"] for one in bot.received if one.get("type") == "block_suggestion"][:1] == ["ac"]


async def test_a_confirmation_is_asked_before_a_click_counts(slack: SandboxSlack, bot: Bot, page: Page) -> None:
    """No sends nothing, and yes sends the click."""
    sure = {"title": plain("Sure?"), "text": plain("It is final."), "confirm": plain("Do it"), "deny": plain("No")}
    press = {"type": "button", "text": plain("Press"), "action_id": "press", "confirm": sure}
    actions = [{"type": "actions", "elements": [press]}]
    slack.state.messages.post(slack.workspace.onboarding.id, text="x", blocks=with_ids(actions))
    await page.get_by_role("button", name="Press").click()
    await page.get_by_role("dialog", name="Sure?").get_by_role("button", name="No").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert bot.received == []
    await page.get_by_role("button", name="Press").click()
    await page.get_by_role("button", name="Do it").click()
    await slack.wait_for(lambda: bool(bot.received))
    assert bot.received[-1]["actions"][0]["action_id"] == "press"


async def test_a_bot_that_is_down_is_reported_in_slacks_words(slack: SandboxSlack, bot: Bot, page: Page) -> None:
    """No acknowledgement within three seconds: the sentence of Slack's own, in the channel and in a window."""
    await opened(slack, bot, page, field("name", "Name", {"type": "plain_text_input"}))
    slack.events_url = "http://127.0.0.1:9/slack/events"
    window = page.get_by_role("dialog", name="A window")
    await window.get_by_label("Name").fill("Ana")
    await window.get_by_role("button", name="Send").click()
    await expect(window.get_by_role("alert")).to_contain_text("We had some trouble connecting")
    await expect(window.get_by_label("Name")).to_have_value("Ana")
    await page.keyboard.press("Escape")
    await typed(page, "/clust list")
    await expect(page.locator(".message").last).to_contain_text("/clust failed")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_fits_a_phone(browser: Browser, page_client: PageClient, slack: SandboxSlack, scheme: str) -> None:
    """At 390 pixels nothing runs over the side, light and dark. The channels are behind a button."""
    words = {"type": "section", "text": {"type": "mrkdwn", "text": "word" * 60}}
    press = {"type": "button", "text": plain("A button with many words on it"), "action_id": "press"}
    blocks: list[dict[str, Any]] = [
        {**words, "accessory": press},
        {"type": "actions", "elements": [{**press, "action_id": "b"}] * 3},
    ]
    slack.state.messages.post(slack.workspace.onboarding.id, text="x", blocks=with_ids(blocks))
    phone = {"width": 390, "height": 780}
    page, faults = await at(browser, page_client.url, viewport=phone, color_scheme=scheme)
    await expect(page.locator(".message")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    assert await page.evaluate("document.documentElement.dataset.theme") == scheme
    await page.get_by_role("button", name="Channels").click()
    await expect(page.get_by_role("button", name="general")).to_be_visible()
    pane = page.locator("#card-pane")
    assert await pane.evaluate("pane => (pane.hidden = false, pane.offsetWidth)") == 390
    assert faults == []


async def test_charts_and_a_table_are_drawn(page: Page, slack: SandboxSlack) -> None:
    """As Slack does: bars, a pie with its numbers, and a table that the reader sorts and turns the pages of."""
    week: list[dict[str, Any]] = [{"label": f"W{number}", "value": number} for number in range(12)]
    cells: Any = [[{"type": "raw_text", "text": "Week"}, {"type": "raw_text", "text": "Created"}]]
    cells += [
        [{"type": "raw_text", "text": one["label"]}, {"type": "raw_number", "value": one["value"], "text": "x"}]
        for one in week
    ]
    pie = {"type": "pie", "segments": [{"label": "Open", "value": 3}, {"label": "Closed", "value": 1}]}
    axis = {"categories": [one["label"] for one in week], "x_label": "Week of"}
    bars = {"type": "bar", "series": [{"name": "Created", "data": week}], "axis_config": axis}
    blocks: Any = [
        {"type": "data_visualization", "title": "Status", "chart": pie},
        {"type": "data_visualization", "title": "By week", "chart": bars},
        {"type": "data_table", "caption": "Numbers", "rows": cells, "page_size": 10},
    ]
    slack.state.messages.post(slack.workspace.onboarding.id, text="A report", blocks=with_ids(blocks))
    await expect(page.get_by_role("img", name="Status. Open: 3; Closed: 1")).to_be_visible()
    await expect(page.locator(".chart-plot rect")).to_have_count(12)
    rows = page.locator(".table tbody tr")
    await expect(rows).to_have_count(10)
    await page.get_by_role("button", name="Next").click()
    await expect(page.locator(".table-pages")).to_contain_text("11 to 12 of 12")
    await page.get_by_role("button", name="Created").click()
    await page.get_by_role("button", name="Created").click()
    await expect(rows.first).to_contain_text("W11")
