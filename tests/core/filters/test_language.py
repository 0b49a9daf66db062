"""The filter language (rules F1, F2, F3)."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.applications.model import Application, StatusClass
from bot.core.errors import UsageError
from bot.core.filters.language import KEYS, MAX_LENGTH, Facts, Filter, FilterError, parse
from bot.core.text import split

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 2, 10, 12, 0, tzinfo=UTC)
ACME = Facts(
    Application.model_validate(
        {
            "id": 123,
            "title": "Acme Holding “Europe”",
            "status": "2_ongoing",
            "status_string": "En cours",
            "is_late": True,
            "progress_percentage": 49.5,
            "count_missing_items": 0,
            "contact": {"firstname": "Ana", "lastname": "Müller-O\u2019Brien", "email": "ana@acme.com"},
            "template": {"id": 7, "title": "KYC company"},
            "external_id": "A-17",
            "created_at": "2026-02-04T23:30:00Z",  # the 5th in Paris
            "updated_at": NOW - timedelta(hours=1),
        }
    ),
    StatusClass.OPEN,
    "emea",
)
NOTHING = Facts(Application(id="9"), None, "")


def wants(text: str, facts: Facts = ACME) -> bool:
    """Whether the filter `text` keeps `facts` at noon in Paris."""
    return parse(text).matches(facts, NOW, PARIS)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", True),
        ("id:123", True),
        ("id:#123", True),
        ("id:https://app.clustdoc.com/dossiers/123", True),
        ("id:12", False),
        ("id:12,123", True),
        ("status:open", True),
        ("status:OPEN", True),
        ("status:submitted", False),
        ("status:ongoing", True),
        ("status:2_ongoing", True),
        ("status:3_ongoing", False),
        ('status:"en cours"', True),
        ("status:cours", False),
        ("status:open,approved", True),
        ("late:yes", True),
        ("late:OUI", True),
        ("late:1", True),
        ("late:no", False),
        ("late:yes,no", True),
        ("template:7", True),
        ("template:kyc", True),
        ("template:“KYC  Company”", True),
        ("template:«kyc\u00a0company»", True),
        ("template:aml", False),
        ("progress:<50", True),
        ("progress:<50%", True),
        ("progress:>=49.5", True),
        ("progress:>49.5", False),
        ("progress:<=49.5", True),
        ("progress:49.50", True),
        ("progress:=49.5", True),
        ("progress:50", False),
        ("missing:0", True),
        ("missing:>0", False),
        ("created:<7d", True),
        ("created:<1w", True),
        ("created:>5d", True),
        ("created:>7d", False),
        ("updated:<=60m", True),
        ("updated:<60m", False),
        ("updated:>=1h", True),
        ("updated:today", True),
        ("updated:yesterday", False),
        ("created:2026-02-05", True),
        ("created:2026-02-04", False),
        ("created:>2026-02-04", True),
        ("created:>2026-02-05", False),
        ("created:>=2026-02-05", True),
        ("created:<2026-02-05", False),
        ("created:<=2026-02-05", True),
        ("created:<yesterday", True),
        ("created:<9999-12-31", True),
        ("title:acme", True),
        ("title:HOLD", True),
        ('title:"acme holding"', True),
        ('title:"holding acme"', False),
        ('title:"holding europe"', True),
        ("recipient:muller", True),
        ("recipient:o'brien", True),
        ('recipient:"ana muller"', True),
        ("recipient:ana@acme.com", True),
        ("recipient:acme", False),
        ("external:a-17", True),
        ("external:a-1", False),
        ("connection:EMEA", True),
        ("connection:em", False),
        ("acme", True),
        ("ana", True),
        ("acme ana", True),
        ("acme nobody", False),
        ("acme,nobody", True),
        ("Acme, Ana", True),
        ('"ana müller"', True),
        ("kyc", False),
        ("-kyc", True),
        ("-acme", False),
        ('-"ana müller"', False),
        ("status:open -late:no progress:<50 acme", True),
        ("status:open status:approved", False),
        ("Status:open LATE:yes", True),
        ("\u200bstatus:open", True),
    ],
)
def test_what_each_key_keeps(text: str, kept: bool) -> None:
    """Every key and comparison, AND between terms, OR by commas, exclusion by `-` (F1, F2)."""
    assert wants(text) is kept


@pytest.mark.parametrize(("hours", "kept"), [(13, False), (14, True), (37, True), (38, False)])
def test_yesterday_is_the_day_before(hours: float, kept: bool) -> None:
    """From midnight to midnight, where the asker is; NOW is 13:00 there."""
    application = Application(id="1", updated_at=NOW - timedelta(hours=hours))
    assert wants("updated:yesterday", Facts(application, None, "")) is kept


def test_class_words_mean_the_class() -> None:
    """A class's word, and the two words of its event, ask for the class, not for a code or a label (F1, C1)."""
    app = Application(id="1", status="3_submitted", status_string="Submitted")
    facts = Facts(app, StatusClass.PENDING)
    assert wants("status:pending", facts)
    assert wants('status:"Pending submission"', facts)
    assert not wants("status:submitted", facts)


