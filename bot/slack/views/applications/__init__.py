"""Views of applications. Pure."""
