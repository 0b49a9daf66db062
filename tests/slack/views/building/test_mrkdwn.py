"""Escaping, cutting, links and moments."""

from __future__ import annotations

import html
import re
import sys
import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.views.building import mrkdwn as md

NOW = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)
RIGHT_TO_LEFT = {"R", "AL", "AN"}
STAR, LOW, WAVE, TICK, COLON, AT, ANGLE = "\u2217", "\u02cd", "\u223c", "\u02cb", "\ua789", "\uff20", "\u203a"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<!channel>", "&lt;!channel&gt;"),
        ("<https://x|y>", "&lt;https://x|y&gt;"),
        ("Acme & Sons", "Acme &amp; Sons"),
        ("&amp;", "&amp;amp;"),
        ("*bold*", f"{STAR}bold{STAR}"),
        ("_x_ and ~y~", f"{LOW}x{LOW} and {WAVE}y{WAVE}"),
        ("`code`", f"{TICK}code{TICK}"),
        ("half *open", f"half {STAR}open"),
        ("> quoted", f"{ANGLE} quoted"),
        (":smile:", f"{COLON}smile:"),
        ("@here look", f"{AT}here look"),
        ("one\ntwo\tthree", "one two three"),
        ("\u00a0two \u2003 words\u202f", "two words"),
        ("nul\x00l", "null"),
        ("half \ud800 sign", "half sign"),
        ("\u202egnissim", "gnissim"),
    ],
)
def test_markup_in_values_stays_text(text: str, expected: str) -> None:
    """Tokens, formatting, emoji names, calls, line breaks and direction controls have no effect."""
    assert md.escape(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "KYC_form_2024",
        "2 * 3",
        "10:30:45",
        "jane_doe@here.example",
        "a@channel.example",
        "São Tomé",
        "👩‍👩‍👧 family",
        "50 % off",
        "Pourquoi\u202f? «\u202fTout\u202f» va bien\u00a0: 1\u202f200",
    ],
)
def test_only_signs_that_slack_interprets_are_replaced(text: str) -> None:
    """A sign is replaced only where Slack would take it for more than text."""
    assert md.escape(text) == text


def test_right_to_left_text_is_isolated() -> None:
    """A Hebrew title orders itself and leaves the words beside it where they are."""
    assert md.escape("\u05e9\u05dc") == "\u2068\u05e9\u05dc\u2069"


def test_each_right_to_left_character_of_unicode_is_isolated() -> None:
    """Whatever its block."""
    characters = [char for char in map(chr, range(sys.maxunicode)) if unicodedata.bidirectional(char) in RIGHT_TO_LEFT]
    assert len(characters) > 1000
    assert [char for char in characters if not md.code(f"a{char}").startswith("\u2068")] == []


def test_each_invisible_character_of_unicode_is_removed() -> None:
    """Controls, surrogates, what has no width and what turns the direction. White space stays, as a space."""
    no_width_or_turning = "\u200b\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    for start in range(0, sys.maxunicode, 256):
        block = [*map(chr, range(start, start + 256))]
        visible = [one for one in block if unicodedata.category(one) not in {"Cc", "Cs"}]
        kept = [one for one in visible if not one.isspace() and one not in no_width_or_turning]
        text = "".join(one for one in block if not one.isspace())
        assert md.tidy(f"a{text}") == f"a{''.join(kept)}", f"from U+{start:04X}"
        assert {md.tidy(f"a{one}b").replace(one, " ") for one in block if one.isspace()} <= {"a b"}


@pytest.mark.parametrize("text", ["", "   ", "\u200b", "\u202e\u2066", "\u00ad", "\u200d\u0301"])
def test_invisible_text_counts_as_empty(text: str) -> None:
    """A title of invisible characters counts as none, since a link of it could not be clicked."""
    assert md.escape(text) == ""


@given(st.text(st.sampled_from("a<>&*_~`:@ \u05d0\u202e\u0301🎉\u200d"), max_size=60), st.integers(1, 40))
def test_a_cut_text_keeps_its_limit_and_halves_no_entity(text: str, limit: int) -> None:
    """Escaped, a text is within its limit, unescapes to what was cut, and holds no bare bracket."""
    expected = md.escape(text, limit)
    assert len(expected) <= limit
    assert not re.search(r"[<>`]|&(?!(?:amp|lt|gt);)", expected)
    assert len(html.unescape(expected).strip("\u2068\u2069")) == len(md.cut(text, limit))


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("Hello world", 20, "Hello world"),
        ("Hello world", 8, "Hello w…"),
        ("Hello world", 7, "Hello…"),
        ("a&b", 5, "a…"),
        ("ab👩‍👩‍👧", 4, "ab…"),
        ("abe\u0301x", 4, "ab…"),
        ("a🇵🇹🇫🇷", 4, "a🇵🇹…"),
        ("a👍🏽b", 3, "a…"),
        ("anything", 1, "…"),
    ],
)
def test_a_cut_stands_between_what_reads_as_characters(text: str, limit: int, expected: str) -> None:
    """No family, flag, skin tone or accent is cut in two, and an ellipsis shows that there was more."""
    assert md.cut(text, limit) == expected


