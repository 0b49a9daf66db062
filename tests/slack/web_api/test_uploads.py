"""A file goes to Slack in three steps, from disk, and each of them can fail."""

from __future__ import annotations

import io
import tempfile
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import DeliveryError, OutcomeUnclear, SlackBroken
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.slack.web_api.uploads import upload

CONTENT = b"Title\r\n" + b"Acme\r\n" * 100_000


@pytest.fixture
async def slack() -> AsyncIterator[SandboxSlack]:
    """Serve a workspace."""
    async with SandboxSlack() as slack:
        yield slack


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """A session that is closed at the end."""
    async with aiohttp.ClientSession() as session:
        yield session


def client_of(slack: SandboxSlack, session: aiohttp.ClientSession) -> AsyncWebClient:
    """Return a client that repeats nothing."""
    return AsyncWebClient(slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])


async def test_a_file_is_shared_from_disk(slack: SandboxSlack, session: aiohttp.ClientSession) -> None:
    """Every byte arrives, and a message with the file stands in the conversation."""
    place = slack.workspace.direct(slack.workspace.bot.id, slack.workspace.member.id)
    with tempfile.TemporaryFile() as file:
        file.write(CONTENT)
        file.seek(0)
        await upload(client_of(slack, session), session, file, len(CONTENT), "clust.csv", place.id)
    (stored,) = slack.state.files.values()
    assert (stored.name, stored.content) == ("clust.csv", CONTENT)
    (message,) = slack.messages(place)
    assert [file["id"] for file in message.files] == [stored.id]


@pytest.mark.parametrize(
    ("method", "error"), [("files.getUploadURLExternal", SlackBroken), ("files.completeUploadExternal", DeliveryError)]
)
async def test_a_refused_step_is_an_error(
    slack: SandboxSlack, session: aiohttp.ClientSession, method: str, error: type[DeliveryError]
) -> None:
    """Slack refuses a step: nothing is shared."""
    place = slack.workspace.direct(slack.workspace.bot.id, slack.workspace.member.id)
    slack.fail_next(method, "internal_error")
    with pytest.raises(error):
        await upload(client_of(slack, session), session, io.BytesIO(b"x"), 1, "clust.csv", place.id)
    assert slack.messages(place) == []


async def test_an_upload_that_the_storage_refuses_is_an_error(
    slack: SandboxSlack, session: aiohttp.ClientSession
) -> None:
    """The storage answers anything but 200: nothing is shared."""
    place = slack.workspace.direct(slack.workspace.bot.id, slack.workspace.member.id)
    with pytest.raises(SlackBroken, match="HTTP 400"):
        await upload(client_of(slack, session), session, io.BytesIO(b"two"), 1, "clust.csv", place.id)
    assert slack.messages(place) == []


async def test_a_cut_at_the_end_is_unclear(slack: SandboxSlack, session: aiohttp.ClientSession) -> None:
    """Slack took the file and its answer is unusable: it was perhaps shared."""
    place = slack.workspace.direct(slack.workspace.bot.id, slack.workspace.member.id)
    slack.alter_next("files.completeUploadExternal", lambda _answer: ["no object"])
    with pytest.raises(OutcomeUnclear):
        await upload(client_of(slack, session), session, io.BytesIO(b"x"), 1, "clust.csv", place.id)


async def test_bytes_that_are_cut_off_are_an_error(slack: SandboxSlack, session: aiohttp.ClientSession) -> None:
    """The address of the storage leads nowhere: nothing is shared."""
    place = slack.workspace.direct(slack.workspace.bot.id, slack.workspace.member.id)
    nowhere = {"upload_url": "http://127.0.0.1:9/upload"}
    slack.alter_next("files.getUploadURLExternal", lambda answer: {**answer, **nowhere})
    with pytest.raises(DeliveryError):
        await upload(client_of(slack, session), session, io.BytesIO(b"x"), 1, "clust.csv", place.id)
    assert slack.messages(place) == []
