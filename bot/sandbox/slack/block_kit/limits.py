"""Slack's limits: one row for each key of a message, a view, a block or an element.

The rows are in this order: surfaces, blocks, elements, then the objects in them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from bot.sandbox.slack.block_kit.data_blocks import DATA_BLOCKS

MAX_BLOCK_TEXT_CHARS = 12_000
"""All text in the blocks of a message. This limit is undocumented: Slack refuses somewhere above 13,000."""

MANY_TEXTS = "msg_blocks_too_long"
MAX_VIEW_BYTES = 250_000


class Holds(Enum):
    """What a key contains."""

    STRING = auto()
    URL = auto()
    FLAG = auto()
    NUMBER = auto()
    CHOICE = auto()
    STRINGS = auto()
    MAPPING = auto()
    ONE = auto()
    MANY = auto()


@dataclass(frozen=True, slots=True)
class Limit:
    """One row: `key` is a key of `where`, and has from `least` to `most` items or characters (0: no maximum).

    `kinds` are the types that are allowed there, or the allowed words. `each` is the maximum length of each text
    object. `code` is Slack's error code, if it isn't that of the whole surface.
    """

    where: str
    key: str
    holds: Holds
    most: int = 0
    least: int = 1
    needed: bool = False
    kinds: tuple[str, ...] = ()
    each: int = 0
    code: str = ""


PLAIN = ("plain_text",)
TEXTS = ("mrkdwn", "plain_text")
UNTYPED = frozenset({"message", "metadata", "option", "option_group", "confirm", "dispatch", "filter", "style"})
"""Kinds that carry no `type`: where they stand says what they are."""

BLOCKS = ("section", "context", "actions", "header", "divider", "image", "input", "rich_text")
SELECTS = ("static_select", "external_select", "users_select", "conversations_select", "channels_select")
MULTI_SELECTS = tuple(f"multi_{kind}" for kind in SELECTS)
PICKERS = ("datepicker", "timepicker", "datetimepicker")
CHOICES = ("checkboxes", "radio_buttons")
TYPED_INPUTS = ("plain_text_input", "email_text_input", "url_text_input", "number_input")
BUTTONS = ("button", "overflow")
INPUTS = (*SELECTS, *MULTI_SELECTS, *PICKERS, *CHOICES, *TYPED_INPUTS)
RICH = ("rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote")
RICH_WORDS = ("text", "link", "emoji", "user", "channel", "usergroup", "broadcast", "date")


def _text(where: str, key: str, longest: int, kinds: tuple[str, ...] = PLAIN, *, needed: bool = False) -> Limit:
    return Limit(where, key, Holds.ONE, kinds=kinds, each=longest, needed=needed)


def _options(where: str, most: int, least: int = 1, *, needed: bool = True) -> Limit:
    return Limit(where, "options", Holds.MANY, most, least, needed=needed, kinds=("option",))


def _each(kinds: Iterable[str], key: str, holds: Holds, most: int = 0, *, of: tuple[str, ...] = ()) -> list[Limit]:
    """Return the same row for several kinds."""
    return [Limit(kind, key, holds, most, kinds=of) for kind in kinds]


SURFACES = (
    Limit("message", "text", Holds.STRING, 4000, code="msg_too_long", least=0),
    Limit("message", "blocks", Holds.MANY, 50, least=0, kinds=(*BLOCKS, *DATA_BLOCKS)),
    Limit("message", "metadata", Holds.ONE, kinds=("metadata",), code="invalid_metadata_format"),
    Limit("metadata", "event_type", Holds.STRING, 255, needed=True),
    Limit("metadata", "event_payload", Holds.MAPPING, needed=True),
    _text("modal", "title", 24, needed=True),
    _text("modal", "submit", 24),
    _text("modal", "close", 24),
    *_each(("modal",), "submit_disabled", Holds.FLAG),
    *_each(("modal",), "clear_on_close", Holds.FLAG),
    *_each(("modal",), "notify_on_close", Holds.FLAG),
    *(Limit(kind, "blocks", Holds.MANY, 100, needed=True, kinds=BLOCKS) for kind in ("modal", "home")),
    *(Limit(kind, "private_metadata", Holds.STRING, 3000, least=0) for kind in ("modal", "home")),
    *(Limit(kind, "callback_id", Holds.STRING, 255, least=0) for kind in ("modal", "home")),
    *_each(("modal", "home"), "external_id", Holds.STRING, 255),
)

IN_BLOCKS = (
    *_each(BLOCKS, "block_id", Holds.STRING, 255),
    _text("section", "text", 3000, TEXTS),
    Limit("section", "fields", Holds.MANY, 10, kinds=TEXTS, each=2000),
    Limit("section", "accessory", Holds.ONE, kinds=("image", *BUTTONS, *SELECTS, *MULTI_SELECTS, *PICKERS, *CHOICES)),
    Limit("section", "expand", Holds.FLAG),
    Limit("context", "elements", Holds.MANY, 10, needed=True, kinds=(*TEXTS, "image"), each=3000),
    Limit("actions", "elements", Holds.MANY, 25, needed=True, kinds=(*BUTTONS, *SELECTS, *PICKERS, *CHOICES)),
    _text("header", "text", 150, needed=True),
    Limit("image", "image_url", Holds.URL, 3000),
    Limit("image", "slack_file", Holds.MAPPING),
    Limit("image", "alt_text", Holds.STRING, 2000, needed=True),
    _text("image", "title", 2000),
    _text("input", "label", 2000, needed=True),
    _text("input", "hint", 2000),
    Limit("input", "element", Holds.ONE, needed=True, kinds=INPUTS),
    Limit("input", "optional", Holds.FLAG),
    Limit("input", "dispatch_action", Holds.FLAG),
    Limit("rich_text", "elements", Holds.MANY, needed=True, kinds=RICH),
    *(Limit(kind, "elements", Holds.MANY, needed=True, kinds=RICH_WORDS) for kind in RICH if kind != "rich_text_list"),
    Limit("rich_text_list", "elements", Holds.MANY, needed=True, kinds=("rich_text_section",)),
    Limit("rich_text_list", "style", Holds.CHOICE, needed=True, kinds=("bullet", "ordered")),
    *_each(("rich_text_list",), "indent", Holds.NUMBER),
    *_each(RICH, "border", Holds.NUMBER),
    Limit("text", "text", Holds.STRING, needed=True),
    Limit("link", "text", Holds.STRING),
    Limit("link", "url", Holds.URL, 3000, needed=True),
    Limit("emoji", "name", Holds.STRING, needed=True),
    Limit("user", "user_id", Holds.STRING, needed=True),
    Limit("channel", "channel_id", Holds.STRING, needed=True),
    Limit("usergroup", "usergroup_id", Holds.STRING, needed=True),
    Limit("broadcast", "range", Holds.CHOICE, needed=True, kinds=("here", "channel", "everyone")),
    Limit("date", "timestamp", Holds.NUMBER, needed=True),
    Limit("date", "format", Holds.STRING, needed=True),
    Limit("date", "url", Holds.URL, 3000),
    Limit("date", "fallback", Holds.STRING),
    *(Limit(kind, "style", Holds.ONE, kinds=("style",)) for kind in RICH_WORDS),
    *(Limit("style", name, Holds.FLAG) for name in ("bold", "italic", "strike", "code")),
)

IN_ELEMENTS = (
    *_each((*BUTTONS, *INPUTS), "action_id", Holds.STRING, 255),
    *_each(("button", *SELECTS, *MULTI_SELECTS, *PICKERS, *CHOICES, "overflow"), "confirm", Holds.ONE, of=("confirm",)),
    *_each(INPUTS, "focus_on_load", Holds.FLAG),
    *(
        _text(kind, "placeholder", 150)
        for kind in (*SELECTS, *MULTI_SELECTS, "datepicker", "timepicker", *TYPED_INPUTS)
    ),
    _text("button", "text", 75, needed=True),
    Limit("button", "value", Holds.STRING, 2000),
    Limit("button", "url", Holds.URL, 3000),
    Limit("button", "style", Holds.CHOICE, kinds=("primary", "danger")),
    Limit("button", "accessibility_label", Holds.STRING, 75),
    _options("overflow", 5, least=2),
    *(_options(kind, 10) for kind in CHOICES),
    *(_options(kind, 100, needed=False) for kind in ("static_select", "multi_static_select")),
    *_each(("static_select", "multi_static_select"), "option_groups", Holds.MANY, 100, of=("option_group",)),
    *_each(("static_select", "external_select", "radio_buttons"), "initial_option", Holds.ONE, of=("option",)),
    *_each(
        ("multi_static_select", "multi_external_select", "checkboxes"),
        "initial_options",
        Holds.MANY,
        100,
        of=("option",),
    ),
    *(Limit(f"{many}external_select", "min_query_length", Holds.NUMBER, 100, least=0) for many in ("", "multi_")),
    *_each(MULTI_SELECTS, "max_selected_items", Holds.NUMBER, 100),
    *(Limit(f"{kind}s_select", f"initial_{kind}", Holds.STRING) for kind in ("user", "conversation", "channel")),
    *(
        Limit(f"multi_{kind}_select", f"initial_{kind}", Holds.STRINGS)
        for kind in ("users", "conversations", "channels")
    ),
    *_each(("conversations_select", "multi_conversations_select"), "filter", Holds.ONE, of=("filter",)),
    *_each(("conversations_select", "multi_conversations_select"), "default_to_current_conversation", Holds.FLAG),
    *_each(("conversations_select", "channels_select"), "response_url_enabled", Holds.FLAG),
    Limit("datepicker", "initial_date", Holds.STRING, 10),
    Limit("timepicker", "initial_time", Holds.STRING, 5),
    Limit("timepicker", "timezone", Holds.STRING),
    Limit("datetimepicker", "initial_date_time", Holds.NUMBER),
    *_each(TYPED_INPUTS, "initial_value", Holds.STRING, 3000),
    *_each(TYPED_INPUTS, "dispatch_action_config", Holds.ONE, of=("dispatch",)),
    Limit("plain_text_input", "multiline", Holds.FLAG),
    Limit("plain_text_input", "min_length", Holds.NUMBER, 3000, least=0),
    Limit("plain_text_input", "max_length", Holds.NUMBER, 3000),
    Limit("number_input", "is_decimal_allowed", Holds.FLAG, needed=True),
    *_each(("number_input",), "min_value", Holds.STRING),
    *_each(("number_input",), "max_value", Holds.STRING),
)

IN_OBJECTS = (
    *(Limit(kind, "text", Holds.STRING, needed=True) for kind in TEXTS),
    Limit("plain_text", "emoji", Holds.FLAG),
    Limit("mrkdwn", "verbatim", Holds.FLAG),
    _text("option", "text", 75, TEXTS, needed=True),
    Limit("option", "value", Holds.STRING, 150, needed=True),
    _text("option", "description", 75, TEXTS),
    Limit("option", "url", Holds.URL, 3000),
    _text("option_group", "label", 75, needed=True),
    _options("option_group", 100),
    _text("confirm", "title", 100, needed=True),
    _text("confirm", "text", 300, TEXTS, needed=True),
    _text("confirm", "confirm", 30, needed=True),
    _text("confirm", "deny", 30, needed=True),
    Limit("confirm", "style", Holds.CHOICE, kinds=("primary", "danger")),
    Limit("filter", "include", Holds.STRINGS, 4),
    Limit("filter", "exclude_external_shared_channels", Holds.FLAG),
    Limit("filter", "exclude_bot_users", Holds.FLAG),
    Limit("dispatch", "trigger_actions_on", Holds.STRINGS, 2),
)

LIMITS: tuple[Limit, ...] = (*SURFACES, *IN_BLOCKS, *IN_ELEMENTS, *IN_OBJECTS)
