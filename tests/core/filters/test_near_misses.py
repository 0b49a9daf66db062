"""Words that are nearly filters are asked about (rule F4)."""

# ruff: noqa: RUF001 - signs that look like others are what is tested

import pytest

from bot.core.filters.language import FilterError, parse
from bot.core.typed_text import split, straighten


@pytest.mark.parametrize(
    ("text", "marked", "meant"),
    [
        ("late;yes", "late;yes", "late:yes"),
        ("acme late；yes", "late；yes", "late:yes"),
        ("status=open", "status=open", "status:open"),
        ("-status＝open", "-status＝open", "-status:open"),
        ("progress<50", "progress<50", "progress:<50"),
        ("progress≥50", "progress≥50", "progress:>=50"),
        ("created>7d", "created>7d", "created:>7d"),
        ("late-yes", "late-yes", "late:yes"),
        ("late·yes", "late·yes", "late:yes"),
        ("late→yes", "late→yes", "late:yes"),
        ("late=yes;status:open", "late=yes;status:open", None),
        ("titel=acme", "titel=acme", "title:acme"),
        ("--title:x", "--title:x", "-title:x"),
        ("-–title:x", "-–title:x", "-title:x"),
        ("!late:yes", "!late:yes", "late:yes"),
        ("*late:yes*", "*late:yes*", "late:yes"),
        ("_late:yes_", "_late:yes_", "late:yes"),
        ("(late:yes)", "(late:yes)", "late:yes"),
        ("`late:yes`", "`late:yes`", "late:yes"),
        ("title::acme", "title::acme", "title:acme"),
        ("acme – title:x", "– title:x", "-title:x"),
        ("late = yes", "late =", None),
        ("progress < 50", "progress <", None),
        ("late“yes”", "late“yes”", None),
        ("status:open;approved", "status:open;approved", "status:open,approved"),
        ("status:open|pending", "status:open|pending", "status:open,pending"),
        ("template:kyc;late:yes", "template:kyc;late:yes", None),
        ("limit=5", "limit=5", "limit:5"),
        (":", ":", None),
        (':"acme"', ':"acme"', None),
    ],
)
def test_a_word_that_would_be_a_filter_but_for_a_sign_is_asked_about(text: str, marked: str, meant: str | None) -> None:
    """A13, F4: it is never searched for, and the error marks what was typed and names what may have been meant."""
    with pytest.raises(FilterError) as error:
        parse(text)
    at = error.value.position
    assert text[at : at + error.value.length] == marked
    assert (f"Did you mean `{meant}`?" in error.value.sentence) is (meant is not None)
    assert "put them in double quotes" in error.value.sentence
    for word in split(f'"{marked}"' if '"' not in straighten(marked) else ""):
        assert parse(word.raw).searched()


@pytest.mark.parametrize("text", ["template:'KYC company'", "template:‘KYC company’", "-'KYC company'", "title:`acme`"])
def test_single_quotes_are_asked_about(text: str) -> None:
    """A13, F4: they keep no words together, so the double ones are named."""
    with pytest.raises(FilterError, match="double quotes"):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "late-stage",
        "status-quo",
        "title@acme.com",
        "r&d",
        "at&t",
        "late,acme",
        "a=b",
        "Acme – Holding",
        "recipient:'t hart",
        "'t",
        "o'brien",
        "Acme (late)",
        "c++",
        "1.5",
        "id",
    ],
)
def test_ordinary_words_are_searched_for(text: str) -> None:
    """F4: a sign within a word is no reason to ask."""
    assert parse(text).terms
