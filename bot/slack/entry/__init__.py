"""Where Slack comes in: verify, parse, acknowledge, and the tables that say who answers what."""
