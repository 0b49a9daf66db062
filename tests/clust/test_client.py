"""The calls of Clust's API: what is sent, and what is read (docs/clust-api.md). Forms: test_application_fields.py."""

import json

import pytest

from bot.clust.client import MAX_TEMPLATES, ClustClient
from bot.core.errors import ClustNotFound
from bot.sandbox.clust.stand_in import SandboxClust
from tests.clust.conftest import TOKEN, URL, Script, answered, scripted


async def test_what_is_sent() -> None:
    """Requests go below the base address with the token in a header, and never in the address."""
    script = Script(answered(200, {"data": []}), answered(200, {"data": {"id": 5}}))
    async with scripted(script) as client:
        await client.page(2, 50)
        await client.application("a/b?c#d ü")
    first, second = script.requests
    assert (first.method, str(first.url)) == ("GET", f"{URL}/dossiers?page=2&per_page=50")
    assert str(second.url) == f"{URL}/dossiers/a%2Fb%3Fc%23d%20%C3%BC"
    for request in script.requests:
        assert request.headers["authorization"] == f"Bearer {TOKEN}"
        assert request.headers["accept"] == "application/json"


async def test_pages_and_single_applications_are_read(client: ClustClient, account: SandboxClust) -> None:
    """A page has its rows and its paging. A single read also has the counts, bare or in `data`."""
    page = await client.page(1, 2)
    paging = page.paging
    assert ([row.id for row in page.rows], paging.total, paging.per_page, paging.has_next) == (["3", "2"], 3, 2, True)
    for bare in (False, True):
        account.faults.bare = bare
        application = await client.application("3")
        assert application.name == page.rows[0].name
        assert application.eligible is not None


async def test_each_call_has_its_method_and_path() -> None:
    """What changes something is one request, and what is searched is asked for by its words."""
    script = Script(
        *(answered(200, {"data": {"id": 5, "title": "KYC"}}) for _ in range(4)), answered(200, {"data": []})
    )
    async with scripted(script) as client:
        await client.create({"title": "Acme"})
        await client.update("5", {"title": "Acme"}, "PATCH")
        await client.delete("5")
        await client.create_template("KYC")
        assert await client.search(title="Acme", email="ana@acme.com") == ()
    assert [(each.method, each.url.path.removeprefix("/api")) for each in script.requests] == [
        ("POST", "/dossiers"),
        ("PATCH", "/dossiers/5"),
        ("DELETE", "/dossiers/5"),
        ("POST", "/templates"),
        ("GET", "/dossiers"),
    ]
    assert json.loads(script.requests[1].content) == {"title": "Acme"}


async def test_templates_are_read_up_to_a_limit() -> None:
    """Pages are asked for until one brings nothing new, live templates come first, and more than enough is left."""
    rows = [
        [{"id": page * 1000 + row, "title": "T", "is_live": row % 2 == 1} for row in range(1000)] for page in range(3)
    ]
    script = Script(*(answered(200, {"data": page}) for page in rows))
    async with scripted(script) as client:
        templates = await client.templates()
    assert [each.is_live for each in templates] == [True] * (MAX_TEMPLATES // 2) + [False] * (MAX_TEMPLATES // 2)
    assert len(script.requests) == MAX_TEMPLATES / 1000


@pytest.mark.parametrize("application_id", ["", ".", ".."])
async def test_an_id_that_would_change_the_path_is_not_sent(application_id: str) -> None:
    """It can't be an application's."""
    script = Script()
    async with scripted(script) as client:
        with pytest.raises(ClustNotFound):
            await client.application(application_id)
    assert script.requests == []
