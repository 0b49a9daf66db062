"""Block Kit blocks as small functions that return dicts, and `Message`, whose text is taken from its blocks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.core.language import _
from bot.core.typed_text import fold
from bot.slack.views.building import mrkdwn as md

Block = dict[str, Any]
MAX_TEXT = 4000
MAX_PARAGRAPH = 2900
"""Characters of one section, of the 3,000 that Slack allows."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message to post: blocks, and the same as text for notifications, screen readers and search.

    `fallback` is posted instead where Slack refuses the blocks: charts and tables aren't available everywhere yet.
    """

    text: str
    blocks: tuple[Block, ...]
    fallback: Message | None = None

    def payload(self) -> dict[str, Any]:
        """Return the arguments that are the same wherever it is posted."""
        return {"text": self.text, "blocks": list(self.blocks)}


def message(*blocks: Block | None) -> Message:
    """Return a message of these blocks, without None, and with the text taken from them."""
    kept = tuple(block for block in blocks if block)
    lines = [line for block in kept for text in _texts(block) for line in text.splitlines()]
    return Message("\n".join(_fitting(lines)), kept)


def paragraphs(lines: Iterable[str]) -> list[Block]:
    """Return mrkdwn lines in as few sections as hold them: Slack leaves a gap between two."""
    groups: list[list[str]] = []
    for line in lines:
        if groups and sum(map(len, groups[-1])) + len(groups[-1]) + len(line) <= MAX_PARAGRAPH:
            groups[-1].append(line)
        else:
            groups.append([line])
    return [section("\n".join(group)) for group in groups]


def section(text: str, accessory: Block | None = None) -> Block:
    """Return a section of mrkdwn, with an optional accessory."""
    block: Block = {"type": "section", "text": mrkdwn(text)}
    return {**block, "accessory": accessory} if accessory else block


def fields(*texts: str) -> Block:
    """Return up to ten short texts in two columns."""
    return {"type": "section", "fields": [mrkdwn(text) for text in texts]}


def context(*texts: str) -> Block:
    """Return small print: up to ten texts in one line."""
    return {"type": "context", "elements": [mrkdwn(text) for text in texts]}


def header(text: str) -> Block:
    """Return a heading in plain text, cut to Slack's limit."""
    return {"type": "header", "text": plain(text, 150)}


def divider() -> Block:
    """Return a divider."""
    return {"type": "divider"}


def actions(*elements: Block | None) -> Block | None:
    """Return a row of buttons and menus without None. None if none is left."""
    kept = [element for element in elements if element]
    return {"type": "actions", "elements": kept} if kept else None


def plain(text: str, limit: int) -> Block:
    """Return a plain text object, cut to `limit` and never empty. `:smile:` in it stays text."""
    return {"type": "plain_text", "text": md.bare(text, limit) or md.ELLIPSIS, "emoji": False}


def mrkdwn(text: str) -> Block:
    """Return a mrkdwn object. With `verbatim`, Slack doesn't turn text into links and mentions."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def button(
    text: str, action_id: str, value: str | None = None, style: str | None = None, ask: Block | None = None
) -> Block:
    """Return a button that sends `value`. `ask` is a `confirm` to show first."""
    more = {"value": value, "style": style, "confirm": ask}
    return _with({"type": "button", "text": plain(text, 75), "action_id": action_id}, more)


def link_button(text: str, action_id: str, url: str | None) -> Block | None:
    """Return a button that opens `url`. None without a URL (rule V2)."""
    address = md.web_address(url)
    return {**button(text, action_id), "url": address} if address else None


def select(placeholder: str, action_id: str, options: Iterable[Block]) -> Block | None:
    """Return a select of up to 100 options. None without options."""
    offered = list(options)[:100]
    attributes = {"placeholder": plain(placeholder, 150), "action_id": action_id, "options": offered}
    return {"type": "static_select", **attributes} if offered else None


def overflow(action_id: str, options: Iterable[Block], ask: Block | None = None) -> Block:
    """Return an overflow menu of two to five options."""
    return _with({"type": "overflow", "action_id": action_id, "options": list(options)}, {"confirm": ask})


def option(text: str, value: str, description: str | None = None) -> Block:
    """Return an option of a menu or select."""
    more = {"description": plain(description, 75) if description else None}
    return _with({"text": plain(text, 75), "value": value}, more)


def confirm(title: str, text: str, yes: str, no: str = "", style: str | None = None) -> Block:
    """Return the confirmation that Slack shows before a click counts. `text` is plain."""
    question = {
        "title": plain(title, 100),
        "text": plain(text, 300),
        "confirm": plain(yes, 30),
        "deny": plain(no or _("Cancel"), 30),
    }
    return _with(question, {"style": style})


def modal(title: str, blocks: Iterable[Block | None], callback_id: str | None = None, close: str = "") -> Block:
    """Return a modal without a submit button, without None among its blocks.

    `close` is the word that closes it, *Close* if empty. It is *Dismiss* in a window of that title: an action can be
    called *Close*, and the button would seem to be the action's.
    """
    close = close or _("Close")
    word = _("Dismiss") if fold(close) == fold(title) else close
    view = {"type": "modal", "title": plain(title, 24), "close": plain(word, 24)}
    return _with({**view, "blocks": [block for block in blocks if block]}, {"callback_id": callback_id})


def notified_on_close(view: Block) -> Block:
    """Return the modal with `notify_on_close`: Slack sends `view_closed` if it is closed unsubmitted."""
    return {**view, "notify_on_close": True}


def _with(block: Block, more: Block) -> Block:
    """Add the keys with a value, since Slack refuses empty and null ones."""
    return {**block, **{key: value for key, value in more.items() if value}}


def _texts(block: Block) -> list[str]:
    """Return a block's readable text as mrkdwn. Buttons are left out, since a notification has none."""
    objects = [block.get("text"), *block.get("fields", ())]
    objects += block["elements"] if block["type"] == "context" else []
    return [md.escape(part["text"]) if part["type"] == "plain_text" else part["text"] for part in objects if part]


def _fitting(lines: Iterable[str]) -> list[str]:
    """Keep whole lines up to the limit of `text`. A cut within a line could break a link."""
    kept: list[str] = []
    room = MAX_TEXT - len(md.ELLIPSIS)
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            return [*kept, md.ELLIPSIS]
        kept.append(line)
    return kept
