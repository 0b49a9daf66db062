"""Views of messages in channels, and of subscriptions. Pure."""
