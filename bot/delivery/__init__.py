"""Works through the outbox: claim, post, settle, and notify people when a channel stops working."""

from bot.delivery.dispatcher import Dispatcher
from bot.delivery.notifier import Notifier
from bot.delivery.periodic_checks import PeriodicChecks
from bot.delivery.workspace_checks import WorkspaceChecks
from bot.delivery.workspace_dispatcher import WorkspaceDispatcher

__all__ = ["Dispatcher", "Notifier", "PeriodicChecks", "WorkspaceChecks", "WorkspaceDispatcher"]
