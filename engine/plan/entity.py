"""What every group of places has in common."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Entity(BaseModel):
    """A group of places. Frozen; an unknown place is an error, an unanswered one is None."""

    model_config = ConfigDict(frozen=True, extra="forbid")


_KEY = r"^[A-Za-z0-9][A-Za-z0-9 ./_-]{0,39}$"

Key = Annotated[str, Field(pattern=_KEY)]
"""The key of a row."""


def is_key(words: str) -> bool:
    """Whether a row may have these words for its key."""
    return re.fullmatch(_KEY, words) is not None
