"""A whole world without accounts: stand-ins for Clust and Slack, as strict and as uncertain as the real ones."""
