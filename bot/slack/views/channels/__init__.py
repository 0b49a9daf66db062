"""What stands in channels, and what people read about subscriptions. Pure."""
