"""`Act`: something that can be done with an application, saved or built in, and what it returns."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.applications.model import Application
from bot.core.applications.triggers import Snapshot
from bot.core.forms.console_request import ConsoleCall
from bot.core.forms.validation import Form
from bot.core.permissions import Role
from bot.slack.request.services import Request


@dataclass(frozen=True, slots=True)
class Done:
    """How an act went: a sentence, the answer to a GET, and the application as Clust has it now, if that is known."""

    sentence: str = ""
    body: str = ""
    fresh: Application | None = None
    is_gone: bool = False


Perform = Callable[[Request, Snapshot, Mapping[str, Any]], Awaitable[Done]]


@dataclass(frozen=True, slots=True)
class Act:
    """Something that can be done with an application.

    `key` names it in a select and in a draft. `asks` is the form of what it needs. `perform` does it with the checked
    values of that form, and raises BotError. `call` is what it sends, None if it isn't a saved action. `is_quick`: it
    is done without a question.
    """

    key: str
    title: str
    role: Role
    perform: Perform
    fits: Callable[[Snapshot], bool]
    asks: type[Form] | None = None
    call: Callable[[Request, Application, Mapping[str, Any]], Awaitable[ConsoleCall]] | None = None
    is_quick: bool = False
