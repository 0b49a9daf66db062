"""What is wrong with a setting, in words."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic_core import ErrorDetails

from bot.core.language import N_, _, one_of

_PLAINLY: Mapping[str, str] = {
    "int_parsing": N_("Use a whole number, such as 20."),
    "int_parsing_size": N_("Use a whole number, such as 20."),
    "int_from_float": N_("Use a whole number, such as 20."),
    "float_parsing": N_("Use a number, such as 60."),
    "finite_number": N_("Use a number, such as 60."),
    "greater_than": N_("It must be greater than {gt:,.0f}."),
    "greater_than_equal": N_("It must be at least {ge:,.0f}."),
    "less_than_equal": N_("It must be at most {le:,.0f}."),
    "literal_error": N_("Use {choices}."),
}
"""What is wrong, by pydantic's type of error, with the values of its context."""


def sentence(problem: ErrorDetails) -> str:
    """Return one line about a problem found by pydantic, without the value, which may be a secret."""
    name = str(problem["loc"][0]).upper()
    if problem["type"] not in _PLAINLY:  # a sentence of one of our checks
        return f"{name}: {problem['msg'].removeprefix('Value error, ')}"
    context = problem.get("ctx", {})
    choices = [f"`{choice}`" for choice in re.findall("'([^']*)'", context.get("expected", ""))]
    return f"{name}: {_(_PLAINLY[problem['type']], **context, choices=one_of(choices))}"
