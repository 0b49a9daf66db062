"""The demo's page: a small server that shows the sandbox's Slack, its Clust account, and the requests between them.

Its port isn't that of the stand-ins, which no browser may ask. `guard` says who gets in, `state` what a person sees,
and `event_streams` keeps it up to date. `page_actions`, `fault_injection` and `account_table` are what a visitor or a
script can do, `request_log` is the requests so far. The browser's files are in `static/`.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from pathlib import PurePath
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from bot.core.errors import UsageError
from bot.core.language import Language, Languages, _, current, speaking
from bot.demo.page.account_table import account_payload, do, row_changed
from bot.demo.page.commands import commands, shortcuts
from bot.demo.page.event_streams import Streams
from bot.demo.page.fault_injection import Panel
from bot.demo.page.guard import add_headers, guard
from bot.demo.page.page_actions import USER_ACTIONS, PageContext
from bot.demo.page.state import Payload, events, may_see, page_state
from bot.demo.page.words import FILES, words
from bot.demo.request_log import Exchanged, RequestLog
from bot.sandbox.malformed_requests import parsed, refuse_unreadable
from bot.sandbox.slack.block_kit.elements import Impossible
from bot.sandbox.slack.messages import Change
from bot.sandbox.slack.workspace import User

TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
}
USUAL_PORT = 8765
MAX_BODY_BYTES = 256 * 1024


class DemoPage:
    """The server, which listens while it is entered as a context manager.

    `port` 0 uses the usual port, or a free one if that is taken. `url` is its address. Whatever it shows someone is in
    their language, if `languages` has it. Raises UsageError if it can't listen.
    """

    def __init__(
        self,
        panel: Panel,
        request_log: RequestLog,
        languages: Languages | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self._panel = panel
        self._slack = panel.slack
        self._account = panel.account
        self._request_log = request_log
        self._languages = languages or Languages()
        self._accounts_language = current()
        self._host, self._port = host, port
        self._files = {file.name: file for file in FILES.iterdir() if PurePath(file.name).suffix in TYPES}
        self._token = secrets.token_urlsafe(16)
        self._context = PageContext(panel.slack, commands(), shortcuts())
        self._slack_streams, self._account_streams = Streams(), Streams()
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1)
        self.url = ""

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await self._listen()
        url_host = "127.0.0.1" if self._host in ("0.0.0.0", "") else self._host  # noqa: S104  shown, not listened on
        url_host = f"[{url_host}]" if ":" in url_host else url_host
        self.url = f"http://{url_host}:{self._runner.addresses[0][1]}/"
        self._slack.on_change.append(self._slack_changed)
        self._request_log.on_entry.append(self._passed)
        self._panel.bot.on_change.append(self._panel_changed)
        self._account.on_change.append(self._account_changed)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._slack.on_change.remove(self._slack_changed)
        self._request_log.on_entry.remove(self._passed)
        self._panel.bot.on_change.remove(self._panel_changed)
        self._account.on_change.remove(self._account_changed)
        self._slack_streams.close()
        self._account_streams.close()
        await self._runner.cleanup()

    def _application(self) -> web.Application:
        application = web.Application(
            client_max_size=MAX_BODY_BYTES, middlewares=[refuse_unreadable, guard(self._token, [self._host])]
        )
        application.on_response_prepare.append(add_headers)
        application.add_routes(
            [
                web.get("/", self._serve_page),
                web.get("/account", self._serve_page),
                web.get("/page/{name}", self._serve_file_of_page),
                web.get("/words", self._serve_words),
                web.get("/live", self._serve_live),
                web.get("/state", self._serve_state),
                web.get("/account/live", self._serve_account_live),
                web.get("/requests/{number}", self._serve_entry),
                web.get("/file/{id}", self._serve_file),
                web.post("/act/{name}", self._serve_act),
                web.post("/fault/{name}", self._serve_fault),
                web.post("/account/{change}", self._serve_change),
            ]
        )
        return application

    async def _listen(self) -> None:
        ports = (self._port,) if self._port else (USUAL_PORT, 0)
        for port in ports:
            try:
                await web.TCPSite(self._runner, self._host, port).start()
            except OSError as error:
                if port == ports[-1]:
                    raise UsageError(
                        _(
                            "The page can't be served at {host}, port {port}: {why}.",
                            host=self._host,
                            port=port,
                            why=error.strerror,
                        )
                    ) from error
            else:
                return

    # Reads

    async def _serve_page(self, request: web.Request) -> web.Response:
        name = "account.html" if request.path == "/account" else "index.html"
        filled_in = {
            "token": self._token,  # in the page's own HTML, which no other website can read
            "language": current().code.replace("_", "-"),
            "needs_javascript": _("The demo's page needs JavaScript."),
        }
        text = (FILES / name).read_text(encoding="utf-8")
        for key, value in filled_in.items():
            text = text.replace(f"{{{{{key}}}}}", value)
        return web.Response(text=text, content_type="text/html")

    async def _serve_file_of_page(self, request: web.Request) -> web.Response:
        file = self._files.get(request.match_info["name"])
        if file is None:
            return web.Response(status=404, text=_("File not found."))
        content_type = TYPES[PurePath(file.name).suffix]
        return web.Response(body=file.read_bytes(), content_type=content_type, charset="utf-8")

    async def _serve_words(self, request: web.Request) -> web.Response:
        """Return the page's words in a person's language."""
        return web.json_response(words(self._language_of(request.query.get("as"))))

    def _language_of(self, name: object) -> Language:
        """Return the language of the person whose page it is, by default Mei. Anyone else gets that of the demo."""
        try:
            return self._languages.of(self._context.person(name or self._slack.workspace.member.id).locale)
        except Impossible:
            return current()

    async def _serve_live(self, request: web.Request) -> web.StreamResponse:
        """Stream what one user sees in Slack, and the inspector's entries."""
        try:
            person = self._context.person(request.query.get("as") or self._slack.workspace.member.id)
        except Impossible as impossible:
            return web.Response(status=404, text=str(impossible))
        return await self._slack_streams.serve(
            request, lambda: self._state(person), lambda change: self._events_for(person, change)
        )

    async def _serve_state(self, request: web.Request) -> web.Response:
        """Return the first events of `/live`, once, for scripts."""
        try:
            person = self._context.person(request.query.get("as") or self._slack.workspace.member.id)
        except Impossible as impossible:
            return web.json_response({"error": str(impossible)}, status=404)
        return web.json_response(self._state(person))

    def _state(self, person: User) -> Payload:
        with speaking(self._languages.of(person.locale)):
            return {
                "kind": "state",
                **page_state(self._slack.state, person, self._context.read_marks),
                "commands": self._context.commands,
                "shortcuts": self._context.shortcuts,
                "faults": self._panel.to_dict(),
                "requests": [entry.summary() for entry in self._request_log.entries()],
            }

    def _events_for(self, person: User, change: Change | Exchanged | None) -> list[Payload]:
        """Return the events a change causes on a page. None is a change of the faults or the bot."""
        with speaking(self._languages.of(person.locale)):
            if change is None:
                return [{"kind": "faults", "faults": self._panel.to_dict()}]
            if isinstance(change, Exchanged):
                return [{"kind": "requests", "entry": change.summary()}]
            return events(self._slack.state, person, self._context.read_marks, change)

    async def _serve_account_live(self, request: web.Request) -> web.StreamResponse:
        """Stream the changes in the account."""
        return await self._account_streams.serve(
            request, lambda: account_payload(self._account), lambda number: [row_changed(self._account, number)]
        )

    async def _serve_entry(self, request: web.Request) -> web.Response:
        """Return one request and its answer in full."""
        number = request.match_info["number"]
        language = self._language_of(request.query.get("as"))
        entry = self._request_log.entry(int(number)) if re.fullmatch(r"[0-9]{1,9}", number) else None
        with speaking(language):
            if entry is None:
                gone = _("This request is no longer stored. Newer ones have replaced it.")
                return web.json_response({"error": gone}, status=404)
            return web.json_response(entry.to_dict())

    async def _serve_file(self, request: web.Request) -> web.Response:
        """Return an uploaded file as plain text, whatever its type, to a user who can see a message with it."""
        file = self._slack.state.files.get(request.match_info["id"])
        try:
            person = self._context.person(request.query.get("as"))
        except Impossible as impossible:
            return web.Response(status=404, text=str(impossible))
        if file is None or file.content is None or not self._can_see_file(person, file.id):
            return web.Response(status=404, text=_("File not found."))
        return web.Response(body=file.content, content_type="text/plain", charset="utf-8")

    def _can_see_file(self, person: User, file_id: str) -> bool:
        state = self._slack.state
        return any(
            file["id"] == file_id
            for channel in state.workspace.channels.values()
            for message in state.messages.within(channel.id)
            if may_see(person, channel, message)
            for file in message.files
        )

    # Actions

    async def _serve_act(self, request: web.Request) -> web.Response:
        async def act(sent: Mapping[str, Any]) -> Payload:
            name = request.match_info["name"]
            if name not in USER_ACTIONS:
                raise Impossible(_("this action doesn't exist"))
            return await USER_ACTIONS[name](self._context, self._context.person(sent.get("as")), sent)

        return await self._answered(request, act)

    async def _serve_fault(self, request: web.Request) -> web.Response:
        async def inject(sent: Mapping[str, Any]) -> Payload:
            await self._panel.inject(request.match_info["name"], sent.get("value"))
            self._panel_changed()
            return {}

        return await self._answered(request, inject)

    async def _serve_change(self, request: web.Request) -> web.Response:
        async def change(sent: Mapping[str, Any]) -> Payload:
            return do(self._account, request.match_info["change"], sent)

        return await self._answered(request, change)

    async def _answered(
        self, request: web.Request, done: Callable[[Mapping[str, Any]], Awaitable[Payload]]
    ) -> web.Response:
        """Carry out a page's request. If Slack wouldn't allow it, the answer is status 400 with a sentence."""
        body = parsed(await request.read())
        sent = body if isinstance(body, dict) else {}
        with speaking(self._language_of(sent.get("as"))):
            try:
                answer = await done(sent)
            except Impossible as impossible:
                return web.json_response({"ok": False, "error": str(impossible)}, status=400)
        return web.json_response({"ok": True, **answer})

    # Changes

    def _slack_changed(self, change: Change) -> None:
        self._slack_streams.publish(change)

    def _passed(self, entry: Exchanged) -> None:
        self._slack_streams.publish(entry)

    def _panel_changed(self) -> None:
        self._slack_streams.publish(None)

    def _account_changed(self, number: int) -> None:
        with speaking(self._accounts_language):  # not the language of the person who changed it
            self._account_streams.publish(number)
