"""Slack's error codes in one table: what each is about, and its text for people.

The codes are those documented for the methods that the bot calls (Slack: Web API, methods). `refusals` maps them to
exceptions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto


class About(Enum):
    """What a code is about, which decides how it is handled."""

    MESSAGE = auto()
    """This message can't be posted anywhere: its delivery fails."""
    REPLY = auto()
    """No reply is possible: a new card, or a post in the channel itself."""
    CARD = auto()
    """The posted message can't be changed: a new card."""
    VIEW = auto()
    """The modal was closed, or shows another view."""
    CHANNEL = auto()
    """The channel accepts no posts: its notifications are held."""
    TOKEN = auto()
    """The token is invalid: nothing works until the app is installed again."""
    WORKSPACE = auto()
    """The workspace or a permission. If a post is refused for it, the channel's notifications are held."""
    PERSON = auto()
    """The user or user group that was named."""
    CALL = auto()
    """The call itself: a bug of ours."""
    PASSING = auto()
    """A temporary failure: the call is repeated."""


@dataclass(frozen=True, slots=True)
class Code:
    """One error code. `what` is wrong, without a full stop; `remedy` is a sentence. Both may contain `{code}`.

    `in_info`: `conversations.info` shows when the problem is over. Otherwise only a successful post does.
    """

    about: About
    what: str
    remedy: str = ""
    in_info: bool = False

    @property
    def sentence(self) -> str:
        """The text for people."""
        return f"{self.what[:1].upper()}{self.what[1:]}. {self.remedy}".strip()


_INSTALL = "Ask whoever runs the bot to install it again and to set the new `SLACK_BOT_TOKEN`."
_MANIFEST = "Ask whoever runs the bot to install it again from its `manifest.yml`."
_POSTING = "Ask a workspace admin to let Clust post there (Slack: Channel settings > Posting permissions)."
_ADMIN = "Ask a workspace admin to let Clust in."
_AGAIN = "Try again in a moment."
_REPORT = "Please report this to whoever runs the bot."


def _rows(
    about: About, codes: str, what: str, remedy: str = "", *, in_info: bool = False
) -> Iterable[tuple[str, Code]]:
    return ((code, Code(about, what, remedy, in_info)) for code in codes.split())


