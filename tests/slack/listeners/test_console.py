"""The API console in the real app: what is asked, what Clust receives, who is refused and what is written down (M5)."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from bot.sandbox.clust.stand_in import StandInRequest
from bot.sandbox.slack.block_kit.elements import elements
from bot.sandbox.slack.interaction import Interaction
from bot.sandbox.slack.views import View
from bot.slack.views.building import ids
from bot.store.engine.tables import audit
from tests.patience import late
from tests.slack.conftest import Account, World, buttons

ADMIN = "adrien"


def sent(world: World, after: int) -> list[StandInRequest]:
    """Return what Clust received since there were `after` requests."""
    return list(world.account.requests)[after:]


async def opened(world: World, text: str = "api", user: str = "mei") -> View:
    """Type a command that opens the form, and return the form."""
    await world.ask(text, user=user)
    who = world.slack.workspace.user(user).id
    return await world.slack.wait_for(lambda: world.slack.views.of(who)) or pytest.fail("no form")


async def submitted(world: World, view: View, **values: Any) -> Interaction:
    """Fill in and submit a view; Slack must take the acknowledgement."""
    exchange = await world.slack.submit(view, values)
    world.exchanges.append(exchange)
    assert (exchange.status, exchange.refused) == (200, [])
    return exchange


async def confirmed(world: World, form: View, **values: Any) -> View:
    """Submit a call that writes and confirm it; return what stands there then."""
    asked = (await submitted(world, form, **values)).view
    assert asked
    answer = (await submitted(world, asked)).view
    assert answer
    return answer


async def deeds(world: World) -> list[tuple[str, str, str]]:
    """Return what the log holds of calls: who, outcome, detail."""
    rows = await world.rows(audit.select().where(audit.c.action == "api").order_by(audit.c.id))
    return [(row["user_id"], row["outcome"], row["detail"]) for row in rows]


def said(view: View) -> str:
    """Return a view's blocks as JSON text."""
    return json.dumps(view.blocks, ensure_ascii=False)


async def test_the_example_runs_at_once(calm: World) -> None:
    """`/clust api GET /dossiers` is sent as it is and answered to the person alone, in all its spellings."""
    for command, text in (
        ("/clust", "api GET /dossiers/1"),
        ("/clust", "call get dossiers/1"),
        ("/clust-api", "GET dossiers/1"),
        ("/clust", "api /dossiers/1"),
    ):
        before = len(calm.account.requests)
        answer = await (await calm.ask(text, command=command)).answer()
        assert answer.is_ephemeral
        assert answer.text.startswith("`GET /dossiers/1` · *200 OK* · ")
        assert '"title": "Acme"' in answer.text
        assert [(each.method, each.path, each.query) for each in sent(calm, before)] == [("GET", "/dossiers/1", {})]
    assert await deeds(calm) == [(calm.slack.workspace.member.id, "ok", "GET /dossiers/1")] * 4


