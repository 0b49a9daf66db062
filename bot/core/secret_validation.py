"""What can be a secret: a token or key that someone configures or types."""

from __future__ import annotations

import re

MIN_SECRET_LENGTH = 8
"""Characters. Masked in the log, a shorter one would hide parts of ordinary words."""


def secret_problem(secret: str) -> str | None:
    """Return what is wrong with a secret, as a sentence that doesn't contain it; None if it is fine."""
    if not re.fullmatch(r"[!-~]+", secret):
        return "It must be one word of letters, digits and signs."
    if len(secret) < MIN_SECRET_LENGTH:
        return f"It must have at least {MIN_SECRET_LENGTH} characters. Check that all of it was copied."
    return None
