"""The atoms, and the text of a message."""

from __future__ import annotations

from bot.sandbox.slack.block_kit.validation import validate_message, validate_view
from bot.slack.views.building import blocks


def test_every_atom_is_what_slack_takes() -> None:
    """A message of every atom, each with texts far too long or strange, is valid."""
    ask = blocks.confirm("t" * 200, "x" * 400, "y" * 50, style="danger")
    options = [blocks.option("o" * 100, "1", "d" * 100), blocks.option("<b>", "2")]
    message = blocks.message(
        blocks.header("h" * 200),
        blocks.section("*s*", blocks.overflow("more", options, ask)),
        blocks.fields("a", "b"),
        blocks.divider(),
        blocks.context("c"),
        blocks.actions(
            blocks.button("b" * 100, "go", "1", "primary", ask),
            blocks.link_button("Open", "open", "https://x.example"),
            blocks.link_button("Open", "nowhere", None),
        ),
        blocks.actions(None),
        None,
    )
    assert validate_message(message.payload()) == []
    assert [block["type"] for block in message.blocks] == [
        "header",
        "section",
        "section",
        "divider",
        "context",
        "actions",
    ]


def test_the_text_says_what_the_blocks_say() -> None:
    """Plain text is escaped, mrkdwn taken over. Buttons have no words in a notification."""
    message = blocks.message(
        blocks.header("Acme & Sons"),
        blocks.section("*a*\nb", blocks.button("Details", "x", "1")),
        blocks.fields("c", "d"),
        blocks.context("e"),
        blocks.actions(blocks.button("Open", "y", "1")),
    )
    assert message.text == "Acme &amp; Sons\n*a*\nb\nc\nd\ne"


def test_a_long_text_is_cut_at_the_end_of_a_line() -> None:
    """At most 4,000 characters, and no link is halved."""
    message = blocks.message(*(blocks.section(f"<https://x.example/{'y' * 980}|z>") for _ in range(10)))
    assert len(message.text) <= 4000
    assert message.text.splitlines()[-2:] == [f"<https://x.example/{'y' * 980}|z>", "…"]


def test_plain_text_is_not_escaped_and_keeps_emoji_names_as_text() -> None:
    """Slack shows a plain text object as it is."""
    assert blocks.plain("<b> & :x:", 75) == {"type": "plain_text", "text": "<b> & :x:", "emoji": False}


def test_a_modal_leaves_out_what_is_not_there() -> None:
    """None among the blocks is no block, and a title is cut to 24 characters."""
    view = blocks.modal("A very long title of a modal", [None, blocks.section("x")], "id")
    assert validate_view(view) == []
    assert view["title"]["text"] == "A very long title of a…"
    assert len(view["blocks"]) == 1


def test_lines_stand_in_as_few_sections_as_hold_them() -> None:
    """Slack leaves a gap between sections, which would break a list."""
    lines = [f"• {number} {'x' * 90}" for number in range(60)]
    sections = blocks.paragraphs(lines)
    assert [line for each in sections for line in each["text"]["text"].splitlines()] == lines
    assert len(sections) == 2
    assert all(len(each["text"]["text"]) <= 3000 for each in sections)
    assert blocks.paragraphs([]) == []
