"""A picture of the dashboard for the README: `python -m tests.dashboard_picture http://127.0.0.1:9090`.

It asks a Prometheus, and needs no Grafana: the panels of `deploy/grafana-dashboard.json` are drawn from the answers to
their own queries, each where Grafana puts it. Colors and lines are ours.
"""

from __future__ import annotations

import asyncio
import html
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import async_playwright

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / ".github" / "screenshots" / "dashboard.png"

CELL, ROW, GAP = 54, 27, 8
"""Pixels of a column and of a row of the grid, and between panels."""

SPAN, STEP = 360, 5
"""Seconds that are shown, and between two points."""

COLORS = ("#7eb26d", "#eab839", "#6ed0e0", "#ef843c", "#e24d42", "#1f78c1", "#ba43a9", "#705da0", "#508642")
MAX_LINES = len(COLORS)

Series = tuple[str, Sequence[tuple[float, float]]]


async def series_of(client: httpx.AsyncClient, target: Mapping[str, str]) -> list[Series]:
    """Return what a query answers: a legend and points for each series."""
    now = time.time()
    query = target["expr"].replace("$__rate_interval", "1m")
    parameters: dict[str, str | float] = {"query": query, "start": now - SPAN, "end": now, "step": STEP}
    answer = (await client.get("/api/v1/query_range", params=parameters)).raise_for_status().json()
    series: list[Series] = []
    for one in answer["data"]["result"]:
        labels: dict[str, str] = one["metric"]
        legend = target["legendFormat"]
        for name in re.findall(r"{{(\w+)}}", legend):
            legend = legend.replace(f"{{{{{name}}}}}", labels.get(name, ""))
        points = [(float(at), float(value)) for at, value in one["values"] if value != "NaN"]
        if points:
            series.append((legend.strip(), points))
    return series


def formatted(value: float, unit: str) -> str:
    """Return a value with its unit."""
    if unit == "s":
        return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"
    return f"{value:.2f}/s" if unit == "ops" else f"{value:.0f}"


def chart(lines: Sequence[Series], unit: str, width: int, height: int) -> str:
    """Return the lines of a panel, with the largest value and a legend."""
    end = max((at for _, points in lines for at, _ in points), default=0.0)
    top = max((value for _, points in lines for _, value in points), default=0.0) or 1.0
    plot = height - 62
    drawn = []
    for color, (_, points) in zip(COLORS, lines, strict=False):
        path = " ".join(
            f"{(at - end + SPAN) / SPAN * (width - 20) + 10:.1f},{plot - value / top * (plot - 14) + 24:.1f}"
            for at, value in points
        )
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="1.6"/>')
    legend = "".join(
        f'<span><i style="background:{color}"></i>{html.escape(name)}</span>'
        for color, (name, _) in zip(COLORS, lines, strict=False)
    )
    axis = f'<text x="10" y="34" class="axis">{formatted(top, unit)}</text>'
    return f'<svg width="{width}" height="{plot + 30}">{axis}{"".join(drawn)}</svg><p>{legend}</p>'


def panel_html(panel: Mapping[str, Any], lines: Sequence[Series]) -> str:
    """Return one panel where the dashboard puts it."""
    place, unit = panel["gridPos"], panel["fieldConfig"]["defaults"]["unit"]
    width, height = place["w"] * CELL - GAP, place["h"] * ROW - GAP
    if panel["type"] == "stat":
        values = " ".join(
            f"<b>{formatted(points[-1][1], unit)}</b><small>{html.escape(name)}</small>" for name, points in lines
        )
        inner = f"<div class=stat>{values}</div>"
    else:
        inner = chart(lines[:MAX_LINES], unit, width, height)
    where = f"left:{place['x'] * CELL}px;top:{place['y'] * ROW}px;width:{width}px;height:{height}px"
    return f'<section style="{where}"><h2>{html.escape(panel["title"])}</h2>{inner}</section>'


STYLE = """
body{margin:8px;background:#111217;color:#ccccdc;font:12px sans-serif;position:relative}
section{position:absolute;background:#181b1f;border:1px solid #25272d;box-sizing:border-box;overflow:hidden}
h2{font-size:13px;margin:6px 10px 0;font-weight:500}svg{display:block;margin-top:-12px}.axis{fill:#888;font-size:10px}
p{margin:0 10px;line-height:14px;max-height:28px;overflow:hidden;font-size:10px}p span{margin-right:10px}
i{display:inline-block;width:10px;height:3px;margin-right:4px;vertical-align:middle}
.stat{display:flex;gap:10px;align-items:baseline;justify-content:center;margin-top:18px}b{font-size:34px;color:#73bf69}
"""


async def main(prometheus: str) -> None:
    """Ask, draw, and take the picture."""
    dashboard = json.loads((ROOT / "deploy" / "grafana-dashboard.json").read_text())
    drawn = []
    async with httpx.AsyncClient(base_url=prometheus, trust_env=False) as client:
        for panel in dashboard["panels"]:
            lines = [one for target in panel["targets"] for one in await series_of(client, target)]
            drawn.append(panel_html(panel, lines))
    bottom = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in dashboard["panels"])
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        page = await browser.new_page(viewport={"width": 24 * CELL + 8, "height": bottom * ROW + 8})
        await page.set_content(f"<style>{STYLE}</style>{''.join(drawn)}")
        await page.screenshot(path=PICTURE)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
