"""A stand-in for the Clust API over an account in memory."""
