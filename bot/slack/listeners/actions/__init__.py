"""Actions on applications: use saved and built-in ones, and manage saved ones, with import and export.

`using` handles clicks and windows. `action_drafts` keeps what was chosen so far and finds the next window, `available`
finds which actions a person can choose from, and `execution` carries one out. `saved` and `built_in` are the two kinds
of `act`. `managing` and `importing` are for admins.
"""
