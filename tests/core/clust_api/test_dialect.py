"""Dialects: what an operator may write, and what is refused with which sentence."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.clust_api.beliefs import EVENTS, FIELDS, OPERATIONS, PARAMETERS, RESPONSES
from bot.core.clust_api.dialect import MAX_DIALECT_LENGTH, ApiDialect, SentAs, SentField
from bot.core.errors import UsageError


def test_nothing_set_changes_nothing() -> None:
    """Without settings every name is the bot's."""
    dialect = ApiDialect.parse()
    assert dialect == ApiDialect()
    assert {name: dialect.path(name) for name in OPERATIONS} == {name: row.path for name, row in OPERATIONS.items()}
    assert {name: dialect.place(name) for name in RESPONSES} == RESPONSES


def test_each_setting_has_its_names() -> None:
    """Pairs are split at commas, with or without spaces, and an empty one between two commas is none."""
    dialect = ApiDialect.parse(
        paths=" list = /applications, read=/applications/{id} ,,",
        parameters="page=page[number]",
        responses="total=paging.count",
        events="pending submission=application ready",
    )
    assert (dialect.path("list"), dialect.path("read")) == ("/applications", "/applications/{id}")
    assert dialect.path("update") == "/dossiers/{id}"
    assert dialect.parameters == {"page": "page[number]"}
    assert (dialect.place("total"), dialect.place("rows")) == ("paging.count", "data")
    assert dialect.events == {"pending submission": "application ready"}


def test_a_field_is_read_and_sent_under_one_name_or_two() -> None:
    """A name holds for both, unless another one follows `sent.`, and a type holds for what is sent."""
    dialect = ApiDialect.parse(
        fields="title=subject,template_id=templateId:text,contact.email=client.mail,sent.contact.email=mail"
    )
    assert dialect.fields == {"title": "subject", "template_id": "templateId", "contact.email": "client.mail"}
    assert dialect.sent == {
        "title": SentField("subject"),
        "template_id": SentField("templateId", SentAs.TEXT),
        "contact.email": SentField("mail"),
    }


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"fields": "title"},
            (
                "`title` isn't a pair of names. Write the name the bot uses, an equals sign and the name Clust uses, "
                "such as title=name."
            ),
        ),
        ({"fields": "title="}, "`title=` isn't a pair of names"),
        ({"fields": "=x"}, "`=x` isn't a pair of names"),
        ({"fields": "titel=x"}, "Unknown name `titel`. Did you mean `title`?"),
        ({"parameters": "wheel=x"}, "Unknown name `wheel`. Available names: page, per_page, search."),
        ({"fields": "title=a,title=b"}, "`title` has two values, a and b. Keep one."),
        ({"fields": "title=a b"}, "`a b` can't be the name of a field."),
        ({"fields": "title=a:wood"}, "`:wood` isn't a type that can be sent. Types: text, number, boolean."),
        ({"fields": "is_late=late:text"}, "`:text` isn't a type that can be sent."),
        ({"fields": "sent.is_late=late"}, "Unknown name `sent.is_late`"),
        ({"responses": "rows=a..b"}, "`a..b` can't be the name of a field."),
        ({"parameters": "page=a&b"}, "`a&b` can't be the name of a parameter."),
        ({"paths": "list=https://example.com"}, "`https://example.com` isn't a path of Clust's API."),
        ({"paths": "list=/a?b"}, "`/a?b` isn't a path of Clust's API. Write one such as `/dossiers/{id}`."),
        ({"paths": "read=/../{id}"}, "`/../{id}` isn't a path of Clust's API."),
        ({"paths": "read=/a"}, "The path for `read` needs `{id}` once"),
        ({"paths": "read=/a/{id}/{id}"}, "The path for `read` needs `{id}` once"),
        ({"paths": "list=/a/{id}"}, "The path for `list` can't contain `{id}`"),
        ({"events": "late=a\x07b"}, "`a\\x07b` can't be the name of an event."),
        ({"fields": "title=" + "a" * MAX_DIALECT_LENGTH}, "Use at most 10,000 characters."),
    ],
)
def test_what_is_wrong_is_named(settings: dict[str, str], sentence: str) -> None:
    """The sentence quotes what was typed, and says what would be right."""
    with pytest.raises(UsageError) as refused:
        ApiDialect.parse(**settings)
    assert sentence in refused.value.sentence


@given(
    st.sampled_from(["paths", "parameters", "fields", "responses", "events"]),
    st.lists(
        st.tuples(
            st.sampled_from([*FIELDS, *OPERATIONS, *PARAMETERS, *RESPONSES, *EVENTS, ""]) | st.text(max_size=8),
            st.text(max_size=12) | st.sampled_from(["/a/{id}", "a.b", "a:text"]),
        ),
        max_size=4,
    ),
)
def test_any_text_is_read_or_refused(part: str, pairs: list[tuple[str, str]]) -> None:
    """Whatever is typed, it is a dialect or a UsageError."""
    with suppress(UsageError):
        dialect = ApiDialect.parse(**{part: ",".join(f"{ours}={theirs}" for ours, theirs in pairs)})
        assert all(".." not in path and path.startswith("/") for path in dialect.paths.values())
