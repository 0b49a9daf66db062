"""What an application is, what its status means, and what happened to it. Pure."""
