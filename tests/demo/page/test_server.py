"""What the page's server serves, and where it listens."""

from __future__ import annotations

import json
import socket
from pathlib import PurePath
from typing import Any

import pytest

from bot.core.errors import UsageError
from bot.demo.page.fault_injection import Panel
from bot.demo.page.server import TYPES, DemoPage
from bot.demo.page.words import FILES
from bot.demo.request_log import RequestLog
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.sandbox.slack.state import File


@pytest.mark.parametrize("path", ["", "account"])
async def test_pages(page_client: Any, path: str) -> None:
    """Both pages are served, and hold no script or style of their own, which the policy would not let run."""
    status, text = await page_client.get(path)
    assert status == 200
    assert "<script>" not in text
    assert "<style" not in text
    assert "style=" not in text
    assert "onclick=" not in text


@pytest.mark.parametrize("name", sorted(file.name for file in FILES.iterdir() if not file.name.endswith(".html")))
async def test_files(page_client: Any, name: str) -> None:
    """Every file of the page is served as what it is."""
    text = (FILES / name).read_text(encoding="utf-8")
    async with page_client.session.get(f"{page_client.url}page/{name}") as response:
        assert response.status == 200
        assert response.content_type == TYPES[PurePath(name).suffix]
        assert await response.text() == text


@pytest.mark.parametrize("name", ["none.js", "..%2Fpage_server.py", "%2Fetc%2Fpasswd"])
async def test_nothing_else_is_served(page_client: Any, name: str) -> None:
    """No file that is not the page's."""
    status, text = await page_client.get(f"page/{name}")
    assert status == 404
    assert "import" not in text


@pytest.mark.parametrize(
    ("path", "sent"), [("act/none", {}), ("fault/none", {}), ("account/none", {}), ("act/say", [])]
)
async def test_what_can_not_be_done(page_client: Any, path: str, sent: Any) -> None:
    """What there is not is answered in a sentence."""
    status, answer = await page_client.post(path, sent)
    assert status == 400
    assert answer["error"]


async def test_a_script_drives_the_demo(page_client: Any, panel: Panel) -> None:
    """It names people and channels as one does, and reads what a person sees and what passed."""
    await page_client.act("say", "mei", channel="onboarding", text="/clust list")
    assert (await page_client.post("fault/clust", {"value": "down"}))[1] == {"ok": True}
    assert panel.account.faults.down
    status, text = await page_client.get("state?as=mei")
    state = json.loads(text)
    assert (status, state["team"], state["faults"]["clust"]) == (200, panel.slack.state.team.name, "down")
    assert (state["requests"][0]["title"], state["requests"][0]["outcome"]) == ("/clust list · mei", "200")
    assert (await page_client.get("state?as=nobody"))[0] == 404


@pytest.mark.usefixtures("slack")
async def test_a_port_that_is_taken(panel: Panel, request_log: RequestLog) -> None:
    """A requested port that is taken is reported in a sentence."""
    with socket.create_server(("127.0.0.1", 0)) as busy_socket:
        port = busy_socket.getsockname()[1]
        with pytest.raises(UsageError, match=rf"The page can't be served at 127\.0\.0\.1, port {port}"):
            async with DemoPage(panel, request_log, port=port):
                pass


async def test_a_file_is_for_those_who_see_it(slack: SandboxSlack, page_client: Any) -> None:
    """A file is text to a browser, whatever is in it. Who does not see its message gets nothing."""
    slack.state.files["F1"] = file = File("F1", "call.json", 25, b"<script>alert(1)</script>")
    slack.state.messages.post(slack.workspace.private.id, text="", files=[file.to_dict()])
    status, text = await page_client.get("file/F1?as=U00000003")
    assert (status, text) == (200, "<script>alert(1)</script>")
    async with page_client.session.get(f"{page_client.url}file/F1?as=U00000003") as response:
        assert response.content_type == "text/plain"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert (await page_client.get("file/F1?as=U00000005"))[0] == 404
    assert (await page_client.get("file/F2?as=U00000003"))[0] == 404
