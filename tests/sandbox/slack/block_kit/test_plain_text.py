"""Messages and views as a reader in a terminal sees them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.slack.block_kit.plain_text import lines, names_of, view_lines
from bot.sandbox.slack.workspace import SlackWorkspace

MRKDWN = [
    ("<https://app.clustdoc.com/1|KYC · Lefèvre &amp; Fils>", "KYC · Lefèvre & Fils"),
    ("<https://app.clustdoc.com/1>", "https://app.clustdoc.com/1"),
    ("*<https://app.clustdoc.com/_one_/~two~>*", "https://app.clustdoc.com/_one_/~two~"),
    ("*Late* · _now_ ~then~", "Late · now then"),
    ("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"),
    ("`/clust list status:*open*`", "/clust list status:*open*"),
    ("```\nfirst\n second\n```", "first\n second"),
    ("<!date^1767326125^{date_short_pretty} at {time}|Jan 2, 3:55 AM UTC>", "Jan 2, 3:55 AM UTC"),
    ("<!channel> and <!subteam^S1|@legal>", "@channel and @legal"),
    ("&lt;!channel&gt; stays &amp;lt;", "<!channel> stays &lt;"),
    (":warning: :unheard_of: 10:30:45", "⚠️ :unheard_of: 10:30:45"),
    ("<mailto:ana@example.com|ana@example.com>", "ana@example.com"),
]


def section_blocks(text: str) -> list[dict[str, Any]]:
    """Return a section."""
    return [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]


@pytest.mark.parametrize(("markup", "words"), MRKDWN)
def test_markup_becomes_words(markup: str, words: str) -> None:
    """Markup is shown as the words that a reader sees."""
    assert "\n".join(lines({"blocks": section_blocks(markup)})) == words


def test_people_and_channels_have_names() -> None:
    """Ids of people and channels are shown as their names where they are known, else as their label or themselves."""
    workspace = SlackWorkspace()
    text = f"<@{workspace.member.id}> in <#{workspace.general.id}>, <@U404|someone>, <@U404>"
    assert lines({"text": text}, names=names_of(workspace)) == ["@mei in #general, @someone, @U404"]


def test_a_card() -> None:
    """A card is read from top to bottom: paragraphs, small print, buttons and menus in one line."""
    button = {"type": "button", "text": {"type": "plain_text", "text": "Details"}, "action_id": "details"}
    menu = {
        "type": "overflow",
        "action_id": "more",
        "options": [{"text": {"type": "plain_text", "text": word}, "value": word} for word in ("Mute", "Delete")],
    }
    card = [
        {"type": "header", "text": {"type": "plain_text", "text": "*Late*"}},
        {**section_blocks("*Acme*")[0], "accessory": button},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "one"}, {"type": "plain_text", "text": "*two*"}]},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "KYC · 45%"}]},
        {"type": "divider"},
        {"type": "actions", "elements": [button, menu]},
    ]
    read = ["*Late*", "Acme  [Details]", "one", "*two*", "KYC · 45%", "─" * 40, "[Details] [⋯ Mute | Delete]"]
    assert lines({"text": "not read", "blocks": card}) == read


def test_styled() -> None:
    """With styles, bold is bold, and small print stays dim around what is bold in it."""
    small = [{"type": "context", "elements": [{"type": "mrkdwn", "text": "a *b* c"}]}]
    assert lines({"blocks": small}, styled=True) == ["\x1b[2ma \x1b[1mb\x1b[0m\x1b[2m c\x1b[0m"]


def test_without_blocks() -> None:
    """A message without blocks is read from its text, with the files below."""
    assert lines({"text": "one\ntwo", "files": [{"title": "report.csv"}]}) == ["one", "two", "[report.csv]"]


def test_what_is_not_known_is_seen() -> None:
    """A block that is not known is shown as a fault, not left out."""
    assert lines({"blocks": [{"type": "carousel"}]}) == ["[unknown block: carousel]"]


def test_rich_text() -> None:
    """Rich text shows its lists, quotations, people and emoji."""
    words = [{"type": "text", "text": "ask "}, {"type": "user", "user_id": "U1"}, {"type": "emoji", "name": "tada"}]
    section = {"type": "rich_text_section", "elements": words}
    block = {
        "type": "rich_text",
        "elements": [
            section,
            {"type": "rich_text_list", "style": "ordered", "elements": [section]},
            {"type": "rich_text_quote", "elements": [{"type": "text", "text": "so be it"}]},
        ],
    }
    assert lines({"blocks": [block]}, names={"U1": "@ana"}) == ["ask @ana🎉", "1. ask @ana🎉", "> so be it"]


def test_a_view() -> None:
    """A modal shows its title, its fields with what stands in them, and its buttons."""
    view = {
        "type": "modal",
        "title": {"type": "plain_text", "text": "New"},
        "submit": {"type": "plain_text", "text": "Create"},
        "close": {"type": "plain_text", "text": "Cancel"},
        "blocks": [
            {
                "type": "input",
                "optional": True,
                "label": {"type": "plain_text", "text": "E-mail"},
                "hint": {"type": "plain_text", "text": "Where it is sent"},
                "element": {"type": "email_text_input", "initial_value": "ana@example.com"},
            },
            {
                "type": "input",
                "label": {"type": "plain_text", "text": "Template"},
                "element": {"type": "external_select", "placeholder": {"type": "plain_text", "text": "Choose"}},
            },
        ],
    }
    read = [
        "New",
        "E-mail (optional): [ana@example.com]",
        "Where it is sent",
        "Template: [Choose ▾]",
        "[Cancel] [Create]",
    ]
    assert view_lines(view) == read


def test_charts_and_tables_are_numbers() -> None:
    """In a terminal a chart is its values, and a table its rows."""
    pie = {"type": "pie", "segments": [{"label": "Open", "value": 3}]}
    bars = {"type": "bar", "series": [{"name": "Created", "data": [{"label": "Nov 2", "value": 2.5}]}]}
    rows = [
        [{"type": "raw_text", "text": "Week"}, {"type": "raw_text", "text": "Created"}],
        [{"type": "raw_text", "text": "Nov 2"}, {"type": "raw_number", "value": 1200, "text": "1,200"}],
    ]
    blocks = [
        {"type": "data_visualization", "title": "Status", "chart": pie},
        {"type": "data_visualization", "title": "Weeks", "chart": bars},
        {"type": "data_table", "caption": "By week", "rows": rows},
    ]
    assert lines({"blocks": blocks}) == [
        *("[chart: Status]", "  Open: 3", "[chart: Weeks]", "  Created Nov 2: 2.5"),
        *("[table: By week]", "  Week | Created", "  Nov 2 | 1,200"),
    ]
