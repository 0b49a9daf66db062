"""The stand-in for the Clust API: what it answers, what it refuses, and all that can go wrong with it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from bot.core.profiles.profile import PagingShape
from bot.sandbox.clust.serving import SandboxClustTransport, serve_clust
from bot.sandbox.clust.stand_in import ClustFaults, SandboxClust, StandInAnswer
from tests.patience import LONG, NONE

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

CREATE = {"template_id": 1, "contact": {"firstname": "Ana", "lastname": "Souza", "email": "ana@example.com"}}


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def pass_by(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    """Noon."""
    return Clock()


@pytest.fixture
def account(clock: Clock) -> SandboxClust:
    """Make an empty account."""
    return SandboxClust(token="secret", clock=clock)


def ask(account: SandboxClust, method: str, path: str, body: object = None, **query: str) -> StandInAnswer:
    """Ask with the right token. A body other than bytes goes as JSON."""
    sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return account.respond(method, path, query, {"Authorization": "Bearer secret"}, sent)


def decoded(answer: StandInAnswer) -> Any:
    """Return what an answer says."""
    return json.loads(answer.body)


def ids(answer: StandInAnswer) -> list[int]:
    """Return the ids in a list."""
    return [row["id"] for row in decoded(answer)["data"]]


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer other"}, {"authorization": "secret"}])
def test_a_wrong_token_is_refused(account: SandboxClust, headers: Mapping[str, str]) -> None:
    """Without the right Bearer token there is a 401, in Laravel's words."""
    answer = account.respond("GET", "/users", {}, headers, b"")
    assert (answer.status, decoded(answer)) == (401, {"message": "Unauthenticated."})


def test_the_right_token_can_be_refused_too(account: SandboxClust) -> None:
    """A token can be withdrawn."""
    account.faults.refuse_token = True
    assert ask(account, "GET", "/users").status == 401


def test_lists_are_newest_first_and_carry_less(account: SandboxClust) -> None:
    """The last change comes first, and a row has no items, fields or counts, which a single read has."""
    first, second = account.add()["id"], account.add()["id"]
    assert ids(ask(account, "GET", "/dossiers")) == [second, first]
    account.rename(first, "Changed")
    answer = ask(account, "GET", "/dossiers")
    assert ids(answer) == [first, second]
    row, single = decoded(answer)["data"][0], decoded(ask(account, "GET", f"/dossiers/{first}"))["data"]
    assert row["title"] == single["title"] == "Changed"
    missing = {"dossier_items", "form_fields", "stakeholders", "count_missing_items", "count_eligible_items"}
    assert single.keys() - row.keys() == missing
    account.faults.list_counts = True
    assert "count_missing_items" in decoded(ask(account, "GET", "/dossiers"))["data"][0]


def test_pages_cover_the_list_once(account: SandboxClust) -> None:
    """The pages have everything in order, the meta counts it, and the last page has no next."""
    account.populate(25)
    pages = [decoded(ask(account, "GET", "/dossiers", page=page, per_page="10")) for page in "123"]
    assert [row["id"] for page in pages for row in page["data"]] == list(reversed(account.dossiers))
    assert pages[0]["meta"] == {"current_page": 1, "per_page": 10, "total": 25}
    assert "page=2" in pages[0]["links"]["next"]
    assert [bool(page["links"]["next"]) for page in pages] == [True, True, False]
    assert ids(ask(account, "GET", "/dossiers", page="4", per_page="10")) == []
    assert len(ids(ask(account, "GET", "/dossiers", page="x", per_page="0"))) == 15


def test_meta_may_be_alone_or_missing(account: SandboxClust) -> None:
    """Without links there is meta alone. Without both, one page with everything, or what a cap leaves of it."""
    account.populate(40)
    account.faults.paging = "meta"
    assert decoded(ask(account, "GET", "/dossiers")).keys() == {"data", "meta"}
    account.faults.paging = "none"
    answer = ask(account, "GET", "/dossiers", per_page="10")
    assert decoded(answer).keys() == {"data"}
    assert len(ids(answer)) == 40
    account.faults.cap_per_page = 25
    assert [len(ids(ask(account, "GET", "/dossiers", page=page))) for page in "12"] == [25, 15]


