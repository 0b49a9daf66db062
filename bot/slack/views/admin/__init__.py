"""Views for admins: accounts, roles, the audit log, the status, admin notifications. Pure."""
