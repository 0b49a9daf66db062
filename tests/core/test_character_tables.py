"""Typographic signs in the filter language, and words that are nearly filters (rule F4)."""

# ruff: noqa: RUF001 - signs that look like others are what is tested

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.applications.model import Application
from bot.core.filters.language import KEYS, Facts, Filter, FilterError, Key, parse, read_stored

NOW = datetime(2026, 2, 10, 12, 0, tzinfo=UTC)


DASHES, COLONS, COMMAS = "–—−‐‑‒―﹣－", "：﹕∶", "，、﹐"
QUOTES = [("«", "»"), ("»", "«"), ("„", "“"), ("“", "”"), ("”", "”"), ("‹", "›"), ("＂", "＂"), ("「", "」")]


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        *((f"{dash}title:test", "-title:test") for dash in DASHES),
        *((f"late{colon}yes", "late:yes") for colon in COLONS),
        *((f"status:open{comma}approved", "status:open,approved") for comma in COMMAS),
        *((f"template:{first}KYC company{last}", 'template:"KYC company"') for first, last in QUOTES),
        ("progress:＜50", "progress:<50"),
        ("progress:≤50", "progress:<=50"),
        ("progress:＞＝５０％", "progress:>=50%"),
        ("progress ： ≥５０", "progress:>=50"),
        ("created:＜７d", "created:<7d"),
        ("created:>2026–01–31", "created:>2026-01-31"),
        ("id:＃１２３", "id:123"),
        ("taken:＠U123", "taken:@U123"),
        ("ｌａｔｅ：ｙｅｓ", "late:yes"),
        ("late : yes", "late:yes"),
        ("late: yes acme", "late:yes acme"),
        ("late :yes", "late:yes"),
        ("–late\u3000：\u00a0yes", "-late:yes"),
        ('title : "a : b"', 'title:"a : b"'),
        ("late:yes\u2003acme\u202fana", "late:yes acme ana"),
        ("\u200b\u2013late:yes", "-late:yes"),
        ("recipient:søren", "recipient:soren"),
        ("template:lecœur", "template:lecoeur"),
    ],
)
def test_typographic_signs_are_read_as_the_plain_ones(typed: str, plain: str) -> None:
    """A13, F4: dashes, colons, commas, quotes, comparisons, digits and spaces of every kind, and `late : yes` too."""
    assert parse(typed) == parse(plain)
    assert parse(typed).normalized() == parse(plain).normalized()


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("Müller–Schmidt", "title:muller-schmidt"),
        ("Müller-Schmidt", "title:Müller–Schmidt"),
        ("Ｋａｎｓａｉ：２０２６", "title:kansai"),
        ("Acme：KYC，Europe", '"acme:kyc,europe"'),
        ("Acme:KYC,Europe", '"acme：kyc，europe"'),
        ("≤ 50 employees", 'title:"<= 50"'),
        ("O´Brien & Søn", "title:o’brien"),
        ("O‘Brien & Søn", "søn"),
        ("Acme «Europe» ‹KYC›", '"acme europe kyc"'),
        ("Straße–Œuvre", "strasse-oeuvre"),
    ],
)
def test_signs_match_what_stands_in_clust(title: str, typed: str) -> None:
    """A12, A13, F4: a title is found whichever way its signs are typed."""
    assert parse(typed).matches(Facts(Application(id="1", title=title), None), NOW, UTC)


@pytest.mark.parametrize("text", ["status:!open", "status:-open", "status:–open", "status:≠open", "status:>open"])
def test_a_sign_before_a_status_is_an_error(text: str) -> None:
    """A13, F4: a status is looked up without signs, so `status:!open` asked for its opposite."""
    with pytest.raises(
        FilterError, match="`status` needs open, pending, submitted, approved, closed, a code or a label"
    ):
        parse(text)


@pytest.mark.parametrize("text", ["progress:≠50", "created:≠today", "late:≠yes", "late:¬yes"])
def test_a_sign_that_no_key_takes_is_an_error(text: str) -> None:
    """A13, F4: "not equal" was read as "equal"."""
    with pytest.raises(FilterError, match="needs"):
        parse(text)


def read(text: str) -> Filter | FilterError:
    """Return the filter that `text` is, or its error."""
    try:
        return parse(text)
    except FilterError as error:
        return error


SIGNS = st.sampled_from("–—-－:：∶;；=＝<≤≥≠,，\"'«»‹›“”`*_!|. \u00a0\u3000\u200b#＃@＠")


@given(st.lists(st.one_of(SIGNS, st.sampled_from(["late", "yes", "title", "status", "open", "x", "５", "limit"]))))
def test_any_mix_of_names_and_signs_is_a_filter_or_an_error_in_it(pieces: list[str]) -> None:
    """A13, F4, S1: positions stay within what was typed, and what is stored is read as it was meant."""
    text = "".join(pieces)
    parsed = read(text)
    if isinstance(parsed, FilterError):
        assert 0 <= parsed.position < parsed.position + parsed.length <= len(text)
        return
    assert parse(parsed.normalized()) == parsed == read_stored(parsed.normalized())


@given(
    st.sampled_from(KEYS),
    st.sampled_from("∶：﹕"),
    st.sampled_from(["", *DASHES]),
    st.sampled_from(["", " ", "\u3000"]),
)
def test_a_key_with_typographic_signs_is_never_a_word_to_search_for(
    key: Key, colon: str, dash: str, space: str
) -> None:
    """A13, F4: it is read as the plain one."""
    _, _, value = key.example.partition(":")
    parsed = parse(f"{dash}{key.name}{space}{colon}{space}{value}")
    assert [(term.key.name, term.excluded) for term in parsed.terms] == [(key.name, bool(dash))]


@pytest.mark.parametrize(
    ("stored", "title"),
    [
        ('title:"a‹b"', "A‹B"),
        ("title:søren", "Søren"),
        ("title:late=yes", "late=yes"),
        ("late=yes", "late=yes"),
        ('"–title:test"', "–title:test"),
        ('"müller–schmidt"', "Müller-Schmidt"),
        ("'acme'", "the 'Acme'"),
    ],
)
def test_what_an_older_version_stored_is_still_read(stored: str, title: str) -> None:
    """A12, A13, S1: a stored filter is never asked about, and goes on to match what it matched."""
    parsed = read_stored(stored)
    assert parsed.matches(Facts(Application(id="1", title=title), None), NOW, UTC)
    assert parse(parsed.normalized()) == parsed
