"""What people fill in for a call of Clust's API (rule M5)."""

from __future__ import annotations

import pytest

from bot.core.forms.console_forms import ConsoleForm
from bot.core.forms.validation import Mistakes, read


def test_a_method_is_one_of_five() -> None:
    """Also where a forged submission says otherwise."""
    assert read(ConsoleForm, {"path": "/dossiers"}).method == "GET"
    with pytest.raises(Mistakes) as caught:
        read(ConsoleForm, {"path": "/dossiers", "method": "TRACE"})
    assert set(caught.value.fields) == {"method"}
