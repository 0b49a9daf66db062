"""The API console: who can use it, what Clust receives, what the person sees and what the audit log keeps (rule M5)."""

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
from tests.slack.conftest import Account, RunningBot, buttons

ADMIN = "adrien"


def sent(bot: RunningBot, after: int) -> list[StandInRequest]:
    """Return the requests that Clust received after the first `after` ones."""
    return list(bot.account.requests)[after:]


async def opened(bot: RunningBot, text: str = "api", user: str = "mei") -> View:
    """Type a command that opens the form, and return the form: not the one that was open before."""
    who = bot.slack.workspace.user(user).id
    before = bot.slack.views.of(who)
    await bot.ask(text, user=user)

    def there() -> View | None:
        view = bot.slack.views.of(who)
        return view if view is not before else None

    return await bot.slack.wait_for(there) or pytest.fail("no form")


async def submitted(bot: RunningBot, view: View, **values: Any) -> Interaction:
    """Fill in and submit a view, and assert that Slack accepts the response."""
    exchange = await bot.slack.submit(view, values)
    bot.exchanges.append(exchange)
    assert (exchange.status, exchange.refused) == (200, [])
    return exchange


async def confirmed(bot: RunningBot, form: View, **values: Any) -> View:
    """Submit a call that writes, confirm it, and return the view that follows."""
    confirmation = (await submitted(bot, form, **values)).view
    assert confirmation
    answer = (await submitted(bot, confirmation)).view
    assert answer
    return answer


async def audit_entries(bot: RunningBot) -> list[tuple[str, str, str]]:
    """Return the audit rows about calls: person, outcome and detail."""
    rows = await bot.rows(audit.select().where(audit.c.action == "api").order_by(audit.c.id))
    return [(row["user_id"], row["outcome"], row["detail"]) for row in rows]


def content_of(view: View) -> str:
    """Return a view's blocks as JSON text."""
    return json.dumps(view.blocks, ensure_ascii=False)


async def test_the_example_runs_at_once(idle_bot: RunningBot) -> None:
    """`/clust api GET /dossiers`, in every spelling, runs without a form. Only the person sees the response."""
    for command, text in (
        ("/clust", "api GET /dossiers/1"),
        ("/clust", "call get dossiers/1"),
        ("/clust-api", "GET dossiers/1"),
        ("/clust", "api /dossiers/1"),
    ):
        before = len(idle_bot.account.requests)
        answer = await (await idle_bot.ask(text, command=command)).answer()
        assert answer.is_ephemeral
        assert answer.text.startswith("`GET /dossiers/1` · *200 OK* · ")
        assert '"title": "Acme"' in answer.text
        assert [(each.method, each.path, each.query) for each in sent(idle_bot, before)] == [("GET", "/dossiers/1", {})]
    assert await audit_entries(idle_bot) == [(idle_bot.slack.workspace.member.id, "ok", "GET /dossiers/1")] * 4


async def test_the_form_runs_a_get(idle_bot: RunningBot) -> None:
    """The form sends path, query and headers, then shows the response. The audit log keeps no query."""
    form = await opened(idle_bot)
    assert form.sent["callback_id"] == ids.CONSOLE
    before = len(idle_bot.account.requests)
    exchange = await submitted(idle_bot, form, path="/dossiers", query="search=Birch\npage=1")
    assert exchange.view
    assert "*200 OK*" in content_of(exchange.view)
    assert "Birch" in content_of(exchange.view)
    assert [(each.path, each.query) for each in sent(idle_bot, before)] == [
        ("/dossiers", {"search": "Birch", "page": "1"})
    ]
    assert await audit_entries(idle_bot) == [(idle_bot.slack.workspace.member.id, "ok", "GET /dossiers")]


