"""Whether a filter looks as if it had personal data in it, which others would read where a list is shared."""

from __future__ import annotations

import re

_CONTACT = re.compile(r"@|(?:[0-9][ ()./+-]*){6}")
"""The characters of an email address or a phone number."""


def may_name_somebody(filter_text: str) -> bool:
    """Return whether a filter may contain an email address or phone number."""
    return _CONTACT.search(filter_text) is not None
