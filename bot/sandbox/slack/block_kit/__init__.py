"""Block Kit: Slack's limits as a table, the elements a person acts on, and views as plain text."""
