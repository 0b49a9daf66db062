"""`SHORTCUTS`: one row for each shortcut, anywhere in Slack or on a message. `manifest.yml` follows it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from bot.core.language import N_
from bot.core.permissions import REQUIREMENTS, Role
from bot.slack.entry import commands
from bot.slack.listeners.applications import about_message, from_message
from bot.slack.request.payload_models import GlobalShortcut, MessageShortcut
from bot.slack.request.services import Request
from bot.slack.views.building.blocks import Message

MessageHandler = Callable[[Request, MessageShortcut], Awaitable[Message | None]]


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One shortcut as it is registered with Slack (Slack: App manifest reference, shortcuts), and what it does.

    A global one runs `command`, the text after `/clust`. One on a message calls `handler`, for people with `role`.
    """

    callback_id: str
    name: str
    description: str
    command: str = ""
    role: Role = Role.VIEWER
    handler: MessageHandler | None = None

    @property
    def kind(self) -> Literal["global", "message"]:
        """Where people choose it, in Slack's words."""
        return "message" if self.handler else "global"


SHORTCUTS: Mapping[str, Shortcut] = {
    row.callback_id: row
    for row in (
        Shortcut(
            "shortcut.create",
            N_("New application"),
            N_("Create an application in Clust"),
            command="create",
            role=REQUIREMENTS["create"],
        ),
        Shortcut("shortcut.api", N_("Call the Clust API"), N_("Make any call to the Clust API"), command="api"),
        Shortcut(
            "shortcut.from_message",
            N_("Create application"),
            N_("Create an application for someone named in this message"),
            role=REQUIREMENTS["create"],
            handler=from_message.ask,
        ),
        Shortcut(
            "shortcut.about",
            N_("What is this about?"),
            N_("Show the application that this message is about"),
            role=REQUIREMENTS["show"],
            handler=about_message.explain,
        ),
    )
}


async def run(request: Request, payload: GlobalShortcut | MessageShortcut) -> Message | None:
    """Run a shortcut. Returns what to say instead of a window, None if it opened one or is of another version."""
    row = SHORTCUTS.get(payload.callback_id)
    if row is None:
        return None
    if row.handler and isinstance(payload, MessageShortcut):
        await request.needs(row.role)
        return await row.handler(request, payload)
    if row.command:
        if request.role:
            request.account.id  # noqa: B018  raises NoAccount while a window can still say so
        return await commands.run(request, commands.parse(row.command))
    return None
