"""Payloads of Slack as frozen values: what a person did. `entry.payloads` reads them.

The shapes are those of Slack's "Slash commands" and "Interaction payloads", with the members that this bot and Bolt
read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from bot.slack.request.payload_parts import (
    Action,
    Container,
    FilledView,
    OpenView,
    PayloadPart,
    Reference,
    UserReference,
)
from bot.slack.request.requester import Actor, first_id


class PersonPayload(PayloadPart):
    """What a person did. By itself it says nothing, as for a Home tab that is brought up to date."""

    response_url: str | None = None
    trigger_id: str | None = None
    view: OpenView | None = None
    container: Container | None = None

    @property
    def sender(self) -> Actor:
        """Who did it, and for which installation. What the payload doesn't say is empty."""
        return Actor("", None, "")

    @property
    def place(self) -> str:
        """The id of the channel where it was done. Empty in a window or on the Home tab."""
        return ""

    @property
    def place_name(self) -> str:
        """The channel's name, which Slack gives with commands alone."""
        return ""

    @property
    def action(self) -> Action | None:
        """What was clicked or chosen."""
        return None

    @property
    def account_id(self) -> int | None:
        """The connection that the window, or else the button, is tagged with."""
        view_account = self.view.account_id if self.view else None
        return view_account if view_account is not None or self.action is None else self.action.account_id


class SlashCommandPayload(PersonPayload):
    """A command with the text behind it (Slack: Slash commands)."""

    command: str
    text: str | None = None
    user_id: str
    channel_id: str | None = None
    channel_name: str | None = None
    team_id: str | None = None
    enterprise_id: str | None = None
    is_enterprise_install: bool | str | None = None
    response_url: str

    @property
    def sender(self) -> Actor:
        """Who typed it."""
        return Actor(first_id(self.team_id), first_id(self.enterprise_id) or None, first_id(self.user_id))

    @property
    def place(self) -> str:
        """The id of the channel where it was typed."""
        return self.channel_id or ""

    @property
    def place_name(self) -> str:
        """The channel's name: `directmessage` for one with a single other person."""
        return self.channel_name or ""


class InteractionPayload(PersonPayload):
    """Something done in a message, a window or the Home tab (Slack: Interaction payloads)."""

    user: UserReference
    team: Reference | None = None
    enterprise: Reference | None = None
    channel: Reference | None = None
    callback_id: str | None = None
    is_enterprise_install: bool | str | None = None

    @property
    def sender(self) -> Actor:
        """Who did it.

        A window opened in a channel shared with another organization can stand in a workspace without the app: the view
        says which one installed it. If a whole organization did, `team` can be null. Then the view's own workspace
        counts, or the person's. Both can be a stranger's, and Slack can name the organization in their place (Slack:
        block_suggestion, `user` and `team`). Where nothing else names the organization, that of `team` counts, as in
        Bolt.
        """
        team, view, user_id = self.team or Reference(), self.view or OpenView(id=""), first_id(self.user.id)
        installed, enterprise_id = first_id(view.app_installed_team_id), self.enterprise.id if self.enterprise else None
        if _is_workspace(installed) or (team.id and not (installed or self._is_of_organization)):
            named = first_id(installed, team.id)
            is_named_twice = team.id in {None, named}  # else the organization is that of a stranger
            organization = first_id(enterprise_id, team.enterprise_id) if is_named_twice else ""
            return Actor(named, organization or None, user_id)
        installed_for = first_id(installed, enterprise_id)
        organization = installed_for or first_id(team.enterprise_id)
        if not organization:
            return Actor("", None, user_id)
        named = first_id(*filter(_is_workspace, (team.id, view.team_id, self.user.team_id)), organization)
        may_be_foreign = named != team.id or team.enterprise_id != organization
        return Actor(named, organization, user_id, may_be_foreign, is_organization_certain=bool(installed_for))

    @property
    def _is_of_organization(self) -> bool:
        """Whether the app is installed for a whole organization."""
        return str(self.is_enterprise_install).lower() == "true"

    @property
    def place(self) -> str:
        """The id of the channel whose message was clicked."""
        return (self.channel.id if self.channel else None) or ""


def _is_workspace(team_id: str | None) -> bool:
    """Return whether an id is a workspace's, not an organization's."""
    return bool(team_id and team_id.startswith("T"))


class BlockActions(InteractionPayload):
    """A click on a button, or a choice in an element that says so at once (Slack: block_actions)."""

    view: FilledView | None = None
    actions: Annotated[list[Action], Field(min_length=1)]
    trigger_id: str

    @property
    def action(self) -> Action:
        """The first action: Slack sends one at a time."""
        return self.actions[0]


class GlobalShortcut(InteractionPayload):
    """A shortcut that was chosen anywhere in Slack (Slack: Shortcuts, global). It has no channel."""

    callback_id: str
    trigger_id: str


class ForwardedPart(PayloadPart):
    """A part of a message that comes from elsewhere: a forwarded message, or an email that was sent to Slack."""

    text: str | None = None
    plain_text: str | None = None


class ShortcutMessage(PayloadPart):
    """The message that a shortcut was chosen on."""

    ts: str
    text: str | None = None
    metadata: dict[str, Any] | None = None
    attachments: list[ForwardedPart] | None = None
    files: list[ForwardedPart] | None = None

    @property
    def whole_text(self) -> str:
        """Its text and that of what was forwarded in it, as Slack escapes it."""
        forwarded = [one.text or one.plain_text for one in (*(self.attachments or ()), *(self.files or ()))]
        return "\n".join(filter(None, (self.text, *forwarded)))

    def metadata_of(self, event_type: str) -> Mapping[str, Any]:
        """Return the payload of its metadata. Empty for another type (Slack: Message metadata)."""
        if self.metadata is None or self.metadata.get("event_type") != event_type:
            return {}
        payload = self.metadata.get("event_payload")
        return payload if isinstance(payload, Mapping) else {}


class MessageShortcut(InteractionPayload):
    """A shortcut that was chosen on a message (Slack: Shortcuts, message_action)."""

    callback_id: str
    trigger_id: str
    message: ShortcutMessage


class ViewSubmission(InteractionPayload):
    """A form that was submitted (Slack: view_submission)."""

    view: FilledView


class ViewClosed(InteractionPayload):
    """A window that was closed. What was entered needn't come along (Slack: view_closed)."""

    view: OpenView


class BlockSuggestion(InteractionPayload):
    """A search in a select (Slack: block_suggestion)."""

    view: FilledView | None = None
    action_id: str
    block_id: str
    value: str


class SslCheck(PayloadPart):
    """A question whether the certificate of the address is valid, which Bolt answers (Slack: Slash commands)."""

    ssl_check: str
