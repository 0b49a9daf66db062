"""Pasted links of applications: cards for channels, and the pane that someone opens beside one."""
