"""The cards of pasted links on the page: what a user does with one, and in the pane beside it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

from bot.core.language import _
from bot.demo.page.state import Payload
from bot.sandbox.slack.block_kit.elements import Impossible
from bot.sandbox.slack.messages import PostedMessage
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.sandbox.slack.work_objects.panes import Pane, present
from bot.sandbox.slack.workspace import User

MAX_PANE_SECONDS = 10.0
"""How long the page waits for what a pane shows."""


class Panes:
    """The panes that are open on pages, by the number that the page knows them by."""

    def __init__(self, slack: SandboxSlack) -> None:
        self._slack = slack
        self._numbers = count(1)
        self._open: dict[str, Pane] = {}

    async def open(self, person: User, message: PostedMessage, url: str) -> Payload:
        """Open the pane of a card. Raises Impossible if there is no such card, or no answer."""
        number, pane = str(next(self._numbers)), await self._slack.open_pane(message, url, user=person)
        self._open[number] = pane
        await self._changed(pane, None)
        return self._payload(number, pane)

    async def save(self, person: User, number: object, values: object) -> Payload:
        """Save an edit of a pane. Raises Impossible if the pane is not open, or can't be edited so."""
        pane = self._of(person, number)
        before = pane.entity
        if not isinstance(values, Mapping):
            raise Impossible(_("what was entered can't be read"))
        await self._slack.save(pane, **{str(name): value or None for name, value in values.items()})
        if not pane.errors:
            await self._changed(pane, before)
        return self._payload(str(number), pane)

    async def click(self, person: User, number: object, words: object) -> Payload:
        """Click an action of a pane."""
        await self._slack.click_card(self._of(person, number), str(words))
        return {}

    def _of(self, person: User, number: object) -> Pane:
        pane = self._open.get(str(number))
        if pane is None or pane.user != person.id:
            raise Impossible(_("this pane isn't open"))
        return pane

    async def _changed(self, pane: Pane, before: Any) -> None:
        try:
            await self._slack.wait_for(
                lambda: pane.entity is not before or pane.error or pane.trouble, MAX_PANE_SECONDS
            )
        except TimeoutError:
            raise Impossible(_("the app didn't respond")) from None

    def _payload(self, number: str, pane: Pane) -> Payload:
        fields = {name: {"value": present(field), "edit": field["edit"]} for name, field in pane.editable()}
        return {
            "pane": number,
            "entity": pane.entity,
            "error": pane.error,
            "errors": dict(pane.errors),
            "trouble": pane.trouble,
            "fields": fields,
        }
