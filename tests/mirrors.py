"""`python -m tests.mirrors [NAME …]`: what each test file runs of the module that it mirrors, alone: at least 60 %.

Part of `make faults`, for it takes minutes. NAME picks modules by a part of their path.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from coverage import Coverage

from tests.test_house import BOT, NO_MIRROR, ROOT, mirror_of, mirrored_modules

MIN_PERCENT = 60.0
"""Of a module's lines, which its own test file runs."""


def percent(module: str) -> float:
    """Return how much of a module its test file runs. Raises CalledProcessError where a test fails."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "coverage"
        settings = Path(folder) / "settings.ini"
        settings.write_text("[run]\nconcurrency = thread,greenlet\n", encoding="utf-8")
        test = ROOT / mirror_of(module)
        command = [sys.executable, "-m", "coverage", "run", f"--rcfile={settings}", f"--include={BOT / module}"]
        subprocess.run(  # noqa: S603  our own command
            [*command, "-m", "pytest", "-n", "0", "-q", str(test)],
            check=True,
            cwd=ROOT,
            env={**os.environ, "COVERAGE_FILE": str(data)},
            stdout=subprocess.DEVNULL,
        )
        measured = Coverage(data_file=data, config_file=False)
        measured.load()
        _, statements, _, missing, _ = measured.analysis2(str(BOT / module))
    return 100 * (1 - len(missing) / max(1, len(statements)))


def main(names: list[str]) -> int:
    """Measure the modules, and return how many are below."""
    below = 0
    for module in sorted(mirrored_modules()):
        if module in NO_MIRROR:
            continue
        if names and not any(name in module for name in names):
            continue
        lines = percent(module)
        below += lines < MIN_PERCENT
        print(f"{lines:5.0f} %  {module}{'  too little' if lines < MIN_PERCENT else ''}", flush=True)
    return below


if __name__ == "__main__":
    sys.exit(min(1, main(sys.argv[1:])))
