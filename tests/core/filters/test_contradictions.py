"""A filter that nothing can match is recognized, and never one that something may match."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.applications.model import Application, StatusClass, read_tolerantly
from bot.core.applications.triggers import TRIGGERS, Snapshot, detect
from bot.core.filters.contradictions import asks_for_template, contradiction, unlisted_templates
from bot.core.filters.language import Facts, parse
from tests.conftest import NOON

ALL = tuple(TRIGGERS)
TEMPLATES = [("7", "KYC company"), ("8", "KYC person")]


@pytest.mark.parametrize(
    "text",
    [
        "late:yes late:no",
        "late:yes -late:yes",
        "late:yes status:approved",
        "late:yes status:approved,closed",
        "status:open status:pending",
        "status:open -status:open,pending",
        "id:1 id:2",
        "external:a external:b",
        "progress:<50 progress:>60",
        "progress:<50 progress:50",
        "missing:0 missing:>0",
        "created:<7d created:>30d",
        "created:>2026-02-01 created:<2026-01-01",
        "created:today created:yesterday",
        "updated:today updated:<yesterday",
        "mine:yes taken:no",
        "mine:yes mine:no",
        "taken:me taken:no",
        "taken:@U123 taken:@U456",
        "title:acme -title:acme",
        "acme -acme",
        "connection:emea",
    ],
)
def test_what_contradicts_itself_is_said(text: str) -> None:
    """Whatever happens: the answer names the terms that can't hold together."""
    why = contradiction(parse(text), ALL, "default")
    assert why.startswith("Nothing can match this filter. ")
    assert why.count("`") >= 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "late:yes status:submitted",
        "late:no status:approved",
        "status:open,pending status:pending,closed",
        "status:open status:1_ongoing",
        "-late:yes -late:no",
        "title:acme title:holding",
        "title:acme -title:holding -recipient:acme",
        "acme,birch -birch",
        "progress:<50 progress:>40",
        "progress:50 progress:>40",
        "progress:<50 missing:>60",
        "created:<7d created:>2026-01-01",
        "created:>7d created:<30d",
        "taken:me taken:@U123",
        "mine:no taken:yes",
        "template:7 template:8",
        "connection:default",
        "-connection:emea",
    ],
)
def test_what_something_may_match_is_left_alone(text: str) -> None:
    """Also what is unlikely: a code that is no class yet, two words in one title."""
    assert contradiction(parse(text), ALL, "Default") == ""


@pytest.mark.parametrize(
    ("events", "text", "is_never"),
    [
        (["approved"], "late:yes", True),
        (["submitted", "approved"], "status:open", True),
        (["approved"], "-status:approved", True),
        (["approved"], "status:approved,closed", False),
        (["created", "approved"], "status:open", False),
        (["late", "created"], "status:open", False),
        (["submitted"], "late:yes", False),
        (["submitted"], "-status:approved", False),
        ([], "status:open", False),
    ],
)
def test_what_is_never_true_at_its_events_is_said(events: Sequence[str], text: str, *, is_never: bool) -> None:
    """The class of an application is certain when it enters one."""
    why = contradiction(parse(text), events, "default")
    assert ("is never true for" in why) is is_never
    assert bool(why) is is_never


TERMS = (
    *(f"status:{each.word}" for each in StatusClass),
    *("late:yes", "late:no", "mine:yes", "mine:no", "taken:yes", "taken:no", "taken:me", "taken:@U1", "taken:@U2"),
    *("progress:<50", "progress:>=50", "progress:100", "missing:0", "missing:>0", "id:1", "id:2", "title:acme"),
    *("created:<7d", "created:>7d", "created:today", "created:<2026-03-01", "connection:default", "connection:emea"),
)
terms = st.sampled_from([*TERMS, *(f"-{each}" for each in TERMS), "status:open,pending", "-status:open,closed"])


@given(
    st.lists(terms, min_size=1, max_size=4),
    st.sampled_from(sorted(TRIGGERS)),
    st.fixed_dictionaries(
        {"id": st.sampled_from([1, 2])},
        optional={
            "title": st.sampled_from(["Acme", "Birch"]),
            "is_late": st.booleans(),
            "progress": st.sampled_from([0, 50, 100]),
            "missing": st.integers(0, 2),
            "created_at": st.sampled_from([NOON, NOON - timedelta(days=5), NOON - timedelta(days=40)]).map(str),
        },
    ),
    st.sampled_from(StatusClass),
    st.sampled_from([None, "U1", "U2"]),
)
def test_nothing_that_matches_is_called_impossible(
    texts: list[str], event: str, row: dict[str, object], status_class: StatusClass, assignee: str | None
) -> None:
    """Whatever a filter says, and whatever happens to whichever application."""
    after = Snapshot(read_tolerantly(Application, row), status_class)
    _, happened = detect(Snapshot(Application(id="1")), after)
    parsed = parse(" ".join(texts))
    facts = Facts(after.application, status_class, "default", assignee, "U1")
    if event in {each.trigger for each in happened} and parsed.matches(facts, NOON, UTC):
        assert contradiction(parsed, [event], "default") == ""
    if parsed.matches(facts, NOON, UTC):
        assert contradiction(parsed, ["created"], "default") == ""


def test_a_filter_may_hold_backticks() -> None:
    """They don't end the code in which a term is shown."""
    assert contradiction(parse('title:"a`b`" -title:"a`b`"'), ALL, "`x`").count("`") == 4


@pytest.mark.parametrize(
    ("text", "explanation"),
    [
        ("template:9", "No template in Clust matches `template:9` right now."),
        ('late:yes template:"KYC compnay"', "Did you mean `KYC company`?"),
        ("template:7", ""),
        ("template:kyc", ""),
        ("template:9,8", ""),
        ("-template:9", ""),
        ("late:yes", ""),
    ],
)
def test_a_template_that_clust_does_not_list_is_said(text: str, explanation: str) -> None:
    """By its id or its title, and one of several is enough."""
    assert asks_for_template(parse(text)) is text.removeprefix("late:yes ").startswith("template:")
    sentence = unlisted_templates(parse(text), TEMPLATES)
    assert sentence.endswith(explanation)
    assert bool(sentence) is bool(explanation)
