"""What posting asks of the database: whether a channel may be posted to, and what can be claimed."""
