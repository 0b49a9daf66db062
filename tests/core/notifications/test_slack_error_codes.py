"""Slack's error codes in one table (A5, A6, D6): all that are documented, what each means, and honest words."""

from __future__ import annotations

import pytest

from bot.core.notifications.slack_error_codes import CODES, About, is_about_reply, is_in_info

EVERYWHERE = """
access_denied accesslimited account_inactive deprecated_endpoint ekm_access_denied enterprise_is_restricted fatal_error
internal_error invalid_arg_name invalid_arguments invalid_array_arg invalid_auth invalid_charset invalid_form_data
invalid_post_type is_bot method_deprecated missing_post_type missing_scope no_permission not_allowed_token_type
not_authed org_login_required rate_limited ratelimited request_timeout service_unavailable team_access_not_granted
team_added_to_org token_expired token_revoked two_factor_setup_required
"""
"""The codes on the page of nearly every method."""

DOCUMENTED = {
    "chat.postMessage": """
    as_user_not_supported attachment_payload_limit_exceeded cannot_reply_to_message channel_not_found
    duplicate_channel_not_found duplicate_message_not_found ekm_access_denied invalid_blocks invalid_blocks_format
    invalid_metadata_format invalid_metadata_schema is_archived markdown_text_conflict message_limit_exceeded
    messages_tab_disabled metadata_must_be_sent_from_app metadata_too_large missing_file_data msg_blocks_too_long
    msg_too_long no_text not_in_channel restricted_action restricted_action_non_threadable_channel
    restricted_action_read_only_channel restricted_action_thread_locked restricted_action_thread_only_channel
    send_on_behalf_not_allowed slack_connect_canvas_sharing_blocked slack_connect_file_link_sharing_blocked
    slack_connect_lists_sharing_blocked team_not_found too_many_attachments too_many_contact_cards""",
    "chat.update": """
    as_user_not_supported block_mismatch cant_broadcast_message cant_update_message channel_not_found edit_window_closed
    external_channel_migrating invalid_attachments invalid_blocks invalid_blocks_format invalid_metadata_format
    invalid_metadata_schema is_inactive markdown_text_conflict message_not_found metadata_must_be_sent_from_app
    metadata_too_large msg_too_long no_dual_broadcast_content_update no_text slack_connect_file_link_sharing_blocked
    streaming_state_conflict team_not_found too_many_attachments update_failed""",
    "conversations.history": """
    channel_is_limited_access channel_not_found invalid_cursor invalid_metadata_filter_keys invalid_ts_latest
    invalid_ts_oldest not_in_channel""",
    "conversations.info": "channel_not_found missing_scope",
    "conversations.join": """
    channel_is_limited_access channel_not_found is_archived method_not_supported_for_channel_type too_many_members""",
    "conversations.members": """
    channel_not_found fetch_members_failed invalid_cursor invalid_limit method_not_supported_for_channel_type""",
    "conversations.open": """
    channel_not_found invalid_user_combination method_not_supported_for_channel_type not_enough_users too_many_users
    user_disabled user_not_found user_not_visible users_list_not_supplied""",
    "conversations.replies": """
    channel_not_found invalid_cursor invalid_metadata_filter_keys invalid_ts_latest invalid_ts_oldest
    list_record_comment_fetch_failed method_not_supported_for_channel_type thread_not_found""",
    "users.info": "too_many_users user_not_found user_not_visible",
    "users.conversations": "invalid_cursor invalid_limit invalid_types method_not_supported_for_channel_type",
    "usergroups.list": "user_is_bot user_is_restricted plan_upgrade_required",
    "usergroups.users.list": "no_such_subteam user_is_restricted plan_upgrade_required",
    "views.open": """
    duplicate_external_id exchanged_trigger_id expired_trigger_id invalid_trigger_id view_too_large""",
    "views.push": "duplicate_external_id push_limit_reached view_too_large",
    "views.update": "duplicate_external_id hash_conflict not_found view_too_large",
    "views.publish": "duplicate_external_id hash_conflict not_enabled view_too_large",
    "files.getUploadURLExternal": """
    alt_txt_too_large file_upload_size_restricted file_uploads_disabled missing_argument snippet_too_large
    storage_limit_reached unknown_snippet_type unknown_subtype""",
    "files.completeUploadExternal": """
    channel_not_found file_not_found file_update_failed invalid_channel posting_to_channel_denied""",
    "oauth.v2.access": """
    bad_client_secret bad_redirect_uri cannot_install_an_org_installed_app invalid_client_id invalid_code
    invalid_grant_type invalid_refresh_token no_scopes oauth_authorization_url_mismatch preview_feature_not_available
    user_email_unverified""",
    "apps.connections.open": "forbidden_team insecure_request missing_args",
}
"""The codes of each method's own page (Slack: Web API, methods)."""


@pytest.mark.parametrize("method", [*DOCUMENTED, "every method"])
def test_every_documented_code_stands_in_the_table(method: str) -> None:
    """A5, A6, D6: no code that Slack documents for what the bot calls is unknown to it."""
    assert set(DOCUMENTED.get(method, EVERYWHERE).split()) - set(CODES) == set()


@pytest.mark.parametrize("code", CODES)
def test_the_words_of_a_code(code: str) -> None:
    """D6: what is wrong is a clause without Slack's word for it, what to do is a sentence."""
    row = CODES[code]
    assert "_" not in row.problem
    assert row.problem.endswith(".")
    assert row.remedy == "" or row.remedy.endswith((".", ")."))
    assert ";" not in row.sentence
    assert row.sentence[0].isupper()
    assert row.sentence.endswith((".", ")."))


def test_what_conversations_info_shows() -> None:
    """P3: that the bot is in the channel, that it isn't archived, and that the token works, but no rule of posting."""
    in_info = {code for code in CODES if is_in_info(code)}
    tokens = {code for code, row in CODES.items() if row.about is About.TOKEN}
    assert in_info == tokens | {"not_in_channel", "channel_not_found", "is_archived"}


def test_what_is_about_a_reply() -> None:
    """A6: no word of a person's, and no code of the channel, keeps a message out of a thread."""
    assert [is_about_reply(code) for code in ("thread_not_found", "is_archived", None, "")] == [
        True,
        False,
        False,
        False,
    ]
