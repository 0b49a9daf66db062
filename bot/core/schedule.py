"""tmp"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Schedule(BaseModel):
    """tmp."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    zone: str = "UTC"
