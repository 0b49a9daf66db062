"""Logging: one event per line on standard error, for a terminal or as JSON, with all secrets masked.

A terminal shows a traceback below its line, JSON inside it. Lines about a request have its `request`, and those about a
delivery its `delivery`, both bound to the context (`structlog.contextvars`).
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Collection, MutableMapping
from typing import Any
from urllib.parse import quote, quote_plus

import structlog

MASK = "•••"

LOOKS_SECRET = re.compile(
    r"\bxox[a-z]+(?:\.xox[a-z]+)?-[\w%.-]+"  # Slack's tokens: of bots, people, refreshing ones
    r"|\b(?:xapp|xwfp)-[\w%-]+"
    r"|\b(?i:bearer)(?:\s|\+|%20)+[\w.~+/|=%-]{8,}"
    r"|(?<![\w-])[\w-]{43}(?:=|%3D)(?![\w=])"  # a Fernet key
    r"|(?<=/clust/hook/)[\w%-]+",  # the secret of a webhook to the bot
    re.ASCII,
)
"""Always masked: tokens of other workspaces, secrets of webhooks, and keys typed into the wrong place."""

QUIET = ("httpx", "httpcore", "aiosqlite", "slack_bolt", "slack_sdk", "aiohttp", "uvicorn", "alembic", "asyncio")
"""Libraries logged from WARNING on, since their INFO lines contain URLs and bodies."""


def configure_logging(level: str, style: str, secrets: Collection[str]) -> None:
    """Set up logging for the process. `style` is console or json. Each of `secrets` is masked everywhere."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # Rich, where someone has it, would print local variables, and break a secret over two lines.
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
        if style == "console"
        else structlog.processors.JSONRenderer()
    )
    one_line = [_one_line] if style == "console" else []
    tracebacks = [] if style == "console" else [structlog.processors.format_exc_info]
    formatter = _Masked(
        secrets,
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *one_line,
            *tracebacks,
            renderer,
        ],
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


class _Masked(structlog.stdlib.ProcessorFormatter):
    """Masks secrets in the finished line, so that it covers values, tracebacks and libraries."""

    def __init__(self, secrets: Collection[str], **how: Any) -> None:
        super().__init__(**how)
        forms = {form for secret in secrets if secret for form in _forms(secret)}
        # The longest first: one may be a part of another.
        ordered = sorted(forms, key=len, reverse=True)
        self._secrets = re.compile("|".join(map(_pattern, ordered))) if ordered else None

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        if self._secrets:
            line = self._secrets.sub(MASK, line)
        return LOOKS_SECRET.sub(MASK, line)


def _one_line(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep a value in one line, so that it can't forge another. JSON does that by itself."""
    event["event"] = str(event.get("event", "")).replace("\r", "\\r").replace("\n", "\\n")
    return event


_BEFORE = r"(?:(?<![^\W\d_])|(?<=\\[abfnrtv])|(?<=\\x[0-9a-f]{2})|(?<=\\u[0-9a-f]{4})|(?<=%[0-9A-Fa-f]{2}))"
"""No letter, or the last one of an escape such as `\\n` or `%3A`."""


def _pattern(form: str) -> str:
    """Return a pattern for a secret. If it is all letters, it only matches whole words."""
    return rf"{_BEFORE}{form}(?![^\W\d_])" if form.isalpha() else re.escape(form)


def _forms(secret: str) -> set[str]:
    """Return the forms in which a secret may occur: plain, in a URL, quoted by Python, in JSON."""
    plain = {secret, repr(secret)[1:-1], quote(secret, safe=""), quote_plus(secret)}
    return plain | {json.dumps(form)[1:-1] for form in plain}
