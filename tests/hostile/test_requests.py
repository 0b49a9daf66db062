"""Whatever a signed request holds, it is answered: no 500, nothing unforeseen, no hang (issue 7, Hostile input).

What people really do is recorded from the sandbox's Slack, and then something in it is replaced, or left out.
"""

from __future__ import annotations

import json
from typing import Any, cast
from urllib.parse import urlencode

import pytest
from hypothesis import strategies as st

from bot.sandbox.slack.views import View
from bot.slack.entry.buttons import BUTTONS
from bot.slack.entry.commands import COMMANDS
from bot.slack.entry.forms import FORMS, SELECTS
from bot.slack.listeners.card_menu import MENU
from bot.slack.request.payload_models import SlashCommandPayload
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import button, section
from bot.slack.web_api.scopes import EVENTS, REVOKED, UNINSTALLED
from tests.hostile.conftest import Attacker, for_all
from tests.hostile_values import STRINGS, everything, places, replaced, without
from tests.slack.conftest import RunningBot

ANSWERED = {200, 400, 404}
"""404 is Bolt's word for what no listener wants."""

FORM, JSON = "application/x-www-form-urlencoded", "application/json"

values = st.sampled_from(everything()) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=5,
)


def interactive(payload: Any) -> bytes:
    """Return the body by which Slack sends an interaction."""
    return urlencode({"payload": json.dumps(payload)}).encode()


def changed(draw: st.DrawFn, payload: dict[str, Any]) -> dict[str, Any]:
    """Return a payload with one to three of its values replaced or left out."""
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(places(payload)[1:] or [()]))
        if not path:
            break
        keep = draw(st.integers(0, 4))
        payload = replaced(payload, path, draw(values)) if keep else without(payload, path)
    return payload


@st.composite
def variants(draw: st.DrawFn, payloads: list[dict[str, Any]]) -> dict[str, Any]:
    """Draw a payload that nearly is one of these."""
    return changed(draw, draw(st.sampled_from(payloads)))


async def opened(bot: RunningBot, command: str, user: str) -> View:
    """Open a form by a command and return it as it stands when it is filled."""
    await bot.ask(command, user=user)
    await bot.window(user, '"element"')
    return cast("View", bot.slack.views.of(bot.slack.workspace.user(user).id))


async def clicks(bot: RunningBot) -> list[dict[str, Any]]:
    """Return a click of an admin on each kind of button, with a value that it may have."""
    message = bot.put(section("x", button("Details", ids.DETAILS, "1")), channel="general")
    interaction = await bot.slack.click(message, "Details", user="adrien")
    await bot.window("adrien", "Acme")
    payloads = []
    for kind in BUTTONS:
        payload = cast("dict[str, Any]", json.loads(json.dumps(interaction.payload)))
        payload["actions"][0] |= {"action_id": kind, "value": "1"}
        payloads.append(payload)
        if kind == ids.MORE:
            payloads += [replaced(payload, ("actions", 0, "value"), f"{word} 1") for word in MENU]
    return payloads


async def submissions(bot: RunningBot) -> list[dict[str, Any]]:
    """Return a submission of an admin of each form, as it opened, and of each other as if it were that one."""
    payloads: list[dict[str, Any]] = []
    for command in ("create", "update 1", "show", "api", "connect"):
        view = await opened(bot, command, "adrien")
        payload = {"type": "view_submission", "user": {"id": view.user}, "view": view.to_dict()}
        state = {
            block["block_id"]: {ids.VALUE: {"type": "x", "value": "1"}} for block in view.blocks if "element" in block
        }
        payloads.append(json.loads(json.dumps(replaced(payload, ("view", "state", "values"), state))))
    return payloads + [replaced(payloads[0], ("view", "callback_id"), callback_id) for callback_id in FORMS]


async def test_any_click_is_answered(attacker: Attacker) -> None:
    """Clicks with anything in them: on every kind of button, with every kind of value."""
    payloads = await clicks(attacker.bot)

    async def check(payload: dict[str, Any]) -> None:
        assert await attacker.send(interactive(payload)) in ANSWERED

    await for_all(variants(payloads), check, share=0.5)


async def test_any_submission_is_answered(attacker: Attacker) -> None:
    """Forms with anything in their fields, in their state and in what the window carries."""
    payloads = await submissions(attacker.bot)

    async def check(payload: dict[str, Any]) -> None:
        assert await attacker.send(interactive(payload)) in ANSWERED

    await for_all(variants(payloads), check, share=0.5)


async def test_any_search_is_answered(attacker: Attacker) -> None:
    """Searches in selects for anything, also in selects that no one knows."""
    user = {"id": attacker.bot.slack.workspace.admin.id}
    search = {"type": "block_suggestion", "user": user, "action_id": ids.VALUE, "block_id": "x", "value": "a"}

    async def check(payload: dict[str, Any]) -> None:
        assert await attacker.send(interactive(payload)) in ANSWERED

    await for_all(variants([search | {"block_id": field} for field in SELECTS]), check)


async def test_any_command_is_answered(attacker: Attacker) -> None:
    """Every word of `/clust` with anything after it, and any words at all."""
    words = st.sampled_from([*(word for row in COMMANDS for word in (row.word, *row.also)), ""])
    texts = st.tuples(words, st.lists(st.sampled_from(STRINGS) | st.text(max_size=50), max_size=3))

    async def check(command: tuple[str, list[str]]) -> None:
        text = " ".join([command[0], *command[1]]).encode(errors="replace").decode()
        await attacker.settled(attacker.bot.ask(text, user="adrien"))

    await for_all(texts, check, share=0.5)


async def test_any_event_is_answered(attacker: Attacker) -> None:
    """Events with anything in them, except those that remove the bot."""
    bot = attacker.bot
    base = {"type": "event_callback", "team_id": bot.slack.workspace.team.id, "event_id": "Ev1"}
    where = bot.slack.workspace.onboarding.id
    payloads = [
        base | {"event": {"type": kind, "user": bot.slack.workspace.bot.id, "channel": where, "tab": "home"}}
        for kind in EVENTS
        if kind not in {REVOKED, UNINSTALLED}
    ]

    async def check(payload: dict[str, Any]) -> None:
        assert await attacker.send(json.dumps(payload).encode(), JSON) in ANSWERED

    await for_all(variants(payloads), check)


@pytest.mark.parametrize("content_type", [FORM, JSON, "", "text/plain; charset=utf-16", "application/json; charset=x"])
async def test_any_body_is_answered(attacker: Attacker, content_type: str) -> None:
    """Bodies that are nothing at all: bytes, halves of payloads, deep ones, another kind than they say."""
    texts = st.sampled_from([one for one in STRINGS if one.isprintable()]) | st.text()
    raw_bodies = (
        st.binary(max_size=200)
        | texts.map(lambda text: text.encode(errors="replace"))
        | texts.map(lambda text: b"payload=" + text.encode(errors="replace"))
        | values.map(lambda value: json.dumps(value).encode())
        | values.map(interactive)
        | st.dictionaries(
            st.sampled_from([*SlashCommandPayload.model_fields, "payload", "authorizations", "team", "event"]), texts
        ).map(lambda form: urlencode(form, errors="replace").encode())
    )

    async def check(body: bytes) -> None:
        assert await attacker.send(body, content_type) in ANSWERED

    await for_all(
        raw_bodies | st.sampled_from([b'{"type":' * 20_000, b"[" * 100_000, b"payload=" + b"{" * 99_999]),
        check,
        share=0.5,
    )
