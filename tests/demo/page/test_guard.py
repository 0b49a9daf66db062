"""Who may talk to the page: no one but the page itself."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.slack.stand_in import SandboxSlack

SAY = {"as": "U00000003", "channel": "C00000010", "text": "hello"}


async def test_the_page_itself_gets_in(slack: SandboxSlack, page_client: Any) -> None:
    """What the page posts, with its word and from its own address, is done."""
    origin = page_client.url.rstrip("/")
    status, _ = await page_client.post("act/say", SAY, Origin=origin, **{"Sec-Fetch-Site": "same-origin"})
    assert status == 200
    assert [message.text for message in slack.messages("onboarding")] == ["hello"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:8765"},
        {"X-Page-Token": "guessed"},
        {"X-Page-Token": ""},
    ],
)
async def test_a_website_is_refused(slack: SandboxSlack, page_client: Any, headers: dict[str, str]) -> None:
    """A website that the visitor has open drives nothing: not by its origin, not by a rebound name, not by guessing."""
    status, _ = await page_client.post("act/say", SAY, **headers)
    assert status == 403
    assert slack.messages("onboarding") == []


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
@pytest.mark.parametrize("path", ["", "live", "account/live", "requests/1", "page/app.js"])
async def test_a_website_reads_nothing(page_client: Any, path: str, headers: dict[str, str]) -> None:
    """Nothing is read by a foreign name, nor from within another website."""
    status, _ = await page_client.get(path, **headers)
    assert status == 403


async def test_a_link_leads_here(page_client: Any) -> None:
    """A link on some website may lead to the page, but it is shown in no frame, and fetches nothing from elsewhere."""
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    async with page_client.session.get(page_client.url, headers=headers) as response:
        assert response.status == 200
        policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("path", ["api/chat.postMessage", "response/1", "upload/F1"])
async def test_a_website_is_refused_by_slack_too(slack: SandboxSlack, page_client: Any, path: str) -> None:
    """The sandbox's Slack takes nothing that a browser sends for a website, whatever token it guessed."""
    form = {"token": slack.bot_token, "channel": "C00000010", "text": "hello"}
    url = f"{slack.state.base_url}{path}"
    async with page_client.session.post(url, data=form, headers={"Origin": "https://evil.example"}) as response:
        assert response.status == 403
    assert slack.messages("onboarding") == []