async def test_the_form_runs_a_get(calm: World) -> None:
    """The form sends path, query and headers, and shows the answer in its place; the log has no query."""
    form = await opened(calm)
    assert form.sent["callback_id"] == ids.CONSOLE
    before = len(calm.account.requests)
    exchange = await submitted(calm, form, path="/dossiers", query="search=Birch\npage=1")
    assert exchange.view
    assert "*200 OK*" in said(exchange.view)
    assert "Birch" in said(exchange.view)
    assert [(each.path, each.query) for each in sent(calm, before)] == [("/dossiers", {"search": "Birch", "page": "1"})]
    assert await deeds(calm) == [(calm.slack.workspace.member.id, "ok", "GET /dossiers")]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/templates", '{"title":  "KYC ✓"}', "201 Created"),
        ("PUT", "/dossiers/1", '{"title": "Acme"}', "200 OK"),
        ("PATCH", "/dossiers/1", '{"title": "<Acme> & Co"}', "200 OK"),
        ("DELETE", "/dossiers/1", None, "2"),
    ],
)
async def test_a_write_is_confirmed_as_it_is_sent(
    calm: World, method: str, path: str, body: str | None, status: str
) -> None:
    """M5: nothing is sent before an admin has confirmed; the confirmation shows it, and exactly that is received."""
    form = await opened(calm, f"api {method.lower()} {path}", ADMIN)
    before = len(calm.account.requests)
    asked = (await submitted(calm, form, query="a=b&c=d e", headers="X-Trace: 7\nHost: evil", body=body)).view
    assert asked
    shown = [block["elements"][0]["elements"][0]["text"] for block in asked.blocks if block["type"] == "rich_text"]
    assert shown[0] == f"{method} {path}?a=b&c=d+e"
    assert "X-Trace: 7" in shown[1]
    assert "evil" not in said(asked)
    assert shown[2:] == ([body] if body else [])
    assert sent(calm, before) == []
    answer = (await submitted(calm, asked)).view
    assert answer
    assert f"*{status}" in said(answer)
    expected = StandInRequest(method, path, {"a": "b", "c": "d e"}, (body or "").encode())
    assert sent(calm, before) == [expected]
    assert await deeds(calm) == [(calm.slack.workspace.user(ADMIN).id, "ok", f"{method} {path}")]


async def test_members_may_not_write(calm: World) -> None:
    """W1, C8: a member is offered GET alone, and another method is refused at once; the attempt is logged."""
    form = await opened(calm)
    (method,) = [one for block, one in elements(form.blocks) if block["block_id"] == "method"]
    assert [one["value"] for one in method["options"]] == ["GET"]
    before = len(calm.account.requests)
    assert "Sorry, only admins can do this." in (await calm.say("api delete /dossiers/1?key=secret")).text
    assert sent(calm, before) == []
    assert await deeds(calm) == [(calm.slack.workspace.member.id, "refused", "DELETE /dossiers/1")]


async def test_the_form_of_an_admin_offers_every_method(calm: World) -> None:
    """C8: what an admin may do is offered, with the method that was typed."""
    form = await opened(calm, "api delete /dossiers/1", ADMIN)
    (method,) = [one for block, one in elements(form.blocks) if block["block_id"] == "method"]
    assert [one["value"] for one in method["options"]] == ["GET", "POST", "PUT", "PATCH", "DELETE"]
    assert method["initial_option"]["value"] == "DELETE"


async def test_a_right_that_was_lost_counts_at_the_confirmation(calm: World) -> None:
    """W1: who is no admin any more when confirming sends nothing."""
    mei = calm.slack.workspace.member.id
    await calm.say(f"roles set @{mei} admin", user=ADMIN)
    asked = (await submitted(calm, await opened(calm, "api delete /dossiers/1"))).view
    assert asked
    await calm.say(f"roles set @{mei} editor", user=ADMIN)
    before = len(calm.account.requests)
    refused = (await submitted(calm, asked)).view
    assert refused
    assert "Sorry, only admins can do this." in said(refused)
    assert sent(calm, before) == []


async def test_a_guest_is_refused(calm: World) -> None:
    """W1: guests get neither an answer nor a form."""
    before = len(calm.account.requests)
    for text in ("api GET /dossiers", "api"):
        assert "Sorry, only" in (await calm.say(text, user="gustav")).text
    assert calm.slack.called("views.open") == []
    assert sent(calm, before) == []


