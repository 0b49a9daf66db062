"""Reports: their figures, from events and states of applications. Pure."""
