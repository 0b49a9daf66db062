"""What can be a secret: a token or key that someone configures or types."""

from __future__ import annotations

import re

from bot.core.language import _

MIN_SECRET_LENGTH = 8
"""Characters. Masked in the log, a shorter one would hide parts of ordinary words."""


def secret_problem(secret: str) -> str | None:
    """Return what is wrong with a secret, as a sentence that doesn't contain it, or None if it is fine."""
    if not re.fullmatch(r"[!-~]+", secret):
        return _("It must be one word of letters, digits and symbols.")
    if len(secret) < MIN_SECRET_LENGTH:
        return _("It must have at least {limit} characters. Check that all of it was copied.", limit=MIN_SECRET_LENGTH)
    return None
