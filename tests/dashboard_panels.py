"""Panels of `deploy/grafana-dashboard.json` for metrics that no panel asks for: `make docs` adds them at its end.

Where a panel stands, what it is called and what it asks for can be changed by hand afterwards: it stays so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from bot.observability.metrics import METRICS, Metric

DASHBOARD = Path(__file__).parents[1] / "deploy" / "grafana-dashboard.json"
WIDTH, HEIGHT = 12, 8
"""Of a panel, in columns (a row has 24) and rows."""

SOURCE = {"type": "prometheus", "uid": "${datasource}"}


def metrics_without_panel(dashboard: Mapping[str, Any]) -> list[Metric]:
    """Return the metrics that no query of a dashboard asks for."""
    queries = " ".join(target["expr"] for panel in dashboard["panels"] for target in panel["targets"])
    names = set(re.findall(r"\w+", queries))
    return [row for row in METRICS if names.isdisjoint(row.samples)]


def _query(row: Metric) -> str:
    """Return what a metric shows first: a rate, the largest value, or what 95 % of all durations are below."""

    def by(labels: Collection[str]) -> str:
        return f" by ({', '.join(labels)}) " if labels else ""

    match row.kind:
        case "counter":
            return f"sum{by(row.labels)}(rate({row.name}_total[$__rate_interval]))"
        case "gauge":
            return f"max{by(row.labels)}({row.name})"
        case "histogram":
            rate = f"rate({row.name}_bucket[$__rate_interval])"
            return f"histogram_quantile(0.95, sum{by(('le', *row.labels))}({rate}))"


def _panel(row: Metric, number: int, x: int, y: int) -> Mapping[str, Any]:
    title = row.name.removeprefix("clustbot_").removesuffix("_seconds").replace("_", " ").capitalize()
    unit = "s" if row.name.endswith("_seconds") else "ops" if row.kind == "counter" else "short"
    legend = " ".join(f"{{{{{label}}}}}" for label in row.labels)
    return {
        "id": number,
        "type": "timeseries",
        "title": f"{title}, 95 %" if row.kind == "histogram" else title,
        "description": row.description,
        "datasource": SOURCE,
        "gridPos": {"h": HEIGHT, "w": WIDTH, "x": x, "y": y},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
        "targets": [{"refId": "A", "datasource": SOURCE, "expr": _query(row), "legendFormat": legend}],
    }


def completed(dashboard: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a dashboard with a panel for each metric: new ones below the others, two in a row."""
    panels = list(dashboard["panels"])
    last = max((panel["id"] for panel in panels), default=0)
    bottom = max((panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in panels), default=0)
    for place, row in enumerate(metrics_without_panel(dashboard)):
        line, column = divmod(place, 2)
        panels.append(_panel(row, last + place + 1, column * WIDTH, bottom + line * HEIGHT))
    return {**dashboard, "panels": panels}


def dashboard_with_all_metrics() -> str:
    """Return the text of the dashboard, completed."""
    return json.dumps(completed(json.loads(DASHBOARD.read_text())), indent=1, ensure_ascii=False) + "\n"
