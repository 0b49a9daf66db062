"""The entry from Slack: verify, parse and acknowledge requests, and the tables of what handles each."""
