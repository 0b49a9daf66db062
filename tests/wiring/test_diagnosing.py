"""`manifest --diff`: what an app that is installed lacks, by its token or by what OAuth stored."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet

from bot.core.errors import UsageError
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.settings import Settings
from bot.slack.web_api.features import default_features, scopes_for
from bot.store import open_store
from bot.store.people.installations import Installation, Tokens
from bot.wiring.diagnosing import manifest_diff

COMPLETE = "The token has all the scopes that these features need."


async def test_the_token_of_the_settings_is_compared(slack: SandboxSlack, sqlite_url: str) -> None:
    """Slack says which scopes it has. What is missing is listed, or one sentence says why it isn't known."""
    settings = Settings(
        _env_file=None,
        database_url=sqlite_url,
        slack_bot_token=slack.bot_token,
        slack_signing_secret="for-tests-only",
        slack_api_url=slack.api_url,
        clust_api_token="for-tests-only",
    )
    assert (await manifest_diff(settings, default_features()))[0] == COMPLETE
    slack.faults.missing_scopes = frozenset({"app_mentions:read", "files:write"})
    lines = await manifest_diff(settings, default_features())
    assert [line.split()[0] for line in lines[:3]] == ["Under", "files:write", "app_mentions:read"]
    assert [line.split()[0] for line in await manifest_diff(settings, ())] == ["Under", "files:write", "Then"]
    slack.faults.down = True
    with pytest.raises(UsageError, match="I can't compare the app with the manifest"):
        await manifest_diff(settings, default_features())


async def test_an_app_of_many_workspaces_lacks_what_one_of_them_lacks(sqlite_url: str) -> None:
    """OAuth stored what each workspace granted. Without a workspace there is nothing to add to."""
    key = Fernet.generate_key().decode()
    settings = Settings(
        _env_file=None,
        database_url=sqlite_url,
        secret_key=key,
        slack_signing_secret="for-tests-only",
        slack_client_id="123.456",
        slack_client_secret="for-tests-only",
        public_url="https://clust.example",
    )
    (line,) = await manifest_diff(settings, default_features())
    assert line.startswith("No workspace has installed the app yet.")
    everything = scopes_for(default_features())
    store = open_store(sqlite_url, posts_per_minute=300, secret_keys=[key])
    for team_id, scopes in (("T1", everything), ("T2", everything - {"app_mentions:read"})):
        row = Installation(
            id=team_id,
            is_org=False,
            enterprise_id=None,
            name=team_id,
            url="https://example.slack.com/",
            bot_user_id="U1",
            bot_id="B1",
            scopes=",".join(sorted(scopes)),
            installed_by="U2",
            tokens=Tokens(f"xoxb-{team_id}"),
        )
        await store.installations.save(row, datetime.now(UTC))
    await store.database.close()
    lines = await manifest_diff(settings, default_features())
    assert lines[1].split()[0] == "app_mentions:read"