def test_a_server_may_have_its_own_mind_about_pages(account: SandboxClust) -> None:
    """It caps the size, ignores it, cuts a page, repeats the first forever, or claims that there is nothing."""
    account.populate(60)
    account.faults.cap_per_page = 25
    assert len(ids(ask(account, "GET", "/dossiers", per_page="100"))) == 25
    account.faults.ignore_per_page = True
    assert len(ids(ask(account, "GET", "/dossiers", per_page="100"))) == 15
    account.faults.cut_page = 2
    assert [ask(account, "GET", "/dossiers", page=page).status for page in "123"] == [200, 503, 200]
    account.faults.repeat_first_page = True
    first, far = (ask(account, "GET", "/dossiers", page=page) for page in ("1", "99"))
    assert ids(first) == ids(far)
    assert "page=100" in decoded(far)["links"]["next"]
    account.faults.empty_list = True
    assert decoded(ask(account, "GET", "/dossiers"))["meta"]["total"] == 0


def test_filters_select(account: SandboxClust) -> None:
    """Status, template, lateness and words select, alone and together."""
    kyc = account.add(template_id=1, title="KYC · Lefèvre", is_late=True)["id"]
    loan = account.add(template_id=4, title="Loan · 田中商事", status="3_submitted")["id"]
    assert ids(ask(account, "GET", "/dossiers", status="3_submitted")) == [loan]
    assert ids(ask(account, "GET", "/dossiers", template_id="1")) == [kyc]
    assert ids(ask(account, "GET", "/dossiers", is_late="1")) == [kyc]
    assert ids(ask(account, "GET", "/dossiers", is_late="false")) == [loan]
    assert ids(ask(account, "GET", "/dossiers", search="LEFÈVRE")) == [kyc]
    assert ids(ask(account, "GET", "/dossiers", search="LEFÈVRE", is_late="0")) == []


def test_an_application_lives_through_the_api(account: SandboxClust, clock: Clock) -> None:
    """It is created, read, changed and deleted. What was not sent stays."""
    answer = ask(account, "POST", "/dossiers", {**CREATE, "external_id": "E-1", "unknown": 1})
    created = decoded(answer)["data"]
    assert answer.status == 201
    assert (created["title"], created["external_id"], created["template_id"]) == (None, "E-1", 1)
    assert created["contact"]["full_name"] == "Ana Souza"
    assert "unknown" not in created
    clock.pass_by(5)
    path = f"/dossiers/{created['id']}"
    changed = decoded(ask(account, "PATCH", path, {"title": "New", "contact": {"lastname": "Silva"}}))["data"]
    assert (changed["title"], changed["external_id"], changed["contact"]["email"]) == ("New", "E-1", "ana@example.com")
    assert changed["contact"]["full_name"] == "Ana Silva"
    assert changed["updated_at"] > created["updated_at"]
    assert decoded(ask(account, "GET", path))["data"] == changed
    gone = ask(account, "DELETE", path)
    assert (gone.status, gone.body) == (204, b"")
    assert ask(account, "GET", path).status == 404


def test_a_put_merges_or_replaces(account: SandboxClust) -> None:
    """The fault decides whether optional fields that a PUT leaves out stay or go, but required ones always stay."""
    path = f"/dossiers/{account.add(external_id='E-1')['id']}"
    merged = decoded(ask(account, "PUT", path, {"title": "New"}))["data"]
    assert (merged["title"], merged["external_id"]) == ("New", "E-1")
    account.faults.put_replaces = True
    replaced = decoded(ask(account, "PUT", path, {"title": "Newer"}))["data"]
    assert (replaced["title"], replaced["external_id"], replaced["contact"]["phone"]) == ("Newer", None, None)
    assert replaced["contact"]["email"] == merged["contact"]["email"]


