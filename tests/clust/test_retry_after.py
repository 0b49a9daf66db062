"""How long Clust asks to wait: seconds or a date."""

from __future__ import annotations

import pytest

from bot.clust.retry_after import retry_after
from tests.conftest import NOON


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "30"}, 30),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"Retry-After": "Mon, 02 Mar 2026 12:00:10 GMT"}, 10),
        ({"Retry-After": "Mon, 02 Mar 2026 12:00:10"}, 10),
        ({"Retry-After": "Mon, 02 Mar 2026 11:00:00 GMT"}, 0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-3"}, None),
        ({"Retry-After": "1e3"}, None),
        ({"Retry-After": "٣"}, None),
        ({"Retry-After": "9" * 30}, 1e20),
        ({"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"}, 251_629_847_999),
        ({"Retry-After": "Fri, 31 Dec 9999 23:59:59 -2359"}, 251_629_934_339),
        ({"Retry-After": "Mon, 32 Mar 2026 12:00:10 GMT"}, None),
        ({"X-RateLimit-Reset": "99999999999"}, None),
        ({"Retry-After": ""}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read(headers: dict[str, str], seconds: float | None) -> None:
    """`Retry-After` is a number of seconds or a date, and anything else says nothing."""
    assert retry_after(headers, NOON) == seconds
