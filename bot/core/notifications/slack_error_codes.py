"""Slack's error codes in one table: what each is about, and its text for people.

The codes are those documented for the methods that the bot calls (Slack: Web API, methods). `slack_exceptions` maps
them to exceptions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from bot.core.language import N_, _


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
    """One error code. `problem` has no full stop. `remedy` is a sentence. Both may contain `{code}`.

    `in_info`: `conversations.info` shows when the problem is over. Otherwise only a successful post does.
    """

    about: About
    problem: str
    remedy: str = ""
    in_info: bool = False

    @property
    def sentence(self) -> str:
        """What a person reads."""
        return f"{_(self.problem)} {_(self.remedy)}".strip()


_INSTALL = N_("Ask the person who runs the bot to reinstall it and set the new `SLACK_BOT_TOKEN`.")
_MANIFEST = N_("Ask the person who runs the bot to reinstall it from its `manifest.yml`.")
_POSTING = N_("Ask a workspace admin to let Clust post there, under Channel settings > Posting permissions.")
_ADMIN = N_("Ask a workspace admin to allow Clust.")
_AGAIN = N_("Try again in a moment.")
_REPORT = N_("Report this to the person who runs the bot.")


def _rows(
    about: About, codes: str, problem: str, remedy: str = "", *, in_info: bool = False
) -> Iterable[tuple[str, Code]]:
    return ((code, Code(about, problem, remedy, in_info)) for code in codes.split())


CODES: Mapping[str, Code] = dict(
    row
    for rows in (
        # The channel
        _rows(
            About.CHANNEL,
            "not_in_channel",
            N_("I'm not in the channel."),
            N_("Type `/invite @Clust` there."),
            in_info=True,
        ),
        _rows(
            About.CHANNEL,
            "channel_not_found",
            N_("The channel can't be found. It was deleted, or it's private and I was removed."),
            N_("If it still exists, type `/invite @Clust` there."),
            in_info=True,
        ),
        _rows(
            About.CHANNEL,
            "is_archived",
            N_("The channel is archived."),
            N_("Unarchive it, or move its subscriptions to another channel."),
            in_info=True,
        ),
        _rows(
            About.CHANNEL,
            "is_inactive",
            N_("The channel is frozen, archived or deleted."),
            N_("Restore it, or move its subscriptions to another channel."),
        ),
        _rows(
            About.CHANNEL,
            "restricted_action",
            N_("A workspace setting keeps apps from posting there."),
            _POSTING,
        ),
        _rows(About.CHANNEL, "restricted_action_read_only_channel", N_("The channel is read-only."), _POSTING),
        _rows(
            About.CHANNEL,
            "restricted_action_thread_only_channel",
            N_("The channel only allows replies in threads."),
            N_("Ask a workspace admin to allow new messages there, or move its subscriptions to another channel."),
        ),
        _rows(
            About.CHANNEL,
            "ekm_access_denied",
            N_("Admins have turned off messages in this channel."),
            _POSTING,
        ),
        _rows(
            About.CHANNEL,
            "no_permission posting_to_channel_denied posting_to_general_channel_denied",
            N_("I'm not allowed to post there."),
            _POSTING,
        ),
        _rows(
            About.CHANNEL,
            "channel_is_limited_access",
            N_("The channel belongs to a Salesforce record that I can't see."),
            N_("Use another channel."),
        ),
        _rows(
            About.CHANNEL,
            "messages_tab_disabled",
            N_("I can't send direct messages, because my Messages tab is turned off."),
            N_("Ask the person who runs the bot to turn on the Messages tab under App Home (see `manifest.yml`)."),
        ),
        _rows(
            About.CHANNEL,
            "too_many_members",
            N_("The channel has reached Slack's member limit."),
            N_("Use another channel."),
        ),
        # The token
        _rows(About.TOKEN, "token_revoked", N_("My access to this workspace was revoked."), _INSTALL),
        _rows(About.TOKEN, "token_expired", N_("My access to this workspace has expired."), _INSTALL),
        _rows(About.TOKEN, "invalid_auth not_authed", N_("Slack doesn't accept my token."), _INSTALL),
        _rows(About.TOKEN, "not_allowed_token_type", N_("My token is of the wrong type."), _INSTALL),
        _rows(About.TOKEN, "account_inactive", N_("I was removed from this workspace."), _INSTALL),
        # The workspace
        _rows(About.WORKSPACE, "missing_scope", N_("I'm missing a permission in Slack."), _MANIFEST),
        _rows(About.WORKSPACE, "team_access_not_granted", N_("I'm not allowed in this workspace."), _ADMIN),
        _rows(About.WORKSPACE, "access_denied forbidden_team", N_("The workspace doesn't let me do this."), _ADMIN),
        _rows(
            About.WORKSPACE,
            "accesslimited",
            N_("The workspace doesn't allow access from my network."),
            N_("Ask a workspace admin to allow my IP address."),
        ),
        _rows(
            About.WORKSPACE,
            "enterprise_is_restricted",
            N_("Slack doesn't allow this for a whole organization."),
            N_("Ask the person who runs the bot to install it in this workspace."),
        ),
        _rows(
            About.WORKSPACE,
            "two_factor_setup_required",
            N_("The workspace requires two-factor authentication."),
            _ADMIN,
        ),
        _rows(
            About.WORKSPACE,
            "message_limit_exceeded",
            N_("The workspace sends more messages than its plan allows."),
            N_("Ask a workspace admin about the plan's limits."),
        ),
        _rows(About.WORKSPACE, "team_not_found", N_("Slack can't find this channel's workspace."), _INSTALL),
        _rows(
            About.WORKSPACE,
            "plan_upgrade_required paid_teams_only not_paid subteams_not_enabled",
            N_("The workspace's plan doesn't include this."),
            N_("Ask a workspace admin about the plan."),
        ),
        _rows(About.WORKSPACE, "file_uploads_disabled", N_("The workspace doesn't allow file uploads."), _ADMIN),
        _rows(About.WORKSPACE, "storage_limit_reached", N_("The workspace has no storage left for files."), _ADMIN),
        # A reply or its thread
        _rows(About.REPLY, "thread_not_found", N_("The thread is gone.")),
        _rows(About.REPLY, "cannot_reply_to_message", N_("This message can't be replied to.")),
        _rows(About.REPLY, "restricted_action_thread_locked thread_locked", N_("The thread is locked.")),
        _rows(
            About.REPLY, "restricted_action_non_threadable_channel", N_("The channel doesn't allow replies in threads.")
        ),
        # The message that stands there
        _rows(About.CARD, "message_not_found", N_("The message is gone.")),
        _rows(About.CARD, "edit_window_closed", N_("The message is too old to be edited.")),
        _rows(
            About.CARD,
            "cant_update_message cant_delete_message block_mismatch streaming_state_conflict cant_broadcast_message "
            "no_dual_broadcast_content_update",
            N_("The message can't be edited."),
        ),
        # The message
        _rows(
            About.MESSAGE,
            "msg_too_long msg_blocks_too_long metadata_too_large attachment_payload_limit_exceeded "
            "too_many_attachments too_many_contact_cards",
            N_("The message is too long."),
            _REPORT,
        ),
        _rows(
            About.MESSAGE,
            "invalid_blocks invalid_blocks_format no_text invalid_metadata_format invalid_metadata_schema "
            "metadata_must_be_sent_from_app invalid_attachments markdown_text_conflict missing_file_data "
            "as_user_not_supported send_on_behalf_not_allowed duplicate_channel_not_found duplicate_message_not_found "
            "invalid_arguments invalid_arg_name invalid_array_arg",
            N_("Slack can't read the message."),
            _REPORT,
        ),
        _rows(
            About.MESSAGE,
            "slack_connect_canvas_sharing_blocked slack_connect_file_link_sharing_blocked "
            "slack_connect_lists_sharing_blocked slack_connect_file_upload_sharing_blocked",
            N_("Admins have turned off sharing files with other organizations."),
        ),
        # A view
        _rows(About.VIEW, "not_found", N_("This window is closed."), N_("Open it again.")),
        _rows(About.VIEW, "hash_conflict", N_("This window now shows something else."), N_("Open it again.")),
        # A person
        _rows(
            About.PERSON,
            "user_not_found users_not_found",
            N_("Slack doesn't know this person."),
            N_("Type @ and choose a person that Slack suggests."),
        ),
        _rows(About.PERSON, "user_not_visible", N_("I can't see this person.")),
        _rows(About.PERSON, "user_disabled", N_("This person's account is deactivated.")),
        _rows(About.PERSON, "cannot_dm_bot", N_("Bots can't be sent direct messages.")),
        _rows(About.PERSON, "user_not_in_channel", N_("This person isn't in the channel.")),
        _rows(
            About.PERSON,
            "invalid_user_combination too_many_users not_enough_users users_list_not_supplied",
            N_("Slack can't open a direct message with these people."),
        ),
        _rows(About.PERSON, "no_such_subteam", N_("This user group no longer exists."), N_("Choose another one.")),
        # The call
        _rows(
            About.CALL,
            "expired_trigger_id exchanged_trigger_id invalid_trigger_id trigger_expired trigger_exchanged",
            N_("The window took too long to open."),
            N_("Try again."),
        ),
        _rows(About.CALL, "push_limit_reached", N_("Too many windows are open."), N_("Close one and try again.")),
        _rows(About.CALL, "not_enabled", N_("The app's Home tab is turned off."), _MANIFEST),
        _rows(About.CALL, "view_too_large duplicate_external_id", N_("Slack can't show this window."), _REPORT),
        _rows(
            About.CALL,
            "file_upload_size_restricted snippet_too_large alt_txt_too_large",
            N_("The file is too large for this workspace."),
        ),
        _rows(
            About.CALL,
            "file_not_found file_update_failed blocked_file_type invalid_channel unknown_snippet_type unknown_subtype",
            N_("Slack didn't accept the file."),
        ),
        _rows(
            About.CALL,
            "bad_client_secret invalid_client_id invalid_grant_type oauth_authorization_url_mismatch",
            N_("Slack doesn't accept the app's credentials."),
            N_("Check `SLACK_CLIENT_ID` and `SLACK_CLIENT_SECRET`."),
        ),
        _rows(About.CALL, "bad_redirect_uri", N_("Slack doesn't know my address."), N_("Check `PUBLIC_URL`.")),
        _rows(
            About.CALL,
            "invalid_code no_scopes user_email_unverified preview_feature_not_available invalid_refresh_token "
            "cannot_install_an_org_installed_app",
            N_("Slack didn't finish the installation."),
            N_("Start it again."),
        ),
        _rows(
            About.CALL,
            "method_not_supported_for_channel_type",
            N_("Slack doesn't allow this in this kind of conversation."),
        ),
        _rows(
            About.CALL,
            "invalid_cursor invalid_limit invalid_types invalid_ts_latest invalid_ts_oldest missing_argument "
            "missing_args invalid_metadata_filter_keys invalid_charset invalid_form_data invalid_post_type "
            "missing_post_type insecure_request unknown_method method_deprecated deprecated_endpoint is_bot "
            "user_is_bot user_is_restricted bot_not_found missing_charset superfluous_charset",
            N_("Slack can't read my request."),
            _REPORT,
        ),
        # What passes
        _rows(
            About.PASSING,
            "internal_error fatal_error service_unavailable request_timeout update_failed fetch_members_failed "
            "list_record_comment_fetch_failed",
            N_("Slack isn't working properly right now."),
            _AGAIN,
        ),
        _rows(
            About.PASSING,
            "team_added_to_org org_login_required external_channel_migrating",
            N_("Slack is moving this workspace or channel."),
            _AGAIN,
        ),
        _rows(
            About.PASSING,
            "ratelimited rate_limited",
            N_("Slack is receiving too many requests right now."),
            _AGAIN,
        ),
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
