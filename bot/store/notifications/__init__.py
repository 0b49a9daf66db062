"""The outbox and what belongs to it: subscriptions, cards, digests, floods, rate limits."""
