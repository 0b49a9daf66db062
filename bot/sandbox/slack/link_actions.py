"""What users do with links: paste them, open the pane of a card, click there, and edit in it.

The payloads are those of Slack's `link_shared` and `entity_details_requested`, and of "Implementing Work Objects".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from bot.core.language import _
from bot.sandbox.slack.block_kit.elements import ElementRef, Impossible, action, find
from bot.sandbox.slack.interaction import Interaction
from bot.sandbox.slack.messages import PostedMessage
from bot.sandbox.slack.user_actions import TROUBLE, UserActions, Where, Who
from bot.sandbox.slack.work_objects.panes import Composer, Pane, entry, present
from bot.sandbox.slack.workspace import BOT_USER_ID

_URL = re.compile(r"https?://[^\s<>|]+", re.IGNORECASE)


class LinkActions(UserActions):
    """The actions of users on links."""

    async def post(
        self, text: str, *, user: Who | None = None, channel: Where | None = None, thread_ts: str | None = None
    ) -> PostedMessage:
        """Post a message. The bot gets the links of its domains, and nothing else of it."""
        message = await self.say(text, user=user, channel=channel, thread_ts=thread_ts)
        await self.refresh(message)
        return message

    async def edit(self, message: PostedMessage, text: str) -> PostedMessage:
        """Change the text of one's message. The bot gets the links that are new in it."""
        changed = self.state.messages.change(self._now(message), text=text)
        await self._share(changed, [url for url in _URL.findall(text) if url not in unescape(message.text)])
        return self._now(message)

    async def compose(self, text: str, *, user: Who | None = None) -> Composer:
        """Write a message without sending it. Slack asks for previews of its links."""
        who, number = self._who(user), next(self.state.numbers)
        composer = Composer(f"{who.id}-{number:08}", who.id, text)
        self.state.composers[composer.unfurl_id] = composer
        place = {"channel": "COMPOSER", "message_ts": composer.unfurl_id, "is_bot_user_member": True}
        await self._link_shared(_URL.findall(text), who.id, composer.unfurl_id, "composer", place)
        return composer

    async def refresh(self, message: PostedMessage, *, retry: tuple[int, str] | None = None) -> None:
        """Let Slack ask for the cards of a message again, as after a click on one, or on its refresh button."""
        await self._share(self._now(message), _URL.findall(unescape(message.text)), retry)

    async def open_pane(self, message: PostedMessage, url: str = "", *, user: Who | None = None) -> Pane:
        """Click a card, the first one or that of `url`, and open its pane. Raises Impossible if it has none."""
        entity = (card := self._card(message, url)).get("entity")
        if entity is None:
            raise Impossible(_("this card has no pane"))
        pane = Pane(
            self._who(user).id,
            entity["url"],
            entity["external_ref"],
            message.channel,
            message.ts,
            card["app_unfurl_url"],
        )
        await self.ask_for_pane(pane)
        return pane

    async def open_from_search(self, entity_url: str, *, user: Who | None = None) -> Pane:
        """Open a pane from a result of Slack's search: there is no message, and no reference."""
        pane = Pane(self._who(user).id, entity_url)
        await self.ask_for_pane(pane)
        return pane

    async def ask_for_pane(self, pane: Pane) -> None:
        """Ask the bot for what a pane shows: it was opened, or refreshed."""
        place: dict[str, Any] = {"channel": pane.channel} if pane.channel else {}
        await self.event(
            "entity_details_requested",
            user=pane.user,
            **pane.place,
            **place,
            link={"url": pane.entity_url, "domain": urlsplit(pane.entity_url).hostname},
            trigger_id=self._trigger(pane),
            user_locale=self.state.workspace.users[pane.user].locale,
        )

    async def click_card(
        self,
        place: PostedMessage | Pane,
        target: ElementRef,
        *,
        url: str = "",
        value: Any = None,
        user: Who | None = None,
    ) -> Interaction:
        """Click an action of a card, or of a pane, by its text. A card of blocks is clicked as a message is."""
        if isinstance(place, Pane):
            who, message = self.state.workspace.users[place.user], None
            click = self._entity_action(place.entity or {}, target)
            container = {"type": "entity_detail", "channel_id": place.channel, **place.place}
        else:
            who, card, message = self._who(user), self._card(place, url), self._now(place)
            container = {
                "type": "message_attachment",
                "message_ts": place.ts,
                "channel_id": place.channel,
                "is_ephemeral": False,
                "attachment_id": card["id"],
                "is_app_unfurl": True,
                "app_unfurl_url": card["app_unfurl_url"],
            }
            if entity := card.get("entity"):
                container |= {"entity_url": entity["url"], "external_ref": entity["external_ref"]}
                click = self._entity_action(entity, target)
            else:
                click = action(*find(card["blocks"], target), value, self.state.messages.new_ts())
        interaction = Interaction(self.state, {}, who.id, place.channel, message)
        payload = {**self._interaction_payload("block_actions", who), "container": container, "actions": [click]}
        if isinstance(place, Pane):
            self.state.panes[payload["trigger_id"]] = place
        else:
            interaction.card = container["app_unfurl_url"]
            payload |= {"channel": {"id": place.channel}, "response_url": self.urls.give(interaction)}
        interaction.payload = payload
        await self._send("interactive", interaction)
        return interaction

    async def save(self, pane: Pane, **values: Any) -> Interaction:
        """Edit fields of a pane and save. All of its fields are sent, as they stand.

        Raises Impossible for a field that can't be edited.
        """
        fields = dict(pane.editable())
        if unknown := values.keys() - fields.keys():
            raise Impossible(f"{sorted(unknown)} can't be edited")
        entered = {name: values.get(name, present(each)) for name, each in fields.items()}
        state = {name: {f"{name}.input": entry(each, entered[name])} for name, each in fields.items()}
        who = self.state.workspace.users[pane.user]
        payload = self._interaction_payload("view_submission", who)
        self.state.panes[payload["trigger_id"]] = pane
        view = {
            "id": f"V{next(self.state.numbers):08}",
            "type": "entity_detail",
            "blocks": [],
            "private_metadata": "",
            "callback_id": "work-object-edit",
            "state": {"values": state},
            "team_id": self.state.team.id,
            **pane.place,
            **({"channel": pane.channel} if pane.channel else {}),
        }
        interaction = Interaction(self.state, {**payload, "view": view, "response_urls": []}, who.id)
        pane.errors, pane.trouble = {}, ""
        await self._send("interactive", interaction)
        body = interaction.body or {}
        errors = body.get("errors", {}) if isinstance(body, Mapping) else {}
        if not interaction.is_acknowledged or (body and not (errors and errors.keys() <= fields.keys())):
            pane.trouble = _(TROUBLE)
        pane.errors = errors if errors.keys() <= fields.keys() else {}
        return interaction

    async def search_in_pane(self, pane: Pane, field: str, typed: str) -> list[Mapping[str, Any]]:
        """Type into a select of a pane and return the options that the bot offers."""
        who = self.state.workspace.users[pane.user]
        query = {"block_id": field, "action_id": f"{field}.input", "value": typed}
        container = {"type": "entity_detail", "channel_id": pane.channel, **pane.place}
        payload = {**self._interaction_payload("block_suggestion", who), **query, "container": container}
        interaction = Interaction(self.state, payload, who.id)
        await self._send("interactive", interaction)
        return list((interaction.body or {}).get("options", ()))

    def _trigger(self, pane: Pane) -> str:
        trigger_id = self.state.views.trigger(pane.user)
        self.state.panes[trigger_id] = pane
        return trigger_id

    async def _share(self, message: PostedMessage, urls: Iterable[str], retry: tuple[int, str] | None = None) -> None:
        if message.user == BOT_USER_ID:
            return  # Slack reports no links of what an app posts
        where = self.state.workspace.channels[message.channel]
        place = {
            "channel": where.id,
            "message_ts": message.ts,
            "is_bot_user_member": BOT_USER_ID in where.members,
            **({"thread_ts": message.thread_ts} if message.thread_ts else {}),
        }
        unfurl_id = f"{where.id}.{message.ts}"
        await self._link_shared(urls, message.user, unfurl_id, "conversations_history", place, retry)

    async def _link_shared(
        self,
        urls: Iterable[str],
        user: str,
        unfurl_id: str,
        source: str,
        place: Mapping[str, Any],
        retry: tuple[int, str] | None = None,
    ) -> None:
        hosts = {url: (urlsplit(url).hostname or "").rstrip(".") for url in dict.fromkeys(urls)}
        links = [
            {"url": url, "domain": domain}
            for url, host in hosts.items()
            for domain in self.state.unfurl_domains
            if f".{host}".endswith(f".{domain}")
        ]
        if links and "links:read" in self.state.scopes and self.bot.is_anyone_there:
            await self.event(
                "link_shared", retry=retry, user=user, unfurl_id=unfurl_id, source=source, links=links, **place
            )

    def _entity_action(self, entity: Mapping[str, Any], words: ElementRef) -> dict[str, Any]:
        actions = entity.get("entity_payload", {}).get("actions", {})
        chosen = next((row for rows in actions.values() for row in rows if row["text"] == words), None)
        if chosen is None:
            raise Impossible(f"there is no action {words!r}")
        kept = {name: chosen[name] for name in ("action_id", "value", "style", "url") if name in chosen}
        text = {"type": "plain_text", "text": words, "emoji": True}
        return {"type": "button", "text": text, "block_id": "links", **kept, "action_ts": self.state.messages.new_ts()}

    def _card(self, message: PostedMessage, url: str) -> Mapping[str, Any]:
        cards = self._now(message).attachments
        card = next((each for each in cards if not url or each["app_unfurl_url"] == url), None)
        if card is None:
            raise Impossible(_("this card doesn't exist"))
        return card

    def _now(self, message: PostedMessage) -> PostedMessage:
        present_message = self.state.messages.get(message.channel, message.ts)
        if present_message is None:
            raise Impossible(_("the message is gone"))
        return present_message
