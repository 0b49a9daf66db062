"""Command text (rule X1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.request.command_decoding import decode


@pytest.mark.parametrize(
    ("sent", "typed"),
    [
        ("", ""),
        ("list late:yes", "list late:yes"),
        ("progress:&lt;50 created:&gt;7d", "progress:<50 created:>7d"),
        ("title:A&amp;B", "title:A&B"),
        ("&amp;lt;", "&lt;"),
        ("&lt;@U123|ana&gt;", "<@U123|ana>"),
        ("taken:<@U123|ana.b>", "taken:@U123"),
        ("<@W123>", "@W123"),
        ("<#C123|general> <#C123|>", "#C123 #C123"),
        ("<!subteam^S123|@ops> <!here> <!channel|channel>", "@S123 @here @channel"),
        ("show <https://app.clustdoc.com/d/12>", "show https://app.clustdoc.com/d/12"),
        ("<https://x.test/?a=1&amp;b=2|label>", "https://x.test/?a=1&b=2"),
        ("title:<http://acme.com|acme.com>", "title:acme.com"),
        ("<mailto:ana@acme.com|ana@acme.com>", "ana@acme.com"),
        ("<tel:+33123|+33 1 23>", "+33123"),
        ("template:\u201cKYC\u00a0company\u201d", 'template:"KYC company"'),
        ("O\u2019Brien \u00abx\u00bb", 'O\'Brien "x"'),
        ("\ufeffli\u200bst\u2060 a\u202fb", "list a b"),
        ("a < b > c <> &copy; <@>", "a < b > c <> &copy; <@>"),
        ("progress:<50 created:>7d", "progress:<50 created:>7d"),
    ],
)
def test_command_text_is_what_was_typed(sent: str, typed: str) -> None:
    """Entities once, mentions and channels by id, links and mail by address, quotes straight, spaces plain (X1)."""
    assert decode(sent) == typed


@given(st.text(alphabet=st.one_of(st.sampled_from("<>&;|@#!ltgamp"), st.characters(max_codepoint=0x9F))))
def test_what_slack_escapes_comes_back(text: str) -> None:
    """Escaping as Slack does and decoding gives the text back (X1)."""
    sent = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert decode(sent) == text


@given(st.text(alphabet=st.one_of(st.sampled_from("<>&;|@#!^ltgamp"), st.characters())))
def test_any_text_can_be_decoded(text: str) -> None:
    """Whatever is sent, decoding it never fails, and leaves no smart quote and no zero-width character (X1)."""
    assert not set(decode(text)) & set("\u201c\u201d\u2018\u2019\u00a0\u200b\ufeff")
