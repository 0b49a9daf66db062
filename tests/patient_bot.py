"""`python -m tests.patient_bot COMMAND`: `python -m bot` with the time limits of tests (tests/patience.py).

For a process whose answers a test waits for: on a busy machine its own limits of two seconds would be met.
"""

from __future__ import annotations

import sys

import pytest

from bot.cli import main
from tests.patience import patient

if __name__ == "__main__":
    patient(pytest.MonkeyPatch())
    sys.exit(main(program="python -m bot"))
