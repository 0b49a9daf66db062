"""Status classes (rule C1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.applications import status_rules
from bot.core.applications.model import StatusClass
from bot.core.applications.status_rules import StatusRules
from bot.core.errors import UsageError

OPEN, PENDING, SUBMITTED, APPROVED, CLOSED = StatusClass


@pytest.mark.parametrize(
    ("code", "of"),
    [
        ("0_not_started", OPEN),
        ("not_started", OPEN),
        ("1_missing", OPEN),
        ("2_ongoing", OPEN),
        ("2-in-progress", OPEN),
        ("10_Incomplete", OPEN),
        ("3_reopened", OPEN),
        ("4_not_submitted", OPEN),
        ("5_not_approved", OPEN),
        ("3_pending_submission", PENDING),
        ("3_ready_to_submit", PENDING),
        ("pending", PENDING),
        ("4_submitted", SUBMITTED),
        ("4_pending_approval", SUBMITTED),
        ("4_pending_review", SUBMITTED),
        ("4_in_review", SUBMITTED),
        ("4_completed", SUBMITTED),
        ("5_approved", APPROVED),
        ("VALIDATED", APPROVED),
        ("6_closed", CLOSED),
        ("6_archived", CLOSED),
        ("6_cancelled", CLOSED),
        ("6_rejected", CLOSED),
        ("7_signed", None),
        ("submitted_x", None),
        ("4_", None),
        ("4", None),
        ("", None),
        (None, None),
    ],
)
def test_a_code_is_looked_up_whole(code: str | None, of: StatusClass | None) -> None:
    """The code without its number prefix, in any case, is looked up whole, never by a part (C1)."""
    assert StatusRules().classify(code, None) is of


@pytest.mark.parametrize(
    ("label", "of"),
    [
        ("Not started", OPEN),
        ("En cours", OPEN),
        ("Pièces manquantes", OPEN),
        ("Non soumis", OPEN),
        ("Pending submission", PENDING),
        ("En attente d\u2019envoi", PENDING),
        ("Prêt à soumettre", PENDING),
        ("SOUMIS", SUBMITTED),
        ("Dossier déposé", SUBMITTED),
        ("Déposée", SUBMITTED),
        ("En attente de validation", SUBMITTED),
        ("Complété", SUBMITTED),
        ("Approuvée", APPROVED),
        ("Validé", APPROVED),
        ("Clôturé", CLOSED),
        ("Refusé", CLOSED),
        ("Submitted on Monday", None),
        ("Pre-approved", None),
        ("Paused", None),
        ("Dossier en pause", None),
        ("✅", None),
    ],
)
def test_a_label_is_looked_up_when_the_code_is_not_known(label: str, of: StatusClass | None) -> None:
    """Where no rule knows the code, the whole label is looked up, in English and French (C1)."""
    assert StatusRules().classify("9_custom", label) is of
    assert StatusRules().classify(None, label) is of


def test_the_code_comes_before_the_label() -> None:
    """A known code decides, whatever the label says (C1)."""
    assert StatusRules().classify("2_ongoing", "Approved") is OPEN


@pytest.mark.parametrize(
    ("rules", "code", "label", "of"),
    [
        ("7_signed=submitted", "7_signed", None, SUBMITTED),
        ("7_signed=submitted", "7_SIGNED", "Ongoing", SUBMITTED),
        ("7_signed=submitted", "8_signed", None, None),
        ("7_signed=submitted", "signed", None, None),
        ("signed=submitted", "7_signed", None, SUBMITTED),
        ("signed=submitted", "signed", None, SUBMITTED),
        ("7_signed=approved,signed=submitted", "7_signed", None, APPROVED),
        ("7_signed=approved,signed=submitted", "8_signed", None, SUBMITTED),
        ("approved=closed", "5_approved", "Approved", CLOSED),
        (" 7_signed = Submitted , 9_archived=open, ", "9_archived", None, OPEN),
        ("Signé par tous=submitted", None, "signe par tous", SUBMITTED),
        ("signed=submitted", "2_ongoing", "Signed", OPEN),
        ("7_signed=submitted", "2_ongoing", None, OPEN),
        ("", "2_ongoing", None, OPEN),
    ],
)
def test_an_operators_rule_comes_first(rules: str, code: str | None, label: str | None, of: StatusClass | None) -> None:
    """An operator's rule, as it says, with or without the number prefix, comes before code and label (C1)."""
    assert StatusRules.parse(rules).classify(code, label) is of


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        ("7_signed", "`7_signed` isn't a status rule. Write code=class, such as 7_signed=submitted."),
        ("a=open,=open", "`=open` isn't a status rule. Write code=class, such as 7_signed=submitted."),
        ("7_signed=", "`7_signed=` isn't a status rule. Write code=class, such as 7_signed=submitted."),
        (
            "7_signed=submited",
            (
                "`submited` in `7_signed=submited` isn't a status class. Did you mean `submitted`? "
                "Classes: open, pending, submitted, approved, closed."
            ),
        ),
        ("a=b=c", "`b=c` in `a=b=c` isn't a status class. Classes: open, pending, submitted, approved, closed."),
        ("a=open,A=closed", "`A` has two classes, open and closed. Keep one."),
    ],
)
def test_a_wrong_rule_is_one_sentence(rules: str, sentence: str) -> None:
    """A rule that can't be understood names the wrong word and says what is right."""
    with pytest.raises(UsageError) as error:
        StatusRules.parse(rules)
    assert error.value.sentence == sentence


def test_no_word_has_two_classes() -> None:
    """A status has exactly one class, so a word stands in one row of the table, as it is looked up (C1)."""
    words = [(word, of) for of, words in status_rules._WORDS.items() for word in words.split()]  # noqa: SLF001 - the table
    assert len({word for word, _ in words}) == len(set(words))
    assert [word for word, _ in words if status_rules.status_word(word) != word] == []


@given(st.text(), st.text())
def test_any_code_and_label_have_an_answer(code: str, label: str) -> None:
    """A code that no rule knows is unknown, never an error (C1)."""
    assert StatusRules().classify(code, label) in {None, *StatusClass}


def test_what_admins_chose_comes_after_the_operators_rules() -> None:
    """C1: a rule of the setting wins over one from the Home tab, and a class that no one knows is left out."""
    rules = StatusRules.parse("7_signed=submitted").with_chosen(
        {"7_signed": "closed", "8_filed": "closed", "9_lost": "no class"}
    )
    assert rules.classify("7_signed", None) is SUBMITTED
    assert rules.classify("8_filed", None) is CLOSED
    assert rules.classify("9_lost", None) is None
    assert StatusRules.parse("").with_chosen(None) == StatusRules.parse("")
