"""Reads Clust, decides, commits."""

from bot.poller.cycle import read_cycle
from bot.poller.loop import Polled, Poller

__all__ = ["Polled", "Poller", "read_cycle"]
