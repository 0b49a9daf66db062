"""What admins look after: accounts, roles, the audit log, the status."""
