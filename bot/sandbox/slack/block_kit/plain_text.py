"""A message or a view as lines of text: what a reader would see, in a terminal.

Links are shown as their label, people and channels by name, buttons as `[Details]`, menus as `[Choose ▾]`. With
`styled`, bold, italic and small print are shown so, by ANSI's codes. Without it, only the words stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from bot.core.language import _
from bot.sandbox.slack.block_kit.elements import SentBlock
from bot.sandbox.slack.messages import PostedMessage
from bot.sandbox.slack.workspace import SlackWorkspace

Names = Mapping[str, str]

EMOJI = {
    "bell": "🔔",
    "calendar": "📅",
    "hourglass_flowing_sand": "⏳",
    "mag": "🔍",
    "new": "🆕",
    "rotating_light": "🚨",
    "tada": "🎉",
    "warning": "⚠️",
    "white_check_mark": "✅",
    "x": "❌",
}
"""Short names that people write most. Others stay as they are."""

_BOLD, _ITALIC, _STRIKE, _DIM, _END = "\x1b[1m", "\x1b[3m", "\x1b[9m", "\x1b[2m", "\x1b[0m"
_SIGN = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
_MARKS = tuple(
    (re.compile(rf"(?<![\w{mark}]){mark}(?=\S)([^{mark}\n]+?)(?<=\S){mark}(?![\w{mark}])"), style)
    for mark, style in ((r"\*", _BOLD), ("_", _ITALIC), ("~", _STRIKE))
)
_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)
_SHORT_NAME = re.compile(r":([a-z0-9_+-]+):")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_ASIDE = "\ue000"
_DIVIDER = "─" * 40


def names_of(workspace: SlackWorkspace) -> dict[str, str]:
    """Return the names to show for the IDs of people and channels."""
    people = {user.id: f"@{user.name}" for user in workspace.users.values()}
    return people | {channel.id: f"#{channel.name}" for channel in workspace.channels.values()}


def lines(message: PostedMessage | SentBlock, *, styled: bool = False, names: Names | None = None) -> list[str]:
    """Return the lines of a message: its blocks, or its text if it has none.

    `names` are the names to show for IDs (`names_of`). An ID without a name is shown as it is.
    """
    payload = message.to_dict() if isinstance(message, PostedMessage) else message
    reader = _BlockReader(names or {}, styled=styled)
    files = [f"[{file['title']}]" for file in payload.get("files", ())]
    if blocks := payload.get("blocks"):
        return [*reader.blocks(blocks), *files]
    return [*reader.mrkdwn(payload.get("text", "")).splitlines(), *files]


def view_lines(view: SentBlock, *, styled: bool = False, names: Names | None = None) -> list[str]:
    """Return the lines of a modal or a home tab: its title, its blocks, its submit and close buttons."""
    reader = _BlockReader(names or {}, styled=styled)
    title = [reader.style(_BOLD, view["title"]["text"])] if view.get("title") else []
    buttons = [f"[{view[key]['text']}]" for key in ("close", "submit") if view.get(key)]
    return [*title, *reader.blocks(view.get("blocks", ())), *([" ".join(buttons)] if buttons else [])]


class _BlockReader:
    """Reads blocks: one method for each, in a table at the end."""

    def __init__(self, names: Names, *, styled: bool) -> None:
        self._names = names
        self._styled = styled

    def style(self, code: str, text: str) -> str:
        """Return the text in a style, or unchanged if `styled` is off."""
        return f"{code}{text.replace(_END, _END + code)}{_END}" if self._styled and text else text

    def blocks(self, blocks: Any) -> list[str]:
        """Return the lines of blocks. An unknown block is shown as a visible fault."""
        read: list[str] = []
        for block in blocks:
            kind = block.get("type")
            read += _BLOCKS[kind](self, block) if kind in _BLOCKS else [f"[unknown block: {kind}]"]
        return read

    def mrkdwn(self, text: str) -> str:
        """Return Slack's markup as words."""
        parts = _CODE.split(text)
        return "".join(self._code(part) if at % 2 else self._marked(part) for at, part in enumerate(parts))

    def text(self, text_object: SentBlock) -> str:
        """Return a text object as words."""
        return self.mrkdwn(text_object["text"]) if text_object["type"] == "mrkdwn" else str(text_object["text"])

    def section(self, block: SentBlock) -> Iterator[str]:
        """Yield a paragraph, its fields and its accessory."""
        written = self.text(block["text"]).splitlines() if block.get("text") else []
        if block.get("accessory") and written:
            written[-1] = f"{written[-1]}  {self.element(block['accessory'])}"
        yield from written
        for field in block.get("fields", ()):
            yield from self.text(field).splitlines()
        if block.get("accessory") and not written:
            yield self.element(block["accessory"])

    def context(self, block: SentBlock) -> Iterator[str]:
        """Yield small print."""
        parts = [self.text(one) if "text" in one else f"[{one.get('alt_text', '')}]" for one in block["elements"]]
        for line in "  ".join(parts).splitlines():
            yield self.style(_DIM, line)

    def input(self, block: SentBlock) -> Iterator[str]:
        """Yield a field: its label, its value and its hint."""
        words = (block["label"]["text"], _("(optional)") if block.get("optional") else "")
        yield f"{' '.join(filter(None, words))}: {self.element(block['element'])}"
        if block.get("hint"):
            yield self.style(_DIM, block["hint"]["text"])

    def element(self, element: SentBlock) -> str:
        """Return the one line that shows a button, a menu or a field."""
        kind = element["type"]
        if kind == "button":
            return f"[{element['text']['text']}]"
        if kind == "image":
            return f"[{element.get('alt_text', '')}]"
        if kind == "overflow":
            return f"[⋯ {' | '.join(option['text']['text'] for option in element['options'])}]"
        chosen = element.get("initial_options") or [element[key] for key in ("initial_option",) if key in element]
        text = ", ".join(option["text"]["text"] for option in chosen) or element.get("initial_value")
        text = text or element.get("placeholder", {}).get("text", "")
        return f"[{text} ▾]" if kind.endswith("select") else f"[{text}]"

    def rich_text(self, block: SentBlock) -> Iterator[str]:
        """Yield rich text with its lists and quotations."""
        for part in block["elements"]:
            if part["type"] == "rich_text_list":
                for number, item in enumerate(part["elements"], start=1):
                    yield f"{f'{number}.' if part['style'] == 'ordered' else '•'} {self._words(item)}"
            else:
                quoted = "> " if part["type"] == "rich_text_quote" else ""
                yield from (f"{quoted}{line}" for line in self._words(part).splitlines())

    def chart(self, block: SentBlock) -> Iterator[str]:
        """Yield the title of a chart, and a line for each of its values."""
        yield _("[chart: {title}]", title=block["title"])
        chart = block["chart"]
        for series in chart.get("series") or ({"name": "", "data": chart.get("segments", ())},):
            for point in series["data"]:
                yield f"  {' '.join(filter(None, (series['name'], point['label'])))}: {point['value']:g}"

    def table(self, block: SentBlock) -> Iterator[str]:
        """Yield the caption of a table, and its rows."""
        yield _("[table: {title}]", title=block["caption"])
        yield from (f"  {' | '.join(cell['text'] for cell in row)}" for row in block["rows"])

    def _words(self, part: SentBlock) -> str:
        return "".join(self._word(word) for word in part["elements"])

    def _word(self, word: SentBlock) -> str:
        if word["type"] == "emoji":
            return EMOJI.get(word["name"], f":{word['name']}:")
        if word["type"] == "broadcast":
            return f"@{word['range']}"
        named = word.get("user_id") or word.get("channel_id") or word.get("usergroup_id")
        text = self._names.get(named, named) if named else word.get("text") or word.get("fallback") or word.get("url")
        return self.style(_BOLD, str(text or "")) if word.get("style", {}).get("bold") else str(text or "")

    def _code(self, quoted: str) -> str:
        return _unescaped(quoted.strip("`").strip("\n"))

    def _marked(self, text: str) -> str:
        """Replace the signs of mrkdwn.

        Addresses are set aside while it does, since nothing in them is markup.
        """
        addresses: list[str] = []

        def sign(match: re.Match[str]) -> str:
            if match[2] or match[1][0] in "@#!":
                return self._sign(match[1], match[2])
            addresses.append(match[1].removeprefix("mailto:"))
            return _ASIDE

        text = _SIGN.sub(sign, text)
        for mark, style in _MARKS:
            text = mark.sub(partial(self._styled_as, style), text)
        text = _SHORT_NAME.sub(lambda match: EMOJI.get(match[1], match[0]), text)
        for address in addresses:
            text = text.replace(_ASIDE, address, 1)
        return _unescaped(text)

    def _styled_as(self, style: str, match: re.Match[str]) -> str:
        return self.style(style, match[1])

    def _sign(self, sign: str, label: str | None) -> str:
        if sign[0] in "@#":
            return self._names.get(sign[1:]) or (f"{sign[0]}{label}" if label else sign)
        if sign.startswith("!"):
            return label or f"@{sign[1:].partition('^')[0]}"
        return label or sign


_BLOCKS: Mapping[str, Callable[[_BlockReader, SentBlock], list[str]]] = {
    "section": lambda reader, block: list(reader.section(block)),
    "context": lambda reader, block: list(reader.context(block)),
    "input": lambda reader, block: list(reader.input(block)),
    "rich_text": lambda reader, block: list(reader.rich_text(block)),
    "header": lambda reader, block: [reader.style(_BOLD, block["text"]["text"])],
    "actions": lambda reader, block: [" ".join(reader.element(element) for element in block["elements"])],
    "divider": lambda _reader, _block: [_DIVIDER],
    "data_visualization": lambda reader, block: list(reader.chart(block)),
    "data_table": lambda reader, block: list(reader.table(block)),
    "image": lambda _reader, block: [f"[image: {block['alt_text']}]"],
}


def _unescaped(text: str) -> str:
    for entity, sign in _ENTITIES:
        text = text.replace(entity, sign)
    return text
