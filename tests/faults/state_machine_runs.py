"""The core under whatever may happen, for as long as one likes: `python -m tests.faults.state_machine_runs`.

First a process dies at every single step of one story. Then the state machine lives so many lives. Ends with the first
that goes wrong, and how to repeat it.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from pathlib import Path

import structlog
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.databases import migrated
from tests.faults.crashing import survived
from tests.faults.delivery_machine import DeliveryMachine


async def every_step(template: Path) -> int:
    """Let a process die at every step of one story, and return how many there are."""
    return len([step async for step in survived(template, first=1, every=1)])


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.state_machine_runs", description=__doc__)
    parser.add_argument("--lives", type=int, default=200, help="so many (200)")
    parser.add_argument("--steps", type=int, default=50, help="things that happen in one at most (50)")
    arguments = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory(prefix="clust-lives-") as folder:
        DeliveryMachine.template = Path(folder) / "template.db"
        asyncio.run(migrated(f"sqlite+aiosqlite:///{DeliveryMachine.template}"))
        steps, began = asyncio.run(every_step(DeliveryMachine.template)), time.monotonic()
        print(f"crashes: one at each of {steps} steps of a story, nothing lost or repeated", flush=True)
        long = settings(
            max_examples=arguments.lives,
            stateful_step_count=arguments.steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        )
        run_state_machine_as_test(DeliveryMachine, settings=long)
        print(
            f"lives: {arguments.lives}, each of at most {arguments.steps} steps, "
            f"in {time.monotonic() - began:.0f} s: all right"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
