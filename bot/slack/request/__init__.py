"""A request of a person: who asks, for which account, with which arguments; and the error boundary."""
