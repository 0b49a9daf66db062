"""`python -m bot doctor --openapi`: compare Clust's published description with what the bot believes.

`loading` reads it within bounds, `description` turns it into values, `comparison` finds the differences and the
settings that follow, and `proposals` writes them as a fragment of `.env` and as actions to import.
"""
