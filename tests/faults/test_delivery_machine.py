"""The state machine of the whole core, as long as a test run allows. `make faults` runs it for longer."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.delivery_machine import DeliveryMachine


@pytest.mark.timeout(300)
def test_each_event_is_posted_once_whatever_fails(sqlite_template: Path) -> None:
    """E2, R4, S2, T1 to T3: in order, once, to each channel that wanted it, whatever fails in between."""
    DeliveryMachine.template = sqlite_template
    short = settings(max_examples=3, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(DeliveryMachine, settings=short)
