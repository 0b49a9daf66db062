"""What forms write to Clust: names on the wire, outcomes, and that nothing is sent twice."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clust.application_fields import UpdateMethod, body_of, in_our_names, values_of
from bot.clust.client import ClustClient
from bot.clust.session import MAX_ANSWER_BYTES
from bot.core.clust_api.wire_names import WIRE
from bot.core.errors import (
    ClustBroken,
    ClustBusy,
    ClustError,
    ClustForbidden,
    ClustNotFound,
    ClustOutcomeUnknown,
    ClustRejected,
    ClustUnauthorized,
    ClustUnreachable,
)
from bot.sandbox.clust.serving import serve_clust
from bot.sandbox.clust.stand_in import SandboxClust
from tests.clust.conftest import TOKEN, URL, Script

EVERYTHING = {
    "template_id": "2",
    "first_name": "Ana",
    "last_name": "Silva",
    "email": "ana@example.com",
    "phone": "+33 1 23",
    "title": "KYC Silva",
    "external_id": "CRM-7",
    "auto_emails": "1",
    "folder_id": "12",
    "custom": "vip",
    "webhook_url": "https://example.com/hook",
    "webhook_events": ["created", "pending submission"],
}
SENT = {
    "template_id": 2,
    "contact": {"firstname": "Ana", "lastname": "Silva", "email": "ana@example.com", "phone": "+33 1 23"},
    "title": "KYC Silva",
    "external_id": "CRM-7",
    "auto_emails": 1,
    "folder_id": 12,
    "custom": "vip",
    "webhook": {"url": "https://example.com/hook", "events": ["created", "pending submission"]},
}
NEEDED = {name: EVERYTHING[name] for name in ("template_id", "first_name", "last_name", "email")}


WRITES: dict[str, Callable[[ClustClient], Any]] = {
    "create": lambda client: client.create(NEEDED),
    "put": lambda client: client.update("1", {"title": "New"}),
    "patch": lambda client: client.update("1", {"title": "New"}, method="PATCH"),
    "delete": lambda client: client.delete("1"),
    "create_template": lambda client: client.create_template("KYB"),
}
each_write = pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)


def test_each_field_has_an_example() -> None:
    """A new row of WIRE needs a value in EVERYTHING, and in SENT what is sent for it."""
    assert set(EVERYTHING) == set(WIRE)


def test_every_field_has_its_place() -> None:
    """All fields go where the API has them, whole numbers as numbers."""
    assert body_of(EVERYTHING) == SENT
    assert body_of({}) == {}
    assert body_of({"phone": None, "auto_emails": False}) == {"contact": {"phone": None}, "auto_emails": 0}
    assert body_of({"folder_id": "a", "template_id": 3}) == {"folder_id": "a", "template_id": 3}


def test_an_unknown_field_is_a_mistake_of_ours() -> None:
    """Nothing is sent under a name that no one gave it."""
    with pytest.raises(KeyError):
        body_of({"tittle": "x"})


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(WIRE, st.none() | st.text(max_size=5) | st.integers(0, 9))))
def test_what_is_sent_is_read_back(values: dict[str, Any]) -> None:
    """R1: reading a body back gives the same values, and what was not sent stays absent."""
    body = body_of(values)
    assert set(values_of(body)) == set(values)
    assert body_of(values_of(body)) == body


@pytest.mark.parametrize(
    ("raw", "values"),
    [
        ({}, {}),
        ({"contact": None, "webhook": []}, {}),
        ({"contact": {"phone_number": "1"}}, {"phone": "1"}),
        ({"contact": {"phone": None, "phone_number": "1"}}, {"phone": "1"}),
        ({"contact": {"phone": "2", "phone_number": "1"}}, {"phone": "2"}),
        ({"template": {"id": 4, "title": "KYC"}}, {"template_id": 4}),
        ({"title": None, "custom": ""}, {"title": None, "custom": ""}),
        ({"auto_emails": True, "folder_id": "7", "unknown": 1}, {"auto_emails": 1, "folder_id": 7}),
    ],
)
def test_a_single_read_gives_our_names(raw: dict[str, Any], values: dict[str, Any]) -> None:
    """M3: what Clust did not return stays absent, a null is known to be empty."""
    assert values_of(raw) == values


def test_complaints_come_under_our_names() -> None:
    """The API's names of fields become those of our forms, and unknown ones stay."""
    complaints = {wire.path: name for name, wire in WIRE.items()}
    assert in_our_names(complaints) == {name: name for name in WIRE}
    nested = {"webhook.events.0": "a", "webhook.events.1": "b", "contact.phone_number": "c", "contact": "d"}
    assert in_our_names(nested) == {"webhook_events": "a", "phone": "c", "contact": "d"}


