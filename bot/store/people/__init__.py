"""Workspaces and people: installations, roles, the audit log, form drafts."""
