"""Workspaces and people: installations, roles, the audit log, drafts of forms."""
