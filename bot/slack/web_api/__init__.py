"""Slack's Web API: calls, limits, errors, scopes, installation, and the notifier."""