def test_each_required_field_is_asked_for(account: SandboxClust) -> None:
    """An empty create names all four fields at once. The message is the first complaint and counts the others."""
    answer = ask(account, "POST", "/dossiers", {})
    assert answer.status == 422
    assert decoded(answer) == {
        "message": "The template_id field is required. (and 3 more errors)",
        "errors": {
            name: [f"The {name} field is required."]
            for name in ("template_id", "contact.firstname", "contact.lastname", "contact.email")
        },
    }


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"template_id": True}, "template_id"),
        ({"template_id": "99"}, "template_id"),
        ({"contact": {"email": "nobody"}}, "contact.email"),
        ({"contact": {"firstname": "  "}}, "contact.firstname"),
        ({"contact": {"lastname": 7}}, "contact.lastname"),
        ({"title": "x" * 256}, "title"),
        ({"external_id": 12}, "external_id"),
        ({"auto_emails": "yes"}, "auto_emails"),
        ({"folder_id": "a"}, "folder_id"),
        ({"webhook": {"url": "ftp://x"}}, "webhook.url"),
        ({"webhook": {"events": ["born"]}}, "webhook.events"),
    ],
)
def test_a_wrong_value_is_refused_under_its_field(account: SandboxClust, sent: dict[str, Any], field: str) -> None:
    """An update is as strict about what it is sent as a create, and changes nothing when it refuses."""
    before = account.add()
    answer = ask(account, "PATCH", f"/dossiers/{before['id']}", sent)
    assert (answer.status, list(decoded(answer)["errors"])) == (422, [field])
    assert account.dossiers[before["id"]].in_full() == before


def test_every_optional_field_is_accepted(account: SandboxClust) -> None:
    """All fields of the integration documentation can be sent, and are returned."""
    optional = {
        "title": "Title",
        "external_id": "E",
        "auto_emails": 1,
        "folder_id": "7",
        "custom": "note",
        "webhook": {"url": "https://example.com/h", "events": ["created", "pending submission"]},
    }
    created = decoded(ask(account, "POST", "/dossiers", {**CREATE, **optional}))["data"]
    assert {key: created[key] for key in optional} == optional


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff"])
def test_a_body_that_is_no_object_is_refused(account: SandboxClust, body: bytes) -> None:
    """Half a JSON, a list or no text gets 400."""
    assert ask(account, "POST", "/dossiers", body).status == 400


def test_unknown_places_and_methods_are_refused(account: SandboxClust) -> None:
    """A route or id that is unknown gets 404, a method that a route lacks 405 with those it has."""
    assert ask(account, "GET", "/nothing").status == 404
    assert ask(account, "GET", "/dossiers/12/archive").status == 404
    assert ask(account, "GET", "/dossiers/abc").status == 404
    answer = ask(account, "DELETE", "/dossiers")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, POST")


def test_a_refusal_may_come_in_a_200_answer(account: SandboxClust) -> None:
    """With the fault, what is wrong stands in `errors` beside status 200."""
    account.faults.errors_in_200 = True
    answer = ask(account, "GET", "/dossiers/12")
    assert (answer.status, decoded(answer)) == (200, {"errors": {"dossier": "dossier_not_found"}})
    refused = ask(account, "POST", "/dossiers", {})
    assert (refused.status, "contact.email" in decoded(refused)["errors"]) == (200, True)


def test_a_single_read_may_be_bare(account: SandboxClust) -> None:
    """The object comes without `data` around it."""
    dossier_id = account.add()["id"]
    account.faults.bare = True
    assert decoded(ask(account, "GET", f"/dossiers/{dossier_id}"))["id"] == dossier_id


def test_templates_are_listed_and_made(account: SandboxClust) -> None:
    """A new template is there at once, and applications can be created with it."""
    assert "KYC company" in [row["title"] for row in decoded(ask(account, "GET", "/templates"))["data"]]
    made = decoded(ask(account, "POST", "/templates", {"title": "Visa", "is_live": False}))["data"]
    assert (made["title"], made["is_live"]) == ("Visa", False)
    created = decoded(ask(account, "POST", "/dossiers", {**CREATE, "template_id": str(made["id"])}))["data"]
    assert created["template"] == {"id": made["id"], "title": "Visa"}
    assert ask(account, "POST", "/templates", {}).status == 422


@pytest.mark.parametrize("path", ["/contacts", "/companies", "/users", "/tags", "/teams", "/uploads"])
def test_other_resources_are_small_lists(account: SandboxClust, path: str) -> None:
    """Each answers with `data`, and takes no writing."""
    account.add()
    assert isinstance(decoded(ask(account, "GET", path))["data"], list)
    assert ask(account, "POST", path, {}).status == 405