@pytest.mark.parametrize(
    ("field", "typed", "why"),
    [
        ("path", "https://evil.example/dossiers", "Enter only the path"),
        ("path", "//evil.example/dossiers", "Enter only the path"),
        ("path", "/dossiers/../../secret", "can't contain `.`, `..`"),
        ("path", "/dossiers/%252e%252e/secret", "can't contain `.`, `..`"),
        ("path", "/dossiers\\..\\secret", "only contain"),
        ("path", "/dossiers%0d%0aHost:evil", "can't contain line breaks"),
        ("path", "/dossiers@evil.example", "only contain"),
        ("path", "/d\u043essiers", "only contain"),
        ("query", "status", "name=value"),
        ("query", "api_token=1", "The bot adds the API key"),
        ("headers", "X-One: 1\nno header", "Line 2: write a header"),
        ("body", '{"a": 1,\n "b": }', "line 2, column 7"),
    ],
)
async def test_what_is_wrong_is_said_under_its_field(calm: World, field: str, typed: str, why: str) -> None:
    """M5: each refusal stands under its field, and nothing is sent."""
    form = await opened(calm, "api POST /dossiers", ADMIN)
    before = len(calm.account.requests)
    exchange = await submitted(calm, form, **{field: typed})
    assert list(exchange.errors) == [field]
    assert why in exchange.errors[field]
    assert sent(calm, before) == []


async def test_a_refused_path_is_answered_at_once_too(calm: World) -> None:
    """M5: what runs at once is judged likewise; the answer says what would be right."""
    before = len(calm.account.requests)
    answer = await calm.say("api GET /dossiers/../secret")
    assert "`..`" in answer.text
    assert "Usage: `/clust api [METHOD] [PATH]`" in answer.text
    assert sent(calm, before) == []


async def test_a_form_is_sent_once(calm: World) -> None:
    """M2: submitted again, confirmed again or confirmed for another call, nothing is sent twice or unseen."""
    form = await opened(calm, "api post /templates", ADMIN)
    asked = (await submitted(calm, form, body='{"title": "One"}')).view
    assert asked
    old = dict(asked.sent)
    await calm.slack.close_view(asked)
    again = (await submitted(calm, form, body='{"title": "Two"}')).view
    assert again
    before = len(calm.account.requests)
    again.sent = old
    changed = (await submitted(calm, again)).view
    assert changed
    assert "form has changed" in said(changed)
    assert sent(calm, before) == []
    await calm.slack.close_view(changed)
    await confirmed(calm, form, body='{"title": "Three"}')
    await calm.slack.close_view(calm.slack.views.of(form.user) or form)
    twice = (await submitted(calm, form, body='{"title": "Four"}')).view
    assert twice
    assert "already sent" in said(twice)
    assert [each.body for each in sent(calm, before)] == [b'{"title": "Three"}']


async def test_nobody_sends_another_ones_form(calm: World) -> None:
    """A form carries a question, never a right: with another person's draft it is answered as too old."""
    theirs = await opened(calm, "api", ADMIN)
    mine = await opened(calm, "api GET")
    mine.sent = {**mine.sent, "private_metadata": theirs.sent["private_metadata"]}
    answer = (await submitted(calm, mine, path="/dossiers")).view
    assert answer
    assert "too old" in said(answer)
    assert await deeds(calm) == []


async def test_a_preset_fills_the_form(calm: World) -> None:
    """A preset gives path and query, what else was typed stays, and it runs."""
    form = await opened(calm)
    await calm.slack.click(form, ids.CONSOLE_PRESET, value="/uploads?dossier_item_id=", values={"headers": "X-A: 1"})
    await calm.slack.wait_for(lambda: "/uploads" in json.dumps([b for b in form.blocks if b["type"] == "input"]))
    fields = {ids.kind(block["block_id"]): block["element"] for block in form.blocks if block["type"] == "input"}
    assert [fields[name].get("initial_value") for name in ("path", "query", "headers")] == [
        "/uploads",
        "dossier_item_id=",
        "X-A: 1",
    ]
    answer = (await submitted(calm, form)).view
    assert answer
    assert "*200 OK*" in said(answer)