async def test_a_write_is_confirmed_as_it_is_sent(idle_bot: RunningBot) -> None:
    """M5: nothing is sent before an admin confirms, and then exactly what the confirmation shows."""
    audited = []
    for method, path, body, status in (
        ("POST", "/templates", '{"title":  "KYC ✓"}', "201 Created"),
        ("PUT", "/dossiers/1", '{"title": "Acme"}', "200 OK"),
        ("PATCH", "/dossiers/1", '{"title": "<Acme> & Co"}', "200 OK"),
        ("DELETE", "/dossiers/1", None, "2"),
    ):
        form = await opened(idle_bot, f"api {method.lower()} {path}", ADMIN)
        before = len(idle_bot.account.requests)
        confirmation = (
            await submitted(idle_bot, form, query="a=b&c=d e", headers="X-Trace: 7\nHost: evil", body=body)
        ).view
        assert confirmation
        exact = [
            block["elements"][0]["elements"][0]["text"] for block in confirmation.blocks if block["type"] == "rich_text"
        ]
        assert exact[0] == f"{method} {path}?a=b&c=d+e"
        assert "X-Trace: 7" in exact[1]
        assert "evil" not in content_of(confirmation)
        assert exact[2:] == ([body] if body else [])
        assert sent(idle_bot, before) == []
        answer = (await submitted(idle_bot, confirmation)).view
        assert answer
        assert f"*{status}" in content_of(answer)
        expected = StandInRequest(method, path, {"a": "b", "c": "d e"}, (body or "").encode())
        assert sent(idle_bot, before) == [expected]
        audited.append((idle_bot.slack.workspace.user(ADMIN).id, "ok", f"{method} {path}"))
        assert await audit_entries(idle_bot) == audited


async def test_members_may_not_write(idle_bot: RunningBot) -> None:
    """W1, C8: a member is only offered GET. Any other method is refused, and the attempt is logged."""
    form = await opened(idle_bot)
    (method,) = [one for block, one in elements(form.blocks) if block["block_id"] == "method"]
    assert [one["value"] for one in method["options"]] == ["GET"]
    before = len(idle_bot.account.requests)
    assert "Sorry, only admins can do this." in (await idle_bot.say("api delete /dossiers/1?key=secret")).text
    assert sent(idle_bot, before) == []
    assert await audit_entries(idle_bot) == [(idle_bot.slack.workspace.member.id, "refused", "DELETE /dossiers/1")]


async def test_the_form_of_an_admin_offers_every_method(idle_bot: RunningBot) -> None:
    """C8: an admin is offered every method, and the typed one is selected."""
    form = await opened(idle_bot, "api delete /dossiers/1", ADMIN)
    (method,) = [one for block, one in elements(form.blocks) if block["block_id"] == "method"]
    assert [one["value"] for one in method["options"]] == ["GET", "POST", "PUT", "PATCH", "DELETE"]
    assert method["initial_option"]["value"] == "DELETE"


async def test_a_right_that_was_lost_counts_at_the_confirmation(idle_bot: RunningBot) -> None:
    """W1: someone who stopped being an admin before they confirm can't send the call."""
    mei = idle_bot.slack.workspace.member.id
    await idle_bot.say(f"roles set @{mei} admin", user=ADMIN)
    confirmation = (await submitted(idle_bot, await opened(idle_bot, "api delete /dossiers/1"))).view
    assert confirmation
    await idle_bot.say(f"roles set @{mei} editor", user=ADMIN)
    before = len(idle_bot.account.requests)
    refused = (await submitted(idle_bot, confirmation)).view
    assert refused
    assert "Sorry, only admins can do this." in content_of(refused)
    assert sent(idle_bot, before) == []


async def test_a_guest_is_refused(idle_bot: RunningBot) -> None:
    """W1: a guest gets a refusal instead of a response or a form."""
    before = len(idle_bot.account.requests)
    for text in ("api GET /dossiers", "api"):
        assert "Sorry, only" in (await idle_bot.say(text, user="gustav")).text
    assert idle_bot.slack.called("views.open") == []
    assert sent(idle_bot, before) == []


WRONG = [
    ("path", "https://evil.example/dossiers", "Enter only the path"),
    ("path", "//evil.example/dossiers", "Enter only the path"),
    ("path", "/dossiers/../../secret", "can't contain `.`, `..`"),
    ("path", "/dossiers/%252e%252e/secret", "can't contain `.`, `..`"),
    ("path", "/dossiers\\..\\secret", "only contain"),
    ("path", "/dossiers%0d%0aHost:evil", "can't contain line breaks"),
    ("path", "/dossiers@evil.example", "only contain"),
    ("path", "/d\u043essiers", "only contain"),
    ("query", "status", "name=value"),
    ("query", "api_token=1", "I add the API token"),
    ("headers", "X-One: 1\nno header", "Line 2: write a header"),
    ("body", '{"a": 1,\n "b": }', "line 2, column 7"),
]
"""A field, what is typed into it, and what is said below it."""


