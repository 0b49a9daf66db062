"""The outbox at work: claim, pace, post, settle; and what must be said to people when a channel stops working."""

from bot.delivery.dispatcher import Dispatcher
from bot.delivery.notifier import Notifier
from bot.delivery.periodic_checks import PeriodicChecks
from bot.delivery.workspace_checks import WorkspaceChecks
from bot.delivery.workspace_dispatcher import WorkspaceDispatcher

__all__ = ["Dispatcher", "Notifier", "PeriodicChecks", "WorkspaceChecks", "WorkspaceDispatcher"]
