"""A web application on a port: listened on, taken over, and left to its requests at the end."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import aiohttp
import pytest
from starlette.routing import Route

from bot.core.errors import UsageError
from bot.http.base_app import create_application, healthz
from bot.http.connection_limits import LimitedConnection
from bot.http.server import inherited, listen, served
from tests.commands import run_command
from tests.processes import held


def test_only_a_socket_that_listens_is_taken_over(tmp_path: Path) -> None:
    """E1: --fd names what is wrong where it is no such thing."""
    with (tmp_path / "file").open("w") as file:
        with pytest.raises(UsageError, match="--fd: "):
            inherited(file.fileno())
        settings = {"SLACK_BOT_TOKEN": "xoxb-1-test", "SLACK_SIGNING_SECRET": "signing-secret"}
        settings["CLUST_API_TOKEN"] = "clust-token"
        code, output = run_command(tmp_path, "run", "--fd", str(file.fileno()), settings=settings)
        assert (code, f"--fd: {file.fileno()} isn't an open" in output) == (2, True)


async def test_a_web_application_is_served_while_the_context_lasts() -> None:
    """It answers what is asked, and listens no more afterwards."""
    listening = listen("PORT", "127.0.0.1", 0)
    port = listening.getsockname()[1]
    url, app = f"http://127.0.0.1:{port}/healthz", create_application([Route("/healthz", healthz)])
    async with served(app, listening), aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.status == 200
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_a_body_is_sent_without_waiting_for_the_clients_confirmation_of_the_head() -> None:
    """Each of the two is sent at once, on every connection that is accepted: an acknowledgement is not held up."""
    sent_at_once: list[int] = []

    class Connection(LimitedConnection):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
            super().connection_made(transport)
            connected = transport.get_extra_info("socket")
            sent_at_once.append(connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    listening = listen("PORT", "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}/healthz"
    app = create_application([Route("/healthz", healthz)])
    async with served(app, listening, Connection), aiohttp.ClientSession() as session, session.get(url) as answer:
        assert (answer.status, sent_at_once) == (200, [1])


async def test_a_socket_that_is_no_address_is_served_as_well(tmp_path: Path) -> None:
    """Such as one that systemd hands down by its path."""
    path = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        app = create_application([Route("/healthz", healthz)])
        session = aiohttp.ClientSession(connector=aiohttp.UnixConnector(path))
        async with served(app, listening), session, session.get("http://local/healthz") as answer:
            assert answer.status == 200


def test_an_address_that_can_not_be_listened_on_is_named() -> None:
    """With its setting: a port that someone has, or a name that is no address of this machine."""
    with (
        held() as listener,
        pytest.raises(UsageError, match=rf"METRICS_PORT: Can't listen on 127\.0\.0\.1:{listener.port}"),
    ):
        listen("METRICS_PORT", "127.0.0.1", listener.port)
    with pytest.raises(UsageError, match=r"LISTEN_HOST: `nowhere\.invalid`"):
        listen("PORT", "nowhere.invalid", 0)


async def test_a_listening_socket_is_taken_over() -> None:
    """The server uses the socket that its parent process opened."""
    with socket.create_server(("127.0.0.1", 0)) as given, inherited(given.dup().detach()) as listener:
        assert listener.getsockname() == given.getsockname()
