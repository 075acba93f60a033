"""What every group of places has in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Entity(BaseModel):
    """A group of places. Frozen; an unknown place is an error, an unanswered one is None."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ./_-]{0,39}$")]
"""The key of a row."""
