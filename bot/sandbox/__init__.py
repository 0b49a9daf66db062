"""Stand-ins for Clust and Slack, as strict as the real services, for the tests and the demo. They need no account."""
