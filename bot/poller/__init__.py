"""The poller: read a connection, decide what changed, and save it in one transaction."""

from bot.poller.cycle import read_cycle
from bot.poller.loop import Polled, PollOutcome
from bot.poller.schedule import PollSchedule

__all__ = ["PollOutcome", "PollSchedule", "Polled", "read_cycle"]