@pytest.mark.parametrize("bare", [False, True])
async def test_create_sends_what_was_given(client: ClustClient, account: SandboxClust, *, bare: bool) -> None:
    """One POST with exactly the fields, and the answer is read, and given raw."""
    account.faults.bare = bare
    application, raw = await client.create(EVERYTHING)
    (request,) = account.requests
    assert (request.method, request.path, request.query) == ("POST", "/dossiers", {})
    assert json.loads(request.body) == SENT
    assert (application.name, application.id) == ("KYC Silva", str(raw["id"]))
    assert body_of(values_of(await client.raw_application(application.id))) == SENT


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_update_sends_what_changed(client: ClustClient, account: SandboxClust, method: UpdateMethod) -> None:
    """One request by the method that is set, with nothing but the changes."""
    await client.update("2", {"first_name": "Bo", "phone": None}, method=method)
    (request,) = account.requests
    assert (request.method, request.path) == (method, "/dossiers/2")
    assert json.loads(request.body) == {"contact": {"firstname": "Bo", "phone": None}}
    assert values_of(await client.raw_application("2"))["first_name"] == "Bo"


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200),
        httpx.Response(200, json={"message": "Deleted."}),
        httpx.Response(200, json=True),
        httpx.Response(202, json={"data": None}),
        httpx.Response(204),
    ],
)
async def test_every_success_of_a_delete_counts(answer: httpx.Response) -> None:
    """200 with or without a body, 202 and 204 are all success, and no body is sent."""
    script = Script(answer)
    async with ClustClient(URL, TOKEN, transport=script) as client:
        await client.delete("1")
    (request,) = script.requests
    assert (request.method, str(request.url), request.content) == ("DELETE", f"{URL}/dossiers/1", b"")


async def test_a_deleted_application_is_not_found(client: ClustClient) -> None:
    """The second delete, and an update or a read of what is gone, say so."""
    await client.delete("1")
    for call in (client.delete("1"), client.update("1", {"title": "x"}), client.raw_application("1")):
        with pytest.raises(ClustNotFound):
            await call


@pytest.mark.parametrize("application_id", ["", ".", "..", "...", "1/../2", "1?a=b", "%2e%2e"])
async def test_an_id_can_not_change_the_path(client: ClustClient, account: SandboxClust, application_id: str) -> None:
    """An id that is none never becomes another address."""
    with pytest.raises(ClustNotFound):
        await client.delete(application_id)
    assert len(account.dossiers) == 3


async def test_refused_fields_come_under_our_names(client: ClustClient, account: SandboxClust) -> None:
    """A 422, or `errors` in a 200, is a refusal with our names of the fields."""
    for in_200 in (False, True):
        account.faults.errors_in_200 = in_200
        with pytest.raises(ClustRejected) as error:
            await client.create({"email": "no", "webhook_url": "no", "webhook_events": ["no"]})
        fields = {"template_id", "first_name", "last_name", "email", "webhook_url", "webhook_events"}
        assert set(error.value.fields) == fields
        with pytest.raises(ClustRejected) as error:
            await client.update("1", {"folder_id": "no"})
        assert set(error.value.fields) == {"folder_id"}
        with pytest.raises(ClustRejected) as error:
            await client.create_template("")
        assert set(error.value.fields) == {"new_template"}


@pytest.mark.parametrize(
    "trouble",
    [
        lambda: httpx.ReadTimeout("No."),
        lambda: httpx.WriteTimeout("No."),
        lambda: httpx.ReadError("No."),
        lambda: httpx.WriteError("No."),
        lambda: httpx.RemoteProtocolError("No."),
        *(lambda status=status: httpx.Response(status) for status in (500, 502, 503, 504)),
        lambda: httpx.Response(201, content=b'{"data": {"id"'),
        lambda: httpx.Response(200, html="<p>Back soon</p>"),
        lambda: httpx.Response(200, content=b" " * (MAX_ANSWER_BYTES + 1)),
    ],
)
@each_write
async def test_an_unknown_outcome_says_so(
    write: Callable[[ClustClient], Any], trouble: Callable[[], httpx.Response | Exception]
) -> None:
    """M2: a request that may have been carried out raises ClustOutcomeUnknown and isn't repeated."""
    script = Script(trouble())
    async with ClustClient(URL, TOKEN, transport=script) as client:
        with pytest.raises(ClustOutcomeUnknown) as error:
            await write(client)
    assert not error.value.retry
    assert len(script.requests) == 1
    assert TOKEN not in str(error.value)


