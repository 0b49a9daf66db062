"""Reads Clust, decides, commits."""

from bot.poller.cycle import read_cycle
from bot.poller.loop import Poller

__all__ = ["Poller", "read_cycle"]
