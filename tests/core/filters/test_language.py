"""The filter language (rules F1, F2, F3)."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.errors import UsageError
from bot.core.filters.language import KEYS, MAX_LENGTH, Facts, Filter, FilterError, parse
from bot.core.typed_text import fold, split
from tests.core.filters.examples import ACME, NOTHING, NOW, PARIS


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "every application"),
        (
            'created:<7d template:"KYC company" late:yes',
            "late, template is “KYC company” and created in the last 7 days",
        ),
        ("-status:open,pending", "status isn't open or pending submission"),
        ("late:no", "on time"),
        ("-late:yes", "not late"),
        ("taken:yes", "assigned"),
        ("taken:no", "unassigned"),
        ("mine:yes", "assigned to me"),
        (
            "progress:<50,>=80 missing:0",
            "progress is below 50 or at least 80 and number of missing items is 0",
        ),
        ("created:>1d -updated:<24h", "created more than 1 day ago and not updated in the last day"),
        ("created:>=2026-01-31 updated:today", "created since Jan 31, 2026 and updated today"),
        (
            'Acme -"Old one"',
            "neither title nor recipient contains “Old one” and title or recipient contains “Acme”",
        ),
    ],
)
def test_a_filter_says_in_words_what_it_wants(text: str, words: str) -> None:
    """`explain` reads as a person would say it."""
    assert parse(text).explain() == words


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("late:yes status:open", None),
        ("late:no status:closed", "status is closed"),
        ("-acme late:yes", "neither title nor recipient contains “acme”"),
    ],
)
def test_a_filter_says_what_does_not_match(text: str, first: str | None) -> None:
    """`because` names the first term, in the order of the keys, that does not match."""
    term = parse(text).because(ACME, NOW, PARIS)
    assert (term and term.explain()) == first


@pytest.mark.parametrize(
    ("text", "normalized"),
    [
        ("acme LATE:oui status:Open", "status:open late:yes acme"),
        ("status:pending,OPEN,open", "status:open,pending"),
        ('status:"pending submission"', "status:pending"),
        ("created:<1w created:<168h created:<7d", "created:<7d"),
        ("created:<36h", "created:<36h"),
        ('created:>="Jan 31, 2026"', "created:>=2026-01-31"),
        ("progress:=50.0%", "progress:50"),
        ("template:“KYC  Company”", 'template:"kyc company"'),
        ('-"A, b" "-x" "status:open"', '"-x" "status:open" -"a, b"'),
        ("id:#7", "id:7"),
        (" ", ""),
    ],
)
def test_equal_filters_have_one_text(text: str, normalized: str) -> None:
    """The canonical text has keys in the table's order and values folded, sorted and once (S1)."""
    assert parse(text).normalized() == normalized
    assert parse(normalized) == parse(text)


@pytest.mark.parametrize(
    ("text", "marked", "sentence"),
    [
        (
            "late:yes stauts:open",
            "stauts",
            r"Unknown filter `stauts`\. Did you mean `status`\? Available filters: `id`, .*",
        ),
        ("-stauts:open", "stauts", r"Unknown filter `stauts`\. Did you mean .*"),
        ("xyzzy:1", "xyzzy", r"Unknown filter `xyzzy`\. Available filters: `id`, `status`, .*"),
        (
            "progress:abc",
            "abc",
            r"I don't understand `progress:abc`\. `progress` needs a number, such as `progress:<50`\.",
        ),
        ("progress:<50,x", "x", r".*`progress:x`. .* needs a number, such as .*"),
        ("progress:-5", "-5", r".* needs a number, .*"),
        ("late:maybe", "maybe", r".*`late` needs yes or no, such as `late:yes`\."),
        ("created:7d", "7d", r".*`created:7d`\. .* needs an age with < or >, or a date .*"),
        ("created:<7y", "<7y", r".* needs an age .*"),
        ("created:2026-02-30", "2026-02-30", r".* needs an age .*"),
        ("created:<20260131", "<20260131", r".* needs an age .*"),
        ("id:a/b", "a/b", r".*`id` needs an application number, .*"),
        (
            "acme status:",
            "status:",
            r".*`status:`. .* needs open, pending, submitted, approved, closed, a code or a label, .*",
        ),
        ("status:open, pending", "status:open,", r".*`status:open,`. .* needs open, .*"),
        ('status:""', '""', r'.*`status:""`. .* needs open, .*'),
        ('acme "" x', '""', r"There's nothing to search for in `\"\"`\. .*"),
        (",", ",", r"There's nothing to search for in `,`\. .*"),
        ('late:yes template:"KYC x', '"KYC x', r"The quote in `template:\"KYC x` isn't closed\. .*"),
    ],
)
def test_an_error_points_at_the_word(text: str, marked: str, sentence: str) -> None:
    """An unknown key names the known ones and the nearest, a bad value what is right, each at its position (F3)."""
    with pytest.raises(FilterError) as error:
        parse(text)
    at = error.value.position
    assert text[at : at + error.value.length] == marked
    assert re.fullmatch(sentence, error.value.sentence)
    assert isinstance(error.value, UsageError)
    line, carets = error.value.pointed(text).splitlines()
    assert line[carets.index("^") : carets.rindex("^") + 1] == marked


