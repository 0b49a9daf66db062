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
CONFIRM_SHARED = "subscription.confirm_shared"
RUN_SUGGESTION = "command.run"
NEW_BASELINE = "connection.new_baseline"
GO_ON = "connection.go_on"

DETAILS_VIEW = "application.details_view"


def variant(action_id: str, name: str) -> str:
    """Return `action_id` marked with `name`, such as `list.page:next`."""
    return f"{action_id}:{name}"


def kind(action_id: str) -> str:
    """Return what a click does, without the mark of `variant`."""
    return action_id.partition(":")[0]
