"""`python -m tests.controls [NAME …]`: takes each control out in turn, and the test that it names must fail without it.

With none taken out all of them must pass. The exit code says whether both is so.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.controls.table import CONTROLS, Control
from tests.controls.taking_out import CHOSEN

PROJECT = Path(__file__).parents[2]

SOME_FAILED = 1
"""What pytest ends with where tests ran and failed. Other codes mean that they did not run."""


def ran(tests: Iterable[str], control: Control | None = None) -> int:
    """Run tests without a control, or with all of them, and return pytest's exit code."""
    chosen = {CHOSEN: str(CONTROLS.index(control))} if control else {}
    words = ["-m", "pytest", "-q", "-x", "-n", "0", "-p", "tests.controls.taking_out", "-p", "no:cacheprovider"]
    done = subprocess.run(  # noqa: S603  the tests' own program
        [sys.executable, *words, *(f"tests/{test}" for test in tests)],
        env={**os.environ, **chosen},
        cwd=PROJECT,
        check=False,
        capture_output=True,
    )
    if done.returncode not in {0, SOME_FAILED}:
        print(done.stdout.decode()[-3000:], done.stderr.decode()[-3000:])
    return done.returncode


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.controls", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="names of controls; all, where none is named")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - {control.name for control in CONTROLS}
    if unknown:
        parser.error(f"no such control: {', '.join(sorted(unknown))}")
    chosen = [control for control in CONTROLS if not arguments.names or control.name in arguments.names]
    if ran(dict.fromkeys(control.test for control in chosen)):
        print("With every control in place a test fails: see to that first.")
        return 1
    unnoticed = []
    for control in chosen:
        is_noticed = ran([control.test], control) == SOME_FAILED
        print(f"{'noticed ' if is_noticed else 'UNNOTICED'} {control.name}: {control.test}", flush=True)
        unnoticed += [] if is_noticed else [control]
    print(f"{len(chosen) - len(unnoticed)} of {len(chosen)} controls are noticed when they are taken out.")
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main())
