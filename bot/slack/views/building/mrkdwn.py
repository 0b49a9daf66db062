"""Escape, cut, link and format text for Slack. Nothing else escapes or cuts.

Values from Clust and from people stay text: a title of `<!channel>` notifies no one, `*bold*` keeps its asterisks, and
a right-to-left override affects no other text. Slack can't escape formatting marks, so a mark that would format is
replaced by a similar character. Everything else can be copied unchanged, but for secrets of the bot's own webhooks,
which are masked.
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from datetime import UTC, datetime
from urllib.parse import quote

from babel.dates import format_skeleton

from bot.core.applications.webhook_urls import masked
from bot.core.dates import time_in_words
from bot.core.language import _, current, in_digits, ngettext

ELLIPSIS = "…"
MAX_URL = 2000
MAX_NUMBER = 20

_LOOKALIKES = str.maketrans("*_~`:@>", "\u2217\u02cd\u223c\u02cb\ua789\uff20\u203a")
_WOULD_FORMAT = re.compile(
    r"""
    ^>                                            # a quotation
    | `                                           # code
    | [*_~] (?! (?<=[A-Za-z0-9].)[A-Za-z0-9]      # bold, italic, strike: but not inside a word (KYC_form)
              | (?<=\ .)\ )                       # nor alone between spaces (2 * 3)
    | : (?= (?!\d\d:) [^\s:]+: )                  # an emoji's name: but not 10:30:45
    | (?<!\w) @ (?= (?:here|channel|everyone)\b ) # a call to all
    """,
    re.VERBOSE | re.DOTALL,
)

_A_PERSON = re.compile(r"(?<![\w“\u202f#])[UW](?=[A-Z]*[0-9])[A-Z0-9]{7,30}\b")
_BEFORE_ELLIPSIS = " \u00a0\u202f,;:"
_SPACES = re.compile(r"[^\S\u00a0\u202f]+")
_IN_ADDRESSES = "!#$%&'()*+,/:;=?@[]~-._"
_ISOLATE, _END_ISOLATE, _JOINER = "\u2068", "\u2069", "\u200d"
ISOLATES = f"{_ISOLATE}{_END_ISOLATE}"
"""What stands around right-to-left text."""
_INVISIBLE = re.compile(
    r"[\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069"  # of no width, and controls of direction
    r"\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]"  # control characters except white space, and surrogates
)
_MAY_TURN = re.compile(r"[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
"""Where Unicode has its right-to-left characters. Other texts need no check of their direction."""
_REGIONAL = "".join(map(chr, range(0x1F1E6, 0x1F200)))
_SKIN_TONES = "".join(map(chr, range(0x1F3FB, 0x1F400)))
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_MAX_CLUSTER = 32
"""Characters that a cut is moved back at most: no real character has thirty combining marks."""


def tidy(text: str) -> str:
    """Return `text` as one line of visible characters. Empty if none is visible.

    White space becomes single spaces. Control characters, lone surrogates and bidirectional controls are removed.
    Joiners stay, since emoji and Persian need them, and no-break spaces, which French has before its marks.
    """
    text = masked(text)
    if text.isascii() and text.isprintable():  # as most texts are: no character needs to be looked at by itself
        return " ".join(text.split())
    line = _SPACES.sub(" ", _visible(text)).strip()
    seen = any(unicodedata.category(char) not in {"Cf", "Zs", "Mn"} for char in line)
    return line if seen else ""


def escape(text: str, limit: int | None = None) -> str:
    """Return `text` tidied and escaped for mrkdwn. With a limit, the result is cut to it."""
    return _isolated(_marked(tidy(text) if limit is None else cut(text, limit)))


def sentence(text: str, limit: int) -> str:
    """Return a sentence of ours, cut and escaped. Text between backticks is formatted as code."""
    parts = re.split(r"`([^`]+)`", _at_a_word(cut(text, limit), text))
    rendered = (f"`{_entities(part)}`" if at % 2 else _marked(part) for at, part in enumerate(parts))
    return _isolated("".join(rendered))


def _at_a_word(short: str, text: str) -> str:
    """Return a cut text so that it ends with a whole word, unless that removes more than half."""
    whole, _space, rest = short.removesuffix(ELLIPSIS).rpartition(" ")
    was_cut = short.endswith(ELLIPSIS) and short != tidy(text)
    return f"{whole.rstrip(_BEFORE_ELLIPSIS)}{ELLIPSIS}" if was_cut and len(whole) > len(rest) else short


def bare(text: str, limit: int) -> str:
    """Return `text` for a plain text object: tidied, cut to `limit`, not escaped."""
    return _isolated(_cut(tidy(text), limit, escaped=False))


def cut(text: str, limit: int) -> str:
    """Return `text` tidied and cut so that `escape` of it has at most `limit` characters.

    A cut text ends with an ellipsis. No character, emoji or accented letter is split.
    """
    return _cut(tidy(text), limit, escaped=True)


def code(text: str, limit: int = 100) -> str:
    """Return `text` formatted as code, to be copied."""
    quoted = _cut(tidy(text).replace("`", "\u02cb"), limit, escaped=True)
    return _isolated(f"`{_entities(quoted) or ' '}`")


def code_block(text: str, limit: int = 2500) -> str:
    """Return lines in a fixed-width font, cut at the end of a line."""
    lines = [_entities(_visible(line).replace("`", "\u02cb")) for line in masked(text).splitlines()]
    end = bisect_right(range(1, len(lines) + 1), limit, key=lambda at: len("\n".join(lines[:at])))
    body = "\n".join(lines[:end])
    return f"```\n{body or ' '}\n```"


def web_address(url: str | None, longest: int = MAX_URL) -> str | None:
    """Return `url`, percent-encoded where needed. None if it is no http(s) URL or too long."""
    scheme, mark, rest = tidy(url or "").partition("://")
    address = f"{scheme.lower()}://{quote(rest, safe=_IN_ADDRESSES)}"
    usable = scheme.lower() in {"http", "https"} and mark and rest[:1] not in {"", "/", "?", "#"}
    return address if usable and len(address) <= longest else None


def link(url: str | None, label: str, limit: int = 150, longest: int = MAX_URL) -> str:
    """Return `label` linked to `url`, or only the label if the URL can't be used (rule V2)."""
    text, address = escape(label, limit), web_address(url, longest)
    return f"<{_entities(address)}|{text}>" if address and text else text


def channel(channel_id: str) -> str:
    """Return a channel mention. Slack shows its name to those who can see it."""
    return f"<#{channel_id}>" if re.fullmatch(r"[CDG][A-Z0-9]{1,30}", channel_id) else escape(channel_id, 40)


def filter_in_words(explained: str, limit: int) -> str:
    """Return a filter's words, escaped, with mentions of people."""
    return _A_PERSON.sub(lambda match: user(match[0]), escape(explained, limit))


def user(user_id: str) -> str:
    """Return a mention of a person."""
    return f"<@{user_id}>" if re.fullmatch(r"[UW][A-Z0-9]{1,30}", user_id) else escape(user_id, 40)


def date(moment: datetime, now: datetime) -> str:
    """Return a moment in the reader's time zone. The fallback is in UTC, without the year if it is this year."""
    utc, locale = moment.astimezone(UTC), current().formats
    skeleton = "MMMd" if utc.year == now.astimezone(UTC).year else "yMMMd"
    fallback = _(
        "{date}, {time} UTC",
        date=format_skeleton(skeleton, utc, locale=locale),
        time=time_in_words(utc.time()),
    )
    # Slack fills in the braces of the format itself.
    in_words = _("{date_short_pretty} at {time}")
    return f"<!date^{int(utc.timestamp())}^{in_words}|{fallback}>"


def duration(seconds: float) -> str:
    """Return a duration: `40 seconds`, `4 minutes`, `3 hours`, `2 days`."""
    if seconds < _MINUTE:
        return ngettext("{count} second", "{count} seconds", int(seconds))
    if seconds < _HOUR:
        return ngettext("{count} minute", "{count} minutes", int(seconds // _MINUTE))
    if seconds < 2 * _DAY:
        return ngettext("{count} hour", "{count} hours", int(seconds // _HOUR))
    return ngettext("{count} day", "{count} days", int(seconds // _DAY))


def interval(seconds: float) -> str:
    """Return an interval: `every second`, `every 30 seconds`, `every 2 minutes`."""
    if seconds < _MINUTE:
        return ngettext("every second", "every {count} seconds", max(int(seconds), 1))
    if seconds < _HOUR:
        return ngettext("every minute", "every {count} minutes", int(seconds // _MINUTE))
    return ngettext("every hour", "every {count} hours", int(seconds // _HOUR))


def ago(moment: datetime, now: datetime) -> str:
    """Return how long ago: `just now`, `4 minutes ago`. A future moment (clocks differ) is just now."""
    seconds = (now - moment).total_seconds()
    a_moment = 5
    return _("just now") if seconds < a_moment else _("{duration} ago", duration=duration(seconds))


def number(value: int) -> str:
    """Return a whole number with separators: `1,200`. A very long one is cut."""
    text = in_digits(value)
    return text if len(text) <= MAX_NUMBER else f"{text[:MAX_NUMBER]}{ELLIPSIS}"


def count(number: int, thing: str) -> str:
    """Return `1 application`, `1,200 applications`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _marked(text: str) -> str:
    """Escape tidy text: formatting marks become similar characters, brackets become entities."""
    return _entities(_WOULD_FORMAT.sub(lambda match: match[0].translate(_LOOKALIKES), text))


def _entities(text: str) -> str:
    """Replace Slack's three control characters, as its documentation has it (*Formatting text*)."""
    return html.escape(text, quote=False)


def _visible(text: str) -> str:
    """Remove invisible characters except white space."""
    return _INVISIBLE.sub("", text)


def _isolated(text: str) -> str:
    """Isolate right-to-left text, so that it doesn't reorder its surroundings."""
    turns = any(unicodedata.bidirectional(char) in {"R", "AL", "AN"} for char in _MAY_TURN.findall(text))
    return f"{_ISOLATE}{text}{_END_ISOLATE}" if turns else text


def _cut(text: str, limit: int, *, escaped: bool) -> str:
    def size(part: str) -> int:
        return len(_isolated(_entities(part) if escaped else part))

    if size(text) <= limit:
        return text
    end = bisect_right(range(1, min(len(text), limit) + 1), limit, key=lambda at: size(text[:at] + ELLIPSIS))
    whole = next((at for at in range(end, max(end - _MAX_CLUSTER, 0), -1) if not _joined(text, at)), end)
    return text[:whole].rstrip() + ELLIPSIS


def _joined(text: str, at: int) -> bool:
    """Return whether a cut before `at` would split what a reader sees as one character."""
    if at >= len(text):
        return False
    before, after = text[at - 1], text[at]
    if before in _REGIONAL and after in _REGIONAL:
        return (at - len(text[:at].rstrip(_REGIONAL))) % 2 == 1
    return _JOINER in (before, after) or after in _SKIN_TONES or unicodedata.category(after) in {"Mn", "Mc", "Me"}