def test_a_mistake_in_a_long_filter_is_shown_with_its_surroundings() -> None:
    """The line with the carets stays short enough for a phone (F3)."""
    text = f"{'acme ' * 20}late:maybe{' acme' * 20}"
    with pytest.raises(FilterError) as error:
        parse(text)
    assert error.value.pointed(text) == (
        "…acme acme acme acme acme late:maybe acme acme acme acme acme acme…\n" + " " * 31 + "^^^^^"
    )


@pytest.mark.parametrize("text", ["a" * (MAX_LENGTH + 1), "\ufdfa" * 30])
def test_a_filter_has_a_longest(text: str) -> None:
    """A text over 500 characters, as typed or as stored, is refused with a sentence."""
    with pytest.raises(FilterError, match=r"This filter has \d+ characters\. The limit is 500\. Use fewer words\."):
        parse(text)


def test_the_longest_filter_and_the_shortest() -> None:
    """500 characters are possible, and a dash alone excludes nothing: it is a word."""
    assert parse("a" * MAX_LENGTH).normalized() == "a" * MAX_LENGTH
    assert [term.excluded for term in parse("-").terms] == [False]


@pytest.mark.parametrize("key", ["late", "taken", "mine"])
@pytest.mark.parametrize(("word", "kept"), [("yes", "yes"), ("no", "no"), ("YES", "yes")])
def test_yes_and_no_are_kept_as_they_are_meant(key: str, word: str, kept: str) -> None:
    """What is stored of a filter wants what was typed (S1)."""
    assert parse(f"{key}:{word}").normalized() == f"{key}:{kept}"


# Texts that come near the language, and any text at all.
VALUES = st.one_of(
    st.sampled_from(["open", "yes", "no", "<50", ">=7d", "2026-01-31", "today", '"a b"', "x,y", "7", "acme", "-", "é"]),
    st.text(max_size=12),
)
TERMS = st.one_of(
    st.builds(lambda key, value: f"{key.name}:{value}", st.sampled_from(KEYS), VALUES),
    VALUES,
)
TEXTS = st.one_of(st.lists(TERMS, max_size=6).map(" ".join), st.text(), st.text(alphabet='",:-<>=\u201cab \n'))
FACTS = st.sampled_from([ACME, NOTHING])


def read(text: str) -> Filter | FilterError:
    """Return the filter that `text` is, or its error."""
    try:
        return parse(text)
    except FilterError as error:
        return error


@given(TEXTS, FACTS)
def test_any_text_is_a_filter_or_an_error_in_it(text: str, facts: Facts) -> None:
    """Parsing raises nothing but a FilterError inside the text, and the canonical text is the same filter (F3, S1)."""
    result = read(text)
    if isinstance(result, FilterError):
        assert result.length > 0
        assert 0 <= result.position < result.position + result.length <= len(text)
        assert "^" in result.pointed(text)
        return
    again = parse(result.normalized())
    assert again == result
    assert hash(again) == hash(result)
    assert again.normalized() == result.normalized()
    assert again.matches(facts, NOW, PARIS) is result.matches(facts, NOW, PARIS)
    assert (result.because(facts, NOW, PARIS) is None) is result.matches(facts, NOW, PARIS)
    assert result.explain()


# A sign that can't be seen, as before `-a`, changes nothing: that is an exclusion already.
@given(
    TERMS.filter(lambda term: not fold(term).startswith("-") and [word.raw for word in split(term)] == [term]), FACTS
)
@example("\u200b,acme", ACME)
def test_an_exclusion_is_the_exact_complement(term: str, facts: Facts) -> None:
    """`-term` keeps what `term` does not, unknown values included (F3)."""
    result, opposite = read(term), read(f"-{term}")
    if isinstance(result, FilterError) or isinstance(opposite, FilterError):
        assert type(result) is type(opposite)
    else:
        assert result.matches(facts, NOW, PARIS) is not opposite.matches(facts, NOW, PARIS)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("status:aproved", "`status:aproved` is treated as a code or a label. Did you mean `status:approved`?"),
        ("-status:closd late:yes", "`status:closd` is treated as a code or a label. Did you mean `status:closed`?"),
        ("status:approved", ""),
        ("status:2_ongoing", ""),
        ("title:aproved", ""),
    ],
)
def test_a_status_that_is_nearly_a_class_is_hinted_at(text: str, hint: str) -> None:
    """F3: it stays a code or a label, which Clust may well have, but the nearest class is named."""
    assert parse(text).hint() == hint


@pytest.mark.parametrize(
    ("text", "words"),
    [("acme late:yes", ["acme"]), ('"KYC company" x', ["kyc company", "x"]), ("-acme title:x", []), ("", [])],
)
def test_the_bare_words_that_must_be_there(text: str, words: list[str]) -> None:
    """Those that are looked for anywhere, but not what is excluded, or looked for in one field."""
    assert parse(text).searched() == words


def test_what_stands_beside_a_filter_is_no_part_of_it() -> None:
    """`limit:` is an option of commands. Where only a filter is asked for, it says so."""
    with pytest.raises(FilterError, match="isn't part of a filter"):
        parse("late:yes limit:5")
