"""One module for each surface: it asks, and sends a view. The acknowledgement stands in `bot.slack.entry.bolt_app`."""
