"""Each control of `.github/SECURITY.md` is taken out in turn, and the tests that it names must notice."""
