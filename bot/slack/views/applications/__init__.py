"""What people read about applications. Pure."""
