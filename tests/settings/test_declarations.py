"""The settings: what is read, what is refused, and what is never said."""

from pathlib import Path

import pytest

from bot.core.clust_api.dialect import ApiDialect
from bot.core.errors import UsageError
from bot.core.language import speaking
from bot.settings import Settings
from tests.pseudo_language import pseudo
from tests.settings.examples import RIGHT, given, refused


def test_what_is_not_set_has_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three settings are enough, and the others have the defaults that docs/settings.md shows."""
    given(monkeypatch)
    settings = Settings.read()
    assert settings.slack_bot_token
    assert settings.slack_bot_token.get_secret_value() == "xoxb-1-secret"
    assert settings.slack_app_token is None
    assert settings.slack_api_url == "https://slack.com/api"
    assert settings.clust_api_url == "https://api.clustdoc.com/api"
    assert settings.database_url == "sqlite+aiosqlite:///clust-bot.db"
    assert (settings.clust_status_rules, settings.admin_users) == ("", [])
    assert (settings.poll_interval, settings.poll_limit) == (60, 20)
    assert (settings.listen_host, settings.port) == ("0.0.0.0", 3000)
    assert (settings.lease, settings.unclear_wait, settings.slack_posts_per_minute) == (30, 15, 300)
    assert settings.log_level == "INFO"
    assert settings.log_format in {"console", "json"}


def test_what_is_set_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Values are trimmed, lists are split by commas, addresses lose the slash at their end, times may be small."""
    given(
        monkeypatch,
        SLACK_APP_TOKEN=" xapp-1-23 \n",
        SLACK_API_URL="http://127.0.0.1:8000/api/",
        ADMIN_USERS="U1, U2,,",
        POLL_INTERVAL="0.05",
        CLUST_STATUS_RULES="7_signed=submitted",
        PORT="0",
        LOG_LEVEL="debug",
        LOG_FORMAT="json",
    )
    settings = Settings.read()
    assert settings.slack_app_token
    assert settings.slack_app_token.get_secret_value() == "xapp-1-23"
    assert settings.slack_api_url == "http://127.0.0.1:8000/api"
    assert settings.admin_users == ["U1", "U2"]
    assert (settings.poll_interval, settings.port, settings.clust_status_rules) == (0.05, 0, "7_signed=submitted")
    assert (settings.log_level, settings.log_format) == ("DEBUG", "json")


def test_features_of_the_app_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """In any case, those left out and those added. An unknown one and one in both are refused, each in a sentence."""
    given(monkeypatch, SLACK_FEATURES_OFF="Links, mentions", SLACK_FEATURES_ON="workflows")
    assert [feature.name for feature in Settings.read().features] == ["messages", "workflows"]
    (unknown,) = refused(monkeypatch, SLACK_FEATURES_OFF="link", SLACK_FEATURES_ON="")
    assert unknown.startswith("SLACK_FEATURES_OFF: Unknown feature `link`. Did you mean `links`? Features: mentions")
    assert refused(monkeypatch, SLACK_FEATURES_OFF="links", SLACK_FEATURES_ON="workflows,LINKS") == [
        "SLACK_FEATURES_ON: `links` is in SLACK_FEATURES_OFF too. Remove it from one of them."
    ]


def test_a_file_is_read_and_the_environment_goes_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """`.env` holds settings for those who like a file, other names in it are no mistake, and the environment wins."""
    given(monkeypatch, POLL_LIMIT="7")
    Path(".env").write_text("POLL_LIMIT=8\nPORT=8080\nOTHER=1\n", encoding="utf-8")
    settings = Settings.read()
    assert (settings.poll_limit, settings.port) == (7, 8080)


