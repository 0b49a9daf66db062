"""Forms as values: their fields, the checks of what people type, and what an update changes. Pure."""
