"""`python -m bot demo`: the real bot between the two stand-ins, on a page and at a terminal."""