async def test_what_is_wrong_is_said_under_its_field(idle_bot: RunningBot) -> None:
    """M5: each invalid value has an error under its field, and nothing is sent."""
    before = len(idle_bot.account.requests)
    for field, typed, why in WRONG:
        form = await opened(idle_bot, "api POST /dossiers", ADMIN)
        exchange = await submitted(idle_bot, form, **{field: typed})
        assert list(exchange.errors) == [field]
        assert why in exchange.errors[field]
    assert sent(idle_bot, before) == []


async def test_a_refused_path_is_answered_at_once_too(idle_bot: RunningBot) -> None:
    """M5: a call without a form is validated the same way. The error says what would be valid."""
    before = len(idle_bot.account.requests)
    answer = await idle_bot.say("api GET /dossiers/../secret")
    assert "`..`" in answer.text
    assert "Usage: `/clust api [METHOD] [PATH]`" in answer.text
    assert sent(idle_bot, before) == []


async def test_a_form_is_sent_once(idle_bot: RunningBot) -> None:
    """M2: submitting or confirming again sends nothing twice, and a confirmation never sends another call."""
    form = await opened(idle_bot, "api post /templates", ADMIN)
    confirmation = (await submitted(idle_bot, form, body='{"title": "One"}')).view
    assert confirmation
    old = dict(confirmation.sent)
    await idle_bot.slack.close_view(confirmation)
    again = (await submitted(idle_bot, form, body='{"title": "Two"}')).view
    assert again
    before = len(idle_bot.account.requests)
    again.sent = old
    changed = (await submitted(idle_bot, again)).view
    assert changed
    assert "has changed since you reviewed it" in content_of(changed)
    assert sent(idle_bot, before) == []
    await idle_bot.slack.close_view(changed)
    await confirmed(idle_bot, form, body='{"title": "Three"}')
    await idle_bot.slack.close_view(idle_bot.slack.views.of(form.user) or form)
    twice = (await submitted(idle_bot, form, body='{"title": "Four"}')).view
    assert twice
    assert "already sent" in content_of(twice)
    assert [each.body for each in sent(idle_bot, before)] == [b'{"title": "Three"}']


async def test_nobody_sends_another_ones_form(idle_bot: RunningBot) -> None:
    """Submitting with another person's draft ID is refused, and sends nothing."""
    theirs = await opened(idle_bot, "api", ADMIN)
    own_form = await opened(idle_bot, "api GET")
    own_form.sent = {**own_form.sent, "private_metadata": theirs.sent["private_metadata"]}
    answer = (await submitted(idle_bot, own_form, path="/dossiers")).view
    assert answer
    assert "isn't yours" in content_of(answer)
    assert await audit_entries(idle_bot) == []


async def test_a_preset_fills_the_form(idle_bot: RunningBot) -> None:
    """A preset fills in path and query, keeps other values, and can be sent."""
    form = await opened(idle_bot)
    await idle_bot.slack.click(
        form, ids.CONSOLE_PRESET, value="/uploads?dossier_item_id=", values={"headers": "X-A: 1"}
    )
    await idle_bot.slack.wait_for(lambda: "/uploads" in json.dumps([b for b in form.blocks if b["type"] == "input"]))
    fields = {ids.kind(block["block_id"]): block["element"] for block in form.blocks if block["type"] == "input"}
    assert [fields[name].get("initial_value") for name in ("path", "query", "headers")] == [
        "/uploads",
        "dossier_item_id=",
        "X-A: 1",
    ]
    answer = (await submitted(idle_bot, form)).view
    assert answer
    assert "*200 OK*" in content_of(answer)


async def test_two_presets_at_once_leave_a_form(idle_bot: RunningBot) -> None:
    """Of two presets chosen at the same moment, one is applied and the form stays usable."""
    form = await opened(idle_bot)
    chosen = ("/templates", "/users")
    before = len(idle_bot.slack.called("views.update"))
    await asyncio.gather(*(idle_bot.slack.click(form, ids.CONSOLE_PRESET, value=value) for value in chosen))
    await idle_bot.slack.wait_for(lambda: len(idle_bot.slack.called("views.update")) == before + 2)
    await idle_bot.say("status")
    assert [each.answer.get("error") for each in idle_bot.slack.called("views.update")[before:]] == [
        None,
        "hash_conflict",
    ]
    assert any(f'"initial_value": "{path}"' in content_of(form) for path in chosen)
    answer = (await submitted(idle_bot, form)).view
    assert answer
    assert "*200 OK*" in content_of(answer)


