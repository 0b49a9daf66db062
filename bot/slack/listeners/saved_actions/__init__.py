"""Manage saved actions: the list, the form, import and export."""
