"""The demo's page: a small server that shows the stand-ins, and what passes between them."""
