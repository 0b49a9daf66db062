"""Every callback and action ID, once. An action ID says what a click does, and the value on what.

Action IDs in one block must differ (Slack). If a block has two buttons of one kind, `variant` distinguishes them, and
`kind` returns the registered ID.
"""

from __future__ import annotations

DETAILS = "application.details"
OPEN_IN_CLUST = "application.open"
LIST_PAGE = "list.page"
SHARE_HERE = "list.share"
SHARE_REPORT = "report.share"
UNSUBSCRIBE = "subscription.end"
MOVE = "subscription.move"
ADOPT = "subscription.adopt"
END_HELD = "subscription.drop"
CONFIRM_SHARED = "subscription.confirm_shared"
RUN_SUGGESTION = "command.run"
NEW_BASELINE = "connection.new_baseline"
GO_ON = "connection.go_on"
CHECK_NOW = "connection.check"
CONTACT = "connection.contact"
"""Opens what was understood of a new account. The value of this one and the next is the connection's ID."""
CONTACT_SEEN = "connection.contact_seen"
CONTACT_START = "connection.contact_start"
CONTACT_START_WITHOUT = "connection.contact_drop"

REFRESH_HOME = "home.refresh"
CLASSIFY = "status.classify"
HOME_ACCOUNT = "home.account"
MANAGE = "home.manage"
"""Opens the form of a channel. The value is the channel ID."""

MORE = "card.more"
"""The menu of a card. The value has the action and the application (`menu_value`)."""

HIDE_LINK = "link.hide"
"""Stops showing a pasted link in its message."""

PANE_EDIT = "work-object-edit"
"""Slack's own callback ID of an edit in a pane (Slack: Work Objects, "Handling view_submission requests")."""

FLOOD = "flood.answer"
MENTIONS = "person.mentions"

DETAILS_VIEW = "application.details_view"

# Forms: the callback ids are those of `product`. A button that opens a form has the form's id.
CREATE = "application.create"
UPDATE = "application.update"
DELETE = "application.delete"
ASSIGN = "application.assign"
PICK = "application.pick"
ACT = "action.choose"
ACTION = "action.use"
"""A saved action: the window that asks what it needs, and the button of a pinned one."""
ACT_ON_LIST = "list.act"
ACT_ON_MANY = "action.choose_many"
ACTION_CONFIRM = "action.confirm"
ACTION_STOP = "action.stop"
ACTION_MANAGE = "action.manage"
ACTION_SAVE = "action.save"
ACTION_KEEP = "action.keep"
ACTION_REMOVE = "action.remove"
KEEP_CALL = "api.keep"
ACTION_IMPORT = "action.import"
ACTION_IMPORT_CONFIRM = "action.import_confirm"
FROM_MESSAGE = "application.from_message"
CONSOLE = "api.call"
ROLE = "role.save"
SUBSCRIBE = "subscription.save"
MORE_OPTIONS = "subscription.more_options"
CONNECT = "connection.save"
DISCONNECT = "connection.end"
CONSOLE_CONFIRM = "api.confirm"
OUTCOME_VIEW = "draft.outcome_view"
VALUE = "value"
"""The action ID of every form field. The block ID is the field's name."""

# What can be done about a form that is on its way. The value is the draft's id.
RETRY = "draft.retry"
RESUME = "draft.resume"
CHECK = "draft.check"
SEND_AGAIN = "draft.send_again"
OVERWRITE = "draft.overwrite"
KEEP_THEIRS = "draft.keep_theirs"
BACK_TO_FORM = "draft.back"
DISCARD = "draft.discard"
RESUME_CONNECT = "connection.resume"
CONSOLE_PRESET = "api.preset"
PRESET_BLOCK = "preset"
SHARE_CALL = "api.share"
SHARE_APPLICATION = "application.share"


def variant(action_id: str, name: str) -> str:
    """Return an action ID with a suffix, such as `list.page:next`."""
    return f"{action_id}:{name}"


def kind(action_id: str) -> str:
    """Return an action ID without its suffix."""
    return action_id.partition(":")[0]


def menu_value(name: str, application_id: str) -> str:
    """Return the value of a menu option, such as `take 123`."""
    return f"{name} {application_id}"
