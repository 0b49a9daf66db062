"""What admins read: accounts, roles, the audit log, the status, notifications about the bot. Pure."""
