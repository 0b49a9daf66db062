"""Upload a file that is not held in memory (Slack: "Working with files", uploading files).

The library's `files_upload_v2` reads a whole file into memory, so the three steps are taken one by one here.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import BinaryIO

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import SlackBroken
from bot.core.notifications.slack_exceptions import Doing
from bot.slack.web_api.client import SLACK_TROUBLE, delivery_error
from bot.slack.web_api.responses import Accepted, UploadAddress, ask
from bot.slack.web_api.scopes import UPLOAD

UPLOAD_SECONDS = 300.0
"""The longest that the bytes of a file may take."""


async def upload(
    client: AsyncWebClient, session: aiohttp.ClientSession, file: BinaryIO, size: int, name: str, channel_id: str
) -> None:
    """Share a file of `size` bytes in a conversation, read from its present position. Raises a DeliveryError.

    No one sees it before the last step. If that one is cut off, the outcome is unclear.
    """
    address = await ask(client.files_getUploadURLExternal(filename=name, length=size), UploadAddress)
    timeout = aiohttp.ClientTimeout(total=UPLOAD_SECONDS)
    try:
        async with session.post(address.upload_url, data=file, timeout=timeout, trace_request_ctx=UPLOAD) as response:
            if response.status != HTTPStatus.OK:
                raise SlackBroken(f"(HTTP {response.status})")
    except SLACK_TROUBLE as error:
        raise delivery_error(error) from error
    share = client.files_completeUploadExternal(files=[{"id": address.file_id, "title": name}], channel_id=channel_id)
    await ask(share, Accepted, Doing.POSTING)
