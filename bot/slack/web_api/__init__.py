"""Slack's Web API: calls, their limits and errors, scopes, installing, the notifier."""
