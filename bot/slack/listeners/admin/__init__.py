"""What admins manage: accounts, roles, the audit log, the status."""
