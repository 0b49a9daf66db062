"""What a process counts: every row, with labels from our tables alone."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.clust.endpoint_labels import endpoint
from bot.observability.metrics import METRICS, OTHER, Metrics


def samples(metrics: Metrics) -> dict[str, list[tuple[dict[str, str], float]]]:
    """Return the samples by name."""
    samples_by_name: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(metrics.exposition().decode()):
        for sample in family.samples:
            samples_by_name.setdefault(sample.name, []).append((sample.labels, sample.value))
    return samples_by_name


def test_each_metric_is_exposed_under_its_names() -> None:
    """`samples` of a row are what Prometheus reads once there is something to tell."""
    metrics = Metrics({})
    for row in METRICS:
        labels = dict.fromkeys(row.labels, "x")
        if row.kind == "counter":
            metrics.count(row.name, 2, **labels)
        elif row.kind == "gauge":
            metrics.show(row.name, [(labels, 3)])
        else:
            metrics.observe(row.name, 0.3, **labels)
    exposed = samples(metrics)
    assert {name for row in METRICS for name in row.samples} <= set(exposed)
    assert "process_resident_memory_bytes" in exposed


def test_what_stands_in_no_table_is_other() -> None:
    """A word that someone made up becomes no series of its own."""
    metrics = Metrics({"word": {"list"}})
    for word in ("list", "lsit", "xoxb-secret", "#123"):
        metrics.observe("clustbot_command_seconds", 0.1, word=word)
    counts = {labels["word"]: value for labels, value in samples(metrics)["clustbot_command_seconds_count"]}
    assert counts == {"list": 1, OTHER: 3}


def test_a_gauge_shows_what_is_there_now() -> None:
    """A connection that was removed is no longer exported."""
    metrics = Metrics({})
    one, two = ({"workspace": "T1", "connection": name} for name in ("default", "emea"))
    metrics.show("clustbot_poll_age_seconds", [(one, 10), (two, 20)])
    metrics.show("clustbot_poll_age_seconds", [(two, 30)])
    assert samples(metrics)["clustbot_poll_age_seconds"] == [(two, 30)]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/dossiers", "dossiers"),
        ("dossiers/", "dossiers"),
        ("/dossiers/123", "dossiers/{id}"),
        ("/dossiers/ana@example.com?x=1", "dossiers/{id}"),
        ("/templates", "templates"),
        ("/dossiers/123/close", OTHER),
        ("/secret-of-ana", OTHER),
        ("/", OTHER),
        ("", OTHER),
    ],
)
def test_a_path_is_counted_without_its_ids(path: str, name: str) -> None:
    """What people type into the console is no label."""
    assert endpoint(path) == name
