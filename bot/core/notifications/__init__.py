"""From an event to a message: which channels, when and how, and the states on the way. Pure."""
