"""What the doctor says of Slack: tokens, scopes, admins, channels, the clock."""

from __future__ import annotations

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.doctor import Level
from bot.doctor.slack import SlackChecks
from tests.doctor.conftest import Break, Examined, assert_named, settings, slack_faults
from tests.processes import refusing


def _archive(examined: Examined) -> None:
    examined.slack.workspace.onboarding.is_archived = True


BROKEN: dict[str, tuple[Break, Level, str, str]] = {
    "an unknown admin": (settings(admin_users="U0NOBODY"), Level.WARNING, "admins", "doesn't know U0NOBODY"),
    "Slack down": (slack_faults(down=True), Level.FAULT, "slack", "503"),
    "Slack elsewhere": (
        lambda examined: examined.settings.update(slack_api_url=f"http://{examined.nowhere}/api"),
        Level.FAULT,
        "slack",
        "is unreachable",
    ),
    "a wrong bot token": (settings(slack_bot_token="xoxb-wrong"), Level.FAULT, "slack token", "invalid_auth"),
    "a wrong app token": (settings(slack_app_token="xapp-wrong"), Level.FAULT, "slack app token", "invalid_auth"),
    "a missing scope": (
        slack_faults(missing_scopes=frozenset({"files:write"})),
        Level.FAULT,
        "slack scopes",
        "lacks files:write. It's needed for: files.completeUploadExternal",
    ),
    "mentions left out": (
        slack_faults(missing_scopes=frozenset({"app_mentions:read"})),
        Level.WARNING,
        "slack scopes",
        "`mentions` is off, because the token lacks app_mentions:read",
    ),
    "links left out, and granted": (
        settings(slack_features_off="links"),
        Level.WARNING,
        "slack scopes",
        "more scopes than the bot uses: links:read, links:write",
    ),
    "a slow clock": (slack_faults(clock_ahead_seconds=60), Level.WARNING, "clock", "seconds behind Slack's"),
    "a wrong clock": (
        slack_faults(clock_ahead_seconds=-900),
        Level.FAULT,
        "clock",
        "seconds ahead of Slack's. Requests",
    ),
    "an archived channel": (
        _archive,
        Level.WARNING,
        "channels",
        "is_archived",
    ),
    "a channel without the bot": (
        lambda examined: examined.slack.workspace.onboarding.members.discard(examined.slack.workspace.bot.id),
        Level.WARNING,
        "channels",
        "not_in_channel",
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
async def test_what_is_broken_is_named(examined: Examined, broken: str) -> None:
    """With one thing broken at Slack, the doctor names that thing."""
    await assert_named(examined, *BROKEN[broken])


async def test_an_app_token_that_can_not_be_tried_is_not_called_wrong() -> None:
    """Without a network no one knows whether Slack would take it."""
    with refusing() as nowhere:
        patient = SlackChecks(AsyncWebClient("xoxb-1", base_url=f"http://{nowhere}/"), ())
        finding = await patient.app_token("xapp-1")
    assert (finding.level, finding.about) == (Level.FAULT, "slack app token")
    assert finding.text.startswith("The token can't be tested. ")