def test_the_rate_limit_is_announced_and_enforced(account: SandboxClust, clock: Clock) -> None:
    """Headers count down, the request over the limit learns how long to wait, and then all is well."""
    assert "x-ratelimit-limit" not in ask(account, "GET", "/users").headers
    account.faults.rate_limit = 2
    left = [ask(account, "GET", "/users").headers["x-ratelimit-remaining"] for _ in range(2)]
    assert left == ["1", "0"]
    clock.pass_by(20.5)
    busy = ask(account, "GET", "/users")
    assert (busy.status, busy.headers["retry-after"], decoded(busy)) == (429, "40", {"message": "Too Many Attempts."})
    clock.pass_by(40)
    assert ask(account, "GET", "/users").status == 200


def test_trouble_comes_and_goes(account: SandboxClust) -> None:
    """It is down, fails a few times, answers HTML or half a JSON, and is well again."""
    account.faults.down = True
    assert ask(account, "GET", "/users").status == 503
    account.faults.down = False
    account.faults.fail_next, account.faults.fail_status = 2, 502
    assert [ask(account, "GET", "/users").status for _ in range(3)] == [502, 502, 200]
    account.faults.html = True
    assert ask(account, "GET", "/users").body.startswith(b"<!DOCTYPE html>")
    account.faults.html = False
    account.faults.half_json = True
    with pytest.raises(ValueError, match=r"delimiter|Unterminated|Expecting"):
        decoded(ask(account, "POST", "/dossiers", CREATE))
    assert len(account.dossiers) == 1


def test_requests_are_kept(account: SandboxClust) -> None:
    """What was received can be looked at, refused or not."""
    ask(account, "POST", "/dossiers", {"title": "x"}, page="1")
    request = account.requests[-1]
    assert (request.method, request.path, request.query) == ("POST", "/dossiers", {"page": "1"})
    assert json.loads(request.body) == {"title": "x"}


def test_a_long_list_is_read_whole(account: SandboxClust) -> None:
    """All 30 pages of 3,000 applications hold each of them once."""
    account.populate(3_000)
    seen = {
        it for page in range(30) for it in ids(ask(account, "GET", "/dossiers", page=str(page + 1), per_page="100"))
    }
    assert len(seen) == 3_000


@asynccontextmanager
async def by_transport(account: SandboxClust) -> AsyncIterator[httpx.AsyncClient]:
    """Reach an account without a network."""
    async with httpx.AsyncClient(
        base_url="https://api.clust.test/api/", transport=SandboxClustTransport(account), headers=BEARER, timeout=LONG
    ) as client:
        yield client


@asynccontextmanager
async def by_server(account: SandboxClust) -> AsyncIterator[httpx.AsyncClient]:
    """Reach an account over a socket on loopback."""
    async with (
        serve_clust(account) as base_url,
        httpx.AsyncClient(base_url=base_url, headers=BEARER, timeout=LONG) as client,
    ):
        yield client


BEARER = {"Authorization": "Bearer secret"}
WAYS = pytest.mark.parametrize("reach", [by_transport, by_server])


@WAYS
async def test_both_ways_carry_the_same(account: SandboxClust, reach: Any) -> None:
    """A request arrives with its query and body, and its answer with status and headers, by either way."""
    account.faults.rate_limit = 60
    async with reach(account) as client:
        created = await client.post("dossiers", json={**CREATE, "title": "محمد · é"}, params={"a": "1"})
        assert (created.status_code, created.json()["data"]["title"]) == (201, "محمد · é")
        assert created.headers["X-RateLimit-Limit"] == "60"
        assert created.headers["Content-Type"].startswith("application/json")
        listed = await client.get("dossiers", params={"per_page": 1, "search": "é"})
        assert listed.json()["meta"]["total"] == 1
        assert (await client.delete(f"dossiers/{created.json()['data']['id']}")).status_code == 204
    assert account.requests[0].query == {"a": "1"}


