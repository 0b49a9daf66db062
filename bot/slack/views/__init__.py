"""Pure functions from values to messages and modals; they know `bot.core` alone."""