async def test_two_presets_at_once_leave_a_form(calm: World) -> None:
    """Of two choices made of the same form one counts, and the form stays a form."""
    form = await opened(calm)
    chosen = ("/templates", "/users")
    before = len(calm.slack.called("views.update"))
    await asyncio.gather(*(calm.slack.click(form, ids.CONSOLE_PRESET, value=value) for value in chosen))
    await calm.slack.wait_for(lambda: len(calm.slack.called("views.update")) == before + 2)
    await calm.say("status")
    assert [each.answer.get("error") for each in calm.slack.called("views.update")[before:]] == [None, "hash_conflict"]
    assert any(f'"initial_value": "{path}"' in said(form) for path in chosen)
    answer = (await submitted(calm, form)).view
    assert answer
    assert "*200 OK*" in said(answer)


async def test_a_long_answer_comes_as_a_file(calm: World, account: Account) -> None:
    """A long answer is cut, says so, and is whole in a file that the person alone gets."""
    for number in range(20):
        account.add(title=f"Long {number}")
    answer = await calm.say("api GET /dossiers")
    assert "This is only the beginning. The response has" in answer.text
    assert "is a file in your direct messages" in answer.text
    (told,) = calm.slack.direct_messages("mei")
    assert "Full response to `GET /dossiers`" in told.text
    (file,) = calm.slack.state.files.values()
    assert file.name == "answer.json"
    assert len(json.loads(file.content or b"")["data"]) == 15


async def test_a_file_that_slack_refuses_is_not_promised(calm: World, account: Account) -> None:
    """Where Slack takes no file, the beginning is the answer, and no file is spoken of."""
    for number in range(20):
        account.add(title=f"Long {number}")
    calm.slack.fail_next("files.getUploadURLExternal", "internal_error")
    answer = await calm.say("api GET /dossiers")
    assert "This is only the beginning. The response has" in answer.text
    assert "is a file" not in answer.text


async def test_an_answer_is_shared(calm: World) -> None:
    """*Share here* posts what was answered, without asking Clust again, and it is written down."""
    answer = await calm.say("api GET /dossiers/1")
    before = len(calm.account.requests)
    assert buttons(answer) == ["Share here"]
    shared = await calm.click(answer, "Share here")
    assert not shared.is_ephemeral
    assert "`GET /dossiers/1` · *200 OK*" in shared.text
    assert f"Shared by <@{calm.slack.workspace.member.id}>" in shared.text
    assert sent(calm, before) == []
    (row,) = await calm.rows(audit.select().where(audit.c.action == "share"))
    assert row["detail"] == "api"


async def test_an_answer_in_a_window_is_shared(calm: World) -> None:
    """*Share here* in the console's window posts into the channel where it was opened, and says so above it."""
    await calm.say("subscribe late")  # the bot joins: it posts only where it is
    answer = (await submitted(calm, await opened(calm), path="/dossiers/1")).view
    assert answer
    before = len(calm.account.requests)
    await calm.press(answer, "Share here", user="mei")
    await calm.posted("onboarding", "`GET /dossiers/1` · *200 OK*")
    assert "Shared with everyone in the channel." in await calm.window("mei", "Shared with everyone")
    assert sent(calm, before) == []


async def test_an_answer_in_a_window_is_not_shared_where_others_read_along(calm: World) -> None:
    """W2: then the person is told how an admin may do it."""
    await calm.ask("api", channel="with-partner")
    form = await calm.slack.wait_for(lambda: calm.slack.views.of(calm.slack.workspace.member.id))
    assert form
    answer = (await submitted(calm, form, path="/dossiers/1")).view
    assert answer
    await calm.press(answer, "Share here", user="mei")
    await calm.window("mei", "can't post there", "/clust api GET /dossiers/1")
    assert calm.slack.messages("with-partner") == []


async def test_an_answer_is_shared_with_others_by_admins_alone(calm: World) -> None:
    """W2: where another organisation reads along, a member is refused and an admin asked."""
    refused = await calm.click(await calm.say("api GET /dossiers/1", channel="with-partner"), "Share here")
    assert "Sorry, only admins can do this." in refused.text
    mine = await calm.say("api GET /dossiers/1", user=ADMIN, channel="with-partner")
    asked = await calm.click(mine, "Share here")
    assert "shared with another organization" in asked.text
    assert calm.slack.messages("with-partner") == []
    shared = await calm.click(asked, "Allow it here")
    assert calm.slack.messages("with-partner") == [shared]


