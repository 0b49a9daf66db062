"""What each key of the filter language takes and matches (rules F1, F2, F3)."""

from typing import Any

import pytest

from bot.core.applications.model import Application, StatusClass
from bot.core.filters.keys import Key
from bot.core.filters.language import KEYS, Facts, FilterError, parse
from bot.core.language import speaking
from bot.wiring.translation_catalogues import read_languages
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
    ("text", "assignee", "asker", "expected"),
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
def test_filters_by_assignee(text: str, assignee: str | None, asker: str, *, expected: bool) -> None:
    """F1: `mine` is about who asks, `taken` about anyone, or a person who is named."""
    facts = Facts(Application(id="1"), None, assignee=assignee, asker=asker)
    assert parse(text).matches(facts, NOW, PARIS) is expected


@pytest.mark.parametrize("text", ["mine:perhaps", "taken:ana", "taken:@"])
def test_taken_accepts_yes_no_or_a_person(text: str) -> None:
    """Anything else is an error at its position."""
    with pytest.raises(FilterError):
        parse(text)


EXCLUDED = {
    "id:5": ("number isn't “5”", "le numéro n'est pas « 5 »"),
    "id:5,7": ("number isn't “5” or “7”", "le numéro n'est pas « 5 » ni « 7 »"),
    "status:open": ("status isn't open", "le statut n'est pas ouvert"),
    "status:open,ongoing": ("status isn't “ongoing” or open", "le statut n'est pas « ongoing » ni ouvert"),
    "late:yes": ("not late", "pas en retard"),
    "late:no": ("not on time", "pas dans les temps"),
    "late:yes,no": ("not on time and not late", "pas dans les temps et pas en retard"),
    "template:kyc": ("template isn't “kyc”", "la procédure n'est pas « kyc »"),
    "template:7,kyc": ("template isn't “7” or “kyc”", "la procédure n'est pas « 7 » ni « kyc »"),
    "progress:<50": ("progress isn't below 50", "la progression n'est pas de moins de 50"),
    "progress:<50,>=80": (
        "progress isn't below 50 or at least 80",
        "la progression n'est pas de moins de 50 ni d'au moins 80",
    ),
    "missing:0": ("number of missing items isn't 0", "le nombre d'éléments manquants n'est pas de 0"),
    "missing:0,>3": (
        "number of missing items isn't 0 or above 3",
        "le nombre d'éléments manquants n'est pas de 0 ni de plus de 3",
    ),
    "created:today": ("not created today", "pas créé aujourd'hui"),
    "created:today,yesterday": ("not created today or yesterday", "pas créé aujourd'hui ni hier"),
    "updated:<7d": ("not updated in the last 7 days", "pas modifié il y a moins de 7 jours"),
    "updated:<7d,>2w": (
        "not updated in the last 7 days or more than 14 days ago",
        "pas modifié il y a moins de 7 jours ni il y a plus de 14 jours",
    ),
    "title:acme": ("title doesn't contain “acme”", "le titre ne contient pas « acme »"),
    "title:a,b": ("title doesn't contain “a” or “b”", "le titre ne contient pas « a » ni « b »"),
    "recipient:ana": ("recipient isn't “ana”", "le destinataire n'est pas « ana »"),
    "recipient:ana,ben": ("recipient isn't “ana” or “ben”", "le destinataire n'est pas « ana » ni « ben »"),
    "external:a": ("external ID isn't “a”", "la référence externe n'est pas « a »"),
    "external:a,b": ("external ID isn't “a” or “b”", "la référence externe n'est pas « a » ni « b »"),
    "mine:yes": ("not assigned to me", "non attribué à moi"),
    "mine:no": ("assigned to me", "attribué à moi"),
    "taken:yes": ("unassigned", "non attribué"),
    "taken:no": ("assigned", "attribué"),
    "taken:me": ("not assigned to me", "non attribué à moi"),
    "taken:@u1": ("not assigned to U1", "non attribué à U1"),
    "taken:@u1,@u2": ("not assigned to U1 and not assigned to U2", "non attribué à U1 et non attribué à U2"),
    "taken:@u1,no": ("not assigned to U1 and assigned", "non attribué à U1 et attribué"),
    "connection:emea": ("account isn't “emea”", "le compte n'est pas « emea »"),
    "connection:apac,emea": ("account isn't “apac” or “emea”", "le compte n'est pas « apac » ni « emea »"),
    "acme": (
        "neither title nor recipient contains “acme”",
        "ni le titre ni le destinataire ne contient « acme »",
    ),
    "acme,beta": (
        "neither title nor recipient contains “acme” or “beta”",
        "ni le titre ni le destinataire ne contient « acme » ni « beta »",
    ),
}
"""Filters, and what excluding them says in English and in French."""

PLAIN = {ord("\u202f"): " ", ord("\u2019"): "'"}


@pytest.mark.parametrize("text", EXCLUDED)
def test_what_is_excluded_reads_right_in_both_languages(text: str) -> None:
    """An exclusion of one or several values, also of values that are exclusions themselves, is said plainly (F1)."""
    english, french = EXCLUDED[text]
    assert parse(f"-{text}").explain() == english
    with speaking(read_languages().of("fr")):
        assert parse(f"-{text}").explain().translate(PLAIN) == french


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_each_key_can_be_excluded_in_words(key: Key) -> None:
    """Its example says the opposite when it is excluded, and no negation stands twice."""
    included, excluded = parse(key.example).explain(), parse(f"-{key.example}").explain()
    assert excluded not in {"", included}
    assert "not not" not in excluded
