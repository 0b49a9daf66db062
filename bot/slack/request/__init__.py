"""A person's request: who asks, for which account, with which arguments, and the error boundary."""
