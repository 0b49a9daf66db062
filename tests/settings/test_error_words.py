"""What is wrong with a setting is said plainly."""

from __future__ import annotations

import pytest

from tests.settings.examples import refused


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PORT", "70000", "It must be at most 65,535."),
        ("PORT", "-1", "It must be at least 0."),
        ("POLL_INTERVAL", "0", "It must be greater than 0."),
        ("POLL_INTERVAL", "inf", "Use a number, such as 60."),
        ("CLUST_HOOKS", "maybe", "Use `on` or `off`."),
        ("LOG_LEVEL", "loud", "Use `DEBUG`, `INFO`, `WARNING` or `ERROR`."),
    ],
)
def test_what_is_out_of_bounds_is_said_plainly(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    """A person reads what would be right."""
    assert refused(monkeypatch, **{name: value}) == [f"{name}: {sentence}"]


@pytest.mark.parametrize("name", ["PORT", "POLL_LIMIT", "RETENTION_DAYS"])
def test_what_is_no_number_is_said_plainly(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A person reads what would be right, not what a parser met."""
    assert refused(monkeypatch, **{name: "many"}) == [f"{name}: Use a whole number, such as 20."]
