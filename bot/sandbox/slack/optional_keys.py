"""The keys that Slack may leave out of an answer: those that its documentation shows in one place and not in another.

From the pages of the methods, and of the types user and conversation. With the fault `sparse`, each is left out by
chance, so that nothing in the bot depends on one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

USER = frozenset(
    {
        *("color", "real_name", "tz", "tz_label", "tz_offset", "profile", "updated", "is_app_user", "has_2fa"),
        "is_primary_owner",
    }
)
CONVERSATION = frozenset(
    {
        *("created", "creator", "unlinked", "name_normalized", "is_general", "is_frozen", "is_org_shared", "updated"),
        *("shared_team_ids", "pending_connected_team_ids", "pending_shared", "previous_names", "parent_conversation"),
        *("topic", "purpose", "properties", "priority", "last_read", "latest", "unread_count", "is_open"),
        *("unread_count_display", "context_team_id", "is_member", "is_user_deleted", "is_shared"),
    }
)
UNLESS_TRUE = frozenset(
    {"deleted", "is_stranger", "is_admin", "is_owner", "is_archived", "is_ext_shared", "is_pending_ext_shared"}
)
"""Flags that Slack leaves out of some objects where they would be false."""

VIEW = frozenset({"team_id", "app_installed_team_id", "previous_view_id", "root_view_id", "external_id", "state"})
GROUP = frozenset(
    {
        *("description", "is_external", "date_create", "date_update", "date_delete", "auto_type", "created_by"),
        *("updated_by", "deleted_by", "prefs", "user_count"),
    }
)

OBJECTS: Mapping[str, tuple[str, frozenset[str]]] = {
    "conversations.info": ("channel", CONVERSATION),
    "conversations.join": ("channel", CONVERSATION),
    "users.conversations": ("channels", CONVERSATION),
    "users.info": ("user", USER),
    "usergroups.list": ("usergroups", GROUP),
    "views.open": ("view", VIEW),
    "views.publish": ("view", VIEW),
    "views.push": ("view", VIEW),
    "views.update": ("view", VIEW),
}
"""The key of the object, or of the list of objects, in a method's answer, and what may be missing from it."""

TOP: Mapping[str, frozenset[str]] = {
    "auth.test": frozenset({"url", "team", "user", "bot_id", "is_enterprise_install"}),
    "chat.postMessage": frozenset({"channel", "message"}),
    "chat.update": frozenset({"channel", "ts", "text", "message"}),
    "conversations.history": frozenset({"has_more", "pin_count"}),
    "conversations.replies": frozenset({"has_more"}),
}
"""What may be missing at the top of an answer."""


def sparse(method: str, answer: Mapping[str, Any], leaves_out: Callable[[], bool]) -> dict[str, Any]:
    """Return an answer without the optional keys for which `leaves_out` returns True."""
    kept = dict(_kept(answer, TOP.get(method, frozenset()), leaves_out))
    name, optional = OBJECTS.get(method, ("", frozenset()))
    match kept.get(name):
        case list(rows):
            kept[name] = [dict(_kept(row, optional, leaves_out)) for row in rows]
        case Mapping() as row:
            kept[name] = dict(_kept(row, optional, leaves_out))
    return kept


def _kept(
    row: Mapping[str, Any], optional: frozenset[str], leaves_out: Callable[[], bool]
) -> Iterator[tuple[str, Any]]:
    for key, value in row.items():
        may_be_missing = key in optional or (optional and key in UNLESS_TRUE and value is False)
        if not (may_be_missing and leaves_out()):
            yield key, value