@pytest.mark.parametrize("key", [key for key in KEYS if key.name != "id"], ids=lambda key: key.name)
def test_unknown_matches_only_a_negation(key: Any) -> None:
    """An unknown value matches no positive term and so matches its negation (F3)."""
    assert not wants(key.example, NOTHING)
    assert wants(f"-{key.example}", NOTHING)


def test_late_unknown_is_neither_yes_nor_no() -> None:
    """Unknown is not no (F3)."""
    assert not wants("late:no", NOTHING)
    assert wants("-late:no", NOTHING)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
def test_the_ends_of_time_are_days_too(moment: str, zone: str) -> None:
    """A date that some system writes for "never" is compared like any other (F2)."""
    facts = Facts(Application.model_validate({"id": 1, "created_at": moment}), None)
    assert parse("created:<2026-01-01").matches(facts, NOW, ZoneInfo(zone)) is moment.startswith("0")
    assert parse("created:>7d").matches(facts, NOW, ZoneInfo(zone)) is moment.startswith("0")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "every application"),
        (
            'created:<7d template:"KYC company" late:yes',
            "late, and template is “KYC company”, and created in the last 7 days",
        ),
        ("-status:open,pending", "status is not open or pending"),
        ("late:no", "on time"),
        ("-late:yes", "not late"),
        ("taken:yes", "taken"),
        ("taken:no", "taken by nobody"),
        ("mine:yes", "taken by me"),
        ("progress:<50,>=80 missing:0", "progress is below 50 or at least 80, and missing items are 0"),
        ("created:>1d -updated:<24h", "created more than 1 day ago, and not updated in the last 1 day"),
        ("created:>=2026-01-31 updated:today", "created since 2026-01-31, and updated today"),
        (
            'Acme -"Old one"',
            "neither title nor recipient contains “Old one”, and title or recipient contains “Acme”",
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
    assert parse(text).because(ACME, NOW, PARIS) == first


@pytest.mark.parametrize(
    ("text", "normalised"),
    [
        ("acme LATE:oui status:Open", "status:open late:yes acme"),
        ("status:pending,OPEN,open", "status:open,pending"),
        ('status:"pending submission"', "status:pending"),
        ("created:<1w created:<168h created:<7d", "created:<7d"),
        ("created:<36h", "created:<36h"),
        ("progress:=50.0%", "progress:50"),
        ("template:“KYC  Company”", 'template:"kyc company"'),
        ('-"A, b" "-x" "status:open"', '"-x" "status:open" -"a, b"'),
        ("id:#7", "id:7"),
        (" ", ""),
    ],
)
def test_equal_filters_have_one_text(text: str, normalised: str) -> None:
    """The canonical text has keys in the table's order and values folded, sorted and once (S1)."""
    assert parse(text).normalised() == normalised
    assert parse(normalised) == parse(text)


@pytest.mark.parametrize(
    ("text", "marked", "sentence"),
    [
        (
            "late:yes stauts:open",
            "stauts",
            r"I don't know the filter `stauts`. Did you mean `status`\? Known: `id`, .*",
        ),
        ("-stauts:open", "stauts", r"I don't know the filter `stauts`\. Did you mean .*"),
        ("xyzzy:1", "xyzzy", r"I don't know the filter `xyzzy`\. Known: `id`, `status`, .*"),
        (
            "progress:abc",
            "abc",
            r"`progress:abc` can't be understood: `progress` needs a number, such as `progress:<50`\.",
        ),
        ("progress:<50,x", "x", r"`progress:x` .* needs a number, such as .*"),
        ("progress:-5", "-5", r".* needs a number, .*"),
        ("late:maybe", "maybe", r".*`late` needs yes or no, such as `late:yes`\."),
        ("created:7d", "7d", r"`created:7d` .* needs an age with < or >, or a day .*"),
        ("created:<7y", "<7y", r".* needs an age .*"),
        ("created:2026-02-30", "2026-02-30", r".* needs an age .*"),
        ("created:<20260131", "<20260131", r".* needs an age .*"),
        ("id:a/b", "a/b", r".*`id` needs an application's number, .*"),
        ("acme status:", "status:", r"`status:` .* needs a class, a code or a label, .*"),
        ("status:open, pending", "status:open,", r"`status:open,` .* needs a class, .*"),
        ('status:""', '""', r'`status:""` .* needs a class, .*'),
        ('acme "" x', '""', r'`""` gives nothing to look for: .*'),
        (",", ",", r"`,` gives nothing to look for: .*"),
        ('late:yes template:"KYC x', '"KYC x', r'The quote in `template:"KYC x` is not closed: .*'),
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
    with pytest.raises(FilterError, match=r"This filter has \d+ characters, and 500 are possible: use fewer words\."):
        parse(text)


def test_the_longest_filter_and_the_shortest() -> None:
    """500 characters are possible, and a dash alone excludes nothing: it is a word."""
    assert parse("a" * MAX_LENGTH).normalised() == "a" * MAX_LENGTH
    assert [term.excluded for term in parse("-").terms] == [False]


@pytest.mark.parametrize("key", ["late", "taken", "mine"])
@pytest.mark.parametrize(("word", "kept"), [("yes", "yes"), ("no", "no"), ("YES", "yes")])
def test_yes_and_no_are_kept_as_they_are_meant(key: str, word: str, kept: str) -> None:
    """What is stored of a filter wants what was typed (S1)."""
    assert parse(f"{key}:{word}").normalised() == f"{key}:{kept}"


def test_no_two_keys_share_a_name_and_each_example_is_right() -> None:
    """Each row of the table can be shown to people as it is."""
    assert len({key.name for key in KEYS}) == len(KEYS)
    for key in KEYS:
        assert parse(key.example).terms[0].key is key


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
    """Parsing raises nothing but a FilterError inside the text; the canonical text is the same filter (F3, S1)."""
    result = read(text)
    if isinstance(result, FilterError):
        assert result.length > 0
        assert 0 <= result.position < result.position + result.length <= len(text)
        assert "^" in result.pointed(text)
        return
    again = parse(result.normalised())
    assert again == result
    assert hash(again) == hash(result)
    assert again.normalised() == result.normalised()
    assert again.matches(facts, NOW, PARIS) is result.matches(facts, NOW, PARIS)
    assert (result.because(facts, NOW, PARIS) is None) is result.matches(facts, NOW, PARIS)
    assert result.explain()


@given(TERMS.filter(lambda term: not term.startswith("-") and [word.raw for word in split(term)] == [term]), FACTS)
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
        ("status:aproved", "`status:aproved` is taken for a code or a label; did you mean `status:approved`?"),
        ("-status:closd late:yes", "`status:closd` is taken for a code or a label; did you mean `status:closed`?"),
        ("status:approved", ""),
        ("status:2_ongoing", ""),
        ("title:aproved", ""),
    ],
)
def test_a_status_that_is_nearly_a_class_is_hinted_at(text: str, hint: str) -> None:
    """F3: it stays a code or a label, which Clust may well have, but the nearest class is named."""
    assert parse(text).hint() == hint


@pytest.mark.parametrize(
    ("text", "assignee", "asker", "wanted"),
    [
        ("mine:yes", "U1", "U1", True),
        ("mine:yes", "U2", "U1", False),
        ("mine:yes", None, "", False),
        ("mine:no", "U2", "U1", True),
        ("mine:no", "U1", "U1", False),
        ("taken:yes", "U1", "", True),
        ("taken:no", None, "", True),
        ("taken:me", "U1", "U1", True),
        ("taken:me", "U2", "U1", False),
        ("taken:me", None, "", False),
        ("taken:@U2", "U2", "U1", True),
        ("taken:U2", "U1", "U1", False),
    ],
)
def test_who_has_taken_it(text: str, assignee: str | None, asker: str, *, wanted: bool) -> None:
    """F1: `mine` is about who asks, `taken` about anyone, or a person who is named."""
    facts = Facts(Application(id="1"), None, assignee=assignee, asker=asker)
    assert parse(text).matches(facts, NOW, UTC) is wanted


@pytest.mark.parametrize("text", ["mine:perhaps", "taken:ana", "taken:@"])
def test_who_has_taken_it_is_yes_no_or_a_person(text: str) -> None:
    """Anything else is an error at its position."""
    with pytest.raises(FilterError):
        parse(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [("acme late:yes", ["acme"]), ('"KYC company" x', ["kyc company", "x"]), ("-acme title:x", []), ("", [])],
)
def test_the_bare_words_that_must_be_there(text: str, words: list[str]) -> None:
    """Those that are looked for anywhere; what is excluded, or looked for in one field, is none."""
    assert parse(text).searched() == words
