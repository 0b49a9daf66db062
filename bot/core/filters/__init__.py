"""The filter language: `language` parses and matches, `keys` has one row for each key. Pure."""
