"""Saved actions: calls of Clust's API that admins keep under a name, and the applications they are used on."""