async def test_a_long_answer_comes_as_a_file(idle_bot: RunningBot, account: Account) -> None:
    """A long response is cut, says so, and is complete in a file that only the person gets."""
    for number in range(20):
        account.add(title=f"Long {number}")
    answer = await idle_bot.say("api GET /dossiers")
    assert "Only the beginning is shown. The response has" in answer.text
    assert "is a file in your direct messages" in answer.text
    (file_message,) = idle_bot.slack.direct_messages("mei")
    assert "Full response to `GET /dossiers`" in file_message.text
    (file,) = idle_bot.slack.state.files.values()
    assert file.name == "answer.json"
    assert len(json.loads(file.content or b"")["data"]) == 15


async def test_a_file_that_slack_refuses_is_not_promised(idle_bot: RunningBot, account: Account) -> None:
    """If Slack refuses the file, the person gets the beginning, and the message doesn't mention a file."""
    for number in range(20):
        account.add(title=f"Long {number}")
    idle_bot.slack.fail_next("files.getUploadURLExternal", "internal_error")
    answer = await idle_bot.say("api GET /dossiers")
    assert "Only the beginning is shown. The response has" in answer.text
    assert "is a file" not in answer.text


async def test_an_answer_is_shared(idle_bot: RunningBot) -> None:
    """*Share here* posts the stored response without calling Clust again, and is audited."""
    answer = await idle_bot.say("api GET /dossiers/1")
    before = len(idle_bot.account.requests)
    assert buttons(answer) == ["Share here"]
    shared = await idle_bot.click(answer, "Share here")
    assert not shared.is_ephemeral
    assert "`GET /dossiers/1` · *200 OK*" in shared.text
    assert f"Shared by <@{idle_bot.slack.workspace.member.id}>" in shared.text
    assert sent(idle_bot, before) == []
    (row,) = await idle_bot.rows(audit.select().where(audit.c.action == "share"))
    assert row["detail"] == "api"


async def test_an_answer_in_a_window_is_shared(idle_bot: RunningBot) -> None:
    """*Share here* in the modal posts to the channel where it was opened, and confirms that in the modal."""
    await idle_bot.say("subscribe late")  # the bot joins: it posts only where it is
    answer = (await submitted(idle_bot, await opened(idle_bot), path="/dossiers/1")).view
    assert answer
    before = len(idle_bot.account.requests)
    await idle_bot.press(answer, "Share here", user="mei")
    await idle_bot.posted("onboarding", "`GET /dossiers/1` · *200 OK*")
    assert "Shared with everyone in the channel." in await idle_bot.window("mei", "Shared with everyone")
    assert sent(idle_bot, before) == []


async def test_an_answer_in_a_window_is_not_shared_where_others_read_along(idle_bot: RunningBot) -> None:
    """W2: in a channel shared with another organization it isn't posted. The modal says how an admin can do it."""
    await idle_bot.ask("api", channel="with-partner")
    form = await idle_bot.slack.wait_for(lambda: idle_bot.slack.views.of(idle_bot.slack.workspace.member.id))
    assert form
    answer = (await submitted(idle_bot, form, path="/dossiers/1")).view
    assert answer
    await idle_bot.press(answer, "Share here", user="mei")
    await idle_bot.window("mei", "can't post there", "/clust api GET /dossiers/1")
    assert idle_bot.slack.messages("with-partner") == []


async def test_an_answer_is_shared_with_others_by_admins_alone(idle_bot: RunningBot) -> None:
    """W2: in a channel shared with another organization, a member is refused and an admin asked to confirm."""
    refused = await idle_bot.click(await idle_bot.say("api GET /dossiers/1", channel="with-partner"), "Share here")
    assert "Sorry, only admins can do this." in refused.text
    own_form = await idle_bot.say("api GET /dossiers/1", user=ADMIN, channel="with-partner")
    question = await idle_bot.click(own_form, "Share here")
    assert "shared with another organization" in question.text
    assert idle_bot.slack.messages("with-partner") == []
    shared = await idle_bot.click(question, "Allow it here")
    assert idle_bot.slack.messages("with-partner") == [shared]