def test_all_problems_are_reported_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each wrong or missing setting is named on a line of its own, whatever is wrong with the others."""
    sentences = refused(
        monkeypatch,
        SLACK_BOT_TOKEN="xoxp-1-23",
        SLACK_SIGNING_SECRET="",
        CLUST_API_TOKEN="",
        CLUST_API_URL="api.clustdoc.com",
        CLUST_STATUS_RULES="7_signed=signed",
        DATABASE_URL="mysql://host/name",
        POLL_INTERVAL="0",
        POLL_LIMIT="many",
        PORT="70000",
        LOG_LEVEL="LOUD",
    )
    assert [sentence.partition(": ")[0] for sentence in sentences] == [
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
        "CLUST_API_TOKEN",
        "CLUST_API_URL",
        "CLUST_STATUS_RULES",
        "DATABASE_URL",
        "POLL_INTERVAL",
        "POLL_LIMIT",
        "PORT",
        "LOG_LEVEL",
    ]
    assert all(sentence.endswith(".") and not sentence.partition(": ")[2][0].islower() for sentence in sentences)


def test_nothing_set_names_all_that_is_needed() -> None:
    """With no settings at all the needed ones are named, and where to read of them."""
    with pytest.raises(UsageError) as error:
        Settings.read()
    assert str(error.value).splitlines() == [
        ("SLACK_BOT_TOKEN: It isn't set. See `.env.example`. To serve many workspaces, set SLACK_CLIENT_ID instead."),
        "SLACK_SIGNING_SECRET: Set it for HTTP, or SLACK_APP_TOKEN for Socket Mode.",
        ("CLUST_API_TOKEN: It isn't set. See `.env.example`. With SECRET_KEY, you can use `/clust connect` instead."),
    ]


def test_either_way_in_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Socket Mode needs no signing secret. A wrong app token is named, and not the signing secret as well."""
    given(monkeypatch, SLACK_SIGNING_SECRET="", SLACK_APP_TOKEN="xapp-1-23")
    assert Settings.read().slack_signing_secret is None
    sentences = refused(monkeypatch, SLACK_SIGNING_SECRET="", SLACK_APP_TOKEN="xoxb-1-23")
    assert sentences == ["SLACK_APP_TOKEN: Use the app-level token, which starts with `xapp-`."]


WRONG = ("hush", "hush hush", "-1", "0", "1.5", "inf", "1e300", "9" * 5000, "https://hush", "a,b,c,d,e,f")


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_refusal_is_in_the_catalogue(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Whatever is wrong with a setting, and what pydantic says of it in English too."""
    for value in WRONG:
        given(monkeypatch, **{name.upper(): value})
        sentences: list[str] = []
        with speaking(pseudo("xa")):
            try:
                Settings.read()
            except UsageError as error:
                sentences = str(error).splitlines()
        assert [sentence for sentence in sentences if ": ⟦" not in sentence] == []


def test_what_contradicts_is_in_the_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """A feature can't be both on and off, in any language."""
    with speaking(pseudo("xa")):
        (sentence,) = refused(monkeypatch, SLACK_FEATURES_OFF="links", SLACK_FEATURES_ON="links")
    assert sentence.startswith("SLACK_FEATURES_ON: ⟦")


def test_secrets_are_known_and_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every secret is listed to be masked, the database's password too, and no token is in the repr."""
    given(monkeypatch, SLACK_APP_TOKEN="xapp-1-secret", DATABASE_URL="postgres://me:p%40ss-secret@host/name")
    settings = Settings.read()
    secrets = {"xoxb-1-secret", "xapp-1-secret", "signing-secret", "clust-secret", "p@ss-secret"}
    assert set(settings.secrets()) == secrets
    assert not [token for token in RIGHT.values() if token in repr(settings)]


def test_secrets_that_are_not_set_are_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that there is none of would mask nothing, or everything."""
    given(monkeypatch, SLACK_SIGNING_SECRET="", SLACK_APP_TOKEN="xapp-1-23")
    assert sorted(Settings.read().secrets()) == ["clust-secret", "xapp-1-23", "xoxb-1-secret"]


def test_a_short_password_of_a_database_is_masked_in_addresses_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """C11: it is not ours to refuse, and one letter is no reason to mask that letter everywhere."""
    given(monkeypatch, DATABASE_URL="postgresql://me:a@host/name")
    assert ":a@" in Settings.read().secrets()
    assert "a" not in Settings.read().secrets()


def test_names_of_clust_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five settings make the dialect of Clust's API. A wrong one is refused as the others are, by its name."""
    given(monkeypatch)
    assert Settings.read().dialect() == ApiDialect()
    given(
        monkeypatch,
        CLUST_PATHS="list=/applications",
        CLUST_PARAMETERS="page=p",
        CLUST_FIELDS="title=subject",
        CLUST_RESPONSES="rows=results",
        CLUST_WEBHOOK_EVENTS="late=overdue",
        CLUST_UPDATE_METHOD="post",
    )
    dialect = Settings.read().dialect()
    assert (dialect.paths, dialect.parameters, dialect.fields, dialect.responses, dialect.events) == (
        {"list": "/applications"},
        {"page": "p"},
        {"title": "subject"},
        {"rows": "results"},
        {"late": "overdue"},
    )
    assert Settings.read().clust_update_method == "POST"
    assert refused(monkeypatch, CLUST_FIELDS="titel=x") == ["CLUST_FIELDS: Unknown name `titel`. Did you mean `title`?"]
