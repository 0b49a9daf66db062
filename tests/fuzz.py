"""`make fuzz`: tests of what anyone may send, with many more examples, then guided fuzzing of parsers. It ends."""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS = ("tests/hostile", *(f"tests/clust/test_{name}.py" for name in ("protocol", "json_rows", "row_cache")))
TARGETS = ("answers", "words", "actions", "requests")


def main() -> int:
    """Run both, print figures, and return what a shell should know."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--examples", type=int, default=1000, help="of each property test")
    parser.add_argument("--seconds", type=int, default=60, help="of guided fuzzing for each target")
    options = parser.parse_args()
    environment = {**os.environ, "FUZZ": str(options.examples)}
    tests = [sys.executable, "-m", "pytest", "-n", "0", "--timeout", "3600", *TESTS]
    results = [subprocess.run(tests, cwd=ROOT, env=environment, check=False).returncode]  # noqa: S603  our own tests
    if importlib.util.find_spec("atheris"):
        results += [guided(target, options.seconds) for target in TARGETS]
    else:
        print("no guided fuzzing: atheris is not installed (.venv/bin/python -m pip install atheris)")
    return max(results)


def guided(target: str, seconds: int) -> int:
    """Fuzz one target and print its last figures, or what it found. Returns libFuzzer's status."""
    with tempfile.TemporaryDirectory() as folder:
        options = [f"-max_total_time={seconds}", "-max_len=600", "-timeout=1", f"-artifact_prefix={folder}/"]
        ran = subprocess.run(  # noqa: S603  our own module
            [sys.executable, "-m", "tests.fuzz_targets", target, *options],
            cwd=ROOT, capture_output=True, text=True, errors="replace", check=False,
        )  # fmt: skip
    runs, covered = re.findall(r"Done (\d+) runs", ran.stderr), re.findall(r"cov: (\d+)", ran.stderr)
    print(f"guided {target:10} {int(runs[-1]) if runs else 0:>8,} inputs, {covered[-1] if covered else 0:>5} branches")
    if ran.returncode:
        print(ran.stderr[-3000:], ran.stdout[-1000:])
    return ran.returncode


if __name__ == "__main__":
    sys.exit(main())
