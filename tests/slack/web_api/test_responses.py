"""Slack's responses, parsed once (C12, D3, D5): a frozen value of what is documented, or SlackBroken."""

from __future__ import annotations

import contextlib
import copy
import functools
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import DeliveryError, SlackBroken
from bot.core.notifications.slack_error_codes import CODES, About
from bot.core.permissions import SlackUser, Workspace
from bot.sandbox.slack.rate_limits import SlackRateLimits
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.slack.web_api.responses import (
    Accepted,
    Conversation,
    ConversationInfo,
    ConversationOpened,
    Conversations,
    Granted,
    GroupMembers,
    Groups,
    History,
    Identity,
    Members,
    Part,
    Posted,
    Renewed,
    SocketAddress,
    UserInfo,
    ViewOpened,
    ask,
    read,
)

SAMPLES: dict[type[Part], dict[str, Any]] = {
    Identity: {"team_id": "T1", "user_id": "U1"},
    UserInfo: {"user": {"id": "U1", "team_id": "T1"}},
    ConversationInfo: {"channel": {"id": "C1"}},
    ConversationOpened: {"channel": {"id": "D1"}},
    Members: {"members": ["U1"]},
    Conversations: {"channels": [{"id": "C1"}]},
    History: {"messages": [{"ts": "1.000001"}]},
    Posted: {"ts": "1.000001"},
    Groups: {"usergroups": [{"id": "S1", "name": "x", "handle": "x"}]},
    GroupMembers: {"users": ["U1"]},
    ViewOpened: {"view": {"id": "V1"}},
    SocketAddress: {"url": "wss://example.com/"},
    Renewed: {"access_token": "x", "refresh_token": "y", "expires_in": 1},
    Granted: {"access_token": "x", "bot_user_id": "U1", "authed_user": {"id": "U2"}, "team": {"id": "T1"}},
}
"""The minimum of each response."""

ODD: list[Any] = [None, [], [1], {}, "", "None", 1, 1.5, True, {"id": None}, {"id": 1}, {"id": "None"}, ["none"]]

NEEDED: dict[type[Part], str] = {
    Identity: "team_id user_id",
    UserInfo: "user user.id user.team_id",
    ConversationInfo: "channel channel.id",
    ConversationOpened: "channel channel.id",
    Members: "members",
    Conversations: "channels",
    History: "messages",
    Posted: "ts",
    Groups: "usergroups",
    GroupMembers: "users",
    ViewOpened: "view view.id",
    SocketAddress: "url",
    Renewed: "access_token refresh_token expires_in",
    Granted: "access_token bot_user_id authed_user authed_user.id",
}
"""A required key of each response."""

MISSING = object()


def read_at(body: Any, path: str) -> Any:
    """Return the value at a path of keys."""
    return functools.reduce(lambda part, key: part[key], path.split("."), body)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("kind", SAMPLES)
def test_the_least_that_slack_documents_is_enough(kind: type[Part]) -> None:
    """C12: every key that the documentation calls optional may be missing or null."""
    assert read(kind, {"ok": True, "new": [{}], **SAMPLES[kind]}) == read(kind, SAMPLES[kind])
    absent = {name: None for name, field in kind.model_fields.items() if not field.is_required()}
    assert read(kind, {**absent, **SAMPLES[kind]}) == read(kind, SAMPLES[kind])


@pytest.mark.parametrize(("kind", "path"), [(kind, path) for kind in NEEDED for path in NEEDED[kind].split()])
def test_a_missing_or_malformed_key_is_slack_broken(kind: type[Part], path: str) -> None:
    """C12, D3, D5: a required key that is missing, null or of another type is SlackBroken, which names it."""
    first, _, last = path.rpartition(".")
    kept = read_at(SAMPLES[kind], path)
    odd = [one for one in ODD if type(one) is not type(kept)] + [MISSING]
    for one in odd:
        body = copy.deepcopy(SAMPLES[kind])
        holder = body[first] if first else body
        holder[last] = one
        if one is MISSING:
            del holder[last]
        with pytest.raises(SlackBroken, match=path.replace(".", r"\.")) as raised:
            read(kind, body)
        assert raised.value.retry


