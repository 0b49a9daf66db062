"""The account's applications, and the life they lead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.core.applications.items import ItemState
from bot.core.applications.model import Application, read_tolerantly
from bot.core.language import speaking
from bot.sandbox.clust.account import FakeAccount
from bot.wiring.translation_catalogues import read_languages

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Ticking:
    """A clock that a minute passes on with every look."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        """Return the time."""
        self.now += timedelta(minutes=1)
        return self.now


@pytest.fixture
def account() -> FakeAccount:
    """Make an empty account."""
    return FakeAccount(seed=1, clock=Ticking())


def test_an_added_application_is_plausible_and_complete(account: FakeAccount) -> None:
    """An application added without arguments has every key that the API is known to have, and can be parsed."""
    added = account.add()
    application = read_tolerantly(Application, added)
    assert application.recipient
    assert application.recipient.name
    assert application.title
    assert (application.status, application.status_string, application.progress) == ("0_not_started", "Missing", 0)
    assert application.missing == application.eligible == len(added["dossier_items"])
    assert application.created_at == application.updated_at == NOON + timedelta(minutes=1)
    assert added["public_url"] != added["secured_list_url"]


def test_its_names_are_in_the_language_of_whoever_makes_it() -> None:
    """Templates, items and statuses. The types of the items are as in English."""
    with speaking(read_languages().of("fr")):
        french = FakeAccount(seed=1, clock=Ticking()).add(template_id=3)
    english = FakeAccount(seed=1, clock=Ticking()).add(template_id=3)
    assert (french["template"]["title"], english["template"]["title"]) == ("Dossier locataire", "Tenant file")
    assert [item["title"] for item in french["dossier_items"]][-1] == "Garant"
    assert [item["type"] for item in french["dossier_items"]] == [item["type"] for item in english["dossier_items"]]
    assert french["status"] == english["status"]
    assert french["status_string"] != english["status_string"]


def test_given_keys_are_returned_as_given(account: FakeAccount) -> None:
    """A test may say anything, also what does not follow: other counts, unknown statuses, dates, nulls, new keys."""
    application = account.add(
        status="7_signed",
        count_missing_items=0,
        progress_percentage=None,
        created_at=NOON,
        contact={"lastname": "<!channel>"},
        surprise=[1],
    )
    assert (application["status"], application["status_string"]) == ("7_signed", "Signed")
    assert (application["count_missing_items"], application["progress_percentage"]) == (0, None)
    assert (application["created_at"], application["surprise"]) == (NOON.isoformat(), [1])
    assert application["contact"]["full_name"].endswith(" <!channel>")


def test_the_last_step_leaves_the_status_ongoing(account: FakeAccount) -> None:
    """Pending submission shows in counts and progress alone."""
    dossier_id = account.add(template_id="1")["id"]
    steps = [account.complete_step(dossier_id) for _ in range(4)]
    assert [application["count_missing_items"] for application in steps] == [3, 2, 1, 0]
    assert [application["progress_percentage"] for application in steps] == [25, 50, 75, 100]
    assert {application["status"] for application in steps} == {"1_ongoing"}


@pytest.mark.parametrize(
    ("change", "key", "expected"),
    [
        (FakeAccount.submit, "status_string", "Submitted"),
        (FakeAccount.approve, "status_string", "Approved"),
        (FakeAccount.close, "status_string", "Closed"),
        (FakeAccount.make_late, "is_late", True),
        (FakeAccount.clear_late, "is_late", False),
        (lambda account, it: account.rename(it, "Another"), "title", "Another"),
        (FakeAccount.remove, "status_string", "Missing"),
    ],
)
def test_each_change_is_dated(
    account: FakeAccount, change: Callable[[FakeAccount, int], dict[str, Any]], key: str, expected: object
) -> None:
    """A change shows in its key and in `updated_at`, over whatever was given before."""
    before = account.add(status_string="Missing", updated_at="long ago")
    after = change(account, before["id"])
    assert after[key] == expected
    assert datetime.fromisoformat(after["updated_at"]) > datetime.fromisoformat(after["created_at"])


def test_what_is_not_there_cannot_change(account: FakeAccount) -> None:
    """A removed application is gone."""
    dossier_id = account.add()["id"]
    account.remove(dossier_id)
    with pytest.raises(KeyError):
        account.submit(dossier_id)


def test_a_large_account_lies_in_the_past(account: FakeAccount) -> None:
    """20,000 applications are ordered by their change, and older than what is new."""
    new = account.add()["id"]
    account.populate(20_000)
    changes = [dossier.updated_at for dossier in account.dossiers.values()]
    assert changes == sorted(changes)
    assert list(account.dossiers)[-1] == new
    assert len({dossier.status for dossier in account.dossiers.values()}) == 5
    assert all(dossier.created_at < dossier.updated_at for dossier in account.dossiers.values() if dossier.id != new)


def test_single_reads_have_items_of_every_type_and_state(account: FakeAccount) -> None:
    """Lists carry no items, but between them, a few applications show all that the bot has to read."""
    items = []
    for template in account.templates:
        begun, ended = account.add(template_id=template), account.add(template_id=template)
        account.complete_step(begun["id"])
        items += account.complete_step(begun["id"])["dossier_items"] + account.approve(ended["id"])["dossier_items"]
        assert "dossier_items" not in account.dossiers[begun["id"]].in_list()
    types = {"form", "task", "e_contract", "payment", "file_upload", "spreadsheet", "identity_verification"}
    assert {item["type"] for item in items} == types
    assert {item["status"] for item in items} == {state.value for state in ItemState}