CODES: Mapping[str, Code] = dict(
    row
    for rows in (
        # The channel
        _rows(
            About.CHANNEL,
            "not_in_channel",
            "the bot is not in the channel",
            "Type `/invite @Clust` there.",
            in_info=True,
        ),
        _rows(
            About.CHANNEL,
            "channel_not_found",
            "the channel can't be found: it was deleted, or it is private and the bot was removed",
            "If it still exists, type `/invite @Clust` there.",
            in_info=True,
        ),
        _rows(
            About.CHANNEL,
            "is_archived",
            "the channel is archived",
            "Unarchive it, or move what it gets to another channel.",
            in_info=True,
        ),
        _rows(
            About.CHANNEL,
            "is_inactive",
            "the channel is frozen, archived or deleted",
            "Bring it back, or move what it gets to another channel.",
        ),
        _rows(
            About.CHANNEL,
            "restricted_action",
            "a setting of the workspace keeps apps from posting there",
            _POSTING,
        ),
        _rows(About.CHANNEL, "restricted_action_read_only_channel", "the channel is read-only", _POSTING),
        _rows(
            About.CHANNEL,
            "restricted_action_thread_only_channel",
            "the channel only takes replies in threads",
            "Ask a workspace admin to allow new messages there, or move what it gets to another channel.",
        ),
        _rows(
            About.CHANNEL,
            "ekm_access_denied",
            "admins have turned off messages in this channel",
            _POSTING,
        ),
        _rows(
            About.CHANNEL,
            "no_permission posting_to_channel_denied posting_to_general_channel_denied",
            "the bot isn't allowed to post there",
            _POSTING,
        ),
        _rows(
            About.CHANNEL,
            "channel_is_limited_access",
            "the channel belongs to a Salesforce record that the bot can't see",
            "Use another channel.",
        ),
        _rows(
            About.CHANNEL,
            "messages_tab_disabled",
            "the app takes no direct messages",
            "Ask whoever runs the bot to turn on the Messages tab of the app's home (see `manifest.yml`).",
        ),
        _rows(
            About.CHANNEL, "too_many_members", "the channel has as many members as Slack allows", "Use another channel."
        ),
        # The token
        _rows(About.TOKEN, "token_revoked", "the bot's access to this workspace was withdrawn", _INSTALL),
        _rows(About.TOKEN, "token_expired", "the bot's access to this workspace has expired", _INSTALL),
        _rows(About.TOKEN, "invalid_auth not_authed", "Slack doesn't accept the bot's token", _INSTALL),
        _rows(About.TOKEN, "not_allowed_token_type", "the bot's token is of the wrong type", _INSTALL),
        _rows(About.TOKEN, "account_inactive", "the bot was removed from this workspace", _INSTALL),
        # The workspace
        _rows(About.WORKSPACE, "missing_scope", "the bot lacks a permission in Slack", _MANIFEST),
        _rows(About.WORKSPACE, "team_access_not_granted", "the bot wasn't let into this workspace", _ADMIN),
        _rows(About.WORKSPACE, "access_denied forbidden_team", "the workspace doesn't let the bot do this", _ADMIN),
        _rows(
            About.WORKSPACE,
            "accesslimited",
            "the workspace doesn't allow this from the network that the bot runs in",
            "Ask a workspace admin to allow the bot's address.",
        ),
        _rows(
            About.WORKSPACE,
            "enterprise_is_restricted",
            "Slack doesn't allow this for a whole organization",
            "Ask whoever runs the bot to install it in this workspace.",
        ),
        _rows(
            About.WORKSPACE,
            "two_factor_setup_required",
            "the workspace requires two-factor authentication to be set up first",
            _ADMIN,
        ),
        _rows(
            About.WORKSPACE,
            "message_limit_exceeded",
            "the workspace sends more messages than its plan allows",
            "Ask a workspace admin about the plan's limits.",
        ),
        _rows(About.WORKSPACE, "team_not_found", "Slack can't find the workspace of this channel", _INSTALL),
        _rows(
            About.WORKSPACE,
            "plan_upgrade_required paid_teams_only not_paid subteams_not_enabled",
            "the workspace's plan doesn't include this",
            "Ask a workspace admin about the plan.",
        ),
        _rows(About.WORKSPACE, "file_uploads_disabled", "the workspace doesn't allow file uploads", _ADMIN),
        _rows(About.WORKSPACE, "storage_limit_reached", "the workspace has no room left for files", _ADMIN),
        # A reply or its thread
        _rows(About.REPLY, "thread_not_found", "the thread is gone"),
        _rows(About.REPLY, "cannot_reply_to_message", "this message can't be replied to"),
        _rows(About.REPLY, "restricted_action_thread_locked thread_locked", "the thread is locked"),
        _rows(About.REPLY, "restricted_action_non_threadable_channel", "the channel doesn't take replies in threads"),
        # The message that stands there
        _rows(About.CARD, "message_not_found", "the message is gone"),
        _rows(About.CARD, "edit_window_closed", "the message is too old to be edited"),
        _rows(
            About.CARD,
            "cant_update_message cant_delete_message block_mismatch streaming_state_conflict cant_broadcast_message "
            "no_dual_broadcast_content_update",
            "the message can't be edited",
        ),
        # The message
        _rows(
            About.MESSAGE,
            "msg_too_long msg_blocks_too_long metadata_too_large attachment_payload_limit_exceeded "
            "too_many_attachments too_many_contact_cards",
            "the message is too long",
            _REPORT,
        ),
        _rows(
            About.MESSAGE,
            "invalid_blocks invalid_blocks_format no_text invalid_metadata_format invalid_metadata_schema "
            "metadata_must_be_sent_from_app invalid_attachments markdown_text_conflict missing_file_data "
            "as_user_not_supported send_on_behalf_not_allowed duplicate_channel_not_found duplicate_message_not_found "
            "invalid_arguments invalid_arg_name invalid_array_arg",
            "Slack can't read the message",
            _REPORT,
        ),
        _rows(
            About.MESSAGE,
            "slack_connect_canvas_sharing_blocked slack_connect_file_link_sharing_blocked "
            "slack_connect_lists_sharing_blocked slack_connect_file_upload_sharing_blocked",
            "admins have turned off sharing files with other organizations",
        ),
        # A view
        _rows(About.VIEW, "not_found", "this window is closed", "Open it again."),
        _rows(About.VIEW, "hash_conflict", "this window shows something else by now", "Open it again."),
        # A person
        _rows(
            About.PERSON,
            "user_not_found users_not_found",
            "Slack doesn't know this person",
            "Choose the person that Slack offers when you type @.",
        ),
        _rows(About.PERSON, "user_not_visible", "the bot can't see this person"),
        _rows(About.PERSON, "user_disabled", "this person's account is deactivated"),
        _rows(About.PERSON, "cannot_dm_bot", "bots can't be sent direct messages"),
        _rows(About.PERSON, "user_not_in_channel", "this person isn't in the channel"),
        _rows(
            About.PERSON,
            "invalid_user_combination too_many_users not_enough_users users_list_not_supplied",
            "Slack can't open a direct message with these people",
        ),
        _rows(About.PERSON, "no_such_subteam", "this user group no longer exists", "Choose another one."),
        # The call
        _rows(
            About.CALL,
            "expired_trigger_id exchanged_trigger_id invalid_trigger_id trigger_expired trigger_exchanged",
            "Slack waited too long to open the window",
            "Try again.",
        ),
        _rows(About.CALL, "push_limit_reached", "too many windows are open", "Close one and try again."),
        _rows(About.CALL, "not_enabled", "the app's Home tab is turned off", _MANIFEST),
        _rows(About.CALL, "view_too_large duplicate_external_id", "Slack can't show this window", _REPORT),
        _rows(
            About.CALL,
            "file_upload_size_restricted snippet_too_large alt_txt_too_large",
            "the file is too large for this workspace",
        ),
        _rows(
            About.CALL,
            "file_not_found file_update_failed blocked_file_type invalid_channel unknown_snippet_type unknown_subtype",
            "Slack didn't take the file",
        ),
        _rows(
            About.CALL,
            "bad_client_secret invalid_client_id invalid_grant_type oauth_authorization_url_mismatch",
            "Slack doesn't accept the app's credentials",
            "Check `SLACK_CLIENT_ID` and `SLACK_CLIENT_SECRET`.",
        ),
        _rows(About.CALL, "bad_redirect_uri", "Slack doesn't know the bot's address", "Check `PUBLIC_URL`."),
        _rows(
            About.CALL,
            "invalid_code no_scopes user_email_unverified preview_feature_not_available invalid_refresh_token "
            "cannot_install_an_org_installed_app",
            "Slack didn't finish the installation",
            "Start it again.",
        ),
        _rows(
            About.CALL,
            "method_not_supported_for_channel_type",
            "Slack doesn't allow this in a conversation of this kind",
        ),
        _rows(
            About.CALL,
            "invalid_cursor invalid_limit invalid_types invalid_ts_latest invalid_ts_oldest missing_argument "
            "missing_args invalid_metadata_filter_keys invalid_charset invalid_form_data invalid_post_type "
            "missing_post_type insecure_request unknown_method method_deprecated deprecated_endpoint is_bot "
            "user_is_bot user_is_restricted bot_not_found missing_charset superfluous_charset",
            "Slack can't read the bot's request",
            _REPORT,
        ),
        # What passes
        _rows(
            About.PASSING,
            "internal_error fatal_error service_unavailable request_timeout update_failed fetch_members_failed "
            "list_record_comment_fetch_failed",
            "Slack isn't working properly at the moment",
            _AGAIN,
        ),
        _rows(
            About.PASSING,
            "team_added_to_org org_login_required external_channel_migrating",
            "Slack is moving this workspace or channel",
            _AGAIN,
        ),
        _rows(About.PASSING, "ratelimited rate_limited", "Slack asks to wait", _AGAIN),
    )
    for row in rows
)
"""All codes that Slack documents for the methods that the bot calls."""


def is_in_info(code: str) -> bool:
    """Return whether `conversations.info` shows when a channel's problem is over (rule P3).

    For all others, including unknown codes, only a successful post shows it.
    """
    row = CODES.get(code)
    return row is not None and (row.in_info or row.about is About.TOKEN)


def is_about_reply(code: str | None) -> bool:
    """Return whether a code means that no reply is possible in a thread."""
    row = CODES.get(code or "")
    return row is not None and row.about is About.REPLY
