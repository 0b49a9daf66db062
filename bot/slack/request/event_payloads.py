"""Payloads of Slack's "Events API" as frozen values: what happened, and to which installation."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from bot.slack.request.payload_models import PersonPayload
from bot.slack.request.payload_parts import ExternalRef, PayloadPart, Reference
from bot.slack.request.requester import Actor, first_id


class RevokedTokens(PayloadPart):
    """The people whose tokens are gone (Slack: tokens_revoked)."""

    bot: list[str] | None = None
    oauth: list[str] | None = None


class StepFunction(PayloadPart):
    """The function of a workflow's step."""

    callback_id: str


class SharedLink(PayloadPart):
    """A link in a message (Slack: link_shared)."""

    url: str


class InnerEvent(PayloadPart):
    """What happened. Bolt looks for a person and a channel in each of these fields.

    The last ones are those of a step of a workflow (Slack: function_executed).
    """

    type: str
    subtype: str | None = None
    text: str | None = None
    ts: str | None = None
    thread_ts: str | None = None
    channel_type: str | None = None
    bot_id: str | None = None
    inviter: str | None = None
    edited: dict[str, Any] | None = None
    user: str | Reference | None = None
    channel: str | Reference | None = None
    user_id: str | None = None
    channel_id: str | None = None
    team_id: str | None = None
    enterprise_id: str | None = None
    old_channel_id: str | None = None
    new_channel_id: str | None = None
    tab: str | None = None
    tokens: RevokedTokens | None = None
    view: dict[str, Any] | None = None
    function: StepFunction | None = None
    inputs: dict[str, Any] | None = None
    function_execution_id: str | None = None
    bot_access_token: str | None = Field(None, repr=False)
    message_ts: str | None = None
    unfurl_id: str | None = None
    source: str | None = None
    links: list[SharedLink] | None = None
    trigger_id: str | None = None
    entity_url: str | None = None
    external_ref: ExternalRef | None = None

    @property
    def is_in_composer(self) -> bool:
        """Whether a link stands in a message that isn't sent yet: then its channel is unknown."""
        return self.source == "composer" or self.place == "COMPOSER"

    @property
    def person(self) -> str:
        """The id of the person that it is about. Empty where the event has none, or an object in its place."""
        return self.user if isinstance(self.user, str) else ""

    @property
    def place(self) -> str:
        """The id of the channel that it is about. Empty if there is none."""
        channel_id = self.channel.id if isinstance(self.channel, Reference) else self.channel
        return channel_id or ""


class PersonEvent(PersonPayload):
    """What a person did, as an event reports it."""

    event: InnerEvent

    @classmethod
    def of(cls, event: InnerEvent) -> PersonEvent:
        """Return the event as a payload to answer."""
        return cls(event=event, trigger_id=event.trigger_id)

    @property
    def place(self) -> str:
        """The id of the channel where it was done. Empty for a message that isn't sent yet."""
        return "" if self.event.is_in_composer else self.event.place


class EventAuthorization(PayloadPart):
    """An installation that may see an event."""

    user_id: str | None = None
    team_id: str | None = None
    enterprise_id: str | None = None
    is_enterprise_install: bool | None = None


class EventCallback(PayloadPart):
    """An event (Slack: Events API, event_callback)."""

    event: InnerEvent
    team_id: str | None = None
    enterprise_id: str | None = None
    context_team_id: str | None = None
    authorizations: list[EventAuthorization] | None = None
    is_ext_shared_channel: bool | None = None

    @property
    def sender(self) -> Actor:
        """The installation that it happened to, and the person that it is about.

        In a channel that several organizations share, `team_id` can be the workspace of the person. The installation is
        the one that may see the event, if it has any (Slack: Events API, authorizations). That of a whole organization
        names no workspace. Then it is the one through which the app gets the event, else `team_id` if that is certainly
        of the organization, else the organization itself, in which no one has a role.
        """
        person = first_id(self.event.person)
        if not self.authorizations:
            return Actor(first_id(self.team_id), first_id(self.enterprise_id) or None, person)
        installed = self.authorizations[0]
        is_ours = self.enterprise_id == installed.enterprise_id or self.is_ext_shared_channel is False
        own_team_id = self.team_id if is_ours else None
        context_id = first_id(self.context_team_id)
        workspace_id = context_id if context_id.startswith("T") else None  # can be the organization itself
        team_id = first_id(installed.team_id, workspace_id, own_team_id, installed.enterprise_id)
        return Actor(team_id, first_id(installed.enterprise_id) or None, person)


class UrlVerification(PayloadPart):
    """A challenge, which Bolt answers (Slack: url_verification)."""

    challenge: str
