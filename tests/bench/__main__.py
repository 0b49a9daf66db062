"""`make bench`: every benchmark, or those that are named. Prints a table, and writes a full run's into docs/."""

from __future__ import annotations

import argparse
import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.wiring.process import spare_the_collector
from tests.bench import (
    acknowledging,
    crowded,
    delivering,
    overload,
    paging,
    polling,
    reporting,
    starting,
    under_load,
    webhooks,
    workspaces,
)
from tests.bench.figures import PAGE, REACH, Figure, Size, table, write_into

BENCHMARKS: dict[str, Callable[[Size, Path], AsyncIterator[Figure]]] = {
    "acknowledging": acknowledging.figures,
    "overload": overload.figures,
    "crowded": crowded.figures,
    "under-load": under_load.figures,
    "polling": polling.figures,
    "paging": paging.figures,
    "delivering": delivering.figures,
    "reporting": reporting.figures,
    "starting": starting.figures,
    "webhooks": webhooks.figures,
    "workspaces": workspaces.figures,
}


async def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measures the bot against what it can't beat.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; all, where none is named"
    )
    parser.add_argument("--scale", type=float, default=1.0, help="0.1 takes a tenth of everything")
    parser.add_argument("--rounds", type=int, default=5, help="turns of floor and measured")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(BENCHMARKS):
        parser.error(f"There is no benchmark {', '.join(unknown)}: choose from {', '.join(BENCHMARKS)}.")
    size = Size(arguments.scale, arguments.rounds)
    figures: dict[str, list[Figure]] = {}
    for name in arguments.names or BENCHMARKS:
        print(f"{name} …", flush=True)
        # What came before is not looked through for garbage again and again. The bot does the same once it has started.
        gc.collect()
        gc.freeze()
        with TemporaryDirectory() as folder:
            async for figure in BENCHMARKS[name](size, Path(folder)):
                print("  " + " · ".join(cell for cell in figure.cells() if cell), flush=True)
                figures.setdefault(name, []).append(figure)
    print(f"\n{table([*chain(*figures.values())])}")
    reach = figures.pop("workspaces", [])
    if reach and not (arguments.names and figures):
        write_into(PAGE, f"{table(reach)}\nThe scale was {size.scale:g} of 1,000 workspaces.\n", REACH)
        print(f"Many workspaces: written into docs/{PAGE.name}.")
    if not arguments.names and size == Size():
        write_into(PAGE, table([*chain(*figures.values())]))
        print(f"Written into docs/{PAGE.name}.")


if __name__ == "__main__":
    spare_the_collector()  # as in a process of the bot
    asyncio.run(main())
