"""Payloads of Slack as frozen values: what a person did, or what happened. `entry.payloads` reads them.

The shapes are those of Slack's "Slash commands", "Interaction payloads" and "Events API", as far as this bot and Bolt
read them. A key may be absent or null unless it is needed, and other keys are left out. What the texts say is still
anyone's: an id may be one that Slack never gave.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from bot.slack.request.requester import Actor, first_id
from bot.slack.views.building import ids
from bot.slack.views.building.account_tags import untagged


class PayloadPart(BaseModel):
    """An object within a payload, or the payload itself."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class Reference(PayloadPart):
    """A workspace, an organization, a channel or a person."""

    id: str | None = None
    team_id: str | None = None
    enterprise_id: str | None = None


class UserReference(Reference):
    """The person who did something."""

    id: str


class ChosenOption(PayloadPart):
    """An option of a select, a radio button, a checkbox or a menu."""

    value: str | None = None


class Entry(PayloadPart):
    """What a person entered into one element, or chose there."""

    value: str | None = None
    selected_option: ChosenOption | None = None
    selected_options: list[ChosenOption] | None = None
    selected_user: str | None = None
    selected_channel: str | None = None
    selected_conversation: str | None = None
    selected_date: str | None = None
    selected_time: str | None = None

    @property
    def content(self) -> str | list[str | None] | None:
        """A text, a list for an element with several choices, None for nothing."""
        if "selected_options" in self.model_fields_set:
            return [option.value for option in self.selected_options or ()]
        if "selected_option" in self.model_fields_set:
            return self.selected_option.value if self.selected_option else None
        single = (
            *(self.value, self.selected_date, self.selected_time),
            *(self.selected_user, self.selected_channel, self.selected_conversation),
        )
        return next((each for each in single if each is not None), None)


class Action(Entry):
    """A button that was clicked, or another element in which something was chosen."""

    type: str | None = None
    action_id: str
    block_id: str | None = None

    @property
    def choice(self) -> str:
        """The button's value, or that of the option that was chosen, without its account tag."""
        return self._tagged[1]

    @property
    def account_id(self) -> int | None:
        """The connection that the value is tagged with."""
        return self._tagged[0]

    @property
    def _tagged(self) -> tuple[int | None, str]:
        return untagged(self.value or (self.selected_option and self.selected_option.value) or "")


class FormState(PayloadPart):
    """What stands in the fields of a view, by block and action id."""

    values: dict[str, dict[str, Entry]]


class ExternalRef(PayloadPart):
    """Our own reference to an entity (Slack: Work Objects, "External ref properties")."""

    id: str


class OpenView(PayloadPart):
    """A window, or a Home tab, as it stood when the person did something."""

    id: str
    type: str | None = None
    hash: str | None = None
    state: FormState | None = None
    callback_id: str | None = None
    private_metadata: str | None = None
    team_id: str | None = None
    app_installed_team_id: str | None = None
    title: dict[str, Any] | None = None
    submit: dict[str, Any] | None = None
    close: dict[str, Any] | None = None
    blocks: list[dict[str, Any]] | None = None
    notify_on_close: bool | None = None
    channel: str | None = None
    entity_url: str | None = None
    external_ref: ExternalRef | None = None

    @property
    def form(self) -> str:
        """The form that was submitted, by its callback id. Slack's examples have none for an edit in a pane."""
        return ids.PANE_EDIT if self.is_pane else self.callback_id or ""

    @property
    def is_pane(self) -> bool:
        """Whether it is the pane of a Work Object."""
        return self.type == "entity_detail"

    @property
    def application_id(self) -> str:
        """The application of a pane."""
        return (self.external_ref.id if self.external_ref else "").partition(":")[2]

    @property
    def entered_in_pane(self) -> dict[str, str | list[str | None] | None]:
        """What stands in the fields of a pane, by their names."""
        values = self.state.values if self.state else {}
        return {name: entry.content for name, entries in values.items() for entry in entries.values()}

    @property
    def is_window(self) -> bool:
        """Whether it is a window: a Home tab is a view too."""
        return self.type == "modal"

    @property
    def metadata(self) -> str:
        """The private metadata without its account tag."""
        return untagged(self.private_metadata or "")[1]

    @property
    def account_id(self) -> int | None:
        """The connection that the view is about."""
        in_pane = (self.external_ref.id if self.external_ref else "").partition(":")[0]
        return int(in_pane) if re.fullmatch("[0-9]{1,9}", in_pane) else untagged(self.private_metadata or "")[0]

    def as_sent(self) -> dict[str, Any]:
        """Return what can be sent back as it came, but for its account tag (Slack: Modals, view object)."""
        keys = {"type", "title", "submit", "close", "blocks", "callback_id", "notify_on_close"}
        return {**self.model_dump(include=keys, exclude_none=True), "private_metadata": self.metadata}

    @property
    def entered(self) -> dict[str, str | list[str | None] | None]:
        """What stands in its fields, by block id."""
        values = self.state.values if self.state else {}
        return {
            block_id: entries[ids.VALUE].content if ids.VALUE in entries else None
            for block_id, entries in values.items()
        }