async def test_only_ones_own_answer_is_shared(calm: World) -> None:
    """A button with another person's answer shares nothing."""
    answer = await calm.say("api GET /dossiers/1", user=ADMIN)
    value = answer.blocks[-1]["elements"][0]["value"]
    message = calm.put({"type": "actions", "elements": [{**answer.blocks[-1]["elements"][0], "value": value}]})
    refused = await calm.click(message, "Share here", user="mei")
    assert "for the person who made the call" in refused.text


async def test_clust_refuses_the_token(calm: World, account: Account) -> None:
    """A 401 is an answer, with words that say where to look; the token is never shown."""
    account.faults.refuse_token = True
    answer = await calm.say("api GET /dossiers")
    assert "*401 Unauthorized*" in answer.text
    assert "Check it in Clust" in answer.text
    assert account.token not in json.dumps(answer.blocks)
    assert [outcome for _, outcome, _ in await deeds(calm)] == ["failed"]


async def test_clust_is_down(calm: World, account: Account) -> None:
    """A 503 is an answer like any other; without a connection the person is told in words."""
    account.faults.down = True
    assert "*503 Service Unavailable*" in (await calm.say("api GET /dossiers")).text
    account.faults.unreachable = True
    assert "Clust couldn't be reached" in (await calm.say("api GET /dossiers")).text
    assert [outcome for _, outcome, _ in await deeds(calm)] == ["failed", "failed"]


async def test_nothing_typed_is_lost(calm: World, account: Account) -> None:
    """M1: where Clust can't be reached the form stands there again with what was typed, and can be sent again."""
    account.faults.unreachable = True
    form = (await submitted(calm, await opened(calm), path="/dossiers/1", headers="X-A: 1")).view
    assert form
    assert "Clust couldn't be reached" in said(form)
    assert "X-A: 1" in said(form)
    account.faults.unreachable = False
    answer = (await submitted(calm, form)).view
    assert answer
    assert "*200 OK*" in said(answer)


async def test_an_outcome_that_nobody_knows(calm: World, account: Account) -> None:
    """M1: a write whose connection broke is not sent again; the person is told to look."""
    form = await opened(calm, "api post /templates", ADMIN)
    before = len(account.requests)
    account.faults.disconnect = True
    answer = await confirmed(calm, form, body='{"title": "One"}')
    assert "couldn't confirm whether Clust did this" in said(answer)
    assert len(sent(calm, before)) == 1
    assert [outcome for _, outcome, _ in await deeds(calm)] == ["unknown"]


async def test_a_slow_answer_comes_later(calm: World) -> None:
    """M1: while Clust takes its time the view says that it runs, and is then filled; if closed, a message comes."""
    form = await opened(calm)
    with late(calm.account):
        running = (await submitted(calm, form, path="/dossiers/1")).view
    assert running
    assert "Running" in said(running)
    await calm.slack.wait_for(lambda: "*200 OK*" in said(running))
    await calm.slack.close_view(running)
    form = await opened(calm)
    with late(calm.account):
        closed = (await submitted(calm, form, path="/dossiers/2")).view
        assert closed
        await calm.slack.close_view(closed)
    await calm.told("mei", "`GET /dossiers/2` · *200 OK*")


async def test_no_secret_and_no_body_is_written_down(calm: World, account: Account) -> None:
    """The log holds method and path; neither query, body nor token stand in it or in what was shown."""
    form = await opened(calm, "api post /templates", ADMIN)
    answer = await confirmed(calm, form, query="q=planted-query", body='{"title": "planted-body"}')
    logged = json.dumps([dict(row) for row in await calm.rows(audit.select())], default=str)
    assert "POST /templates" in logged
    assert "planted" not in logged
    assert account.token not in logged + said(answer)
