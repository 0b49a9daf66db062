"""What people set for a channel: subscriptions, mutes, and subscriptions without an owner."""
