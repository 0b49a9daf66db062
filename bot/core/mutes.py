"""tmp"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Mute:
    application_id: str = ""
    trigger: str = ""
    until: datetime | None = None
