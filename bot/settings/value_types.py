"""The types of settings: how a value is read from a text, and what it must be.

A check raises ValueError with a sentence, which doesn't repeat a value that may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PositiveFloat, SecretStr
from pydantic_settings import NoDecode

from bot.core.api_urls import base_url
from bot.core.applications.links import LinkPattern
from bot.core.applications.status_rules import StatusRules
from bot.core.clust_api.dialect import ApiDialect
from bot.core.errors import UsageError
from bot.core.language import _
from bot.core.secret_validation import secret_problem
from bot.slack.web_api.features import feature_names
from bot.store.engine.database_url import database_url
from bot.store.engine.encryption import check_keys

MAX_LINK_DOMAINS = 5
"""Domains whose links Slack reports to one app (Slack: app manifest, `unfurl_domains`)."""


def _trimmed(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _checked_secret(value: SecretStr) -> SecretStr:
    """Refuse what no HTTP header can carry, before a library quotes it in an error, and what isn't a secret."""
    if problem := secret_problem(value.get_secret_value()):
        raise ValueError(problem)
    return value


def starting_with(prefix: str, sentence: str) -> AfterValidator:
    """Check how a token begins. `sentence` has a place for the prefix."""

    def checked(value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().startswith(prefix):
            raise ValueError(_(sentence, prefix=prefix))
        return value

    return AfterValidator(checked)


@contextmanager
def _as_value_error() -> Iterator[None]:
    """Let a check raise ValueError, as pydantic wants it, where what it calls raises UsageError."""
    try:
        yield
    except UsageError as error:
        raise ValueError(error.sentence) from error


@_as_value_error()
def _checked_url(value: str) -> str:
    return base_url(value)


@_as_value_error()
def _checked_rules(value: str) -> str:
    StatusRules.parse(value)
    return value


def names_of(part: str) -> AfterValidator:
    """Check a setting with Clust's names, which is the argument `part` of `ApiDialect.parse`."""

    @_as_value_error()
    def checked(value: str) -> str:
        ApiDialect.parse(**{part: value})
        return value

    return AfterValidator(checked)


@_as_value_error()
def _checked_database(value: str) -> str:
    database_url(value)
    return value


@_as_value_error()
def _checked_keys(values: list[SecretStr]) -> list[SecretStr]:
    check_keys([one.get_secret_value() for one in values])
    return values


@_as_value_error()
def _checked_patterns(values: list[str]) -> list[str]:
    return [LinkPattern.parse(one).text for one in values]


def _checked_domains(values: list[str]) -> list[str]:
    if wrong := [one for one in values if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", one, re.IGNORECASE)]:
        raise ValueError(
            _("`{text}` isn't a domain. Write it without https://, such as `clustdoc.com`.", text=wrong[0][:100])
        )
    if len(values) > MAX_LINK_DOMAINS:
        raise ValueError(_("Slack allows at most {most} domains.", most=MAX_LINK_DOMAINS))
    return values


@_as_value_error()
def _checked_features(values: list[str]) -> list[str]:
    return sorted(feature_names(values))


def _listed(value: object) -> object:
    return [one.strip() for one in value.split(",") if one.strip()] if isinstance(value, str) else value


def _checked_users(value: list[str]) -> list[str]:
    if wrong := [one for one in value if not re.fullmatch(r"[UW][A-Z0-9]+", one)]:
        raise ValueError(
            _(
                "`{text}` isn't a Slack user ID. They look like `U012ABCDEF` (in a profile, choose Copy member ID).",
                text=wrong[0],
            )
        )
    return value


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


Trimmed = BeforeValidator(_trimmed)
Upper = BeforeValidator(_upper)
Listed = BeforeValidator(_listed)

Text = Annotated[str, Trimmed]
Secret = Annotated[SecretStr, Trimmed, AfterValidator(_checked_secret)]
EncryptionKeys = Annotated[list[SecretStr], NoDecode, Listed, AfterValidator(_checked_keys)]
Seconds = Annotated[PositiveFloat, Field(le=86_400)]
"""At most a day."""

Url = Annotated[str, Trimmed, AfterValidator(_checked_url)]
DatabaseUrl = Annotated[str, AfterValidator(_checked_database)]
Domains = Annotated[list[str], NoDecode, Listed, AfterValidator(_checked_domains)]
Features = Annotated[list[str], NoDecode, Listed, AfterValidator(_checked_features)]
LinkPatterns = Annotated[list[str], NoDecode, Listed, AfterValidator(_checked_patterns)]
Rules = Annotated[str, AfterValidator(_checked_rules)]
UserIds = Annotated[list[str], NoDecode, Listed, AfterValidator(_checked_users)]
OnOrOff = Annotated[Literal["on", "off"], BeforeValidator(_lower)]
