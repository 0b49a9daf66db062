"""Reports: their figures, from events and states of applications, and when a channel gets one. Pure."""
