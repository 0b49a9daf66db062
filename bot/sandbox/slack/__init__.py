"""A stand-in for Slack, as strict as the real one."""