class FilledView(OpenView):
    """A view that comes with what stands in its fields."""

    state: FormState


class Container(PayloadPart):
    """Where the element stands that was clicked."""

    channel_id: str | None = None
    message_ts: str | None = None
    app_unfurl_url: str | None = None


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
        """The id of the channel where it was done; empty in a window or on the Home tab."""
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

        Where the app is installed for a whole organization, `team` may name no workspace, and the view names the
        organization as the one that installed the app. Then the view's own workspace counts, or the person's. A window
        opened in a channel shared with another organization may stand in a workspace without the app.
        """
        team, view = self.team or Reference(), self.view
        installed = (view.app_installed_team_id if view else None) or ""
        teams = (
            installed if installed.startswith("T") else "",
            team.id,
            view.team_id if view else "",
            self.user.team_id,
        )
        enterprises = (self.enterprise.id if self.enterprise else "", team.enterprise_id)
        return Actor(first_id(*teams), first_id(*enterprises) or None, first_id(self.user.id))

    @property
    def place(self) -> str:
        """The id of the channel whose message was clicked."""
        return (self.channel.id if self.channel else None) or ""


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
        """Return the payload of its metadata; empty for another type (Slack: Message metadata)."""
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
    """A window that was closed; what was entered needn't come along (Slack: view_closed)."""

    view: OpenView


class BlockSuggestion(InteractionPayload):
    """A search in a select (Slack: block_suggestion)."""

    view: FilledView | None = None
    action_id: str
    block_id: str
    value: str


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
        """The id of the person whom it is about; empty where the event has none, or an object in its place."""
        return self.user if isinstance(self.user, str) else ""

    @property
    def place(self) -> str:
        """The id of the channel that it is about; empty where there is none."""
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
        """The id of the channel where it was done; empty for a message that isn't sent yet."""
        return "" if self.event.is_in_composer else self.event.place


class Authorization(PayloadPart):
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
    authorizations: list[Authorization] | None = None
    is_ext_shared_channel: bool | None = None

    @property
    def sender(self) -> Actor:
        """The installation that it happened to, and the person whom it is about.

        In a channel that several organizations share, `team_id` can be the workspace of the person. The installation is
        the one that may see the event, if it has any (Slack: Events API, authorizations). That of a whole organization
        names no workspace. Then it is the one through which the app gets the event, else `team_id` if that is certainly
        of the organization, else the organization itself, in which nobody has a role.
        """
        person = first_id(self.event.person)
        if not self.authorizations:
            return Actor(first_id(self.team_id), first_id(self.enterprise_id) or None, person)
        installed = self.authorizations[0]
        is_ours = self.enterprise_id == installed.enterprise_id or self.is_ext_shared_channel is False
        own_team_id = self.team_id if is_ours else None
        team_id = first_id(installed.team_id, self.context_team_id, own_team_id, installed.enterprise_id)
        return Actor(team_id, first_id(installed.enterprise_id) or None, person)


class UrlVerification(PayloadPart):
    """A challenge, which Bolt answers (Slack: url_verification)."""

    challenge: str


class SslCheck(PayloadPart):
    """A question whether the certificate of the address is valid, which Bolt answers (Slack: Slash commands)."""

    ssl_check: str


BY_TYPE: Mapping[str, type[PayloadPart]] = {
    "block_actions": BlockActions,
    "view_submission": ViewSubmission,
    "view_closed": ViewClosed,
    "block_suggestion": BlockSuggestion,
    "shortcut": GlobalShortcut,
    "message_action": MessageShortcut,
    "event_callback": EventCallback,
    "url_verification": UrlVerification,
}
"""The shape of each payload by its type. Other types are not for this bot."""