@given(st.sampled_from(list(SAMPLES)), json_values, st.data())
def test_whatever_comes_is_a_value_or_that_trouble(kind: type[Part], odd: Any, data: st.DataObject) -> None:
    """C12, D3, D5: no response, and no part of one, raises any other error."""
    body: Any = copy.deepcopy(SAMPLES[kind])
    for name in data.draw(st.sets(st.sampled_from(sorted(kind.model_fields)))):
        body[name] = odd
    for one in (body, odd):
        with contextlib.suppress(SlackBroken):
            assert isinstance(read(kind, one), kind)


def test_no_value_of_slacks_stands_in_the_sentence() -> None:
    """C12: the error's sentence, which is logged, names keys and no values."""
    with pytest.raises(SlackBroken) as raised:
        read(Renewed, {"access_token": ["xoxb-secret"], "refresh_token": {"x": "xoxe-secret"}, "expires_in": "secret"})
    assert "access_token, refresh_token, expires_in" in raised.value.sentence
    assert "secret" not in raised.value.sentence
    assert (raised.value.__cause__, raised.value.__suppress_context__) == (None, True)


ALIKE = {"is_bot": False, "is_restricted": False, "is_ultra_restricted": False}


@pytest.mark.parametrize(
    ("keys", "person"),
    [
        ({}, SlackUser("U1", "T1", is_guest=None, is_bot=None)),
        ({**ALIKE, "tz": "Asia/Tokyo"}, SlackUser("U1", "T1", zone="Asia/Tokyo")),
        ({**ALIKE, "enterprise_user": {"enterprise_id": "E1"}}, SlackUser("U1", "T1", "E1")),
        (
            {**ALIKE, "enterprise_user": {"enterprise_id": "E1", "teams": ["T1", "T2"], "is_owner": True}},
            SlackUser("U1", "T1", "E1", frozenset({"T1", "T2"}), is_org_admin=True),
        ),
        ({**ALIKE, "is_ultra_restricted": True}, SlackUser("U1", "T1", is_guest=True)),
        ({**ALIKE, "is_owner": True}, SlackUser("U1", "T1", is_admin=True)),
        ({**ALIKE, "is_stranger": True, "enterprise_user": None}, SlackUser("U1", "T1", is_stranger=True)),
        ({**ALIKE, "deleted": True}, SlackUser("U1", "T1", is_active=False)),
        ({**ALIKE, "is_bot": True, "tz": None}, SlackUser("U1", "T1", is_bot=True)),
    ],
)
def test_a_user_object(keys: dict[str, object], person: SlackUser) -> None:
    """W1: missing keys give no permission: whether the person is a guest or a bot is then unknown."""
    assert read(UserInfo, {"user": {"id": "U1", "team_id": "T1", **keys}}).user.person == person


@pytest.mark.parametrize(
    ("keys", "is_public"),
    [
        ({"is_private": False, "is_channel": True}, True),
        ({"is_private": True, "is_channel": True}, False),
        ({"is_im": True}, False),
        ({"is_im": True, "is_private": False}, False),
        ({"is_mpim": True, "is_private": False}, False),
        ({}, False),
    ],
)
def test_what_is_public(keys: dict[str, object], is_public: bool) -> None:
    """B5: only a channel that Slack calls public is. Direct messages, which have no `is_private`, never are."""
    assert read(Conversation, {"id": "C1", **keys}).is_public is is_public


def test_an_identity_is_complete() -> None:
    """D2: optional keys of `auth.test` are empty if missing, never made up."""
    assert read(Identity, SAMPLES[Identity]).workspace == Workspace("T1", None, "U1", "", "https://slack.com/")
    for key in ("team_id", "user_id", "enterprise_id", "bot_id"):
        with pytest.raises(SlackBroken, match=key):
            read(Identity, {**SAMPLES[Identity], key: "None"})


