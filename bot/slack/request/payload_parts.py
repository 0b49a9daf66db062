"""Parts of Slack's payloads: who and where, what was clicked, and a view with what stands in its fields.

A key may be absent or null unless it is needed, and other keys are left out. What the texts say is still anyone's: an
id may be one that Slack never gave.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, ConfigDict

from bot.slack.views.building import ids
from bot.slack.views.building.account_tags import untagged


class PayloadPart(BaseModel):
    """An object within a payload, or the payload itself."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", defer_build=True)  # which spares the start


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
