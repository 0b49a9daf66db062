"""Every callback and action id, once. Action ids name what a click does; values say on what."""

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