@pytest.mark.parametrize("kind", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
@each_write
async def test_what_was_never_sent_is_known(
    write: Callable[[ClustClient], Any], kind: type[httpx.TransportError]
) -> None:
    """A connection that never was leaves no doubt: it may be tried again."""
    script = Script(kind("No."))
    async with ClustClient(URL, TOKEN, transport=script) as client:
        with pytest.raises(ClustUnreachable):
            await write(client)
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, ClustBroken),
        (400, ClustRejected),
        (401, ClustUnauthorized),
        (403, ClustForbidden),
        (404, ClustNotFound),
        (429, ClustBusy),
    ],
)
@each_write
async def test_a_refusal_is_known_and_never_repeated(
    write: Callable[[ClustClient], Any], status: int, kind: type[ClustError]
) -> None:
    """What Clust surely did not do is the error that it means, after one request."""
    script = Script(httpx.Response(status, headers={"location": f"{URL}/login"}))
    async with ClustClient(URL, TOKEN, transport=script) as client:
        with pytest.raises(kind) as error:
            await write(client)
    assert type(error.value) is kind
    assert len(script.requests) == 1


@each_write
async def test_a_cut_connection_sends_nothing_again(write: Callable[[ClustClient], Any], account: SandboxClust) -> None:
    """M2: over a real connection that is cut after the request was carried out, the server counts one."""
    async with serve_clust(account) as base, ClustClient(base, TOKEN) as client:
        account.faults.disconnect = True
        with pytest.raises(ClustOutcomeUnknown):
            await write(client)
    assert len(account.requests) == 1


async def test_a_refused_connection_was_never_sent(account: SandboxClust) -> None:
    """Where no one listens any more, nothing was done."""
    async with serve_clust(account) as base:
        pass
    async with ClustClient(base, TOKEN) as client:
        with pytest.raises(ClustUnreachable):
            await client.create(NEEDED)
    assert not account.requests


@pytest.mark.parametrize("paging", ["full", "meta", "none"])
async def test_templates_are_read_whole_and_live_ones_first(
    client: ClustClient, account: SandboxClust, paging: Any
) -> None:
    """Every page is read, in every form of paging. Drafts come last."""
    account.faults.paging, account.faults.cap_per_page = paging, 2
    account.add_template("Draft", is_live=False)
    account.add_template("Live")
    matching = await client.templates()
    assert len(matching) == len(account.templates)
    assert [each.title for each in matching if each.is_live is False] == ["Draft"]
    assert (matching[-1].title, matching[-2].title) == ("Draft", "Live")


async def test_templates_that_repeat_end(client: ClustClient, account: SandboxClust) -> None:
    """A server that gives the first page again and again is asked twice."""
    account.faults.repeat_first_page = True
    assert len(await client.templates()) == len(account.templates)
    assert len(account.requests) == 2


async def test_a_template_is_created(client: ClustClient, account: SandboxClust) -> None:
    """A new template has its title and an id to go on with, and an answer without one is an unknown outcome."""
    template = await client.create_template("KYB light")
    assert (template.title, json.loads(account.requests[0].body)) == ("KYB light", {"title": "KYB light"})
    application, _ = await client.create({**NEEDED, "template_id": template.id})
    assert application.template_name == "KYB light"
    async with ClustClient(URL, TOKEN, transport=Script(httpx.Response(201, json={"data": {"title": "x"}}))) as other:
        with pytest.raises(ClustOutcomeUnknown):
            await other.create_template("x")


@pytest.mark.parametrize(
    ("searched", "matching"),
    [
        ({"external_id": "CRM-7", "email": "ana@example.com"}, {"CRM-7"}),
        ({"external_id": "CRM-8", "email": "ana@example.com", "title": "KYC Silva"}, set()),
        ({"external_id": "CRM-8", "email": "bo@example.com", "title": "KYC Bo"}, {None}),
        ({"email": "ANA@example.com", "title": "KYC Silva"}, {"CRM-7"}),
        ({"email": "ana@example.com", "title": "KYC"}, set()),
        ({"email": "na@example.com"}, set()),
        ({"title": "KYC Bo"}, {None}),
        ({"external_id": "nothing"}, set()),
        ({}, set()),
    ],
)
async def test_check_finds_exactly_what_was_created(
    client: ClustClient, searched: dict[str, str], matching: set[str | None]
) -> None:
    """M2's *Check*: by external id, else by email and title, but nothing that is only alike."""
    await client.create(EVERYTHING)
    await client.create({**NEEDED, "email": "bo@example.com", "title": "KYC Bo"})
    assert {each.external_id for each in await client.search(**searched)} == matching
