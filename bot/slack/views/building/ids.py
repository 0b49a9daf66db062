"""Every callback and action id, once. Action ids name what a click does; values say on what.

Slack wants the action ids within one block to differ. Where a block holds two buttons of one kind, `variant` tells them
apart, and `kind` gives back the id that the listener is registered under.
"""

from __future__ import annotations

DETAILS = "application.details"
OPEN_IN_CLUST = "application.open"
LIST_PAGE = "list.page"
SHARE_HERE = "list.share"
UNSUBSCRIBE = "subscription.end"
MOVE = "subscription.move"
ADOPT = "subscription.adopt"
DROP = "subscription.drop"
CONFIRM_SHARED = "subscription.confirm_shared"
RUN_SUGGESTION = "command.run"
NEW_BASELINE = "connection.new_baseline"
GO_ON = "connection.go_on"
CHECK_NOW = "connection.check"

REFRESH_HOME = "home.refresh"
CLASSIFY = "status.classify"
HOME_ACCOUNT = "home.account"
MANAGE = "home.manage"
"""Opens the form of a channel; the value is the channel."""

MORE = "card.more"
"""The menu of a card: the value says what, and of which application (`menu_value`)."""

FLOOD = "flood.answer"
MENTIONS = "person.mentions"

DETAILS_VIEW = "application.details_view"

# Forms: the callback ids are those of `product`; a button that opens a form has the form's id.
CREATE = "application.create"
UPDATE = "application.update"
DELETE = "application.delete"
ASSIGN = "application.assign"
PICK = "application.pick"
ACT = "action.choose"
ACTION = "action.use"
"""A saved action: the window that asks what it needs, and the button of a pinned one."""
ACTION_CONFIRM = "action.confirm"
ACTION_MANAGE = "action.manage"
ACTION_SAVE = "action.save"
ACTION_KEEP = "action.keep"
ACTION_REMOVE = "action.remove"
KEEP_CALL = "api.keep"
CONSOLE = "api.call"
ROLE = "role.save"
SUBSCRIBE = "subscription.save"
MORE_OPTIONS = "subscription.more_options"
CONNECT = "connection.save"
DISCONNECT = "connection.end"
CONSOLE_CONFIRM = "api.confirm"
OUTCOME_VIEW = "draft.outcome_view"
VALUE = "value"
"""The action id of every field of a form; its block id is the field's name."""

# What can be done about a form that is on its way; the value is the draft's id.
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
    """Return `action_id` marked with `name`, such as `list.page:next`."""
    return f"{action_id}:{name}"


def kind(action_id: str) -> str:
    """Return what a click does, without the mark of `variant`."""
    return action_id.partition(":")[0]


def menu_value(what: str, application_id: str) -> str:
    """Return the value of a choice in a card's menu, such as `take 123`."""
    return f"{what} {application_id}"
