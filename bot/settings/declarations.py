"""Every setting, with its sentence and its default."""

from __future__ import annotations

import sys
from typing import Annotated, Literal, Self

from pydantic import Field, PositiveFloat, PositiveInt, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.core.applications.links import LinkPattern
from bot.core.clust_api.dialect import ApiDialect
from bot.core.errors import UsageError
from bot.core.language import N_, _
from bot.core.secret_validation import MIN_SECRET_LENGTH
from bot.settings.error_words import sentence
from bot.settings.value_types import (
    DatabaseUrl,
    Domains,
    EncryptionKeys,
    Features,
    LinkPatterns,
    OnOrOff,
    Rules,
    Seconds,
    Secret,
    Text,
    Upper,
    Url,
    UserIds,
    names_of,
    starting_with,
)
from bot.slack.web_api.features import OptionalFeature, features_with
from bot.store.engine.database_url import database_url


class ManifestSettings(BaseSettings):
    """What the manifest depends on, which is printed before there are tokens. The install link follows it."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", env_ignore_empty=True, hide_input_in_errors=True, allow_inf_nan=False
    )

    clust_link_domains: Domains = Field(
        default_factory=lambda: ["clustdoc.com"],
        description="The domains of pasted links that Slack reports, separated by commas, at most 5. They go "
        "into the manifest, and a change needs a reinstall.",
    )

    slack_features_off: Features = Field(
        default_factory=list,
        description="Optional features that the Slack app was made without (`manifest --without`), separated by "
        "commas, such as `links`. The manifest, the install link, `/clust status` and the doctor leave them out.",
    )
    slack_features_on: Features = Field(
        default_factory=list,
        description="Optional features that are off by default and that the Slack app was made with "
        "(`manifest --with`), separated by commas, such as `workflows`.",
    )

    @field_validator("slack_features_on")
    @classmethod
    def _on_or_off(cls, value: list[str], read: ValidationInfo) -> list[str]:
        if both := set(value).intersection(read.data.get("slack_features_off", ())):
            raise ValueError(_("`{name}` is in SLACK_FEATURES_OFF too. Remove it from one of them.", name=min(both)))
        return value

    @property
    def features(self) -> tuple[OptionalFeature, ...]:
        """The optional features of the Slack app."""
        return features_with(self.slack_features_on, self.slack_features_off)

    @classmethod
    def read(cls) -> Self:
        """Read the settings. Raises a UsageError that names every invalid one and what it should be."""
        try:
            return cls()
        except ValidationError as error:
            raise UsageError("\n".join(sentence(problem) for problem in error.errors())) from error


class Settings(ManifestSettings):
    """Every setting, with the sentence about it in docs/settings.md and `.env.example`. Times are seconds."""

    slack_client_id: Text | None = Field(
        None, description="The app's client ID, to serve many workspaces through OAuth. Needs `SECRET_KEY`."
    )
    slack_client_secret: Secret | None = Field(
        None, description="The app's client secret, together with the client ID."
    )
    slack_bot_token: Annotated[
        Secret | None, starting_with("xoxb-", N_("Use the bot token, which starts with `{prefix}`."))
    ] = Field(
        None,
        validate_default=True,
        description="The bot token of one workspace. It starts with `xoxb-`. Leave it empty to serve many workspaces.",
    )
    slack_app_token: Annotated[
        Secret | None, starting_with("xapp-", N_("Use the app-level token, which starts with `{prefix}`."))
    ] = Field(
        None,
        description="An app-level token with the scope `connections:write`. It starts with `xapp-`. When it's set, the "
        "bot uses Socket Mode.",
    )
    slack_signing_secret: Secret | None = Field(
        None, description="The app's signing secret, for HTTP. Set this or `SLACK_APP_TOKEN`."
    )
    slack_api_url: Url = Field(
        "https://slack.com/api", description="The address of Slack's Web API. Only tests need another one."
    )
    secret_key: EncryptionKeys = Field(
        default_factory=list,
        validate_default=True,
        description="Fernet keys separated by commas, newest first. They encrypt stored tokens and what people type "
        "into forms. Without one, no account can be connected in Slack and drafts of forms are lost at a restart.",
    )
    clust_api_token: Secret | None = Field(
        None,
        validate_default=True,
        description="The API token of the Clust account named `default`. Optional when `SECRET_KEY` is set, because "
        "accounts can then be connected in Slack. Leave it empty to serve many workspaces.",
    )
    clust_api_url: Url = Field("https://api.clustdoc.com/api", description="The address of Clust's API.")
    clust_update_method: Annotated[Literal["PUT", "PATCH", "POST"], Upper] = Field(
        "PUT", description="The HTTP method that updates an application: `PUT`, `PATCH` or `POST`."
    )
    clust_status_rules: Rules = Field(
        "",
        description="What your status codes mean, as `code=class` pairs separated by commas, such as "
        "`7_signed=submitted,9_archived=closed`. These rules come before the built-in ones.",
    )
    clust_paths: Annotated[str, names_of("paths")] = Field(
        "",
        description="Clust's paths where they differ from the bot's, as `ours=theirs` pairs separated by commas, "
        "such as `list=/applications,read=/applications/{id}`.",
    )
    clust_parameters: Annotated[str, names_of("parameters")] = Field(
        "", description="Clust's names of the query parameters of lists, such as `page=p,per_page=limit,search=q`."
    )
    clust_fields: Annotated[str, names_of("fields")] = Field(
        "",
        description="Clust's names of fields, such as `title=subject,contact.email=client.mail`. A name after `sent.` "
        "only applies to what is sent. `:text`, `:number` or `:boolean` after a value is the type in which it's sent.",
    )
    clust_responses: Annotated[str, names_of("responses")] = Field(
        "",
        description="Where responses have what the bot reads besides fields, such as "
        "`rows=results,total=paging.count,errors=error.violations,field=name,text=reason`.",
    )
    clust_webhook_events: Annotated[str, names_of("events")] = Field(
        "", description="Clust's names of the events of a webhook, such as `late=application.overdue`."
    )
    clust_link_patterns: LinkPatterns = Field(
        default_factory=list,
        description="Addresses of applications in Clust, separated by commas, each with `{id}` once, such as "
        "`https://app.example.com/applications/{id}`. Pasted links are recognized by them, besides those that "
        "Clust sends.",
    )
    database_url: DatabaseUrl = Field(
        "sqlite+aiosqlite:///clust-bot.db",
        description="The SQLite or PostgreSQL database. `postgres://…` works as platforms give it.",
    )
    database_pool: Annotated[int, Field(ge=4, le=1000)] = Field(
        10,
        description="The most connections to the database that a process opens, besides one on which PostgreSQL "
        "notifies it of work.",
    )
    public_url: Url | None = Field(
        None,
        description="The https address at which others reach the bot. Workspaces install the app there, and "
        "Clust calls webhooks there.",
    )
    clust_hooks: OnOrOff = Field(
        "on",
        description="Whether Clust can tell the bot about changes right away, by webhook: `on` or `off`. Needs "
        "`PUBLIC_URL` and `SECRET_KEY`.",
    )
    clust_first_contact: OnOrOff = Field(
        "on",
        description="`on` or `off`. With `on`, admins see what the bot understood of a new Clust account. If it didn't "
        "understand everything, it posts nothing until an admin starts posting.",
    )
    poll_interval: Seconds = Field(60, description="Seconds from the start of one poll of Clust to the next.")
    poll_limit: Annotated[PositiveInt, Field(le=100_000)] = Field(
        20,
        description="The most notifications of one kind that a subscription without its own limit posts after each "
        "poll. The rest follow after the next polls.",
    )
    admin_users: UserIds = Field(
        default_factory=list,
        description="Slack user IDs of the bot's admins, separated by commas. When empty, the workspace's admins and "
        "owners are the bot's admins.",
    )
    listen_host: str = Field(
        "0.0.0.0",  # noqa: S104 - in a container the platform must reach it
        description="The address on which the bot listens for HTTP. `127.0.0.1` is this machine only.",
    )
    port: Annotated[int, Field(ge=0, le=65535)] = Field(
        3000, description="The port for Slack's requests and `/healthz`. `0` picks a free one, which is in the log."
    )
    metrics_host: str = Field(
        "127.0.0.1", description="The address on which `/metrics`, `/readyz` and `/healthz` are served to monitoring."
    )
    metrics_port: Annotated[int, Field(ge=0, le=65535)] = Field(
        9464, description="The port for monitoring. `0` picks a free one, which several processes on one machine need."
    )
    metrics_workspaces: Annotated[int, Field(ge=0, le=100_000)] = Field(
        50,
        description="The most workspaces that have labels of their own in `/metrics`. With more, `workspace` and "
        "`connection` are `other`.",
    )
    lease: Seconds = Field(
        30, description="Seconds after which other processes take over the work of one that has gone silent."
    )
    unclear_wait: Seconds = Field(
        15,
        description="Seconds to wait before looking up a post whose outcome is unclear, on top of the 10 that a post "
        "may take.",
    )
    slack_posts_per_minute: Annotated[PositiveFloat, Field(le=100_000)] = Field(
        300, description="The most messages that the bot posts in a workspace each minute."
    )
    commands_per_minute: Annotated[PositiveInt, Field(le=1_000_000)] = Field(
        120, description="The most commands, clicks and forms that one person can send each minute."
    )
    retention_days: Annotated[PositiveInt, Field(le=36_500)] = Field(
        90, description="Days for which events, polls, deliveries and the audit log are kept."
    )
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], Upper] = Field(
        "INFO", description="How much is logged: `DEBUG`, `INFO`, `WARNING` or `ERROR`."
    )
    log_format: Literal["console", "json"] = Field(
        default_factory=lambda: "console" if sys.stderr.isatty() else "json",
        description="The format of the log: `console` or `json`. By default `console` at a terminal, `json` elsewhere.",
    )

    @field_validator("slack_client_secret")
    @classmethod
    def _both(cls, value: SecretStr | None, read: ValidationInfo) -> SecretStr | None:
        if (value is None) is not (read.data.get("slack_client_id") is None):
            raise ValueError(_("Set both SLACK_CLIENT_ID and SLACK_CLIENT_SECRET, or neither."))
        return value

    @field_validator("slack_bot_token")
    @classmethod
    def _one_workspace_or_many(cls, value: SecretStr | None, read: ValidationInfo) -> SecretStr | None:
        many = read.data.get("slack_client_id") is not None
        if many and value is not None:
            raise ValueError(_("Remove this. With SLACK_CLIENT_ID, each workspace has its own token."))
        if not many and value is None:
            raise ValueError(
                _("It isn't set. See `.env.example`. To serve many workspaces, set SLACK_CLIENT_ID instead.")
            )
        return value

    @field_validator("secret_key")
    @classmethod
    def _seals_tokens(cls, value: list[SecretStr], read: ValidationInfo) -> list[SecretStr]:
        if read.data.get("slack_client_id") is not None and not value:
            raise ValueError(
                _("Workspace tokens are only stored encrypted. Create a key with `openssl rand -base64 32 | tr +/ -_`.")
            )
        return value

    @field_validator("clust_api_token")
    @classmethod
    def _whose_account(cls, value: SecretStr | None, read: ValidationInfo) -> SecretStr | None:
        """Without it accounts are connected in Slack, which takes a key to seal them with."""
        if read.data.get("slack_client_id") is not None:
            if value is not None:
                raise ValueError(
                    _(
                        "Remove this. With SLACK_CLIENT_ID, any workspace could use this account. "
                        "Use `/clust connect` instead."
                    )
                )
        elif value is None and not read.data.get("secret_key", "wrong"):
            raise ValueError(
                _("It isn't set. See `.env.example`. With SECRET_KEY, you can use `/clust connect` instead.")
            )
        return value

    @field_validator("slack_signing_secret")
    @classmethod
    def _one_way_in(cls, value: SecretStr | None, read: ValidationInfo) -> SecretStr | None:
        """One of the two is needed. A wrong SLACK_APP_TOKEN, which has its own sentence, is not among what was read."""
        if value is None and read.data.get("slack_app_token", "wrong") is None:
            raise ValueError(_("Set it for HTTP, or SLACK_APP_TOKEN for Socket Mode."))
        return value

    def dialect(self) -> ApiDialect:
        """Return the names that Clust's API has where they aren't those of the bot."""
        return ApiDialect.parse(
            paths=self.clust_paths,
            parameters=self.clust_parameters,
            fields=self.clust_fields,
            responses=self.clust_responses,
            events=self.clust_webhook_events,
        )

    @property
    def webhook_base(self) -> str | None:
        """The address at which Clust can call the bot, or None if webhooks to it are off or can't work."""
        return self.public_url if self.clust_hooks == "on" and self.secret_key else None

    @property
    def link_patterns(self) -> list[LinkPattern]:
        """The patterns of CLUST_LINK_PATTERNS."""
        return [LinkPattern(one) for one in self.clust_link_patterns]

    def secrets(self) -> list[str]:
        """Every secret value, to be masked in the log."""
        tokens = (
            self.slack_bot_token,
            self.slack_app_token,
            self.slack_signing_secret,
            self.slack_client_secret,
            self.clust_api_token,
        )
        kept = (*tokens, *self.secret_key)
        password = database_url(self.database_url).password
        return [one.get_secret_value() for one in kept if one] + ([_in_address(password)] if password else [])


def _in_address(password: str) -> str:
    """Return what to mask for a database password. A short one is masked only inside a URL."""
    return password if len(password) >= MIN_SECRET_LENGTH else f":{password}@"