def test_a_letter_under_a_thousand_marks_is_cut_all_the_same() -> None:
    """A cut moves back by a few marks at most."""
    assert len(md.cut("a" + "\u0301" * 1000, 100)) == 100


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://clust.example/d/1?a=1&b=2", "<https://clust.example/d/1?a=1&amp;b=2|A&amp;B>"),
        ("HTTPS://clust.example", "<https://clust.example|A&amp;B>"),
        ("https://clust.example/a b|c>d", "<https://clust.example/a%20b%7Cc%3Ed|A&amp;B>"),
        ("javascript:alert(1)", "A&amp;B"),
        ("https://", "A&amp;B"),
        ("https:///path", "A&amp;B"),
        ("ftp://clust.example", "A&amp;B"),
        ("https://clust.example/" + "x" * 2000, "A&amp;B"),
        (None, "A&amp;B"),
    ],
)
def test_only_web_addresses_become_links(url: str | None, expected: str) -> None:
    """An address is made safe within its brackets, and without a good one the label stands alone (rule V2)."""
    assert md.link(url, "A&B") == expected


def test_a_sentence_marks_what_can_be_typed() -> None:
    """Pairs of backticks stay code, to be copied exactly, but a single one is text."""
    assert md.sentence("Try `_x <y` or > ` *z*", 100) == f"Try `_x &lt;y` or &gt; {TICK} {STAR}z{STAR}"


def test_code_is_copied_as_it_stands() -> None:
    """Within backticks only what Slack needs is escaped."""
    assert md.code("_x_ <`>") == f"`_x_ &lt;{TICK}&gt;`"
    assert md.code("") == "` `"


def test_a_code_block_keeps_its_columns_and_its_end() -> None:
    """Spaces stay, carets stand where they stood, and what is too long loses whole lines."""
    assert md.code_block("a  <b\n   ^\x00^") == "```\na  &lt;b\n   ^^\n```"
    assert md.code_block("```", 10) == f"```\n{TICK * 3}\n```"
    assert md.code_block("abc\ndefgh", 5) == "```\nabc\n```"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"),
        (4, "just now"),
        (42, "42 seconds ago"),
        (60, "1 minute ago"),
        (4 * 60 + 59, "4 minutes ago"),
        (3600, "1 hour ago"),
        (47 * 3600, "47 hours ago"),
        (72 * 3600, "3 days ago"),
    ],
)
def test_an_age_is_said_as_a_person_says_it(seconds: int, words: str) -> None:
    """The largest unit that fits, rounded down, and a moment to come is just now."""
    assert md.ago(NOW - timedelta(seconds=seconds), NOW) == words


def test_a_moment_is_shown_in_the_readers_zone() -> None:
    """Slack's token has a fallback in UTC, with the year where it is another one."""
    tokyo = datetime.fromisoformat("2026-03-05T23:30:00+09:00")
    assert md.date(tokyo, NOW) == "<!date^1772721000^{date_short_pretty} at {time}|Mar 5, 2:30 PM UTC>"
    assert md.date(datetime(2025, 12, 31, tzinfo=UTC), NOW).endswith("|Dec 31, 2025, 12:00 AM UTC>")


def test_only_ids_become_mentions() -> None:
    """What is no id of Slack's is shown as text."""
    assert (md.channel("C0123"), md.user("U0123")) == ("<#C0123>", "<@U0123>")
    assert (md.channel("!channel>"), md.user("<x>")) == ("!channel&gt;", "&lt;x&gt;")


@pytest.mark.parametrize("quoted", ["“U1234567”", "«\u202fU1234567\u202f»"])
def test_a_word_of_a_filter_is_no_mention(quoted: str) -> None:
    """In the quotation marks of either language. People are mentioned."""
    assert md.filter_in_words(f"title contains {quoted}", 100) == f"title contains {quoted}"
    assert md.filter_in_words("assigned to U1234567", 100) == "assigned to <@U1234567>"
