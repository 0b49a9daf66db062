"""The demo's page: a small server that shows the stand-ins, and the requests between them."""
