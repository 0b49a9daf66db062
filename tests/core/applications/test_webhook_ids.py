"""A webhook's body of any shape gives ids of applications, and nothing else of it is used."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.applications.webhook_ids import MAX_IDS, WebhookIds, webhook_ids

SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["id", "dossier_id", "data", "ID", "title"]), inner, max_size=4)
    ),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        ({"id": 7}, ["7"]),
        ({"id": "7"}, ["7"]),
        ({"id": " 007 "}, ["7"]),
        ({"event": "submitted", "data": {"dossier": {"id": 7, "template_id": 3}}}, ["7", "3"]),
        ([{"dossier_id": 7}, {"dossier_id": 8}, {"dossier_id": 7}], ["7", "8"]),
        ({"dossier_id": [7, "8"]}, ["7", "8"]),
        ({"payload": '{"Dossier_ID": 7}'}, ["7"]),
        ({"id": 10**5000}, []),
        ({"id": 0}, []),
        ({"id": -7}, []),
        ({"id": 7.5}, []),
        ({"id": True}, []),
        ({"id": None}, []),
        ({"id": "7; DROP"}, []),
        ({"valid": 7, "identity": 8, "paid": 9}, []),
        ("7", []),
        (7, []),
    ],
)
def test_ids_in_json(body: object, ids: list[str]) -> None:
    """Values of `id` and `*_id` keys at any depth, as numbers or text, each once."""
    if isinstance(body, dict) and body.get("id") == 10**5000:
        assert webhook_ids(b'{"id": 1' + b"0" * 5000 + b', "x_id": 7}') == WebhookIds(("7",))
        return
    assert webhook_ids(json.dumps(body).encode()) == WebhookIds(tuple(ids))


@pytest.mark.parametrize(
    ("fields", "ids"),
    [
        ({"id": "7"}, ["7"]),
        ({"data[dossier][id]": "7", "data[0][contact_id]": "8"}, ["7", "8"]),
        ({"dossier_id[]": "7", "dossier.id": "8"}, ["7", "8"]),
        ({"payload": '{"dossier": {"id": 7}}'}, ["7"]),
        ({"[]": "7"}, []),
    ],
)
def test_ids_in_a_form(fields: dict[str, str], ids: list[str]) -> None:
    """The innermost name of a field counts, and a field may hold JSON."""
    assert webhook_ids(urlencode(fields).encode()) == WebhookIds(tuple(ids))


def test_numbers_in_links_are_apart() -> None:
    """They count only where the application is known: a link may hold the number of anything."""
    body = {"id": 7, "url": "https://app.clust.example/teams/3/dossiers/8?page=2", "again": "https://x.example/7"}
    assert webhook_ids(json.dumps(body).encode()) == WebhookIds(("7",), ("3", "8"))


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"not json", b"[" * 60_000, b'{"id":' * 9000, b"%%%=%"])
def test_what_cannot_be_read_names_nothing(body: bytes) -> None:
    """Not even JSON that is nested too deeply to be read: the poll finds what it was about."""
    assert webhook_ids(body) == WebhookIds()


def test_nested_text_is_read_a_little() -> None:
    """JSON within JSON within JSON ends by itself: each level is shorter."""
    body: object = {"id": 7}
    for _ in range(6):
        body = {"inner": json.dumps(body)}
    assert webhook_ids(json.dumps(body).encode()) == WebhookIds(("7",))


def test_ten_thousand_ids_are_cut() -> None:
    """The first are taken, and the poll finds the others."""
    body = json.dumps([{"id": number} for number in range(1, 10_001)]).encode()
    assert webhook_ids(body).ids == tuple(str(number) for number in range(1, MAX_IDS + 1))


@given(SHAPES)
def test_whatever_is_sent_gives_plain_numbers(value: object) -> None:
    """From any JSON come at most so many different numbers, each of at most 18 digits."""
    webhook = webhook_ids(json.dumps(value).encode())
    for ids in (webhook.ids, webhook.linked):
        assert len(ids) == len(set(ids)) <= MAX_IDS
        assert all(one.isascii() and one.isdigit() and one[0] != "0" and len(one) <= 18 for one in ids)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_an_error(body: bytes) -> None:
    """Nothing that anyone sends is an error."""
    webhook_ids(body)
