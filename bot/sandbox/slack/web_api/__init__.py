"""The stand-in's Web API: one row for each method, by the rules of Slack's documentation."""