@WAYS
async def test_a_cut_connection_leaves_the_outcome_unclear(account: SandboxClust, reach: Any) -> None:
    """The request was carried out, and the client can't know. The next one finds everything well."""
    async with reach(account) as client:
        account.faults.disconnect = True
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            await client.post("dossiers", json=CREATE)
        account.faults.disconnect = False
        assert (await client.get("dossiers")).json()["meta"]["total"] == 1


@WAYS
async def test_without_a_connection_nothing_arrives(account: SandboxClust, reach: Any) -> None:
    """An account that can't be reached has received nothing."""
    account.faults.unreachable = True
    async with reach(account) as client:
        with pytest.raises(httpx.TransportError):
            await client.get("dossiers")
    assert not account.requests


@WAYS
async def test_a_slow_answer_outlasts_patience(account: SandboxClust, reach: Any) -> None:
    """A delay beyond the client's time limit ends as it does with a real server, and a short one is only waited for."""
    async with reach(account) as client:
        account.faults.delay_seconds = 0.01
        assert (await client.get("users")).status_code == 200
        account.faults.delay_seconds = LONG
        with pytest.raises(httpx.ReadTimeout):
            await client.get("users", timeout=NONE)


async def test_a_delay_that_is_lowered_ends(account: SandboxClust) -> None:
    """A client that waits for an answer gets it as soon as the delay is over."""
    async with by_server(account) as client:
        account.faults.delay_seconds = 3600
        waiting = asyncio.create_task(client.get("users"))
        while not account.requests:  # noqa: ASYNC110  the account tells no one
            await asyncio.sleep(0)
        account.faults.delay_seconds = 0
        assert (await waiting).status_code == 200


async def test_links_lead_to_the_server(account: SandboxClust) -> None:
    """The next page can be had by its link as it stands."""
    account.populate(20)
    async with by_server(account) as client:
        following = (await client.get("dossiers")).json()["links"]["next"]
        assert len((await client.get(following)).json()["data"]) == 5


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.com"])
async def test_it_is_served_on_loopback_alone(account: SandboxClust, host: str) -> None:
    """A host that others could reach is refused with a sentence."""
    with pytest.raises(ValueError, match="on loopback alone"):
        async with serve_clust(account, host):
            pytest.fail("It was served.")


@pytest.mark.parametrize(
    ("shape", "members"),
    [
        (
            "flat",
            (
                "current_page data first_page_url from last_page last_page_url links next_page_url path per_page "
                "prev_page_url to total"
            ),
        ),
        ("simple", "current_page data first_page_url from next_page_url path per_page prev_page_url to"),
        ("simple_meta", "data links meta"),
        ("cursor", "data next_cursor next_page_url path per_page prev_cursor prev_page_url"),
        ("cursor_meta", "data links meta"),
    ],
)
def test_lists_have_the_paging_of_laravels_paginators(account: SandboxClust, shape: PagingShape, members: str) -> None:
    """A9: each shape has the members of Laravel's documentation, and its last page promises no other."""
    account.populate(20)
    account.faults.paging = shape
    first = decoded(ask(account, "GET", "/dossiers"))
    assert sorted(first) == members.split()
    link = first["next_page_url"] if "next_page_url" in first else first["links"]["next"]
    last = ask(account, "GET", "/dossiers", **dict(parse_qsl(urlsplit(link).query)))
    assert len(ids(last)) == 5
    assert b"?page=3" not in last.body
    assert '"next_cursor": "' not in last.body.decode()


def test_rows_may_be_hidden_doubled_or_an_object(account: SandboxClust) -> None:
    """A9, A10: the token may not see a row that counts, rows may stand twice, by their ids, and counts be text."""
    account.populate(3)
    account.faults.hidden, account.faults.doubled = frozenset({3}), frozenset({1})
    assert ids(ask(account, "GET", "/dossiers")) == [2, 1, 1]
    account.faults.rows_by_id = account.faults.counts_as_text = True
    answer = decoded(ask(account, "GET", "/dossiers"))
    assert (list(answer["data"]), answer["meta"]["total"]) == (["2", "1"], "4")
    account.faults = ClustFaults(paging="bare")
    assert [row["id"] for row in decoded(ask(account, "GET", "/dossiers"))] == [3, 2, 1]
