"""What people do with applications: look up, create, update, delete, assign."""
