"""Pure functions from values to messages and modals. They import `bot.core` alone."""
