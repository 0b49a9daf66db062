"""From an event to a message: who gets it, when, and how; the states on the way. Pure."""
