"""What Slack makes of the text behind a command, and that the bot gets back what was typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.slack.command_escaping import escape
from bot.sandbox.slack.workspace import SlackWorkspace
from bot.slack.request.command_decoding import decode

WORKSPACE = SlackWorkspace()
MEI, ONBOARDING = WORKSPACE.member.id, WORKSPACE.onboarding.id


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("list created:<7d & more", "list created:&lt;7d &amp; more"),
        ("mine @mei", f"mine <@{MEI}|mei>"),
        ("mine @nobody", "mine @nobody"),
        ("subscribe #onboarding", f"subscribe <#{ONBOARDING}|onboarding>"),
        ("show #123", "show #123"),
        ("show https://app.clustdoc.com/1?a=1&b=2", "show <https://app.clustdoc.com/1?a=1&amp;b=2>"),
        ("recipient:ana@acme.com", "recipient:<mailto:ana@acme.com|ana@acme.com>"),
        ("title acme.com", "title <http://acme.com|acme.com>"),
        ("status:1_ongoing progress:<50.5", "status:1_ongoing progress:&lt;50.5"),
        ('title:"<!channel>"', 'title:"&lt;!channel&gt;"'),
    ],
)
def test_escaped(typed: str, sent: str) -> None:
    """Entities, people, channels and addresses are sent as Slack sends them, but what only looks like one is not."""
    assert escape(typed, WORKSPACE) == sent


@given(st.text(alphabet=st.characters(codec="ascii", min_codepoint=32, exclude_characters="@#\"'")))
def test_decoded_again(typed: str) -> None:
    """Whatever is typed, the bot reads it back."""
    assert decode(escape(typed, WORKSPACE)) == decode(typed.replace("&", "&amp;").replace("<", "&lt;"))
