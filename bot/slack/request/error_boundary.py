"""The one error boundary: every error becomes an answer where the person is, and a log line."""

from __future__ import annotations

import secrets

import structlog
from slack_sdk.errors import SlackApiError
from sqlalchemy.exc import SQLAlchemyError

from bot.core.errors import BotError, DatabaseAway, NotAllowed, UsageError
from bot.slack.views.answers import error_answer, unexpected_answer, usage_error
from bot.slack.views.building.blocks import Message
from bot.slack.views.refusals import not_allowed
from bot.slack.web_api.client import SLACK_TROUBLE, delivery_error

log = structlog.get_logger(__name__)


def answer_to(error: Exception) -> Message:
    """Return the answer for `error`. All but wrong input is logged with the reference that the person sees."""
    reference = secrets.token_hex(4)
    if isinstance(error, (SlackApiError, *SLACK_TROUBLE)):
        error = delivery_error(error)
    elif isinstance(error, SQLAlchemyError):
        log.warning("the database failed", reference=reference, error=str(error))
        error = DatabaseAway()
    match error:
        case NotAllowed():
            return not_allowed(error.detail, error.ask)
        case UsageError():
            return usage_error(error)
        case BotError():
            log.warning("a request failed", reference=reference, error=type(error).__name__, said=error.sentence)
            return error_answer(error, reference)
        case _:
            log.error("a request failed in an unforeseen way", reference=reference, exc_info=error)
            return unexpected_answer(reference)
