"""What was read from Clust: connections, applications, polls, events."""
