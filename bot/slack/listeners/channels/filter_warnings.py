"""The warning for a person who subscribes with a filter that nothing matches, in the form and in the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from bot.core.filters.contradictions import asks_for_template, contradiction, unlisted_templates
from bot.core.filters.language import Filter
from bot.slack.request.services import Request

PATIENCE_SECONDS = 2.0
"""The longest that an answer waits for Clust's templates. Without them, it doesn't check templates."""


async def warning_of(request: Request, parsed: Filter, events: Collection[str]) -> str:
    """Return why nothing can match, or which template Clust doesn't list. Empty if something could match.

    Raises NoAccount.
    """
    if why := contradiction(parsed, events, request.account.name):
        return why
    if not asks_for_template(parsed):
        return ""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            templates = await request.services.templates.last_read(request.account)
    except TimeoutError:
        return ""
    return unlisted_templates(parsed, [(each.value, each.label) for each in templates]) if templates else ""
