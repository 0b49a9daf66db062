"""Takes one control out, as a plugin of pytest: `CONTROL` in the environment is its place in `CONTROLS`."""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any

import bot
from tests.controls.table import CONTROLS, Control

CHOSEN = "CONTROL"


def pytest_configure() -> None:
    """Take the control out before any test is collected."""
    if CHOSEN in os.environ:
        take_out(CONTROLS[int(os.environ[CHOSEN])])


def take_out(control: Control) -> None:
    """Run what a control's row has instead of it, also where it was imported or put in a table already."""
    instead: Any = control.instead
    function_of(control).__code__ = instead.__code__


def modules() -> Iterator[ModuleType]:
    """Yield every module of the package."""
    for entry in pkgutil.walk_packages(bot.__path__, "bot."):
        if not entry.name.endswith(("__main__", ".env")) and ".versions" not in entry.name:
            yield importlib.import_module(entry.name)


def function_of(control: Control) -> FunctionType:
    """Return the only function of the package that has a control's name and the parameters of what replaces it."""
    parameters = list(inspect.signature(control.instead).parameters)
    owner, _, name = control.name.rpartition(".")
    named = []
    for module in modules():
        place = vars(module).get(owner) if owner else module
        function = vars(place).get(name) if place is not None else None
        if isinstance(function, FunctionType) and function.__module__ == module.__name__:
            named.append(function)
    fitting = [one for one in named if list(inspect.signature(one).parameters) == parameters]
    if len(fitting) != 1:
        raise LookupError(f"{control.name}({', '.join(parameters)}): {len(fitting)} such functions, of {len(named)}")
    return fitting[0]
