"""`OPTIONS`: what each `name:value` of a command takes, and what it says to anything else."""

from __future__ import annotations

import pytest

from bot.core.errors import UsageError
from bot.slack.request.command_options import MAX_LIMIT, OPTIONS, list_words, read_user

BY_NAME = {option.name: option for option in OPTIONS}


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("connection", "emea", "emea"),
        ("by", "@U123", "U123"),
        ("application", "123", "123"),
        ("application", "#123", "123"),
        ("action", "Delete", "delete"),
        ("limit", "1", 1),
        ("limit", str(MAX_LIMIT), MAX_LIMIT),
        ("before", "7", 7),
    ],
)
def test_a_valid_value_is_read(name: str, typed: str, value: object) -> None:
    """As a person types it, in any case."""
    assert BY_NAME[name].read(typed) == value


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("connection", ""),
        ("connection", "emea,apac"),
        ("by", "mei"),
        ("by", "@C123"),
        ("application", "two words"),
        ("action", "delet"),
        ("limit", "0"),
        ("limit", str(MAX_LIMIT + 1)),
        ("limit", "-5"),
        ("limit", "ten"),
        ("limit", "9" * 10),
        ("before", "0"),
        ("before", "last"),
    ],
)
def test_an_invalid_value_is_a_sentence(name: str, typed: str) -> None:
    """The person reads what is allowed."""
    with pytest.raises(UsageError) as error:
        BY_NAME[name].read(typed)
    assert len(str(error.value)) > 20


def test_a_misspelled_action_offers_the_nearest() -> None:
    """The audit log's words are a short list."""
    with pytest.raises(UsageError, match="delete"):
        BY_NAME["action"].read("delet")


@pytest.mark.parametrize(
    ("mention", "id_"), [("@U123", "U123"), ("u123", "U123"), ("@S9ABC", "S9ABC"), ("@W1A", "W1A")]
)
def test_a_mention_is_of_a_person_or_a_group(mention: str, id_: str) -> None:
    """X1: Slack sends an id for the name that was chosen."""
    assert read_user(mention) == id_


def test_an_option_belongs_to_commands() -> None:
    """`connection:` to all of them."""
    assert BY_NAME["connection"].applies_to("help")
    assert BY_NAME["limit"].applies_to("list")
    assert not BY_NAME["limit"].applies_to("help")


def test_valid_words_are_listed() -> None:
    """An error ends with them."""
    assert "`late` or `created`" in list_words(["late", "created"])
