"""The pure core: every decision as a function from values to values. No await, no clock, no I/O."""
