"""Data read from Clust: connections, applications, polls, events."""
