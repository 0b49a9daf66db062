"""How the doctor judges what Clust answers: pages, filters, the keys of rows, status codes."""

from __future__ import annotations

import json

import pytest

from bot.clust.protocol import decipher_page
from bot.core.applications.status_rules import StatusRules
from bot.core.errors import ClustBroken, ClustError, ClustForbidden, ClustNotFound
from bot.doctor import Level
from bot.doctor.clust import ClustAnswer, ClustObservations
from bot.doctor.clust_findings import findings_of
from bot.store import open_store
from tests.doctor.conftest import Break, Examined, assert_named, clust_faults

BROKEN: dict[str, tuple[Break, Level, str, str]] = {
    "per_page ignored": (
        clust_faults(ignore_per_page=True),
        Level.WARNING,
        "clust default",
        "Clust ignores `per_page`",
    ),
    "page ignored": (clust_faults(repeat_first_page=True), Level.FAULT, "clust default", "Clust ignores `page`"),
    "the second page fails": (clust_faults(cut_page=2), Level.FAULT, "clust default", "Can't read the second page"),
    "no total": (
        clust_faults(paging="none"),
        Level.WARNING,
        "clust default",
        "doesn't return the total number of applications",
    ),
    "pages by a cursor, no total": (
        clust_faults(paging="cursor"),
        Level.WARNING,
        "clust default",
        "doesn't return the total number of applications",
    ),
    "filters ignored": (
        clust_faults(ignore_filters=True),
        Level.WARNING,
        "clust default",
        "that are ignored: search, status",
    ),
    "no lateness in lists": (
        clust_faults(list_without=frozenset({"is_late"})),
        Level.WARNING,
        "clust default",
        "The list has no `is_late`. *late* is never detected.",
    ),
    "an unknown status": (
        lambda examined: examined.account.change(2, status="7_signed", status_string="Signed"),
        Level.WARNING,
        "clust default",
        '7_signed "Signed" (1): no rule',
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
async def test_what_is_broken_is_named(examined: Examined, broken: str) -> None:
    """What a list of Clust's lacks is named with its consequence."""
    await assert_named(examined, *BROKEN[broken])


async def test_what_an_admin_chose_counts(examined: Examined) -> None:
    """A status that was classified on the Home tab is known here too."""
    examined.account.change(2, status="7_signed", status_string="Signed")
    store = open_store(examined.settings["database_url"], posts_per_minute=300)
    (connection_id,) = await store.connections.ids()
    await store.connections.choose_status(connection_id, "7_signed", "submitted")
    await store.database.close()
    texts = [finding.text for finding in await examined.findings()]
    assert '7_signed "Signed" (1): Submitted' in texts


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ClustForbidden("No."), "The token can't read `forms`."),
        (ClustNotFound("No."), "Clust doesn't have `forms` at this address."),
        (ClustBroken("<html>"), "Clust's response doesn't say whether the token can read `forms`."),
    ],
)
def test_what_the_bot_does_not_need_alarms_nobody(error: ClustError, sentence: str) -> None:
    """Not knowing is not a refusal, and neither is a fault."""
    first = ClustAnswer(status=200, page=decipher_page(200, {}, b'{"data": []}'))
    findings = findings_of(
        ClustObservations("default", "http://clust/api", first, reads={"forms": error}), StatusRules()
    )
    (finding,) = [each for each in findings if "forms" in each.text and "doesn't need" in each.text]
    assert (finding.level, finding.text) == (Level.OK, f"{sentence} The bot doesn't need it.")


@pytest.mark.parametrize(
    ("status", "label", "remedy"),
    [
        ("7_signed", "Signed", "Set its meaning: CLUST_STATUS_RULES=7_signed=open "),
        ("", "Signed, paid", "Set its meaning: CLUST_STATUS_RULES=signed_paid=open "),
        (None, None, "A rule needs a code or label with letters or digits, and this status has none."),
        ("-", None, "A rule needs a code or label with letters or digits, and this status has none."),
    ],
)
def test_a_status_without_a_rule_has_a_remedy_that_works(status: str | None, label: str | None, remedy: str) -> None:
    """C1: a rule names the code, or the label where there is no code. What has neither, no rule can name."""
    body = json.dumps({"data": [{"id": 1, "status": status, "status_string": label}]}).encode()
    page = decipher_page(200, {}, body)
    observations = ClustObservations("default", "http://clust/api", ClustAnswer(status=200, page=page), pages=(page,))
    findings = findings_of(observations, StatusRules())
    (finding,) = [each for each in findings if "no rule" in each.text]
    assert finding.remedy.startswith(remedy)