async def test_the_answer_of_another_person_is_not_shared(idle_bot: RunningBot) -> None:
    """*Share here* with another person's response posts nothing."""
    answer = await idle_bot.say("api GET /dossiers/1", user=ADMIN)
    value = answer.blocks[-1]["elements"][0]["value"]
    message = idle_bot.put({"type": "actions", "elements": [{**answer.blocks[-1]["elements"][0], "value": value}]})
    refused = await idle_bot.click(message, "Share here", user="mei")
    assert "for the person who made the call" in refused.text


async def test_clust_refuses_the_token(idle_bot: RunningBot, account: Account) -> None:
    """A 401 is shown as a response, with a hint where to look, and never shows the token."""
    account.faults.refuse_token = True
    answer = await idle_bot.say("api GET /dossiers")
    assert "*401 Unauthorized*" in answer.text
    assert "Check it in Clust" in answer.text
    assert account.token not in json.dumps(answer.blocks)
    assert [outcome for _, outcome, _ in await audit_entries(idle_bot)] == ["failed"]


async def test_clust_is_down(idle_bot: RunningBot, account: Account) -> None:
    """A 503 is shown as a response. Without a connection, a sentence says that Clust couldn't be reached."""
    account.faults.down = True
    assert "*503 Service Unavailable*" in (await idle_bot.say("api GET /dossiers")).text
    account.faults.unreachable = True
    assert "Clust couldn't be reached" in (await idle_bot.say("api GET /dossiers")).text
    assert [outcome for _, outcome, _ in await audit_entries(idle_bot)] == ["failed", "failed"]


async def test_nothing_typed_is_lost(idle_bot: RunningBot, account: Account) -> None:
    """M1: if Clust can't be reached, the form shows what was typed and can be sent again."""
    account.faults.unreachable = True
    form = (await submitted(idle_bot, await opened(idle_bot), path="/dossiers/1", headers="X-A: 1")).view
    assert form
    assert "Clust couldn't be reached" in content_of(form)
    assert "X-A: 1" in content_of(form)
    account.faults.unreachable = False
    answer = (await submitted(idle_bot, form)).view
    assert answer
    assert "*200 OK*" in content_of(answer)


async def test_an_outcome_that_nobody_knows(idle_bot: RunningBot, account: Account) -> None:
    """M1: a write whose connection broke isn't repeated. The message asks the person to check."""
    form = await opened(idle_bot, "api post /templates", ADMIN)
    before = len(account.requests)
    account.faults.disconnect = True
    answer = await confirmed(idle_bot, form, body='{"title": "One"}')
    assert "couldn't confirm whether Clust did this" in content_of(answer)
    assert len(sent(idle_bot, before)) == 1
    assert [outcome for _, outcome, _ in await audit_entries(idle_bot)] == ["unknown"]


async def test_a_slow_answer_comes_later(idle_bot: RunningBot) -> None:
    """M1: a slow call shows that it is running, then its result. If the modal was closed, a message brings it."""
    form = await opened(idle_bot)
    with late(idle_bot.account):
        running = (await submitted(idle_bot, form, path="/dossiers/1")).view
    assert running
    assert "Running" in content_of(running)
    await idle_bot.slack.wait_for(lambda: "*200 OK*" in content_of(running))
    await idle_bot.slack.close_view(running)
    form = await opened(idle_bot)
    with late(idle_bot.account):
        closed = (await submitted(idle_bot, form, path="/dossiers/2")).view
        assert closed
        await idle_bot.slack.close_view(closed)
    await idle_bot.direct_messages("mei", "`GET /dossiers/2` · *200 OK*")


async def test_no_secret_and_no_body_is_written_down(idle_bot: RunningBot, account: Account) -> None:
    """The audit log has method and path. Query, body and token appear neither there nor in any view."""
    form = await opened(idle_bot, "api post /templates", ADMIN)
    answer = await confirmed(idle_bot, form, query="q=planted-query", body='{"title": "planted-body"}')
    logged = json.dumps([dict(row) for row in await idle_bot.rows(audit.select())], default=str)
    assert "POST /templates" in logged
    assert "planted" not in logged
    assert account.token not in logged + content_of(answer)
