"""The outbox and what surrounds it: subscriptions, cards, digests, floods, rate limits."""
