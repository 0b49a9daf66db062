"""The Clust API: `protocol` without I/O, `client` on httpx, `sweep` over all pages, `budget` for whose turn it is.

`writes` has what forms send, `raw` the console's calls.
"""

from bot.clust.budget import Budget, Priority
from bot.clust.client import ClustClient
from bot.clust.raw import RawAnswer
from bot.clust.sweep import FrontSweep, FullSweep, Sweep, SweepIncomplete, Unsettled
from bot.clust.writes import UpdateMethod, body_of, values_of

__all__ = [
    "Budget",
    "ClustClient",
    "FrontSweep",
    "FullSweep",
    "Priority",
    "RawAnswer",
    "Sweep",
    "SweepIncomplete",
    "Unsettled",
    "UpdateMethod",
    "body_of",
    "values_of",
]
