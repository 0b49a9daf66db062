"""Status codes and events that are listed in a description."""

from __future__ import annotations

import pytest

from bot.core.applications.status_rules import StatusRules
from bot.core.clust_api.dialect import ApiDialect
from bot.doctor.openapi.description import DescribedField
from bot.doctor.openapi.values import compared_events, compared_statuses
from tests.doctor.openapi.examples import below, fields


@pytest.mark.parametrize(
    ("code", "meaning", "rule", "words"),
    [
        ("0_not_started", "", None, None),
        ("9_in", "Dossier déposé", "submitted", "“Dossier déposé”"),
        ("9_in", "", "", "Clust doesn't say what it means."),
        ("9_paused", "Paused", "", "Clust says it means “Paused”."),
        ("a=b", "Submitted", "", "“Submitted”"),
        ("it's", "Submitted", "", "“Submitted”"),
        ("${TOKEN}", "Submitted", "", "“Submitted”"),
    ],
)
def test_a_status_has_a_rule_where_its_meaning_is_plain(
    code: str, meaning: str, rule: str | None, words: str | None
) -> None:
    """C1: a meaning is looked up whole, as a label is. What is doubtful, or odd in a setting, is left to a person."""
    status = DescribedField("string", (code,), {code: meaning} if meaning else {})
    differences = list(compared_statuses(status, StatusRules()))
    assert [each.pairs for each in differences] == ([] if rule is None else [((code, rule),) if rule else ()])
    assert all((words or "") in each.clust and bool(each.advice) is not bool(rule) for each in differences)


@pytest.mark.parametrize(("code", "name"), [("ON_ICE", "ON_ICE"), ("Signed, paid", "signed_paid"), ("a=b", "a_b")])
def test_a_status_is_named_as_a_rule_can_name_it(code: str, name: str) -> None:
    """What the advice says can be set as it stands, whatever signs the code has."""
    (difference,) = compared_statuses(DescribedField("string", (code,)), StatusRules())
    assert difference.advice.startswith(f"Add `{name}=` and one of these classes")
    rules = StatusRules.parse(f"{name}=open")
    assert list(compared_statuses(DescribedField("string", (code,)), rules)) == []


def test_a_code_that_no_rule_can_name_is_no_difference() -> None:
    """An empty code in a description needs no rule."""
    assert list(compared_statuses(DescribedField("string", ("", "-")), StatusRules())) == []


def test_a_status_that_has_a_rule_is_no_difference() -> None:
    """What the operator has set is what the bot does."""
    assert list(compared_statuses(DescribedField("string", ("9_in",)), StatusRules.parse("9_in=submitted"))) == []


def events(*values: str, webhooks: tuple[str, ...] = (), dialect: ApiDialect | None = None) -> dict[str, str]:
    """Return what follows from these events of a webhook, or nothing if none is like one."""
    sent = below("webhook", fields(url="string", events="array"))
    if values:
        sent["webhook.events[]"] = DescribedField("", values)
    differences = compared_events(sent, webhooks, dialect or ApiDialect())
    return {each.bot.split("`")[1]: each.pairs[0][1] if each.pairs else "" for each in differences}


def test_events_by_other_names() -> None:
    """An event is recognized by the last words of its name, and never by a word that is negated."""
    assert events("created", "late", "submitted", "pending submission", "approved") == {}
    assert events("dossier.created", "dossierOverdue", "not_submitted", "dossier:resubmitted", "pre-approved") == {
        "created": "dossier.created",
        "late": "dossierOverdue",
        "submitted": "",
        "pending submission": "",
        "approved": "",
    }
    assert events() == {}
    assert events(webhooks=("created", "late", "submitted", "pending submission", "dossierApproved")) == {
        "approved": "dossierApproved"
    }
    dialect = ApiDialect.parse(events="created=a.created,late=x")
    assert events("a.created", "a.late", "a.submitted", "a.pending", "a.approved", dialect=dialect) == {
        "x": "a.late",
        "submitted": "a.submitted",
        "pending submission": "a.pending",
        "approved": "a.approved",
    }