def test_an_installation_names_its_place() -> None:
    """D2: a token without a workspace or organization is refused."""
    granted = {key: value for key, value in SAMPLES[Granted].items() if key != "team"}
    with pytest.raises(SlackBroken, match="team"):
        _ = read(Granted, granted).place
    with pytest.raises(SlackBroken, match="enterprise"):
        _ = read(Granted, {**SAMPLES[Granted], "is_enterprise_install": True}).place
    org = {"is_enterprise_install": True, "enterprise": {"id": "E1"}, "team": None}
    assert read(Granted, {**granted, **org}).place.id == "E1"


Answering = Callable[[web.Response], Awaitable[AsyncWebClient]]


@pytest.fixture
async def answering() -> AsyncIterator[Answering]:
    """Return a client of a server that gives one response to everything."""
    async with aiohttp.ClientSession() as session:
        runners = []

        async def made(response: web.Response) -> AsyncWebClient:
            async def serve(_request: web.Request) -> web.Response:
                return response

            app = web.Application()
            app.add_routes([web.route("*", "/{rest:.*}", serve)])
            runner = web.AppRunner(app)
            runners.append(runner)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            port = runner.addresses[0][1]
            base_url = f"http://127.0.0.1:{port}/api/"
            return AsyncWebClient(token="xoxb-1", base_url=base_url, session=session, retry_handlers=[])

        yield made
        for runner in runners:
            await runner.cleanup()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        *((json.dumps(odd).encode(), "application/json") for odd in ODD),
        (b'{"ok": true', "application/json"),
        (b"[" * 5_000, "application/json"),
        (b'{"ok": true, "user": {"id": "\xff\xfe"}}', "application/json"),
        (b'{"ok": true}', "text/plain"),
        (b"<html>", "text/html"),
        (b'{"ok": true}', "application/gzip"),
        (b'{"ok": "yes"}', "application/json; charset=none"),
        (b'{"ok": true}', "application/json"),
        (b'{"ok": false, "error": ["x"]}', "application/json"),
    ],
)
@pytest.mark.parametrize("status", [200, 404])
async def test_a_body_of_any_form(answering: Answering, body: bytes, content_type: str, status: int) -> None:
    """D3: a body that is not JSON, or not an object, is trouble that is retried."""
    client = await answering(web.Response(body=body, status=status, headers={"Content-Type": content_type}))
    with pytest.raises(DeliveryError) as raised:
        await ask(client.users_info(user="U1"), UserInfo)
    assert raised.value.retry


CALLS: Mapping[str, Mapping[str, Any]] = {
    "conversations.history": {"channel": "C1"},
    "conversations.info": {"channel": "C1"},
    "conversations.join": {"channel": "C1"},
    "conversations.members": {"channel": "C1"},
    "conversations.open": {"users": "U1"},
    "conversations.replies": {"channel": "C1", "ts": "1.1"},
    "usergroups.list": {},
    "usergroups.users.list": {"usergroup": "S1"},
    "users.conversations": {},
    "users.info": {"user": "U1"},
    "views.open": {"trigger_id": "1", "view": {}},
    "views.publish": {"user_id": "U1", "view": {}},
    "views.push": {"trigger_id": "1", "view": {}},
    "views.update": {"view_id": "V1", "view": {}},
}
"""The methods that only read, with the arguments they need."""


@pytest.mark.parametrize("method", CALLS)
async def test_every_code_of_every_question(slack: SandboxSlack, method: str) -> None:
    """D6, A6: each documented error code has its own words. A new one is shown as it is."""
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])
        for code in [*CODES, "a_new_code"]:
            slack.state.rate_limits = SlackRateLimits(time.time)
            slack.fail_next(method, code)
            with pytest.raises(DeliveryError) as raised:
                await ask(getattr(client, method.replace(".", "_"))(**CALLS[method]), Accepted)
            row, sentence = CODES.get(code), raised.value.sentence
            if row is None:
                assert sentence.endswith(f"({code})")
                assert "message" not in sentence
            elif row.about is About.PASSING:
                assert raised.value.retry
            else:
                assert sentence == row.sentence
