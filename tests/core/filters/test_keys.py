"""What each key of the filter language takes and matches (rules F1, F2, F3)."""

from typing import Any

import pytest

from bot.core.applications.model import Application, StatusClass
from bot.core.filters.language import KEYS, Facts, FilterError, parse
from tests.core.filters.examples import NOTHING, NOW, PARIS, wants


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


def test_no_two_keys_share_a_name_and_each_example_is_right() -> None:
    """Each row of the table can be shown to people as it is."""
    assert len({key.name for key in KEYS}) == len(KEYS)
    for key in KEYS:
        assert parse(key.example).terms[0].key is key


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
def test_filters_by_assignee(text: str, assignee: str | None, asker: str, *, wanted: bool) -> None:
    """F1: `mine` is about who asks, `taken` about anyone, or a person who is named."""
    facts = Facts(Application(id="1"), None, assignee=assignee, asker=asker)
    assert parse(text).matches(facts, NOW, PARIS) is wanted


@pytest.mark.parametrize("text", ["mine:perhaps", "taken:ana", "taken:@"])
def test_taken_accepts_yes_no_or_a_person(text: str) -> None:
    """Anything else is an error at its position."""
    with pytest.raises(FilterError):
        parse(text)
