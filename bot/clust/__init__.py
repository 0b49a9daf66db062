"""The Clust API: `protocol` without I/O, `client` on httpx, `sweep` over all pages, `budget` for whose turn it is."""

from bot.clust.budget import Budget, Priority
from bot.clust.client import ClustClient
from bot.clust.sweep import FullSweep, Sweep, SweepIncomplete

__all__ = ["Budget", "ClustClient", "FullSweep", "Priority", "Sweep", "SweepIncomplete"]
