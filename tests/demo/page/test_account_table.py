"""The account as a table: what is in it, and what a visitor lets happen."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.clust.stand_in import SandboxClust


async def test_it_begins_with_everything(page_client: Any) -> None:
    """The table holds every application, the newest changes first, and what can happen to each."""
    async with page_client.watching("account/live") as stream:
        event = await stream.next("account")
    assert [row["title"] for row in event["applications"]] == ["Gamma", "Beta", "Acme"]
    row = event["applications"][0]
    assert (row["status_string"], row["done"], row["changes"]) == (
        "Missing",
        0,
        ["step", "submit", "late", "hold", "remove"],
    )
    assert event["templates"][0]["title"] == "KYC company"


async def test_an_application_goes_its_way(account: SandboxClust, page_client: Any) -> None:
    """Each change happens in the account, and every page gets the changes that are possible then."""
    async with page_client.watching("account/live") as stream:
        await stream.next("account")
        for change, status, fitting in (
            ("step", "1_ongoing", ["step", "submit", "late", "hold", "remove"]),
            ("late", "1_ongoing", ["step", "submit", "in_time", "hold", "remove"]),
            ("in_time", "1_ongoing", ["step", "submit", "late", "hold", "remove"]),
            ("hold", "6_on_hold", ["resume", "remove"]),
            ("resume", "1_ongoing", ["step", "submit", "late", "hold", "remove"]),
            ("submit", "3_submitted", ["approve", "remove"]),
            ("approve", "4_approved", ["close", "remove"]),
            ("close", "5_closed", ["remove"]),
        ):
            assert await page_client.post(f"account/{change}", {"id": 1}) == (200, {"ok": True, "id": 1})
            application = (await stream.next("application"))["application"]
            assert (application["id"], application["status"], application["changes"]) == (1, status, fitting)
        await page_client.post("account/remove", {"id": 1})
        assert await stream.next("gone") == {"kind": "gone", "id": 1}
    assert 1 not in account.dossiers


async def test_one_is_created(account: SandboxClust, page_client: Any) -> None:
    """An application is created of a template and with a title, or of any and with a plausible one."""
    sent = {"template_id": "2", "title": " Nina "}
    assert await page_client.post("account/create", sent) == (200, {"ok": True, "id": 4})
    assert (account.dossiers[4].title, account.dossiers[4].template.id) == ("Nina", 2)
    assert await page_client.post("account/create", {"template_id": "", "title": ""}) == (200, {"ok": True, "id": 5})
    assert account.dossiers[5].title


@pytest.mark.parametrize(
    ("change", "sent"),
    [
        ("step", {"id": 99}),
        ("step", {"id": "1"}),
        ("step", {}),
        ("approve", {"id": 1}),
        ("create", {"template_id": "99"}),
    ],
)
async def test_what_can_not_happen(page_client: Any, change: str, sent: dict[str, Any]) -> None:
    """What does not fit is refused in a sentence."""
    status, answer = await page_client.post(f"account/{change}", sent)
    assert status == 400
    assert answer["error"]
