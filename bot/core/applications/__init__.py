"""Clust's applications: the model, what a status means, and which events follow from a change. Pure."""
