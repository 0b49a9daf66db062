"""A bot that serves many workspaces."""

from tests.many_workspaces import shared_bot, start_shared_bot

__all__ = ["shared_bot", "start_shared_bot"]
