"""The Slack surfaces: `views` turn values into blocks, `listeners` acknowledge, ask, and send a view."""
