"""The Clust API: `client` has a method for each call, and `session` sends them. `protocol` knows what responses mean.

`sweep` reads all pages, and `rate_limiter` limits polls. `json_rows` parses a list row by row, and `row_cache` skips
unchanged rows. `application_fields` maps the fields of forms, `console_call` makes the calls of the console, and
`connection_errors` says why a connection failed.
"""

from bot.clust.application_fields import UpdateMethod, body_of, values_of
from bot.clust.client import ClustClient
from bot.clust.console_call import RawAnswer
from bot.clust.rate_limiter import MAX_PAUSE, MAX_SILENT_PAUSE_SECONDS, Priority, RateLimiter
from bot.clust.row_cache import CachedRow, RowCache
from bot.clust.sweep import FrontSweep, FullSweep, Sweep, SweepIncomplete, Unsettled

__all__ = [
    "MAX_PAUSE",
    "MAX_SILENT_PAUSE_SECONDS",
    "CachedRow",
    "ClustClient",
    "FrontSweep",
    "FullSweep",
    "Priority",
    "RateLimiter",
    "RawAnswer",
    "RowCache",
    "Sweep",
    "SweepIncomplete",
    "Unsettled",
    "UpdateMethod",
    "body_of",
    "values_of",
]
