"""The tree of errors: what each says, and which may be tried again."""

import inspect

import pytest

from bot.core import errors
from bot.core.errors import (
    BotError,
    CallRefused,
    ChannelRefused,
    ClustBroken,
    ClustBusy,
    ClustError,
    ClustForbidden,
    ClustNotFound,
    ClustOutcomeUnknown,
    ClustRejected,
    ClustUnauthorized,
    ClustUnreachable,
    CutShort,
    DatabaseAway,
    DeliveryError,
    MessageLost,
    MessageRefused,
    NoAccount,
    NotAllowed,
    NotSent,
    OutcomeUnclear,
    PersonRefused,
    SlackBroken,
    SlackRefused,
    ThreadRefused,
    Throttled,
    TokenRefused,
    UsageError,
    ViewGone,
)

TREE: dict[type[BotError], list[type[BotError]]] = {
    BotError: [UsageError, NotAllowed, NoAccount, DatabaseAway, CutShort, ClustError, DeliveryError],
    ClustError: [
        ClustRejected,
        ClustUnauthorized,
        ClustForbidden,
        ClustNotFound,
        ClustBusy,
        ClustBroken,
        ClustUnreachable,
        ClustOutcomeUnknown,
    ],
    DeliveryError: [SlackRefused, Throttled, NotSent, SlackBroken, OutcomeUnclear],
    SlackRefused: [
        ChannelRefused,
        MessageRefused,
        MessageLost,
        ThreadRefused,
        ViewGone,
        PersonRefused,
        CallRefused,
    ],
    ChannelRefused: [TokenRefused],
}


PASSING = [NotSent, SlackBroken, OutcomeUnclear]


def test_every_error_is_in_the_tree() -> None:
    """The classes of the module are the tree's, each below its branch."""
    public = {each for name, each in vars(errors).items() if inspect.isclass(each) and not name.startswith("_")}
    own = {each for each in public if issubclass(each, BotError)}
    assert own == {BotError, *(each for branch in TREE.values() for each in branch)}
    for root, branch in TREE.items():
        assert all(issubclass(each, root) for each in branch)


@pytest.mark.parametrize("kind", [DatabaseAway, ClustBusy, ClustBroken, ClustUnreachable, *PASSING])
def test_what_passes_by_itself_may_be_tried_again(kind: type[BotError]) -> None:
    """Trouble that passes says so."""
    assert kind.retry


@pytest.mark.parametrize(
    "kind",
    [
        *(BotError, UsageError, NotAllowed, ClustError, ClustRejected, ClustUnauthorized, ClustForbidden),
        *(ClustNotFound, DeliveryError, ChannelRefused, MessageRefused),
    ],
)
def test_what_needs_someone_is_not_tried_again(kind: type[BotError]) -> None:
    """What only a person can mend says so."""
    assert not kind.retry


def test_slack_asking_to_wait_may_be_tried_again() -> None:
    """A 429 of Slack's has the seconds to wait and passes by itself."""
    error = Throttled(30)
    assert (error.retry, error.retry_after) == (True, 30)


@pytest.mark.parametrize(
    "kind", [NotAllowed, DatabaseAway, ClustError, *TREE[ClustError], DeliveryError, NotSent, OutcomeUnclear]
)
def test_a_person_reads_a_sentence_and_what_happened(kind: type[BotError]) -> None:
    """Every error says its sentence, then what happened this time, wherever it is shown."""
    plain, detailed = kind(), kind("Message: no.")
    assert plain.sentence.endswith((".", ")."))
    assert plain.sentence[0].isupper()
    assert "\n" not in plain.sentence
    assert detailed.sentence == f"{plain.sentence} Message: no."
    assert str(detailed) == detailed.sentence
    assert detailed.detail == "Message: no."


def test_a_mistake_in_what_was_typed_says_it_all_itself() -> None:
    """What was wrong and what would be right is all that a person reads."""
    assert str(UsageError("`x` is no day: write 2026-03-02.")) == "`x` is no day: write 2026-03-02."


@pytest.mark.parametrize("kind", [SlackRefused, *TREE[SlackRefused], TokenRefused])
def test_a_refusal_keeps_slacks_code(kind: type[SlackRefused]) -> None:
    """D6: the code is kept, and shown where nothing more is known. Otherwise the words say it all."""
    assert kind("is_archived").code == "is_archived"
    assert kind("is_archived").sentence.endswith(" (is_archived)")
    assert kind("is_archived", "It is archived.").sentence == "It is archived."


def test_errors_keep_what_clust_said_of_fields() -> None:
    """A refusal has its fields, as a copy, and none where nothing was said of them."""
    fields = {"contact.email": "It must be valid."}
    error = ClustRejected("", fields)
    fields.clear()
    assert error.fields == {"contact.email": "It must be valid."}
    assert ClustRejected().fields == {}
    assert (ClustBusy().retry_after, ClustBusy("", 3.5).retry_after) == (None, 3.5)


def test_a_missing_account_says_which_or_what_to_do() -> None:
    """Without a detail an admin is sent to `/clust connect`, and with one it is the whole sentence."""
    assert "connect" in NoAccount().sentence
    assert NoAccount("That one is gone.").sentence == "That one is gone."


@pytest.mark.parametrize("way", errors.Way)
def test_a_success_ends_what_is_about_every_call(way: errors.Way) -> None:
    """Trouble with the list alone ends when the list can be read again."""
    assert way.ends_with_a_success == (way in {"down", "busy", "unauthorized", "certificate"})
